"""The models that come with the course are whole, small, and what their script makes."""

import re
import runpy

import numpy as np
import pytest

from helpers.datasets import DATA_FOLDER
from helpers.models.autoencoder import PRIORS
from helpers.models.pretrained import load_pretrained, read_checksums
from helpers.scoreboard import SCORES

SCRIPT = runpy.run_path(str(DATA_FOLDER / "make_pretrained.py"))
KINDS = SCRIPT["KINDS"]
C2ST, COVERAGE = list(SCORES).index("c2st"), list(SCORES).index("coverage")
NORMAL, MIXTURE = PRIORS.index("normal"), PRIORS.index("mixture")


@pytest.fixture(scope="module")
def bench():
    return load_pretrained("regularisation_bench")


def test_every_file_has_its_checksum_in_the_readme():
    readme = (DATA_FOLDER / "README.md").read_text(encoding="utf-8")
    known = read_checksums(DATA_FOLDER)
    assert set(SCRIPT["FILES"]) <= set(known)
    for name, checksum in known.items():
        _, heading, section = readme.partition(f"## {name}\n")
        assert heading, f"README.md has no section on {name}"
        assert re.search(r"SHA-256: `(\w*)`", section).group(1) == checksum
        load_pretrained(name.removesuffix(".npz"))  # meets the checksum


def test_the_files_are_small():
    sizes = {path.name: path.stat().st_size for path in DATA_FOLDER.glob("*.npz")}
    assert sizes["regularisation_bench.npz"] < 1_000_000
    assert sum(sizes.values()) <= 5_000_000


def test_the_bench_is_complete(bench):
    assert bench.protocol["strengths"] == {kind: row[2] for kind, row in KINDS.items()}
    assert bench.protocol["priors"] == list(PRIORS)
    assert bench.protocol["scores"] == list(SCORES)
    assert bench.protocol["seeds"] == SCRIPT["split_seeds"](SCRIPT["N_SPLITS"])
    names = [f"{kind} {s:g}" for kind, (_, _, strengths) in KINDS.items() for s in strengths]
    assert list(bench.estimators) == names
    shapes = {name: scores.shape for name, scores in bench.scores.items()}
    assert shapes == {
        "errors": (4, 9, 5, 2),
        "in_use": (4, 9, 5),
        "varying": (4, 9, 5),
        "scores": (4, 9, 5, 4, 7),
    }
    assert all(np.isfinite(scores).all() for scores in bench.scores.values())


def test_seeds_are_those_of_the_scoreboard():
    """With the same seeds the recipe of the scoreboard and the bench measure the same models."""
    from helpers.scoreboard import score_recipe

    noted = []

    def note(train, n_rows, random_state):
        noted.append((train, random_state))
        return train

    score_recipe(note, n_splits=1)
    (train, model_seed), (split_seed, expected_seed, _) = noted[0], SCRIPT["split_seeds"](1)[0]
    assert model_seed == expected_seed
    again, _ = SCRIPT["split_table"](SCRIPT["ionosphere_table"](), random_state=split_seed)
    np.testing.assert_array_equal(train, again)


def test_half_precision_changes_no_error(bench):
    """The stored models have the errors that were measured before they were rounded."""
    table = SCRIPT["ionosphere_table"]()
    train, held_out = SCRIPT["split_table"](table, random_state=bench.protocol["seeds"][0][0])
    recorded = bench.scores["errors"][:, :, 0].reshape(-1, 2)
    for estimator, errors in zip(bench.estimators.values(), recorded, strict=True):
        found = [-estimator.score(train), -estimator.score(held_out)]
        np.testing.assert_allclose(found, errors, rtol=0.01)


def test_what_the_bench_is_there_to_say(bench):
    means = bench.scores["scores"].mean(axis=2)
    c2st, coverage = means[..., C2ST], means[..., COVERAGE]
    weights, codes, noise, vae = range(4)
    # A penalty on the weights does not repair N(0, I); one on codes, noise and the VAE help.
    assert c2st[weights, :, NORMAL].min() > 0.85 > 0.83 > c2st[noise, 4, NORMAL]
    assert c2st[vae, 4, NORMAL] < 0.83
    # A mixture does more, and with penalty and noise it covers nearly all.
    assert c2st[noise, 4, MIXTURE] < 0.75 and coverage[noise, 4, MIXTURE] > 0.9
    assert coverage[vae, 4, MIXTURE] < 0.7
    # Far too much: all kinds end up worse than they began, under the mixture.
    assert (c2st[:, -1, MIXTURE] > c2st[:, 0, MIXTURE] + 0.05).all()
    assert (c2st[[weights, noise], -1, MIXTURE] > 0.9).all()
    # The posterior collapses, a bit at a time.
    in_use = bench.scores["in_use"].mean(axis=2)
    assert in_use[vae, 4] == 8 > in_use[vae, 6] > in_use[vae, 7] == 0
    assert (in_use[codes] == 8).all()
    # The weight penalty closes the gap between training and held-out error.
    train, held_out = bench.scores["errors"][weights].mean(axis=1).T
    assert held_out[0] > 5 * train[0] and held_out[-1] < 1.1 * train[-1]
    assert held_out.argmin() not in (0, 8)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "place"),
    [("weights", 0), ("weights", 4), ("codes", 4), ("codes and noise", 4), ("vae", 4), ("vae", 7)],
)
def test_recorded_scores_are_met(bench, kind, place):
    number, strength = list(KINDS).index(kind), KINDS[kind][2][place]
    found = SCRIPT["measure"](kind, strength, n_splits=2)
    recorded = {name: scores[number, place, :2] for name, scores in bench.scores.items()}
    np.testing.assert_allclose(found.errors, recorded["errors"], rtol=0.1)
    np.testing.assert_allclose(found.in_use, recorded["in_use"], atol=1)
    for k, score in enumerate(SCORES):
        difference = np.abs(found.scores[..., k] - recorded["scores"][..., k])
        assert difference.mean() < 0.03, score
