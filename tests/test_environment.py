"""The check that lesson 00 makes: it passes here, and says what is wrong elsewhere."""

from importlib import metadata

from helpers import datasets, environment
from helpers.environment import check_environment


def test_this_machine_is_set_up():
    found = check_environment()
    assert found.ok and found.problems == ()
    names = [component.name for component in found.components]
    assert {"python", "numpy", "jupyterlab", "anywidget"} <= set(names)
    assert not {"torch", "pytest", "playwright"} & set(names)
    assert str(found).count("✓") == len(names)


def test_a_missing_package_is_named(monkeypatch):
    def version(name):
        if name == "tqdm":
            raise metadata.PackageNotFoundError(name)
        return "0.1" if name == "numpy" else original(name)

    original = metadata.version
    monkeypatch.setattr(environment.metadata, "version", version)
    found = check_environment()
    assert not found.ok
    assert [p.split(",")[0] for p in found.problems] == ["numpy is 0.1", "tqdm is missing"]
    assert str(found).count("✗") == 2


def test_damaged_data_are_named(monkeypatch, tmp_path):
    monkeypatch.setattr(datasets, "DATA_FOLDER", tmp_path)
    (problem,) = check_environment().problems
    assert "ionosphere.csv is missing" in problem
