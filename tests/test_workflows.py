"""The workflows try what the project says that it supports, in words that exist."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def jobs(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]


def commands(job):
    return [step["run"] for step in job["steps"] if "run" in step]


def systems(job):
    """The systems that a job runs on."""
    named = job["runs-on"]
    return job["strategy"]["matrix"]["os"] if named == "${{ matrix.os }}" else [named]


ALL_JOBS = {f"{path.stem}: {name}": job for path in WORKFLOWS for name, job in jobs(path).items()}


def test_oldest_and_newest_on_every_system():
    job = ALL_JOBS["tests: versions"]
    matrix = job["strategy"]["matrix"]
    assert [name.partition("-")[0] for name in matrix["os"]] == ["ubuntu", "macos", "windows"]
    oldest, newest = matrix["include"]
    assert [oldest["python"], newest["python"]] == matrix["python"]
    assert f">={oldest['python']}" == PROJECT["requires-python"]
    assert (oldest["resolution"], newest["resolution"]) == ("lowest-direct", "highest")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"OLDEST_PYTHON := {oldest['python']}\n" in makefile


@pytest.mark.parametrize("job", ALL_JOBS.values(), ids=ALL_JOBS)
def test_what_is_called_exists(job):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    found = 0
    for command in commands(job):
        for target in re.findall(r"\bmake ([a-z-]+)", command):
            assert re.search(rf"^{target}:", makefile, re.M), target
        for extras in re.findall(r"\.\[([\w,]+)\]", command):
            assert set(extras.split(",")) <= set(PROJECT["optional-dependencies"]), extras
        for path in re.findall(r"\b(?:tests|notebooks)/\w*", command):
            assert (ROOT / path).exists(), path
        found += 1
    assert found, "a job without a command tests nothing"


@pytest.mark.parametrize("job", ALL_JOBS.values(), ids=ALL_JOBS)
def test_windows_needs_no_make_and_nothing_runs_forever(job):
    assert job["timeout-minutes"] <= 360
    if any(name.startswith("windows") for name in systems(job)):
        assert not any(re.search(r"\bmake\b", command) for command in commands(job))


def test_conda_builds_from_the_environment_file_on_every_system():
    job = ALL_JOBS["tests: conda"]
    (conda,) = [step["with"] for step in job["steps"] if "miniconda" in step.get("uses", "")]
    environment = yaml.safe_load((ROOT / conda["environment-file"]).read_text(encoding="utf-8"))
    assert conda["activate-environment"] == environment["name"]
    assert [conda["channels"]] == environment["channels"]
    assert systems(job) == ALL_JOBS["tests: versions"]["strategy"]["matrix"]["os"]


def test_the_site_is_kept():
    job = ALL_JOBS["tests: site"]
    (kept,) = [step["with"] for step in job["steps"] if "upload" in step.get("uses", "")]
    assert commands(job) == ["make site"] and kept["path"] == "site"
