"""One list of dependencies: what mirrors it says the same, and names no registry."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import helpers

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CONDA_NAMES = {"matplotlib-base": "matplotlib"}  # without the desktop windows of matplotlib
PINNED = {"requirements.txt": (), "tests/requirements.txt": ("test", "site", "dashboards")}


def ranges(lines):
    found = {}
    for line in lines:
        requirement = Requirement(line)
        found[canonicalize_name(requirement.name)] = requirement.specifier
    return found


def pins(name):
    """The versions a requirements file pins, by package (several where markers choose)."""
    found = {}
    text = (ROOT / name).read_text().replace("\\\n", " ")
    for line in text.splitlines():
        requirement = Requirement(line.split(" --hash")[0])
        found.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return found


def test_environment_mirrors_pyproject():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    assert environment["channels"] == ["conda-forge"]
    listed = [line for line in environment["dependencies"] if isinstance(line, str)]
    conda = {}
    for line in listed:
        name, _, specifier = line.partition(" ")
        conda[CONDA_NAMES.get(name, name)] = SpecifierSet(specifier)
    assert conda.pop("python") == SpecifierSet(PROJECT["requires-python"])
    assert conda.pop("pip") == SpecifierSet()
    assert conda == ranges(PROJECT["dependencies"])
    # conda hands these lines to pip as a requirements file, in which no other options may stand.
    (for_pip,) = [line["pip"] for line in environment["dependencies"] if isinstance(line, dict)]
    assert for_pip == ["-e ."]


@pytest.mark.parametrize(("name", "extras"), PINNED.items())
def test_pins_lie_within_the_ranges(name, extras):
    wanted = list(PROJECT["dependencies"])
    for extra in extras:
        wanted += PROJECT["optional-dependencies"][extra]
    pinned = pins(name)
    for package, specifier in ranges(wanted).items():
        assert package in pinned, f"{package} is not pinned: run make requirements"
        for requirement in pinned[package]:
            (pin,) = requirement.specifier
            assert pin.operator == "==" and specifier.contains(pin.version), (package, pin)


@pytest.mark.parametrize("name", PINNED)
def test_every_pin_has_hashes_and_no_address(name):
    text = (ROOT / name).read_text()
    assert not re.search(r"://|index-url|find-links|trusted-host", text)
    entries = [e for e in re.split(r"\n(?=\S)", text) if e.strip()]
    assert len(entries) > 50
    for entry in entries:
        assert "==" in entry and "--hash=sha256:" in entry, entry


def test_tests_run_on_the_versions_that_learners_get():
    course, tests = pins("requirements.txt"), pins("tests/requirements.txt")
    for package, requirements in course.items():
        assert {str(r) for r in requirements} == {str(r) for r in tests[package]}


def test_versions_agree():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert PROJECT["version"] == helpers.__version__ == citation["version"]
    assert f"## {helpers.__version__} " in (ROOT / "CHANGELOG.md").read_text()


def test_the_package_brings_its_page_parts_along():
    """What is no Python file but is read at run time lies inside the package."""
    assert (ROOT / "helpers" / "course.mplstyle").is_file()
    assert list((ROOT / "helpers" / "widgets").glob("*.js"))
