"""Finds exercises and questions by name: ``"06.sizes"`` stands in ``lesson_06.py``."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import helpers.exercises


def lesson_modules() -> list[str]:
    """The names of the modules that hold a lesson's exercises, in order."""
    found = (module.name for module in pkgutil.iter_modules(helpers.exercises.__path__))
    return sorted(name for name in found if name.startswith("lesson_"))


def all_of(kind: str) -> dict[str, object]:
    """All exercises (`kind="EXERCISES"`) or questions (`kind="QUESTIONS"`), by name."""
    modules = (import_module(f"helpers.exercises.{name}") for name in lesson_modules())
    return {entry.name: entry for module in modules for entry in getattr(module, kind, ())}


def find(kind: str, name: str):
    """The exercise or question called `name`; KeyError lists its lesson's names if none is."""
    entries = all_of(kind)
    if not isinstance(name, str) or name not in entries:
        lesson = str(name).partition(".")[0]
        known = [n for n in entries if n.startswith(f"{lesson}.")] or list(entries)
        raise KeyError(f"{name!r} is not known; known are {', '.join(known)}")
    return entries[name]
