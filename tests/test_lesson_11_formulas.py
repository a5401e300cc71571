"""The formulas of lesson 11 as they are printed, against other code; its figures and swindlers."""

import numpy as np
import pytest
import sympy as sp
from lesson_formulas import Lesson
from scipy.linalg import sqrtm
from scipy.special import expit, rel_entr

from helpers.datasets import load_digit_images
from helpers.exercises import check
from helpers.figures import lesson_11 as figures
from helpers.metrics import classifier_score, frechet_distance, train_digit_classifier
from helpers.models import ImageGAN
from helpers.models.gan import discriminator_loss, generator_loss
from helpers.models.pretrained import load_pretrained
from helpers.nn import LeakyReLU, Network, add_zero_centred_penalty, dense_layers

LESSON = Lesson(11, expit=expit)


# -------------------------------------------------------------------------- both players


def test_the_printed_generator_is_that_of_image_gan():
    import helpers.nn

    (make_generator,) = LESSON.functions("make_generator", **vars(helpers.nn))
    ours = make_generator(np.random.default_rng(3))
    gan = ImageGAN(128, (256, 128), generator_channels=(32, 16), dtype="float64", random_state=3)
    theirs = gan.start(np.zeros((2, 256))).generator_
    assert list(map(repr, ours.layers)) == list(map(repr, theirs.layers))
    np.testing.assert_array_equal(ours.parameters, theirs.parameters)
    assert ours.parameters.size == 76_689


def test_the_table_of_shapes():
    import helpers.nn

    (make_generator,) = LESSON.functions("make_generator", **vars(helpers.nn))
    x, shapes = np.ones((16, 3)), []
    for layer in make_generator(np.random.default_rng(0)).layers:
        x = layer.forward(x)
        shapes.append(x.shape[:-1])
    for shape in ((128,), (512,), (4, 4, 32), (8, 8, 16), (16, 16, 1), (256,)):
        assert shape in shapes
        assert "| " + " × ".join(map(str, shape)) + " |" in LESSON.text
    sizes = [4 * 2**k for k in range(4)]
    assert sizes[-1] == 32
    assert check("11.colour", (3, (16, 16, 16), 66_560 + 32_800 + 8_208 + 771)).accepted


def test_the_printed_gradients_against_differences_in_every_parameter():
    steps = LESSON.functions(
        "discriminator_gradient",
        "generator_gradient",
        add_zero_centred_penalty=add_zero_centred_penalty,
    )
    rng = np.random.default_rng(0)
    G = Network(dense_layers([3, 5, 4], "leaky_relu", "tanh"), random_state=rng)
    D = Network(dense_layers([4, 6, 1], "leaky_relu"), random_state=rng)
    real, z = rng.normal(size=(4, 7)), rng.normal(size=(3, 7))
    fake = G.forward(z)

    def loss_of_d():
        logits = D.forward(np.hstack([real, fake]))
        slopes = D.input_gradient(np.ones((1, 14)))
        penalty = 0.7 / 2 * np.mean(np.sum(slopes**2, axis=0)) * 2  # a mean on each side
        return discriminator_loss(logits[:, :7], logits[:, 7:])[0] + penalty

    steps[0](D, real, fake, gamma=0.7)
    steps[1](G, D, z)
    for network, loss in ((D, loss_of_d), (G, lambda: generator_loss(D.forward(G.forward(z)))[0])):
        gradient, here = network.gradients.copy(), network.parameters.copy()
        measured = np.empty_like(gradient)
        for k in range(here.size):
            found = []
            for sign in (1, -1):
                network.parameters[:] = here
                network.parameters[k] += sign * 1e-6
                found.append(loss())
            measured[k] = (found[0] - found[1]) / 2e-6
        network.parameters[:] = here
        np.testing.assert_allclose(gradient, measured, atol=1e-7)


def test_slopes_of_the_losses_at_the_logits():
    a = sp.symbols("a", real=True)
    softplus, sigmoid = sp.log(1 + sp.exp(a)), 1 / (1 + sp.exp(-a))
    assert sp.simplify(sp.diff(softplus, a) - sigmoid) == 0
    assert sp.simplify(sp.diff(softplus.subs(a, -a), a) + sigmoid.subs(a, -a)) == 0


def test_losses_do_not_know_pairs():
    rng = np.random.default_rng(1)
    D = Network([*dense_layers([4, 6], "identity"), LeakyReLU(), *dense_layers([6, 1])])
    real, fake = rng.normal(size=(2, 4, 9))
    order = rng.permutation(9)
    value = discriminator_loss(D.forward(real), D.forward(fake))[0]
    assert value == pytest.approx(discriminator_loss(D.forward(real), D.forward(fake[:, order]))[0])


# ------------------------------------------------------------------------------ measures


def test_the_classifier_score_as_printed():
    (score,) = LESSON.functions("score_solution")
    p = np.random.default_rng(0).dirichlet(np.ones(4), size=30)
    assert score(p) == pytest.approx(np.exp(rel_entr(p, p.mean(axis=0)).sum(axis=1).mean()))
    assert score(np.tile(p[:1], (5, 1))) == pytest.approx(1)
    sure = np.repeat(np.eye(10), 3, axis=0) * (1 - 1e-9) + 1e-10
    assert score(sure) == pytest.approx(10, rel=1e-6)


def test_the_frechet_distance_as_printed_and_its_case_without_correlations():
    rng = np.random.default_rng(0)
    real, fake = rng.normal(size=(40, 3)), rng.normal(size=(50, 3)) @ rng.normal(size=(3, 3)) + 1
    s_r, s_f = np.cov(real.T), np.cov(fake.T)
    printed = np.sum((real.mean(0) - fake.mean(0)) ** 2)
    printed += np.trace(s_r + s_f - 2 * np.real(sqrtm(s_r @ s_f)))
    assert frechet_distance(real, fake) == pytest.approx(printed)
    r, f = sp.symbols("r f", positive=True)
    assert sp.simplify(r**2 + f**2 - 2 * sp.sqrt(r**2 * f**2) - (r - f) ** 2) == 0
    (distance,) = LESSON.functions("distance_solution")
    signs = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]])  # uncorrelated to the last digit
    one, other = signs * [1.0, 2.0] + 3, signs * [0.5, 3.0]
    factor = np.sqrt(3 / 4)  # np.cov divides by n − 1
    assert distance(one, other) == pytest.approx(
        frechet_distance(one * factor, other * factor) + 18 * (1 - factor**2)
    )


def test_digits_have_17_shades():
    assert len(np.unique(load_digit_images().images)) == 17 and "17 shades" in LESSON.text


def test_the_class_means_have_a_better_score_than_real_digits():
    digits = load_digit_images()
    train, held_out = digits.images[:1200], digits.images[1200:]
    classifier = train_digit_classifier(train, digits.target[:1200])
    means = [train[digits.target[:1200] == k].mean(axis=0) for k in range(10)]
    assert classifier_score(np.tile(means, (5, 1, 1)), classifier) > 1 + classifier_score(
        held_out, classifier
    )


def test_what_counts_as_noticed():
    real = {"precision": 0.97, "c2st_linear": 0.5, "sharpness": 1.0}
    assert not figures.notices("precision", 1.0, 0.97)
    assert figures.notices("precision", 0.8, 0.97)
    assert figures.notices("c2st_linear", 0.7, 0.5) and not figures.notices("c2st_linear", 0.3, 0.5)
    assert figures.notices("sharpness", 1.2, 1) and figures.notices("sharpness", 0.8, 1)
    scores = {"precision": 0.99, "c2st_linear": 0.9, "sharpness": 1.05}
    assert figures.unnoticed(scores, real) == {"precision", "sharpness"}


# -------------------------------------------------------------------------- latent space


def test_the_straight_way_is_too_short_and_the_round_one_is_not():
    (round_way,) = LESSON.functions("round_way_solution")
    t = sp.symbols("t")
    assert ((1 - t) ** 2 + t**2).subs(t, sp.Rational(1, 2)) == sp.Rational(1, 2)
    a, b = np.random.default_rng(0).normal(size=(2, 100_000, 4))
    for place in (0.2, 0.5, 0.9):
        assert round_way(a, b, place).var() == pytest.approx(1, abs=0.01)
        assert ((1 - place) * a + place * b).var() == pytest.approx(
            (1 - place) ** 2 + place**2, abs=0.01
        )
    np.testing.assert_allclose(round_way(a, b, 0), a)
    np.testing.assert_allclose(round_way(a, b, 1), b, atol=1e-12)
    assert np.sqrt(8) == pytest.approx(2.8, abs=0.03) and "2.8" in LESSON.text


def test_a_way_is_measured_place_by_place():
    rng = np.random.default_rng(0)
    real, way = rng.uniform(size=(30, 4, 5)), rng.uniform(size=(3, 20, 4, 5))
    along = figures.measure_way(way, real)
    assert along.shape == (2, 3) and np.all(along[0] > 0)
    same = figures.measure_way([real], real)
    np.testing.assert_allclose(same, [[1], [1]])


# ------------------------------------------------------------------------------- figures


def test_figures_say_what_they_show():
    rng = np.random.default_rng(0)
    images = rng.uniform(size=(24, 5, 7))
    scores = {name: dict.fromkeys(figures.MEASURES, 0.5) for name in ("real", "ours")}
    scores["ours"]["precision"] = 0.1
    psis = (0.5, 1)
    drawn = [
        figures.plot_grids({"A": images, "B": images}, figures.DIGIT_GRIDS, shape=(2, 3)),
        figures.plot_losses({"D": rng.uniform(size=300), "G": rng.uniform(size=300)}),
        figures.plot_gallery({"real": images, "ours": images}, scores, figures.GALLERY),
        figures.plot_bias((50, 100), rng.uniform(1, 2, size=(2, 4))),
        figures.plot_walks({"round": images.reshape(2, 12, 5, 7)}, {"round": np.ones((2, 2))}),
        figures.plot_truncation(psis, {"recall": [0, 1]}, dict.fromkeys(psis, images)),
        figures.plot_suspicious(images),
    ]
    for described in drawn:
        assert len(described.alt) >= 20 and described._png()
    gallery = drawn[2].figure.axes[0]
    assert len(gallery.patches) == 1  # one orange cell
    bold = [text.get_text() for text in gallery.texts if text.get_fontweight() == "bold"]
    assert bold == ["0.10"]


def test_swindlers_are_what_they_are_called():
    digits = load_digit_images()
    train, labels = digits.images[:1200], digits.target[:1200]
    made = figures.swindlers(train, labels, 300)
    assert all(images.shape == (300, 8, 8) for images in made.values())
    assert np.abs(made["copier"] - train[:300]).max() < 0.15
    zeros = train[labels == 0].mean(axis=0)
    assert np.abs(made["zeros only"].mean(axis=0) - zeros).max() < 0.1
    np.testing.assert_allclose(made["blends"], (train[:300] + train[300:600]) / 2)
    rows = made["Gaussian"].reshape(300, -1)
    np.testing.assert_allclose(rows.mean(axis=0), train.reshape(1200, -1).mean(axis=0), atol=0.12)


def test_training_with_a_look_is_training():
    X = np.random.default_rng(0).uniform(-1, 1, size=(40, 16))
    Z = np.random.default_rng(1).normal(size=(3, 16))
    settings = {"max_iter": 130, "random_state": 5}
    gan, other = (ImageGAN(8, 8, **settings) for _ in range(2))
    strip = figures.train_and_look(gan, X, Z, (7, 130))
    assert list(strip) == ["0 steps", "7 steps", "130 steps"]
    np.testing.assert_allclose(strip["130 steps"], figures.pictures(other.fit(X).generate(Z)))


def test_rows_and_pictures_undo_each_other():
    images = np.random.default_rng(0).uniform(size=(5, 4, 4))
    np.testing.assert_allclose(figures.pictures(figures.rows(images)), images)
    np.testing.assert_array_equal(figures.rows(images)[2], 2 * images[2].ravel() - 1)


def test_recorded_runs_are_shown_by_label_in_the_lessons_units():
    recorded = load_pretrained("image_gans")
    measures = recorded.protocol["measures"]
    for kind, names in (("digits", figures.TRICKS), ("cats", figures.TWO_KINDS)):
        shown, means, spreads = figures.recorded_runs(recorded, kind, names)
        assert list(shown) == list(means) == list(spreads) == list(names.values())
        first = list(recorded.protocol["ablations"][kind]).index(next(iter(names)))
        values = recorded.scores[f"ablations {kind}"][first].mean(axis=0)
        found = means[next(iter(names.values()))]
        assert found["recall"] == pytest.approx(values[measures.index("recall")])
        # Distances are squares: pixels of −1 … 1 make them four times those of 0 … 1.
        assert found["frechet"] == pytest.approx(values[measures.index("frechet")] / 4)
    least, most, real = figures.recorded_range(recorded, "digits")["precision"]
    assert least <= most < real < 1
    assert figures.recorded_range(recorded, "cats")["copy_ratio"][2] == 1


def test_without_penalties_two_kinds_of_cats_become_one_in_every_run():
    recorded = load_pretrained("image_gans")
    names, measures = list(recorded.protocol["ablations"]["cats"]), recorded.protocol["measures"]
    with_penalties, without = (
        dict(zip(measures, recorded.scores["ablations cats"][names.index(name)].T))
        for name in figures.TWO_KINDS
    )
    assert np.all(with_penalties["smallest_class"] > 0.4)
    assert np.all(without["smallest_class"] == 0)
    assert without["precision"].min() > with_penalties["precision"].max() + 0.2
    assert without["recall"].max() < with_penalties["recall"].min() - 0.1
