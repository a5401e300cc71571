"""The protocol of the scoreboard, its table, and the recipes that others are compared with."""

from functools import partial

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.utils import Bunch

from helpers import scoreboard
from helpers.datasets import load_ionosphere
from helpers.metrics import classifier_two_sample_test, precision_recall
from helpers.scoreboard import (
    JITTER,
    SCORES,
    Scoreboard,
    gaussian_mixture,
    ionosphere_table,
    kernel_density,
    real_rows,
    score_recipe,
    score_rows,
    split_table,
    tidy,
)


def normal_noise(train, n_rows, random_state):
    return np.random.default_rng(random_state).normal(size=(n_rows, train.shape[1]))


def shuffled_columns(train, n_rows, random_state):
    return np.random.default_rng(random_state).permuted(train, axis=0)[:n_rows]


@pytest.fixture
def no_forest(monkeypatch):
    """Forests take most of the time; here they answer at once, with the rows they were given."""
    calls = []

    def answer(real, fake, *, jitter, random_state):
        calls.append(Bunch(real=real, fake=fake, jitter=jitter))
        return Bunch(accuracy=random_state.uniform(), chance_sd=0.0)

    monkeypatch.setattr(scoreboard, "classifier_two_sample_test", answer)
    return calls


# -------------------------------------------------------------------------- the protocol


def test_the_table_is_the_ionosphere_data_with_its_label():
    table, (X, y) = ionosphere_table(), load_ionosphere(return_X_y=True)
    assert table.shape == (351, 34) and table.dtype == np.float64
    assert_array_equal(table[:, -1], y)
    assert_array_equal(table[:, 0], np.where(X[:, 0] == 1, 1, -1))
    assert_array_equal(table[:, 1:-1], X[:, 2:])
    assert (JITTER[1:-1] == 0.05).all() and JITTER[0] == JITTER[-1] == 0


def test_split_holds_out_117_rows_with_the_same_share_of_labels():
    table = ionosphere_table()
    train, held_out = split_table(table, random_state=1)
    assert train.shape == (234, 34) and held_out.shape == (117, 34)
    for rows in (train, held_out):
        assert abs(np.mean(rows[:, -1] == 1) - 225 / 351) < 0.005
    both = np.vstack([train, held_out])
    assert_array_equal(both[np.lexsort(both.T)], table[np.lexsort(table.T)])
    assert_array_equal(split_table(table, random_state=1)[0], train)
    assert not np.array_equal(split_table(table, random_state=2)[0], train)


def test_tidy_snaps_and_clips():
    rows = np.linspace(-1.7, 1.7, 5 * 34).reshape(5, 34)
    rows[2, 0] = 0  # neither nearer to −1 nor to 1
    before, tidied = rows.copy(), tidy(rows)
    assert_array_equal(rows, before)
    assert_array_equal(tidied[:, 0], [-1, -1, 1, 1, 1])
    assert_array_equal(tidied[:, -1], [-1, -1, 1, 1, 1])
    assert_array_equal(tidied[:, 1:-1], rows[:, 1:-1].clip(-1, 1))
    assert_array_equal(tidy(ionosphere_table()), ionosphere_table())


def test_rows_are_compared_as_the_protocol_says(no_forest):
    train, held_out = split_table(ionosphere_table(), random_state=0)
    by_class = train[np.argsort(train[:, -1])]
    score_rows(np.vstack([by_class, by_class[:50]]), train, held_out)
    (call,) = no_forest
    assert_array_equal(call.real, held_out)
    assert call.fake.shape == (117, 34)
    assert 0.4 < np.mean(call.fake[:, -1] == 1) < 0.8  # the first 117 are all of one class
    assert_array_equal(call.jitter, JITTER)


def test_copies_are_found_out_and_everything_else_is_as_for_real_rows(no_forest):
    train, held_out = split_table(ionosphere_table(), random_state=0)
    scores = score_rows(train, train, held_out, random_state=0)
    assert set(scores) == set(SCORES)
    assert scores["synthetic"] == scores["real"] > 0.9
    assert scores["coverage"] > 0.9 and scores["copy_ratio"] < 0.4


def test_a_recipe_gets_training_rows_and_seeds_of_its_own(no_forest):
    seen = []

    def recipe(train, n_rows, random_state):
        seen.append((train.copy(), n_rows, random_state))
        rows = train.copy()
        train[:] = 0  # must not reach the measures
        return rows.tolist()

    scores = score_recipe(recipe, n_splits=3)
    assert [n_rows for _, n_rows, _ in seen] == [234] * 3
    assert all(isinstance(seed, int) for *_, seed in seen) and len({s for *_, s in seen}) == 3
    assert len({train.tobytes() for train, *_ in seen}) == 3
    assert all(scores[score].shape == (3,) for score in SCORES)
    assert (scores.real > 0.85).all()


def test_splits_follow_the_seed_and_not_their_number(no_forest):
    two, four, other = (
        score_recipe(shuffled_columns, n_splits=n, random_state=seed)
        for n, seed in [(2, 0), (4, 0), (2, 1)]
    )
    for score in SCORES:
        assert_array_equal(two[score], four[score][:2])
    assert not np.array_equal(two.recall, other.recall)
    assert_array_equal(score_recipe(normal_noise, n_splits=2).real, two.real)


def test_processes_find_what_one_finds():
    alone, together = (
        score_recipe(normal_noise, n_splits=2, random_state=3, n_jobs=n_jobs)
        for n_jobs in (None, 2)
    )
    for score in SCORES:
        assert_array_equal(alone[score], together[score])
    # Noise is told apart, lies nowhere, covers nothing, and copies nothing.
    assert alone.c2st.min() > 0.8
    assert alone.precision.max() < 0.3 and alone.coverage.max() < 0.3
    assert_allclose(alone.copy_ratio, 1, atol=0.1)
    assert (alone.synthetic < alone.real).all()


def test_progress_shows_when_asked_for_only(no_forest, capsys):
    score_recipe(real_rows, n_splits=1)
    assert capsys.readouterr() == ("", "")
    score_recipe(real_rows, n_splits=1, verbose=True)
    assert "scoring" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: tidy(np.zeros((5, 33))), ValueError, r"34 columns.*\(5, 33\)"),
        (lambda: tidy(np.zeros(34)), ValueError, r"\(34,\)"),
        (lambda: tidy(np.full((2, 34), np.nan)), ValueError, "diverge"),
        (lambda: tidy([["a"] * 34]), TypeError, "table of numbers"),
        (
            lambda: score_recipe(lambda train, n, seed: train[:9], n_splits=1),
            ValueError,
            "234; given 9",
        ),
        (lambda: score_recipe(lambda *_: None, n_splits=1), ValueError, r"shape \(\)"),
        (lambda: score_recipe("naive Bayes"), TypeError, "'naive Bayes'"),
        (lambda: score_recipe(real_rows, n_splits=0), ValueError, "n_splits.* 0"),
        (lambda: score_recipe(real_rows, n_splits=2.5), TypeError, "2.5"),
    ],
)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


# ------------------------------------------------------------------------ the scoreboard


def scores_of(*c2st, **others):
    rest = {score: np.linspace(0.5, 0.7, len(c2st)) for score in SCORES}
    return Bunch(**{**rest, "c2st": np.array(c2st), **others})


def test_a_row_is_added_and_replaced():
    board = Scoreboard()
    board["noise"] = scores_of(0.9, 0.8)
    board["mixture"] = scores_of(0.7, 0.6, 0.8)
    board["noise"] = scores_of(1.0, 0.9)
    assert list(board) == ["noise", "mixture"]
    assert_allclose(board["noise"].c2st, [1.0, 0.9])
    assert_allclose(board["mixture"].c2st.mean(), 0.7)
    assert list(Scoreboard({name: board[name] for name in ["mixture"]})) == ["mixture"]


def test_shown_as_text_it_holds_mean_and_standard_deviation():
    board = Scoreboard({"noise": scores_of(0.9, 0.8), "once": scores_of(0.25)})
    header, noise, once = repr(board).splitlines()
    assert header.split() == ["recipe", *SCORES]
    assert noise.startswith("noise") and "0.85 ± 0.07" in noise
    assert once.split()[:2] == ["once", "0.25"] and "±" not in once
    assert str(board) == repr(board) and "0x" not in repr(Scoreboard())


def test_shown_in_a_notebook_it_is_a_table():
    page = Scoreboard({"a < b & c": scores_of(0.9, 0.8)})._repr_html_()
    assert "a &lt; b &amp; c" in page and "a < b" not in page
    assert page.count('scope="col"') == 1 + len(SCORES) and page.count('scope="row"') == 1
    assert ">0.85 ± 0.07</td>" in page and "<caption>" in page
    for tag in ("table", "thead", "tbody", "tr", "th", "td"):
        assert page.count(f"<{tag}>") + page.count(f"<{tag} ") == page.count(f"</{tag}>")


def test_saved_and_loaded_it_is_the_same(tmp_path, monkeypatch):
    board = Scoreboard({"GAN, R1 + R2": scores_of(0.61, 0.625), "„VAE“": scores_of(0.12345)})
    board.save(tmp_path / "scoreboard.csv")
    lines = (tmp_path / "scoreboard.csv").read_text(encoding="utf-8").split("\n")
    assert lines[0] == "recipe,split," + ",".join(SCORES)
    assert lines[1].startswith('"GAN, R1 + R2",0,0.6100') and len(lines) == 5
    monkeypatch.setattr(scoreboard, "RECORDED", tmp_path / "scoreboard.csv")
    for loaded in (Scoreboard.load(), Scoreboard.load(str(tmp_path / "scoreboard.csv"))):
        assert list(loaded) == list(board)
        for name, score in ((name, score) for name in board for score in SCORES):
            assert_allclose(loaded[name][score], board[name][score], atol=0.5e-4)


@pytest.mark.parametrize(
    ("name", "scores", "error", "message"),
    [
        (3, scores_of(0.5), TypeError, "3"),
        (" ", scores_of(0.5), TypeError, "text"),
        ("x", 0.5, ValueError, "score_recipe.*float"),
        ("x", {"c2st": [0.5]}, ValueError, r"\['c2st'\]"),
        ("x", scores_of(0.5, 0.6, recall=[0.5]), ValueError, r"\(1,\), \(2,\)"),
        ("x", {score: [] for score in SCORES}, ValueError, r"\(0,\)"),
        ("x", {score: [[0.5]] for score in SCORES}, ValueError, r"\(1, 1\)"),
    ],
)
def test_a_row_that_is_none_is_named(name, scores, error, message):
    with pytest.raises(error, match=message):
        Scoreboard()[name] = scores


def test_files_that_are_no_scoreboard_are_named(tmp_path):
    path = tmp_path / "board.csv"
    with pytest.raises(FileNotFoundError, match="make scoreboard"):
        Scoreboard.load(path)
    path.write_text("name,c2st\nx,1\n")
    with pytest.raises(ValueError, match=r"first line.*\['name', 'c2st'\]"):
        Scoreboard.load(path)
    Scoreboard({"x": scores_of(0.5)}).save(path)
    whole = path.read_text()
    for broken in (whole.replace("0.5000", "half"), whole.rstrip().rpartition(",")[0]):
        path.write_text(broken)
        with pytest.raises(ValueError, match=r"missing or no number.*'x'"):
            Scoreboard.load(path)


# ------------------------------------------------------------------------------ recipes


@pytest.mark.parametrize(
    "recipe", [real_rows, gaussian_mixture, kernel_density, partial(kernel_density, bandwidth=0.3)]
)
@pytest.mark.parametrize("n_rows", [234, 101])
def test_recipes_make_as_many_rows_as_asked_for_with_the_shares_of_the_labels(recipe, n_rows):
    train, _ = split_table(ionosphere_table(), random_state=0)
    rows, again = recipe(train, n_rows, 5), recipe(train, n_rows, 5)
    assert rows.shape == (n_rows, 34)
    assert_array_equal(rows, again)
    assert not np.array_equal(rows, recipe(train, n_rows, 6))
    assert abs(np.mean(tidy(rows)[:, -1] == 1) - 225 / 351) < 0.1


def test_kernel_density_is_a_training_row_with_noise():
    train, _ = split_table(ionosphere_table(), random_state=0)
    rows = kernel_density(train, 234, 0, bandwidth=0.001)
    distances = np.linalg.norm(rows[:, None] - train[None], axis=2).min(axis=1)
    assert_allclose(np.sqrt(np.mean(distances**2)), 0.001 * np.sqrt(34), rtol=0.1)


# ------------------------------------------- what helpers.metrics says about these data


def mean_over_splits(measure, recipe):
    """Mean over five splits of a measure of (held-out rows, as many generated rows, seed)."""
    found = []
    for seed in range(5):
        train, held_out = split_table(ionosphere_table(), random_state=seed)
        rows = tidy(recipe(train, 234, seed))[:117]
        found.append(measure(held_out, rows, seed))
    return np.mean(found, axis=0)


def told_by(classifier):
    def measure(real, fake, seed):
        told = classifier_two_sample_test(
            real, fake, classifier=classifier, jitter=JITTER, random_state=seed
        )
        return told.accuracy, told.accuracy_real, told.accuracy_fake

    return measure


def test_the_nearest_neighbour_takes_noise_for_real():
    total, on_real, on_fake = mean_over_splits(told_by(KNeighborsClassifier(1)), normal_noise)
    assert_allclose([total, on_real, on_fake], [0.58, 0.98, 0.18], atol=0.03)


def test_logistic_regression_does_not_see_shuffled_columns():
    classifier = LogisticRegression(max_iter=1000)
    total, *_ = mean_over_splits(told_by(classifier), shuffled_columns)
    assert abs(total - 0.5) < 0.05


def test_noise_has_more_recall_than_real_rows():
    def measure(real, fake, seed):
        return precision_recall(real, fake)

    assert_allclose(mean_over_splits(measure, normal_noise)[1], 0.91, atol=0.03)
    # The order of the training rows is random: the first 117 are real rows like any others.
    of_real_rows = mean_over_splits(measure, lambda train, n_rows, seed: train)
    assert_allclose(of_real_rows, [0.83, 0.81], atol=0.03)


REFERENCES = {
    "real rows": (real_rows, {"c2st": 0.49, "coverage": 0.96, "synthetic": 0.94}),
    "mixture": (gaussian_mixture, {"c2st": 0.68, "copy_ratio": 0.95, "synthetic": 0.92}),
    "kernel density": (
        kernel_density,
        {"c2st": 0.63, "coverage": 0.56, "copy_ratio": 0.82, "synthetic": 0.90},
    ),
    "narrow kernel density": (
        partial(kernel_density, bandwidth=0.05),
        {"c2st": 0.56, "coverage": 0.93, "copy_ratio": 0.35, "synthetic": 0.94},
    ),
    "noise": (normal_noise, {"c2st": 0.91, "precision": 0.10, "recall": 0.91}),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", REFERENCES)
def test_the_figures_are_those_known_from_other_splits(name):
    recipe, expected = REFERENCES[name]
    scores = score_recipe(recipe, n_splits=5, random_state=2024)
    for score, figure in expected.items():
        assert_allclose(scores[score].mean(), figure, atol=0.07, err_msg=score)


@pytest.mark.slow
def test_the_kernel_density_that_copies_is_caught():
    """It passes for real in every way but one."""
    copying = score_recipe(partial(kernel_density, bandwidth=0.05), random_state=11)
    honest = score_recipe(gaussian_mixture, random_state=11)
    assert copying.c2st.mean() < honest.c2st.mean()
    assert copying.coverage.mean() > honest.coverage.mean()
    assert copying.synthetic.mean() > honest.synthetic.mean() - 0.01
    assert copying.copy_ratio.max() < 0.6 < honest.copy_ratio.min()


def test_a_selection_keeps_the_order_asked_for():
    board = Scoreboard.load()
    some = board.select("kernel density", "real rows")
    assert isinstance(some, Scoreboard)
    assert list(some) == ["kernel density", "real rows"]
    assert np.array_equal(some["real rows"].c2st, board["real rows"].c2st)
    with pytest.raises(KeyError, match="no row 'rael rows'; it has real rows"):
        board.select("rael rows")
