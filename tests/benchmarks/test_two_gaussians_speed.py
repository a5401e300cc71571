"""What the kernel does for one new picture of the two Gaussians (5 ms are the aim)."""

from helpers.widgets import TwoGaussians
from helpers.widgets.two_gaussians import draw


def test_drawing_of_the_two_gaussians(benchmark):
    gaussians = TwoGaussians()
    # A state keeps what it has computed, so each round draws one that has computed nothing.
    benchmark.pedantic(
        draw, setup=lambda: ((fresh(gaussians.state),), {}), rounds=300, warmup_rounds=20
    )


def test_one_change_of_a_mean(benchmark):
    """From a value set to the new picture and all controls in place."""
    gaussians = TwoGaussians()
    values = iter([[0.5, 0.2], [0.6, 0.2]] * 10_000)
    benchmark.pedantic(
        lambda: setattr(gaussians, "mean_plus", next(values)), rounds=300, warmup_rounds=20
    )


def fresh(state):
    """The same state, with nothing computed yet."""
    return type(state)(**{name: getattr(state, name) for name in state.__dataclass_fields__})
