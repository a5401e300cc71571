"""Three floors, and an arrow only ever points down; helpers neither print nor show."""

import ast
from pathlib import Path

import pytest

HELPERS = Path(__file__).resolve().parents[1] / "helpers"
MODULES = sorted(HELPERS.rglob("*.py"))
FLOORS = {"widgets": 3, "models": 2, "nn": 1}


def floor(parts):
    """The floor of a module given by the parts of its name below helpers; ground is 0."""
    return FLOORS.get(parts[0], 0) if parts else 0


def imported(tree):
    """The dotted names of everything that a module imports, wherever it does."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "absolute imports only"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(HELPERS)))
def test_arrows_point_down(path):
    own = floor(path.relative_to(HELPERS).parts)
    for name in imported(ast.parse(path.read_text())):
        package, *parts = name.split(".")
        if package == "helpers":
            assert floor(parts) <= own, f"{path.name} reaches up to {name}"
        assert package not in ("torch", "sympy", "pytest"), f"{path.name} needs {name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(HELPERS)))
def test_helpers_are_quiet_and_draw_randomness_from_generators(path):
    forbidden = {"print", "plt.show", "time.sleep", "np.random.seed", "np.random.rand"}
    forbidden |= {"np.random.randn", "np.random.RandomState", "input", "breakpoint"}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            assert ast.unparse(node.func) not in forbidden, f"line {node.lineno}"


def test_the_guard_sees_an_arrow_that_points_up():
    tree = ast.parse("def f():\n    from helpers import widgets\nimport helpers.nn.layers")
    assert {"helpers.widgets", "helpers.nn.layers"} <= set(imported(tree))
    assert floor(["widgets"]) > floor(["models"]) > floor(["nn"]) > floor(["plots"])
