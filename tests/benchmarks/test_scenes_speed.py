"""Pictures a second: the aim is 2,000 or more, so a round of 500 may take 250 ms."""

import numpy as np
import pytest

from helpers.scenes import (
    make_cats,
    make_head_turns,
    make_heads,
    mean_of_futures,
    render_heads,
)

N_PICTURES = 500


@pytest.mark.parametrize("size", [24, 32])
def test_heads_at_distinct_angles(benchmark, size):
    yaw = np.linspace(-75, 75, N_PICTURES)
    benchmark.pedantic(
        lambda: render_heads(yaw, height=size, width=size), rounds=11, warmup_rounds=1
    )


def test_heads_of_distinct_identities(benchmark):
    benchmark.pedantic(
        lambda: make_heads(N_PICTURES, vary_identity=True, random_state=0),
        rounds=11,
        warmup_rounds=1,
    )


@pytest.mark.parametrize("futures", ["two", "continuous"])
def test_pairs_of_frames_of_one_identity(benchmark, futures):
    """8,000 pairs, as a lesson trains on: few distinct pictures, looked up many times."""
    benchmark.pedantic(
        lambda: make_head_turns(8000, futures=futures, random_state=0), rounds=11, warmup_rounds=1
    )


@pytest.mark.parametrize("futures", ["two", "continuous"])
def test_means_of_futures(benchmark, futures):
    yaw = make_heads(N_PICTURES, max_yaw=30, random_state=0).yaw
    benchmark.pedantic(lambda: mean_of_futures(yaw, futures=futures), rounds=11, warmup_rounds=1)


def test_futures_of_one_frame(benchmark):
    """What a widget asks for at every change."""
    benchmark.pedantic(lambda: mean_of_futures(10, futures="continuous"), rounds=50)


@pytest.mark.parametrize("size", [16, 24])
def test_cats(benchmark, size):
    benchmark.pedantic(
        lambda: make_cats(N_PICTURES, height=size, width=size, random_state=0),
        rounds=11,
        warmup_rounds=1,
    )
