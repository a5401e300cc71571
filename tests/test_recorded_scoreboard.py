"""The recorded scoreboard holds what its recipes score."""

import runpy

import numpy as np
import pytest

from helpers.datasets import DATA_FOLDER
from helpers.scoreboard import SCORES, Scoreboard, score_recipe

RECIPES = runpy.run_path(str(DATA_FOLDER / "make_scoreboard.py"))["RECIPES"]


def test_every_recipe_is_recorded():
    board = Scoreboard.load()
    assert list(board) == list(RECIPES)
    assert all(len(board[name].c2st) == 5 for name in board)


def test_what_the_scoreboard_is_there_to_say():
    board = Scoreboard.load()
    c2st = {name: board[name].c2st.mean() for name in board}
    assert c2st["autoencoder, h from N(0, I)"] > 0.9 > c2st["Gaussian mixture"]
    assert board["kernel density, .05 wide"].copy_ratio.mean() < 0.6  # it copies


def assert_the_gan_is_good(scores):
    assert scores.c2st.mean() <= 0.68
    assert scores.coverage.mean() >= 0.90
    assert scores.copy_ratio.mean() >= 0.88
    assert scores.synthetic.mean() >= 0.98 * scores.real.mean()


def test_the_gan_leads_without_copying():
    board = Scoreboard.load()
    assert_the_gan_is_good(board["GAN with R1"])
    assert board["GAN with R1, three times as long"].copy_ratio.mean() < 0.88  # it begins to copy


def assert_the_diffusion_model_is_good(scores):
    assert scores.c2st.mean() <= 0.65
    assert scores.coverage.mean() >= 0.88
    assert scores.copy_ratio.mean() >= 0.90
    assert scores.synthetic.mean() >= 0.97 * scores.real.mean()


def test_the_diffusion_model_is_no_worse_than_the_gan_and_does_not_copy():
    board = Scoreboard.load()
    assert_the_diffusion_model_is_good(board["diffusion"])
    assert board["diffusion"].c2st.mean() <= board["GAN with R1"].c2st.mean()
    edges = board["diffusion, edges as they are"]
    assert edges.c2st.mean() > board["diffusion"].c2st.mean() + 0.02
    longer = board["diffusion, three times as long"]
    assert_the_diffusion_model_is_good(longer)
    assert longer.copy_ratio.mean() == pytest.approx(0.92, abs=0.005)  # lesson 12 says so
    too_long = board["GAN with R1, three times as long"]
    assert too_long.copy_ratio.mean() == pytest.approx(0.80, abs=0.005)  # and that
    assert longer.c2st.mean() <= 0.60
    assert longer.coverage.mean() >= 0.94


@pytest.mark.slow
def test_the_diffusion_model_is_good_on_fresh_splits():
    assert_the_diffusion_model_is_good(score_recipe(RECIPES["diffusion"], random_state=20261122))


@pytest.mark.slow
def test_the_gan_is_good_on_fresh_splits():
    assert_the_gan_is_good(score_recipe(RECIPES["GAN with R1"], random_state=20261122))


@pytest.mark.slow
@pytest.mark.parametrize("name", RECIPES)
def test_recorded_scores_are_met(name):
    recorded, measured = Scoreboard.load()[name], score_recipe(RECIPES[name])
    for score in SCORES:
        assert np.abs(recorded[score] - measured[score]).mean() < 0.03, score
