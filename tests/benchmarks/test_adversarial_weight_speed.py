"""What the kernel does for one new picture of the adversarial weight (5 ms are the aim)."""

from itertools import count, cycle

import pytest

from helpers.widgets import AdversarialWeight
from helpers.widgets.adversarial_weight import SCENES, WeightState, draw_picture, scenes


@pytest.mark.parametrize("scene", SCENES)
def test_drawing_of_a_new_weight(benchmark, scene):
    """Six draws by another generator, measured, and everything drawn."""
    AdversarialWeight(scene=scene)
    weights, seeds = cycle(scenes()[scene].weights), count()
    benchmark.pedantic(
        lambda: draw_picture(WeightState(scene, next(weights), 7, 7, 6, next(seeds))),
        rounds=300,
        warmup_rounds=20,
    )


@pytest.mark.parametrize("scene", SCENES)
def test_drawing_of_a_new_question(benchmark, scene):
    """Another input, its references, the answer by MSE alone, and six draws."""
    AdversarialWeight(scene=scene)
    numbers = count()  # no question comes back before it is forgotten

    def draw():
        number = next(numbers)
        return draw_picture(WeightState(scene, 1, number % 61 - 30, number % 540, 6))

    benchmark.pedantic(draw, rounds=300, warmup_rounds=20)


@pytest.mark.parametrize("scene", SCENES)
def test_one_move_of_the_slider(benchmark, scene):
    """From the slider to the new picture and all controls in place."""
    panel = AdversarialWeight(scene=scene)
    slider = panel.children[3].children[0].children[0]
    assert slider.description == "Weight w"
    places = cycle([*range(1, slider.max + 1), *range(slider.max - 1, -1, -1)])
    benchmark.pedantic(lambda: setattr(slider, "value", next(places)), rounds=300, warmup_rounds=20)
    assert panel.problem is None


def test_making_a_panel(benchmark):
    benchmark.pedantic(AdversarialWeight, rounds=20, warmup_rounds=2)
