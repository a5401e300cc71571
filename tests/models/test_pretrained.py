"""Estimators in a file: what comes back is what was stored; what is no such file is refused."""

import json

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.decomposition import PCA

from helpers.models import (
    GAN,
    Autoencoder,
    ConditionalImageGAN,
    ImageGAN,
    ImageRegressor,
    VariationalAutoencoder,
)
from helpers.models.pretrained import (
    CHECKSUMS,
    load_estimators,
    load_pretrained,
    read_checksums,
    save_estimators,
    write_checksum,
)
from helpers.nn import (
    BatchNormalisation,
    Conv2D,
    ConvTranspose2D,
    Dense,
    Flatten,
    LeakyReLU,
    Network,
    Reshape,
)

NAMES = ["plain", "linear", "stopped", "vae", "GAN", "comparing", "of three classes"]


def rows(n=60, n_features=5):
    return np.random.default_rng(0).uniform(-1, 1, size=(n, n_features))


def trained():
    """One of each kind, conditional and not, with parameters of every sort."""
    X, y = rows(), np.arange(60) % 3
    small = {"max_iter": 4, "random_state": 0}
    gan = {"generator_layer_sizes": (7, 6), "discriminator_layer_sizes": (9,), **small}
    return {
        "plain": Autoencoder((6,), 2, code_noise=0.1, **small).fit(X),
        "linear": Autoencoder((), 3, solver="sgd", dtype=np.float64, **small).fit(X),
        "stopped": Autoencoder((6,), 2, early_stopping=True, **small).fit(X),
        "vae": VariationalAutoencoder([8, 6], 2, beta=0.5, **small).fit(X),
        "GAN": GAN(r1=(1.0, 0.1), **gan).fit(X),
        "comparing": GAN(minibatch_discrimination=3, **gan).fit(X),
        "of three classes": GAN(**gan).fit(X, np.array(["a", "b", "c"])[y]),
    }


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    estimators = trained()
    path = tmp_path_factory.mktemp("stored") / "models.npz"
    scores = {"c2st": np.arange(6).reshape(3, 2) / 8, "n": [1, 2]}
    protocol = {"seeds": [[1, 2], [3, 4]], "λ": 0.5, "note": "as ever"}
    save_estimators(path, estimators, scores=scores, protocol=protocol, dtype=np.float64)
    return estimators, path, load_estimators(path)


@pytest.mark.parametrize("name", NAMES)
def test_what_comes_back_is_what_was_stored(stored, name):
    estimator, restored = stored[0][name], stored[2].estimators[name]
    assert type(restored) is type(estimator)
    assert repr(restored.get_params()) == repr(estimator.get_params()).replace(
        "<class 'numpy.float64'>", "'float64'"
    )
    for key, value in vars(restored).items():
        if isinstance(value, np.ndarray):
            assert_array_equal(value, vars(estimator)[key])
        elif isinstance(value, list) and value:
            assert_allclose(value, vars(estimator)[key], rtol=1e-6)
    left_out = set(vars(estimator)) - set(vars(restored))
    assert left_out <= {
        "_rng",
        "optimizer_",
        "generator_optimizer_",
        "discriminator_optimizer_",
    }


@pytest.mark.parametrize("name", NAMES[:4])
def test_encoders_and_decoders_work_as_before(stored, name):
    estimator, restored = stored[0][name], stored[2].estimators[name]
    X = rows(9)
    assert_array_equal(restored.transform(X), estimator.transform(X))
    assert restored.score(X) == estimator.score(X)
    for prior in ("normal", "uniform", "gaussian", "mixture"):
        theirs = restored.sample(7, 3, prior=prior)
        assert_array_equal(theirs, estimator.sample(7, 3, prior=prior))
    assert_array_equal(restored.codes_, estimator.codes_)


@pytest.mark.parametrize("name", NAMES[4:])
def test_generators_work_as_before(stored, name):
    estimator, restored = stored[0][name], stored[2].estimators[name]
    y = np.array(["b", "a", "c", "b"]) if name == "of three classes" else None
    theirs = restored.sample(4, y, random_state=5)
    assert_array_equal(theirs, estimator.sample(4, y, random_state=5))
    assert_array_equal(restored.discriminate(theirs, y), estimator.discriminate(theirs, y))


def test_layers_for_images_come_back_too(tmp_path):
    gan = trained()["GAN"]
    layers = [Dense(4, 24), Reshape((4, 3, 2)), ConvTranspose2D(2, 3, (3, 2), stride=2)]
    layers += [BatchNormalisation(3), LeakyReLU(0.1), Conv2D(3, 1, 2), Flatten()]
    gan.generator_ = Network(layers, random_state=0, dtype=np.float32)
    x = np.random.default_rng(0).normal(size=(4, 9))
    gan.generator_.forward(x)  # moves the running averages
    gan.generator_.set_training(False)
    save_estimators(tmp_path / "images.npz", {"GAN": gan}, dtype=np.float32)
    restored = load_estimators(tmp_path / "images.npz").estimators["GAN"].generator_
    assert repr(restored) == repr(gan.generator_)
    assert_array_equal(restored.forward(x), gan.generator_.forward(x))


def test_models_of_pictures_come_back_too(tmp_path):
    X, y = rows(), np.random.default_rng(1).uniform(-1, 1, size=(60, 12))
    small = {"max_iter": 4, "random_state": 0, "image_shape": (3, 4)}
    convolutions = {"generator_channels": (3, 2), "discriminator_channels": (2, 3)}
    models = {
        "regressor": ImageRegressor((6,), (3, 2), **small).fit(X, y),
        "GAN": ImageGAN((7,), (5,), 3, batch_normalisation=True, **convolutions, **small).fit(y),
        "conditional": ConditionalImageGAN((7,), (5,), 3, mse_weight=2, **small).fit(X, y),
    }
    save_estimators(tmp_path / "models.npz", models, dtype=np.float32)
    restored = load_estimators(tmp_path / "models.npz").estimators
    assert {name: type(model) for name, model in restored.items()} == {
        name: type(model) for name, model in models.items()
    }
    for model in restored.values():
        assert model.image_shape_ == (3, 4)
    for name in ("regressor", "conditional"):
        assert_array_equal(restored[name].predict(X), models[name].predict(X))
        assert restored[name].loss_curve_ if name == "regressor" else restored[name].mse_curve_
    for drawn in ((9,), (2,)):
        theirs, ours = (group["GAN"].sample(*drawn, random_state=1) for group in (restored, models))
        assert_array_equal(theirs, ours)
    theirs, ours = (group["conditional"].sample(X, 1) for group in (restored, models))
    assert_array_equal(theirs, ours)
    assert repr(restored["conditional"].generator_) == repr(models["conditional"].generator_)
    assert_array_equal(restored["GAN"].discriminate(y), models["GAN"].discriminate(y))
    again = restored["conditional"].fit(X, y)
    assert_array_equal(again.predict(X), models["conditional"].predict(X))


def test_stored_for_sampling_alone(tmp_path):
    X, y = rows(), np.random.default_rng(1).uniform(-1, 1, size=(60, 12))
    small = {"max_iter": 40, "random_state": 0, "r2": 1.0}
    models = {
        "GAN": GAN((7, 6), (9,), **small).fit(X, np.arange(60) % 3),
        "pictures": ImageGAN((7,), (5,), 3, **small).fit(y),
        "conditional": ConditionalImageGAN((7,), (5,), 3, mse_weight=2, **small).fit(X, y),
        "plain": trained()["plain"],
    }
    whole, part = tmp_path / "whole.npz", tmp_path / "part.npz"
    save_estimators(whole, models, dtype=np.float64)
    save_estimators(part, models, dtype=np.float64, for_sampling=True)
    assert part.stat().st_size < 0.7 * whole.stat().st_size
    restored = load_estimators(part).estimators
    for name, arguments in {"GAN": (5,), "pictures": (5,), "conditional": (X,)}.items():
        theirs, ours = (
            group[name].sample(*arguments, random_state=3) for group in (restored, models)
        )
        assert_array_equal(theirs, ours)
        assert restored[name].n_iter_ == 40
        for missing in ("discriminator_", "generator_", "generator_loss_curve_"):
            assert not hasattr(restored[name], missing)
    assert_array_equal(restored["conditional"].predict(X), models["conditional"].predict(X))
    for use in (
        lambda: restored["GAN"].discriminate(X, np.arange(60) % 3),
        lambda: restored["pictures"].push(y),
        lambda: restored["conditional"].discriminate(X, y),
        lambda: restored["conditional"].training_step(X, y),
        lambda: restored["pictures"].generate(np.zeros((2, 3)), averaged=False),
        lambda: restored["conditional"].mse_curve_,
    ):
        with pytest.raises(AttributeError, match="stored without what only training needs"):
            use()
    with pytest.raises(AttributeError, match="'GAN' object has no attribute 'loss_curve_'"):
        _ = restored["GAN"].loss_curve_
    again = restored["conditional"].fit(X, y)
    assert_array_equal(again.discriminate(X, y), models["conditional"].discriminate(X, y))
    assert_array_equal(restored["plain"].loss_curve_, np.float32(models["plain"].loss_curve_))


def test_a_restored_model_can_be_fitted_anew(stored):
    estimator, restored = stored[0]["plain"], load_estimators(stored[1]).estimators["plain"]
    restored.fit(rows())
    assert_array_equal(restored.transform(rows(3)), estimator.transform(rows(3)))


def test_scores_and_protocol_come_back(stored):
    _, _, found = stored
    assert_array_equal(found.scores["c2st"], np.arange(6).reshape(3, 2) / 8)
    assert found.scores["n"].tolist() == [1, 2]
    assert found.protocol == {"seeds": [[1, 2], [3, 4]], "λ": 0.5, "note": "as ever"}


def test_half_precision_keeps_three_digits(tmp_path):
    X, vae = rows(), trained()["vae"]
    save_estimators(tmp_path / "half.npz", {"vae": vae})
    restored = load_estimators(tmp_path / "half.npz").estimators["vae"]
    assert restored.network_.parameters.dtype == vae.network_.parameters.dtype == np.float32
    assert_allclose(restored.network_.parameters, vae.network_.parameters, rtol=1e-3, atol=1e-6)
    assert_allclose(restored.inverse_transform(restored.transform(X)), vae.inverse_transform(
        vae.transform(X)), atol=0.01)  # fmt: skip


def test_equal_files_for_equal_models_and_rows_stored_once(tmp_path):
    model = trained()["plain"]
    for name in ("one.npz", "two.npz"):
        save_estimators(tmp_path / name, {"a": model})
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    save_estimators(tmp_path / "ten.npz", {f"model {k}": model for k in range(10)})
    with np.load(tmp_path / "one.npz") as one, np.load(tmp_path / "ten.npz") as ten:
        assert len(one.files) == len(ten.files)


def test_nothing_is_pickled(stored):
    with np.load(stored[1], allow_pickle=False) as file:
        assert all(not file[name].dtype.hasobject for name in file.files)
        assert json.loads(file["manifest"].tobytes())["format"] == 1


# ------------------------------------------------------------------- what cannot be stored


class Foreign(Autoencoder):
    pass


def test_what_cannot_be_stored_is_named(tmp_path):
    path, model = tmp_path / "no.npz", trained()["plain"]
    for foreign in (PCA(2).fit(rows()), Foreign((), 2, max_iter=1).fit(rows())):
        with pytest.raises(TypeError, match="'a' must be an estimator of helpers.models"):
            save_estimators(path, {"a": foreign})
    model.odd_ = object()
    with pytest.raises(TypeError, match="odd_ of 'a' cannot be stored: expected are networks"):
        save_estimators(path, {"a": model})
    model.odd_ = np.array([object()])
    with pytest.raises(TypeError, match="odd_ of 'a' is an array of objects"):
        save_estimators(path, {"a": model})
    del model.odd_
    model.random_state = np.random.default_rng(0)
    with pytest.raises(TypeError, match="random_state of 'a' cannot be stored"):
        save_estimators(path, {"a": model})
    model.random_state = 0
    for protocol in ({"x": np.ones(2)}, {"x": float("nan")}):
        with pytest.raises(TypeError, match="protocol must hold plain numbers"):
            save_estimators(path, {"a": model}, protocol=protocol)
    with pytest.raises(ValueError, match=r"path must end in \.npz; given .*models'"):
        save_estimators(tmp_path / "models", {"a": model})
    model.network_.parameters[3] = 1e5
    with pytest.raises(ValueError, match="network_ of 'a' holds .* no finite numbers in float16"):
        save_estimators(path, {"a": model})
    assert not path.exists()
    save_estimators(path, {"a": model}, dtype=np.float32)
    assert load_estimators(path).estimators["a"].network_.parameters[3] == np.float32(1e5)


# ------------------------------------------------------------------- what cannot be loaded


@pytest.fixture
def folder(tmp_path, stored):
    (tmp_path / "models.npz").write_bytes(stored[1].read_bytes())
    write_checksum(tmp_path / "models.npz")
    return tmp_path


def test_a_file_with_the_right_checksum_is_loaded(folder):
    assert list(load_pretrained("models", folder).estimators) == NAMES


def test_checksums_stand_as_other_tools_write_them(folder):
    (folder / "another.npz").write_bytes(b"abc")
    assert write_checksum(folder / "another.npz").startswith("ba7816bf8f01cfea414140de5dae2223")
    lines = (folder / CHECKSUMS).read_text().splitlines()
    assert [line[64:] for line in lines] == ["  another.npz", "  models.npz"]
    assert list(read_checksums(folder)) == ["another.npz", "models.npz"]


@pytest.mark.parametrize("damage", ["truncated", "altered", "empty"])
def test_a_damaged_file_is_refused(folder, damage):
    path = folder / "models.npz"
    content = path.read_bytes()
    altered = content[:500] + bytes([content[500] ^ 1]) + content[501:]
    path.write_bytes({"truncated": content[:-9], "altered": altered, "empty": b""}[damage])
    with pytest.raises(ValueError, match="is not the one that belongs .* Restore it with: git"):
        load_pretrained("models", folder)


def test_missing_files_and_wrong_names(folder):
    with pytest.raises(ValueError, match="name must be one of 'models'; given 'modles'"):
        load_pretrained("modles", folder)
    (folder / "models.npz").unlink()
    with pytest.raises(FileNotFoundError, match="models.npz is missing. .*make pretrained"):
        load_pretrained("models", folder)
    (folder / CHECKSUMS).unlink()
    with pytest.raises(FileNotFoundError, match="no checksums .*make pretrained"):
        load_pretrained("models", folder)
    with pytest.raises(FileNotFoundError, match="There is no file of trained models"):
        load_estimators(folder / "models.npz")


def rewritten(path, change):
    """The file with something changed in its text."""
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    manifest = json.loads(arrays["manifest"].tobytes())
    change(manifest)
    arrays["manifest"] = np.frombuffer(json.dumps(manifest).encode(), np.uint8)
    np.savez(path, **arrays)


CHANGES = {
    "format": lambda m: m.update(format=2),
    "class": lambda m: m["estimators"]["vae"].update({"class": "Popen"}),
    "parameter": lambda m: m["estimators"]["vae"]["parameters"].update(colour=1),
    "array": lambda m: m["estimators"]["plain"]["arrays"].update(_training_columns="none"),
    "layer": lambda m: m["estimators"]["plain"]["networks"]["network_"]["layers"].pop(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_of_another_kind_is_refused(folder, change):
    path = folder / "models.npz"
    rewritten(path, CHANGES[change])
    with pytest.raises(ValueError, match="cannot be read as a file of trained models"):
        load_estimators(path)


def test_other_files_are_refused(tmp_path):
    path = tmp_path / "other.npz"
    for content in (b"", b"not a zip file", b"PK\x03\x04 but no more"):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="cannot be read as a file of trained models"):
            load_estimators(path)
    for arrays in ({"x": np.ones(3)}, {"manifest": np.array([{"format": 1}], dtype=object)}):
        np.savez(path, **arrays)
        with pytest.raises(ValueError, match="cannot be read as a file of trained models"):
            load_estimators(path)
