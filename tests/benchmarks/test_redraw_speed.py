"""What the kernel does for one new picture of a live widget (5 ms are the aim)."""

from helpers.widgets import AutoencoderExplorer
from helpers.widgets.autoencoder_explorer import draw


def test_drawing_of_the_autoencoder_explorer(benchmark):
    explorer = AutoencoderExplorer()
    explorer.step(60)
    # A state keeps what it has computed, so each round draws one that has computed nothing.
    benchmark.pedantic(
        draw, setup=lambda: ((fresh(explorer.state),), {}), rounds=300, warmup_rounds=20
    )


def test_one_change_of_a_weight(benchmark):
    """From a value set to the new picture and all controls in place."""
    explorer = AutoencoderExplorer()
    explorer.step(60)
    slider = explorer.children[2].children[1].children[0]
    values = iter([50, -50] * 10_000)
    benchmark.pedantic(lambda: setattr(slider, "value", next(values)), rounds=300, warmup_rounds=20)


def test_one_step_of_descent_with_its_picture(benchmark):
    explorer = AutoencoderExplorer(step_size=0.01)
    benchmark.pedantic(explorer.step, rounds=300, warmup_rounds=20)


def fresh(state):
    """The same state, with nothing computed yet."""
    return type(state)(**{name: getattr(state, name) for name in state.__dataclass_fields__})
