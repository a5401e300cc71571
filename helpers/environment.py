"""Is this machine set up? The versions the course asks for, against those installed."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from importlib import metadata

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from helpers.datasets import load_ionosphere

DISTRIBUTION = "generative-modelling-course"


@dataclass(frozen=True)
class Component:
    """One thing the course needs: what it is, what is here, what is asked for."""

    name: str
    installed: str | None
    required: SpecifierSet

    @property
    def fits(self) -> bool:
        """Whether it is installed in a version that the course was made for."""
        return self.installed is not None and self.required.contains(
            self.installed, prereleases=True
        )

    def __str__(self) -> str:
        mark = "✓" if self.fits else "✗"
        return f"{mark} {self.name:<14} {self.installed or 'missing':<12} asked for {self.required}"


@dataclass(frozen=True)
class Environment:
    """What `check_environment` found; printed as a table."""

    components: tuple[Component, ...]
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether every lesson can run here."""
        return not self.problems

    def __str__(self) -> str:
        return "\n".join(str(component) for component in self.components)


def check_environment() -> Environment:
    """Compare Python, the installed packages and the data with what the course asks for.

    Returns
    -------
    Environment
        ``components``, ``problems`` (a sentence for each, with what to do) and ``ok``.
    """
    components = (_python(), *_packages())
    problems = [
        f"{c.name} is {c.installed or 'missing'}, asked for is {c.required}: "
        "install the course anew (README.md, “Start”)."
        for c in components
        if not c.fits
    ]
    try:
        load_ionosphere()
    except (OSError, ValueError) as error:
        problems.append(str(error))
    return Environment(components, tuple(problems))


def _python() -> Component:
    required = metadata.metadata(DISTRIBUTION)["Requires-Python"]
    return Component("python", platform.python_version(), SpecifierSet(required))


def _packages() -> list[Component]:
    lines = metadata.requires(DISTRIBUTION) or ()
    requirements = [r for r in map(Requirement, lines) if _is_needed(r)]
    return [Component(r.name, _version(r.name), r.specifier) for r in requirements]


def _is_needed(requirement: Requirement) -> bool:
    """Whether a learner needs it: not one of the extras for tests and benchmarks."""
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
