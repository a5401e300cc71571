"""The GAN theatre of lesson 05: a generator and a discriminator play before the learner's eyes.

`theatre_data` holds what they play for, `theatre_run` a training and what can be seen of it,
`theatre_picture` the picture; here are the controls and who may do what when.
"""

from __future__ import annotations

import time
import weakref
from typing import Any, ClassVar

import ipywidgets
import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers.checks import check_choice, check_flag
from helpers.models import GAN
from helpers.plots import DescribedFigure
from helpers.widgets.live import LiveWidget, setting
from helpers.widgets.theatre_data import DATA, PlaneData, make_data
from helpers.widgets.theatre_figure import plot_scene
from helpers.widgets.theatre_picture import (
    LOSS_NAMES,
    MOST_STEPS_A_REDRAW,
    PANELS,
    REACHES,
    Scene,
    describe,
    draw,
    next_reach,
)
from helpers.widgets.theatre_run import AT_THE_START, SETTINGS, Run, Settings, as_whole, changed

STEPS_A_PLAY = 5000
"""Play stops by itself after so many steps."""

SLICE_SECONDS, SLICE_STEPS = 0.05, 5
"""A slice of training ends after so long, however many steps were asked for; looked at so often."""

PLAYS: dict[str, tuple[str, dict[str, Any]]] = {
    "a good run": (
        "ring",
        {
            "learning_rate_init": 0.003,
            "discriminator_learning_rate_init": 0.003,
            "beta_1": 0.5,
            "weight_averaging": 0.998,
            "averaged": True,
        },
    ),
    "mode collapse": (  # a slow crowd before a discriminator that is always up to date
        "ring",
        {
            "r1": 0.0,
            "r2": 0.0,
            "learning_rate_init": 0.0002,
            "discriminator_learning_rate_init": 0.002,
            "n_discriminator_steps": 5,
            "n_latent": 16,
            "start_at": (0.0, 0.0),
        },
    ),
    "dropped modes": (  # some are reached and the rest never: r1 = r2 = 0.1 alone cures it
        "ring",
        {
            "r1": 0.0,
            "r2": 0.0,
            "discriminator_learning_rate_init": 0.005,
            "n_discriminator_steps": 2,
            "start_at": (0.7, 0.3),
        },
    ),
    "vanishing gradient": (
        "ring",
        {
            "loss": "minimax",
            "r1": 0.0,
            "r2": 0.0,
            "discriminator_learning_rate_init": 0.005,
            "n_discriminator_steps": 2,
            "head_start": 600,
            "start_at": (-6.0, -6.0),
            "random_state": 2,
        },
    ),
    "oscillation": (
        "point",
        {
            "r1": 0.0,
            "r2": 0.0,
            "learning_rate_init": 0.01,
            "discriminator_learning_rate_init": 0.01,
            "beta_1": 0.9,
            "hidden_width": 0,
            "start_at": (1.0, 0.5),
        },
    ),
}
"""Plays with a name: data, and settings that differ from the usual ones."""

SMALL = (0.0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
RATES = tuple(m * 10.0**k for k in (-5, -4, -3, -2) for m in (1, 2, 5)) + (0.1,)
NOISES = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
WIDTHS = (0, 4, 8, 16, 32, 64, 128)
SPEEDS = (1, 2, 5, 10, 20, 40, 100, MOST_STEPS_A_REDRAW)


class run_setting(setting):
    """A setting of the run that the controls set, as an attribute of the theatre."""

    def __init__(self, name: str, doc: str):
        property.__init__(
            self,
            lambda theatre: getattr(theatre.state.chosen_settings, name),
            lambda theatre, value: theatre.change(**{name: value}),
            doc=doc,
        )


class GANTheatre(LiveWidget):
    """A GAN in the plane, trained step by step before one's eyes, alone or beside a second one.

    The left panel shows the discriminator's verdict on the plane, real and generated points, and
    where the generator's loss would push some of these; the right one how the generator bends the
    grid of its latent numbers. The plots show both losses with their value where the
    discriminator can tell nothing, how often the discriminator and a nearest neighbour are right
    on points that were held out, and how many modes are covered. Every setting may be changed
    while it plays.

    With ``compare=True`` a run B steps beside run A: first a copy of A as it is at that moment,
    so that whatever is then changed of B makes the whole difference. `reset` starts both anew.

    Parameters
    ----------
    data : {"ring", "grid", "two moons", "spiral", "point"} or array-like of shape (n, 2)
        What to imitate. Points of one's own are centred and scaled; see `make_data`.
    compare : bool
        Whether there are two runs. Settings given here are those of both.
    speed : int
        Training steps for each new picture, 1 to 200.
    left, right : {"discriminator", "optimum", "warp"}
        What the panels show; with two runs, both show `left`.
    arrows, optimum_lines : bool
        Whether arrows show the push on generated points, and dashed lines where the estimated
        optimum D* = p/(p + q) is ¼, ½ and ¾.
    **settings
        Of the run: `loss`, `r1`, `r2`, `instance_noise`, `learning_rate_init`,
        `discriminator_learning_rate_init`, `n_discriminator_steps`, `batch_size`,
        `weight_averaging` and `averaged` (whether the running average of the generator is shown
        and scored); and those with which a run begins anew, `hidden_width` (of two hidden layers;
        0: none, both players are linear), `random_state`, `n_latent`, `beta_1`, `head_start`
        (steps that the discriminator takes first) and `start_at` (two numbers: where the
        untrained generator's points lie).

    Raises
    ------
    TypeError, ValueError
        If an argument is not of the kind above; what was given and expected is said.

    Examples
    --------
    >>> theatre = GANTheatre("ring", loss="minimax", random_state=3)
    >>> theatre.step(20)
    >>> theatre.now
    20
    >>> theatre.compare = True
    >>> theatre.r1 = 0.5  # of run B, a copy of A until here
    >>> theatre.step(20)
    >>> theatre.moment = 20  # look back
    """

    frame_seconds = 0.04
    run_word = "Play"
    words_height, number_width, box_width, button_width = "4.6em", "16em", "88px", "5em"
    _playing: ClassVar[weakref.WeakSet] = weakref.WeakSet()

    loss = run_setting("loss", 'The loss: "non_saturating", "minimax", … as in `GAN`.')
    r1 = run_setting("r1", "Weight of the gradient penalty on real points.")
    r2 = run_setting("r2", "Weight of the gradient penalty on generated points.")
    instance_noise = run_setting("instance_noise", "Noise on all that the discriminator sees.")
    learning_rate_init = run_setting("learning_rate_init", "Step size of the generator.")
    discriminator_learning_rate_init = run_setting(
        "discriminator_learning_rate_init", "Step size of the discriminator."
    )
    n_discriminator_steps = run_setting(
        "n_discriminator_steps", "Steps of the discriminator for each step of the generator."
    )
    batch_size = run_setting("batch_size", "Real and generated points in each step.")
    weight_averaging = run_setting("weight_averaging", "How slowly the average of G forgets.")
    averaged = run_setting("averaged", "Whether the average of G is shown and scored.")
    hidden_width = run_setting("hidden_width", "Width of both players' two hidden layers.")
    random_state = run_setting("random_state", "Seed.")
    n_latent = run_setting("n_latent", "How many latent numbers there are.")
    beta_1 = run_setting("beta_1", "Momentum of Adam.")
    head_start = run_setting("head_start", "Steps that the discriminator takes first.")
    start_at = run_setting("start_at", "Where the untrained generator's points are.")

    chosen = setting("chosen", 'The run that the settings are of: "A", or "B" if there is one.')
    speed = setting("speed", "Training steps for each new picture.")
    left = setting("left", 'What the left panel shows: "discriminator", "optimum" or "warp".')
    right = setting("right", "What the right panel shows; with two runs, both show `left`.")
    arrows = setting("arrows", "Whether arrows show the push on generated points.")
    optimum_lines = setting("optimum_lines", "Whether lines show the estimated optimum D*.")

    def __init__(
        self,
        data: str | ArrayLike = "ring",
        *,
        compare: bool = False,
        speed: int = 20,
        left: str = "discriminator",
        right: str = "warp",
        arrows: bool = True,
        optimum_lines: bool = False,
        **settings: Any,
    ):
        self._own_points: ArrayLike | None = None
        self._at: float | None = None
        self._steps_left = 0
        self._runs = [Run(changed(Settings(), **settings), self._make_data(data))]
        shown = {"left": left, "right": right, "arrows": arrows, "optimum_lines": optimum_lines}
        state = Scene(**self._seen(REACHES[0]), speed=speed, **shown)
        super().__init__(state, draw=draw, describe=describe)
        self.add_class("live-compact")
        self.arrange(*self._controls())
        self.compare = compare

    def _controls(self) -> list:
        panels = [("discriminator", PANELS[0]), ("optimum D*", PANELS[1]), ("warp", PANELS[2])]
        data = [*((name, name) for name in DATA), ("your points", "yours")]
        losses = [(words, name) for name, words in LOSS_NAMES.items()]
        return [
            [
                self.run_button("Train on and on, or pause"),
                self.button("Step D", self.step_d, "One step of the discriminator alone"),
                self.button("Step G", self.step_g, "One step of the generator alone"),
                self.button("Reset", self.reset, "Begin anew, with the settings as they are"),
                self._time_slider(),
                self.scale("speed", "Speed", SPEEDS, write=self._whole("speed")),
            ],
            [
                self.choice("data", "Data", data, **self._of_data()),
                self.choice("loss", "Loss", losses, **self._of_run("loss")),
                self.whole_number("random_state", "Seed", **self._of_run("random_state")),
                self._run_scale("hidden_width", "Width", WIDTHS),
            ],
            [
                self._run_scale("r1", "R1", SMALL),
                self._run_scale("r2", "R2", SMALL),
                self._run_scale("instance_noise", "Noise", NOISES),
            ],
            [
                self._run_scale("learning_rate_init", "Rate of G", RATES),
                self._run_scale("discriminator_learning_rate_init", "Rate of D", RATES),
                self.number(
                    "n_discriminator_steps",
                    "D steps",
                    1,
                    10,
                    1,
                    **self._of_run("n_discriminator_steps"),
                ),
            ],
            [
                self.choice("left", "Left", panels),
                self.choice("right", "Right", panels),
                self.switch("arrows", "Push"),
                self.switch("optimum_lines", "D* lines"),
                self.switch("averaged", "Average G", **self._of_run("averaged")),
                self.switch("compare", "Two runs", write=self._set_compare),
                self.choice("chosen", "Set", ["A", "B"], write=self._choose),
            ],
            [
                ipywidgets.HTML("To diagnose:"),
                *(self._play_button(name) for name in PLAYS if name != "a good run"),
                self._play_button("a good run"),
            ],
        ]

    def _run_scale(self, name: str, description: str, marks: tuple) -> ipywidgets.HBox:
        links = self._of_run(name)
        if isinstance(marks[0], int):
            links["write"] = self._whole(name)
        return self.scale(name, description, marks, **links)

    def _of_run(self, name: str) -> dict[str, Any]:
        """How a control reads and writes a setting of the chosen run."""
        return {
            "read": lambda scene: getattr(scene.chosen_settings, name),
            "write": lambda value: self.change(**{name: value}),
        }

    def _whole(self, name: str):
        """A number box gives 64.0, which means 64; 64.5 is left to be refused."""
        return lambda value: self.change(**{name: int(value) if value == int(value) else value})

    def _of_data(self) -> dict[str, Any]:
        return {"read": lambda scene: scene.data.name, "write": lambda name: self._set_data(name)}

    def _play_button(self, name: str) -> ipywidgets.Button:
        def play() -> None:
            self.start(name)
            self.run()

        return self.button(name.capitalize(), play, f"Begin {name}, and play")

    def _time_slider(self) -> ipywidgets.HBox:
        """A slider over the whole run, in hundredths of it."""

        def look_back(percent: float) -> None:
            self._look(None if percent >= 100 else max(percent, 0) * self.now / 100)

        def read(scene: Scene) -> int:
            return 100 if scene.at is None else round(100 * scene.at / max(scene.now, 1))

        return self.number("moment", "Time, %", 0, 100, 1, read=read, write=look_back)

    # ------------------------------------------------------------------ what is on stage

    def change(self, **values: Any) -> None:
        """Give settings new values, all of them or (if one is bad) none.

        Those of a run are the chosen run's. Those with which a run begins anew begin both anew.
        """
        with self._lock:
            of_run = {name: values.pop(name) for name in SETTINGS if name in values}
            if not of_run:
                super().change(**values)
                return
            scene = self.state
            new = changed(scene.chosen_settings, **of_run)
            restarts = any(getattr(new, n) != getattr(self._run_set, n) for n in AT_THE_START)
            type(scene)(**{**vars(scene), **values})  # raises before anything has changed
            self._run_set_to(new)
            if restarts:
                self._restart()
            super().change(**values, **self._seen(REACHES[0] if restarts else scene.reach))

    @property
    def _run_set(self) -> Settings:
        return self.state.chosen_settings

    def _run_set_to(self, settings: Settings) -> None:
        self._runs[self.state.number].set(settings)

    def _seen(self, reach: float) -> dict[str, Any]:
        """What a scene shows of the runs as they are."""
        views = tuple(run.view(self._at) for run in self._runs)
        return {
            "data": self._runs[0].data,
            "settings": tuple(run.settings for run in self._runs),
            "views": views,
            "records": tuple(run.record() for run in self._runs),
            "problems": tuple(run.problem for run in self._runs),
            "now": max(run.time for run in self._runs),
            "reach": next_reach(reach, views),
            "at": self._at,
        }

    def _show(self, **values: Any) -> None:
        super().change(**values, **self._seen(self.state.reach))

    def _restart(self, data: PlaneData | None = None) -> None:
        """Begin all runs anew, with their settings as they are."""
        data = data or self.state.data
        self._runs = [Run(run.settings, data) for run in self._runs]
        self._at = None

    # -------------------------------------------------------------------------- to play

    def play(self) -> None:
        """Train on; in a notebook this returns at once, and the theatre plays until `pause`.

        After 5000 steps it pauses by itself. Where there is no event loop it returns then.
        Only one theatre plays at a time: another that is playing pauses.

        Raises
        ------
        ValueError
            If a run has diverged.
        """
        self.run()

    def run(self) -> None:
        """Do as `play` does."""
        if self.running:
            return
        self._check_sound()
        for other in list(self._playing):
            other.pause()
        self._playing.add(self)
        self._steps_left = STEPS_A_PLAY
        super().run()

    def pause(self) -> None:
        """Stop after the slice of training that is being done now."""
        self._playing.discard(self)
        super().pause()

    def close(self) -> None:
        """Stop playing and take the theatre off the page."""
        self._playing.discard(self)
        super().close()

    def work(self) -> bool:
        """Train for one picture, and return whether to go on."""
        n_steps = min(self.speed, self._steps_left)
        begun, done = time.perf_counter(), 0
        while done < n_steps and time.perf_counter() - begun < SLICE_SECONDS:
            done += self._advance(min(SLICE_STEPS, n_steps - done))
            if any(run.problem for run in self._runs):
                break
        self._steps_left -= done
        self._measure()
        if not any(run.problem for run in self._runs) and self._steps_left == 0:
            self.say(f"Paused after {STEPS_A_PLAY} steps. Press Play to go on.")
        return not self._told_of_divergence() and self._steps_left > 0

    def step(self, n_steps: int = 1) -> None:
        """Take whole training steps, at once.

        Raises
        ------
        TypeError, ValueError
            If `n_steps` is no whole number from 1 to 100,000, or if a run has diverged.
        """
        n_steps = as_whole("n_steps", n_steps, 1, 100_000)
        self._alone(lambda: self._advance_in_parts(n_steps))

    def step_d(self) -> None:
        """Let the discriminator alone take one step."""
        self._alone(lambda: [run.discriminator_step() for run in self._runs])

    def step_g(self) -> None:
        """Let the generator alone take one step."""
        self._alone(lambda: [run.generator_step() for run in self._runs])

    def _alone(self, train) -> None:
        self._check_sound()
        with self.hold():
            self.pause()
            train()
            self._measure()
            self._told_of_divergence()

    def _advance(self, n_steps: int) -> int:
        for run in self._runs:
            run.advance(n_steps)
        return n_steps

    def _advance_in_parts(self, n_steps: int) -> None:
        """Train for long, measuring now and then, as play does."""
        while n_steps > 0 and not any(run.problem for run in self._runs):
            n_steps -= self._advance(min(self.speed, n_steps))
            for run in self._runs:
                run.note()

    def _measure(self) -> None:
        """Note how the runs are now, and show it."""
        for run in self._runs:
            run.note()
        self._at = None
        self._show()

    def _check_sound(self) -> None:
        if any(run.problem for run in self._runs):
            raise ValueError("a run has diverged and cannot go on; press Reset, or call reset()")

    def _told_of_divergence(self) -> bool:
        """Whether a run has diverged; if so, say what to do."""
        fallen = [name for name, run in zip("AB", self._runs) if run.problem]
        if fallen:
            which = f"Run {' and '.join(fallen)}" if len(self._runs) > 1 else "The training"
            self.say(
                f"{which} diverged: a loss has left all bounds. Lower the rates, or set R1 to "
                "about 0.1, then press Reset."
            )
        return bool(fallen)

    def reset(self) -> None:
        """Begin all runs anew, with their settings as they are."""
        with self.hold():
            self.pause()
            self._restart()
            super().change(**self._seen(REACHES[0]))

    def start(self, name: str) -> None:
        """Set the stage for a play that has a name; the chosen run takes the settings.

        Parameters
        ----------
        name : str
            "a good run", "mode collapse", "dropped modes", "vanishing gradient" or "oscillation".
        """
        check_choice("name", name, tuple(PLAYS))
        data, settings = PLAYS[name]
        with self.hold():
            self.pause()
            self._run_set_to(Settings(**{"random_state": self.random_state} | settings))
            self._restart(self._make_data(data))
            super().change(**self._seen(REACHES[0]))

    # ------------------------------------------------------------- data, runs, time

    @property
    def data(self) -> str:
        """The name of the data, or "yours". Set it to a name, or to an array of points (n, 2)."""
        return self.state.data.name

    @data.setter
    def data(self, data: str | ArrayLike) -> None:
        self._set_data(data)

    def _set_data(self, data: str | ArrayLike) -> None:
        made = self._make_data(data)
        with self._lock:
            self._restart(made)
            super().change(**self._seen(REACHES[0]))

    def _make_data(self, data: str | ArrayLike) -> PlaneData:
        if isinstance(data, str) and data == "yours":
            if self._own_points is None:
                raise ValueError(
                    "there are no points of yours yet: set data to an array of shape (n, 2)"
                )
            data = self._own_points
        made = make_data(data)
        if not isinstance(data, str):
            self._own_points = np.array(data)
        return made

    @property
    def compare(self) -> bool:
        """Whether there are two runs; set to True, run B begins as a copy of A."""
        return self.state.compare

    @compare.setter
    def compare(self, compare: bool) -> None:
        self._set_compare(compare)

    def _set_compare(self, compare: bool) -> None:
        check_flag("compare", compare)
        if compare == self.compare:
            return
        with self._lock:
            self._runs = [self._runs[0], self._runs[0].copy()] if compare else self._runs[:1]
            self._show(chosen="B" if compare else "A")

    def _choose(self, name: str) -> None:
        if name == "B":
            self._set_compare(True)
        self.change(chosen=name)

    @property
    def now(self) -> int:
        """How many steps were taken; a step of one player alone is one, too."""
        return self.state.now

    @property
    def moment(self) -> int:
        """The step that is shown. Set it to look back, as near as was kept; None is now."""
        return self.state.moment

    @moment.setter
    def moment(self, moment: int | None) -> None:
        if moment is not None:
            moment = as_whole("moment", moment, 0, self.now)
        self._look(None if moment == self.now else moment)

    def _look(self, at: float | None) -> None:
        with self.hold():
            self.pause()
            self._at = at
            self._show()

    def figure(self) -> DescribedFigure:
        """Return the same picture as a figure of matplotlib, for print and where no kernel runs."""
        return plot_scene(self.state)

    @property
    def gan(self) -> GAN:
        """The GAN of the chosen run, as it is now. Its loss curves are those of the last move."""
        return self._runs[self.state.number].gan

    @property
    def real(self) -> NDArray:
        """The points to imitate, as they are trained on, shape (n, 2)."""
        return self.state.data.rows

    @property
    def generated(self) -> NDArray:
        """Generated points of the chosen run at the moment that is shown, shape (2000, 2)."""
        return self.state.views[self.state.number].points

    @property
    def scores(self) -> dict[str, float]:
        """What is measured of the chosen run at the moment that is shown."""
        return self.state.views[self.state.number].scores._asdict()
