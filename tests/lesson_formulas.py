"""What tests of a lesson's formulas share: its words, its functions, and arrays of symbols."""

import ast

import nbformat
import numpy as np
import sympy as sp
from lesson_rules import code_cells, lessons, markdown_cells


class Lesson:
    """The text of the lesson of this number, and the functions that its code cells define.

    What the functions need to know beside NumPy is given by name, here or when they are taken.
    """

    def __init__(self, number, **known):
        [self.path] = [path for path in lessons() if path.name.startswith(f"{number:02}_")]
        notebook = nbformat.read(self.path, as_version=4)
        self.text = "\n".join(cell.source for cell in markdown_cells(notebook))
        self.known = {"np": np, **known}
        trees = [ast.parse(cell.source) for cell in code_cells(notebook)]
        self.statements = [node for tree in trees for node in tree.body]

    def functions(self, *names, **known):
        """The functions of these names, each of which the lesson defines once."""
        found = [
            node
            for node in self.statements
            if isinstance(node, ast.FunctionDef) and node.name in names
        ]
        assert sorted(node.name for node in found) == sorted(names)
        namespace = self.known | known
        exec(compile(ast.Module(found, type_ignores=[]), str(self.path), "exec"), namespace)
        return [namespace[name] for name in names]


# ------------------------------------------------------------------------------- symbols


def symbols(name, *shape):
    """An array of symbols, p1 … p4 or x11 … x24."""
    places = [tuple(i + 1 for i in index) for index in np.ndindex(*shape)]
    flat = [sp.Symbol(name + "".join(map(str, place)), real=True) for place in places]
    return np.array(flat).reshape(shape)


def derivative(loss, array):
    """dL/d(array), symbol by symbol, in the array's shape."""
    return np.array([sp.diff(loss, symbol) for symbol in array.ravel()]).reshape(array.shape)


def zero(expression):
    """Whether an expression is 0 whatever its symbols stand for."""
    return sp.simplify(sp.expand(expression)) == 0


def same(a, b):
    """Whether two arrays of expressions are identical."""
    a, b = np.asarray(a), np.asarray(b)
    return a.shape == b.shape and all(zero(x - y) for x, y in zip(a.ravel(), b.ravel()))
