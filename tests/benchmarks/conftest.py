"""What the measurements of speed share: two sides that take turns, and PyTorch on one thread.

The sides of a comparison take turns within one run, so that what else the machine does falls on
both alike; the figure is the ratio of their medians over the rounds.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator

import pytest

from helpers.models.base import training_arithmetic

Step = Callable[[], object]


def microseconds(step: Step, steps: int) -> float:
    """How long a step takes, on average over so many."""
    start = time.perf_counter()
    for _ in range(steps):
        step()
    return (time.perf_counter() - start) / steps * 1e6


@pytest.fixture
def take_turns(benchmark):
    """Time several steps by turns, each `steps` times in a round; return their medians in µs."""

    def measure(sides: dict[str, Step], *, rounds: int = 21, steps: int = 50) -> dict[str, float]:
        times: dict[str, list[float]] = {side: [] for side in sides}

        def one_round() -> None:
            for side, step in sides.items():
                times[side].append(microseconds(step, steps))

        with training_arithmetic():
            benchmark.pedantic(one_round, rounds=rounds, iterations=1, warmup_rounds=2)
        medians = {side: statistics.median(values[-rounds:]) for side, values in times.items()}
        benchmark.extra_info.update(microseconds=medians, rounds=rounds, steps_a_round=steps)
        return medians

    return measure


@pytest.fixture
def against(benchmark, take_turns, capsys):
    """Print how many times as long as ours each other side takes."""

    def compare(title: str, ours: Step, *, rounds: int = 21, steps: int = 50, **others: Step):
        medians = take_turns({"ours": ours, **others}, rounds=rounds, steps=steps)
        ratios = {side: medians[side] / medians["ours"] for side in others}
        benchmark.extra_info["ratios"] = ratios
        words = [f"{side} {medians[side]:.0f} µs, ratio {ratios[side]:.2f}" for side in others]
        with capsys.disabled():
            print(
                f"\n{title}, one thread, {rounds} rounds: {medians['ours']:.0f} µs a step, "
                f"{'; '.join(words)}"
            )

    return compare


@pytest.fixture
def torch_on_one_thread() -> Iterator[None]:
    torch = pytest.importorskip("torch", reason="PyTorch (extra: benchmark) is not installed")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
