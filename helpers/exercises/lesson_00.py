"""What lesson 00 asks: how predictions and checks work, tried on a small picture."""

from __future__ import annotations

import numpy as np

from helpers.exercises.checking import Exercise, Mistake
from helpers.exercises.questions import Option, Question

_IMAGE = np.array([[1, 2], [3, 4]])
_KERNEL = np.array([[1, 1], [0, 2]])

EXERCISES = (
    Exercise(
        name="00.total",
        solution=_IMAGE.sum() * _KERNEL.sum(),
        praise="Every pixel prints the whole kernel once, scaled by itself; so the sums multiply.",
        mistakes=(
            Mistake(
                _IMAGE.sum() + _KERNEL.sum(),
                "You added the two sums. But each pixel prints a whole kernel, scaled by itself.",
            ),
            Mistake(
                (_IMAGE * _KERNEL).sum(),
                "You multiplied entry by entry. But each pixel meets every entry of the kernel, "
                "not only the one at its own place.",
            ),
            Mistake(
                _IMAGE.sum(),
                "That is the ink of the image alone; the kernel makes more of it, or less.",
            ),
            Mistake(
                4 * _KERNEL.sum(),
                "You counted four kernels, one for each pixel, but all with the weight 1.",
            ),
        ),
    ),
)

QUESTIONS = (
    Question(
        name="00.size",
        prompt="Each of the 2×2 pixels prints a 2×2 stamp at its own place. How large a picture "
        "do the four overlapping stamps cover?",
        options=(
            Option("2×2", "The stamps reach beyond the pixels that print them."),
            Option(
                "3×3",
                "Stamps of width 2 begin in column 0 or in column 1: three columns are reached, "
                "and three rows.",
                correct=True,
            ),
            Option(
                "4×4",
                "That is the size for stamps laid side by side; here neighbours overlap by one.",
            ),
        ),
    ),
    Question(
        name="00.generative",
        prompt="Which of these has learned a generative model of radar returns?",
        reveal=True,
        options=(
            Option(
                "A program that says of a radar return whether it is good or bad.",
                "That answers a question about a return it is given. It need not know how returns "
                "come about, and it cannot make one.",
            ),
            Option(
                "A program that writes down new radar returns like those in the data.",
                "To draw new returns it must hold, in some form, the distribution they come from.",
                correct=True,
            ),
            Option(
                "A program that stores all returns and shows one of them at random.",
                "What it shows is real, yet nothing is new: it copies. Lesson 03 brings a measure "
                "that catches exactly this.",
            ),
        ),
    ),
)
