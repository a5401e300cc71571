"""What can be done to a live widget, for tests that do it at random, and one of each widget."""

import inspect
import math
from functools import cache

import ipywidgets
import numpy as np
from live_widgets import controls_of
from sklearn.decomposition import PCA

from helpers import widgets
from helpers.datasets import load_digit_images, make_ring
from helpers.widgets.live import LiveWidget

LIVE = sorted(set(widgets.__all__) - {"KernelPlayground"})

WILD = [
    None, True, False, "", "nonsense", "A", math.nan, math.inf, -math.inf, -1, 0, 1, 2, 7, 0.5,
    -0.3, 1e-9, 1e9, 2**40, [], [1], [0.5, -1], [1, 2, 3], [[1, 2], [3, 4]], ["a", "b"],
    np.array([1.0, math.nan]), np.zeros((2, 3)), {"a": 1}, 1j, object(),
]  # fmt: skip
# What a message names where it is not the setting: one axis of the two; what both classes share.
PARTS = {"axes": "ax", "spread_minus": "spread_", "correlation_minus": "correlation_"}
ENTRIES = [0, 1, 2, 3, 5, 17, 96, 1000, -1, -7, 10**9, -(10**9)]


@cache
def example(name):
    """A widget that shows something; most need nothing for it."""
    if name == "CodeExplorer":
        X = make_ring(60, random_state=3)
        return widgets.CodeExplorer(PCA(2).fit(X), X)
    if name == "VectorWalk":
        images = load_digit_images().images[:40, :, 1:]  # not square
        rows = images.reshape(40, -1)
        codes = PCA(5).fit(rows)
        return widgets.VectorWalk(codes.inverse_transform, images, codes.transform(rows))
    return getattr(widgets, name)()


# --------------------------------------------------------------------- what can be done


def settings_of(widget):
    """The names of the attributes that can be set from code."""
    return [
        name
        for name in of_its_own(widget)
        if isinstance(vars(type(widget))[name], property)
        and vars(type(widget))[name].fset is not None
    ]


def of_its_own(widget):
    """Names that the widget's own class adds to those of every live widget, without `_`."""
    own = vars(type(widget))
    return [name for name in own if not name.startswith("_") and not hasattr(LiveWidget, name)]


def methods_of(widget):
    """Methods that can be called without arguments; pictures for print take too long."""
    methods = [name for name in of_its_own(widget) if inspect.isfunction(vars(type(widget))[name])]
    needless = inspect.Parameter.empty
    return [
        name
        for name in methods
        if name != "figure"
        and all(
            parameter.default is not needless
            for parameter in inspect.signature(getattr(widget, name)).parameters.values()
        )
    ]


def read_all(widget):
    """Read all that a widget tells of itself."""
    for name in of_its_own(widget):
        if isinstance(vars(type(widget))[name], property):
            getattr(widget, name)


class Stirring:
    """A live widget, what can be done to it, and what was done last."""

    def __init__(self, widget, rng):
        self.widget, self.rng, self.done = widget, rng, []
        self.controls = list(controls_of(widget).values())
        self.settings = {name: [getattr(widget, name)] for name in settings_of(widget)}
        self.methods = methods_of(widget)
        self.press = 0

    def stir(self):
        """Do one thing."""
        kinds = ["control"] * 6 + ["setting"] * 3 + ["method"] * bool(self.methods)
        getattr(self, f"_stir_{self.rng.choice(kinds)}")()

    def _note(self, *what):
        self.done = [*self.done[-7:], what]

    def _stir_control(self):
        control = self.rng.choice(self.controls)
        before = self.widget.state
        if isinstance(control, ipywidgets.Button):
            self._note("press", control.description)
            control.click()
            self._check_problem("diverged")
            return
        value, sure = self._draw_value(control)
        self._note(type(control).__name__, control.description, value)
        self.widget.problem = None  # a control that stands there already asks for nothing
        control.value = value
        if self.widget.problem is None:
            return
        assert not sure, f"refused: {self.widget.problem!r}"
        self._check_problem()
        assert self.widget.state is before

    def _draw_value(self, control):
        """A value for a control, and whether it must be accepted."""
        rng = self.rng
        if isinstance(control, ipywidgets.Text):  # the mouse
            self.press += rng.random() < 0.4
            return " ".join([*(f"{rng.choice([0, 1, rng.random()]):.4f}" for _ in "xy"),
                             str(self.press)]), True  # fmt: skip
        if isinstance(control, ipywidgets.Checkbox):
            return not control.value, True
        if isinstance(control, ipywidgets.Dropdown):
            value = rng.choice([value for _, value in control._options_full])
            return value, value != "yours"  # the theatre's "your points", until there are some
        if isinstance(control, ipywidgets.IntSlider):
            low, high = control.min, control.max
            return rng.choice([low, high, rng.randint(low, high)]), True
        if isinstance(control, ipywidgets.IntText):
            return rng.choice([*ENTRIES, rng.randrange(100)]), False
        assert isinstance(control, ipywidgets.FloatText), f"a control of a new kind: {control}"
        wild = [*ENTRIES, 0.25, 1e-12, -0.5, 1e300, math.nan, math.inf, rng.uniform(-3, 3)]
        return rng.choice(wild), False

    def _stir_setting(self):
        name = self.rng.choice(list(self.settings))
        known = self.settings[name]
        value = self.rng.choice(known if self.rng.random() < 0.6 else WILD)
        self._note("set", name, value)
        before, picture = self.widget.state, self.widget._picture.value
        try:
            setattr(self.widget, name, value)
        except (TypeError, ValueError) as refusal:
            assert PARTS.get(name, name) in str(refusal), f"{refusal!r} does not name {name}"
            assert self.widget.state is before
            assert self.widget._picture.value == picture
        else:
            known.append(getattr(self.widget, name))

    def _stir_method(self):
        name = self.rng.choice(self.methods)
        self._note("call", name)
        try:
            getattr(self.widget, name)()
        except ValueError as refusal:  # a training that has diverged cannot go on
            assert "diverged" in str(refusal)

    def _check_problem(self, words=""):
        """What a control asks for may be refused, in words; nothing may go wrong."""
        problem = self.widget.problem
        if problem is not None:
            assert isinstance(problem, TypeError | ValueError), repr(problem)
            assert self.widget.notice.startswith("That did not work: ")
            assert words in str(problem)
