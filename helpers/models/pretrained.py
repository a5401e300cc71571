"""Estimators that were trained beforehand: kept in small files, and brought back ready to use.

A file is NumPy's ``.npz``, read without pickle: the numbers of all networks and arrays, and one
text (JSON) that says which estimator and which layer they belong to. So nothing in such a file can
run code; it names classes of the course and fills in their numbers.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike
from sklearn.base import BaseEstimator
from sklearn.utils import Bunch

from helpers.datasets import DATA_FOLDER
from helpers.nn import SGD, Adam, Layer, Network

CHECKSUMS = "pretrained.sha256"
"""The file beside the trained ones that holds their checksums, as ``sha256sum`` writes them."""

FORMAT = 1

Arrays = dict[str, np.ndarray]


# ------------------------------------------------------------------------------ the course's files


def load_pretrained(name: str, folder: str | Path | None = None) -> Bunch:
    """Load estimators that were trained with the course, by ``make pretrained``.

    Parameters
    ----------
    name : str
        Name of the file without its ending, such as ``"regularisation_bench"``.
    folder : path, optional
        Where the file and its checksum are; by default the course's ``data``.

    Returns
    -------
    Bunch
        ``estimators``: dict of fitted estimators by name; they transform, sample and score as
        after `fit`, but hold no optimizer: to train one further, `fit` it anew. A GAN may hold
        its averaged generator alone (see `save_estimators`, `for_sampling`). ``scores``: dict
        of arrays that were measured when they were trained. ``protocol``: dict that says how.

    Raises
    ------
    ValueError
        If there are no trained models of that name, or the file is not, byte for byte, the one
        that belongs to the course.
    FileNotFoundError
        If the file, or the one that holds its checksum, is not where it belongs.
    """
    folder = DATA_FOLDER if folder is None else Path(folder)
    known = read_checksums(folder)
    path = folder / f"{name}.npz"
    if path.name not in known:
        names = ", ".join(repr(Path(file).stem) for file in known)
        raise ValueError(f"name must be one of {names}; given {name!r}")
    remedy = f"Restore it with: git checkout -- data/{path.name}, or make it: make pretrained"
    if not path.is_file():
        raise FileNotFoundError(f"The file of trained models {path} is missing. {remedy}")
    content = path.read_bytes()
    found, expected = hashlib.sha256(content).hexdigest(), known[path.name]
    if found != expected:
        raise ValueError(
            f"The file of trained models {path} is not the one that belongs to the course: its "
            f"SHA-256 is {found[:12]}…, expected {expected[:12]}…; it holds {len(content)} bytes "
            f"and may be truncated or altered. {remedy}"
        )
    return _load(BytesIO(content), path)


def read_checksums(folder: str | Path) -> dict[str, str]:
    """Return the SHA-256 of each file of trained models, by file name."""
    path = Path(folder) / CHECKSUMS
    if not path.is_file():
        raise FileNotFoundError(
            f"There are no checksums of trained models at {path}. Restore them with: "
            f"git checkout -- data/{CHECKSUMS}, or make them: make pretrained"
        )
    lines = path.read_text(encoding="ascii").splitlines()
    return {name: checksum for checksum, name in map(str.split, lines)}


def write_checksum(path: str | Path) -> str:
    """Note the SHA-256 of a file of trained models beside it, and return it."""
    path = Path(path)
    known = read_checksums(path.parent) if (path.parent / CHECKSUMS).is_file() else {}
    known[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    lines = (f"{checksum}  {name}\n" for name, checksum in sorted(known.items()))
    (path.parent / CHECKSUMS).write_text("".join(lines), encoding="ascii", newline="\n")
    return known[path.name]


def note_in_readme(path: str | Path, checksum: str) -> None:
    """Write a checksum into the section that the README.md beside a file has on it."""
    path = Path(path)
    readme = path.parent / "README.md"
    before, heading, after = readme.read_text(encoding="utf-8").partition(f"## {path.name}\n")
    if not heading:
        raise ValueError(f"{readme} has no section on {path.name}, '## {path.name}'")
    after = re.sub(r"SHA-256: `\w*`", f"SHA-256: `{checksum}`", after, count=1)
    readme.write_text(before + heading + after, encoding="utf-8", newline="\n")


# ------------------------------------------------------------------------------------ any file


def save_estimators(
    path: str | Path,
    estimators: Mapping[str, BaseEstimator],
    *,
    scores: Mapping[str, ArrayLike] | None = None,
    protocol: Mapping[str, Any] | None = None,
    dtype: DTypeLike = np.float16,
    for_sampling: bool = False,
) -> None:
    """Write fitted estimators of the course to one file.

    Parameters
    ----------
    path : path
        Where to, with the ending ``.npz``.
    estimators : mapping from str to estimator
        Estimators of `helpers.models`. Everything they hold is stored, but for optimizers and
        random numbers.
    scores : mapping from str to array-like, optional
        Figures to keep with them.
    protocol : mapping, optional
        What else there is to say, in plain numbers, texts, lists and dictionaries.
    dtype : dtype
        Precision of the networks' parameters in the file. Half precision keeps three digits.
    for_sampling : bool, default=False
        Leave out what only training needs: of a GAN the discriminator, the generator as it plays
        and all curves. It can still `sample` and `generate` from the averaged generator.

    Raises
    ------
    TypeError
        If something that an estimator holds cannot be stored; it is named.
    ValueError
        If a parameter is too large for `dtype`, or no finite number.
    """
    path = Path(path)
    if path.suffix != ".npz":
        raise ValueError(f"path must end in .npz; given {str(path)!r}")
    arrays: Arrays = {}
    manifest = {
        "format": FORMAT,
        "estimators": {
            name: _describe_estimator(
                estimator, arrays, np.dtype(dtype), f"{name!r}", for_sampling=for_sampling
            )
            for name, estimator in estimators.items()
        },
        "scores": {
            name: _store(np.asarray(values), arrays, f"scores[{name!r}]")
            for name, values in (scores or {}).items()
        },
        "protocol": dict(protocol or {}),
    }
    try:
        text = json.dumps(manifest, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"protocol must hold plain numbers, texts, lists and dictionaries; {error}"
        ) from None
    np.savez_compressed(path, manifest=np.frombuffer(text.encode(), np.uint8), **arrays)


def load_estimators(path: str | Path) -> Bunch:
    """Read a file that `save_estimators` has written; what is returned, `load_pretrained` says.

    Raises
    ------
    FileNotFoundError
        If the file is not there.
    ValueError
        If it is no such file, or damaged.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"There is no file of trained models at {path}")
    return _load(BytesIO(path.read_bytes()), path)


def _load(file: BytesIO, path: Path) -> Bunch:
    try:
        with np.load(file, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        manifest = json.loads(arrays["manifest"].tobytes().decode())
        if manifest["format"] != FORMAT:
            raise ValueError(f"its format is {manifest['format']!r}, known is {FORMAT}")
        return Bunch(
            estimators={
                name: _restore_estimator(description, arrays)
                for name, description in manifest["estimators"].items()
            },
            scores={name: arrays[key] for name, key in manifest["scores"].items()},
            protocol=manifest["protocol"],
        )
    except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"{path} cannot be read as a file of trained models, as save_estimators writes it: "
            f"{type(error).__name__}: {error}"
        ) from error


# -------------------------------------------------------------------- estimators, part by part


def _describe_estimator(
    estimator: BaseEstimator, arrays: Arrays, dtype: np.dtype, name: str, *, for_sampling: bool
) -> dict[str, Any]:
    kind = type(estimator).__name__
    left_out = getattr(estimator, "only_for_training", ()) if for_sampling else ()
    if _classes(BaseEstimator).get(kind) is not type(estimator):
        raise TypeError(f"{name} must be an estimator of helpers.models; given {estimator!r}")
    parameters = estimator.get_params(deep=False)
    description: dict[str, Any] = {"class": kind, "parameters": {}, "networks": {}}
    description |= {"arrays": {}, "lists": {}, "values": {}}
    for key, value in parameters.items():
        if isinstance(value, type | np.dtype):  # as in dtype=np.float32
            value = np.dtype(value).name
        description["parameters"][key] = _as_json(value, f"{key} of {name}")
    for key, value in vars(estimator).items():
        where = f"{key} of {name}"
        if key in parameters or key in left_out:
            continue
        if isinstance(value, Adam | SGD | np.random.Generator):
            continue
        if isinstance(value, Network):
            description["networks"][key] = _describe_network(value, arrays, dtype, where)
        elif isinstance(value, np.ndarray):
            description["arrays"][key] = _store(value, arrays, where)
        elif _is_curve(value):
            description["lists"][key] = _store(np.array(value, np.float32), arrays, where)
        else:
            description["values"][key] = _as_json(value, where)
    return description


def _restore_estimator(description: Mapping[str, Any], arrays: Arrays) -> BaseEstimator:
    make = _classes(BaseEstimator)[description["class"]]
    estimator = make(**{k: _from_json(v) for k, v in description["parameters"].items()})
    for key, network in description["networks"].items():
        setattr(estimator, key, _restore_network(network, arrays))
    for key, name in description["arrays"].items():
        setattr(estimator, key, arrays[name])
    for key, name in description["lists"].items():
        setattr(estimator, key, arrays[name].tolist())
    for key, value in description["values"].items():
        setattr(estimator, key, _from_json(value))
    return estimator


def _describe_network(
    network: Network, arrays: Arrays, dtype: np.dtype, name: str
) -> dict[str, Any]:
    with np.errstate(over="ignore"):
        parameters = network.parameters.astype(dtype)
    if not np.isfinite(parameters).all():
        raise ValueError(
            f"{name} holds parameters that are no finite numbers in {dtype}; the largest is "
            f"{np.abs(network.parameters).max():g}. Store them as float32"
        )
    # What a layer says of itself when it is copied: all but its arrays.
    layers = [_describe_layer(layer, f"{layer} of {name}") for layer in network.layers]
    stored = _store(parameters, arrays, name)
    return {"layers": layers, "parameters": stored, "dtype": network.dtype.name}


def _restore_network(description: Mapping[str, Any], arrays: Arrays) -> Network:
    layers = [_restore_layer(*layer) for layer in description["layers"]]
    network = Network(layers, random_state=0, dtype=description["dtype"])
    network.parameters[...] = arrays[description["parameters"]]
    return network


def _describe_layer(layer: Layer, name: str) -> list:
    return [type(layer).__name__, _as_json(layer.__getstate__(), name)]


def _restore_layer(name: str, state: Mapping[str, Any]) -> Layer:
    kind = _classes(Layer)[name]
    layer = kind.__new__(kind)
    vars(layer).update(_from_json(state))
    return layer


def _classes(base: type) -> dict[str, type]:
    """All classes of the course below `base`, by name."""
    found = {}
    for kind in base.__subclasses__():
        found |= _classes(kind)
        if kind.__module__.startswith("helpers."):
            found[kind.__name__] = kind
    return found


# ------------------------------------------------------------------------------- arrays and JSON


def _store(array: np.ndarray, arrays: Arrays, name: str) -> str:
    """Put an array into the file, once however often it occurs; return the name it goes by."""
    if array.dtype.hasobject:
        raise TypeError(f"{name} is an array of objects, which cannot be stored without pickle")
    content = hashlib.sha256(f"{array.dtype.str} {array.shape} ".encode() + array.tobytes())
    key = content.hexdigest()[:16]
    arrays[key] = array
    return key


def _is_curve(value: Any) -> bool:
    """Whether it is a list of numbers, such as a loss for each epoch."""
    return isinstance(value, list) and bool(value) and all(isinstance(v, float) for v in value)


def _as_json(value: Any, name: str) -> Any:
    """Turn a value into what JSON can hold, tuples marked so that they come back as tuples."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, tuple):
        return {"tuple": [_as_json(v, name) for v in value]}
    if isinstance(value, list):
        return [_as_json(v, name) for v in value]
    if isinstance(value, Layer):  # one inside of another
        return {"layer": _describe_layer(value, name)}
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {"dict": {key: _as_json(v, name) for key, v in value.items()}}
    raise TypeError(
        f"{name} cannot be stored: expected are networks, arrays, plain numbers, texts, tuples, "
        f"lists and dictionaries; given {value!r}"
    )


def _from_json(value: Any) -> Any:
    if isinstance(value, list):
        return [_from_json(v) for v in value]
    if isinstance(value, dict):
        if "tuple" in value:
            return tuple(_from_json(v) for v in value["tuple"])
        if "layer" in value:
            return _restore_layer(*value["layer"])
        return {key: _from_json(v) for key, v in value["dict"].items()}
    return value
