"""The head that turns, its futures, and the cats: geometry, chance, and what is said of errors."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from helpers import scenes
from helpers.scenes import (
    CAT_TRAITS,
    HEAD_TRAITS,
    make_cats,
    make_head_turns,
    make_heads,
    mean_of_futures,
    possible_futures,
    render_cats,
    render_heads,
    turns_and_weights,
)

HEAD = {"height": 24, "width": 30}
CAT = {"height": 18, "width": 22}


def gradient_energy(images):
    return sum((np.diff(images, axis=axis) ** 2).sum() for axis in (1, 2)) / len(images)


def between(trait):
    return st.floats(trait.low, trait.high)


# ------------------------------------------------------------------- rays and ellipsoids


@settings(max_examples=40, deadline=None)
@given(
    center=st.tuples(*[st.floats(-0.3, 0.3)] * 3),
    radii=st.tuples(*[st.floats(0.15, 0.6)] * 3),
    angles=st.tuples(st.floats(-3, 3), st.floats(-3, 3)),
)
def test_rays_meet_the_surface_of_the_ellipsoid(center, radii, angles):
    yaw, turned = angles
    canvas = scenes._Canvas(24, 30, 2, np.dtype(np.float64))
    ellipsoid = scenes._Ellipsoid(center, radii, turned)
    surface = scenes._meet(ellipsoid, np.full((1, 1, 1), yaw), canvas)
    hit = surface.hit[0]
    x, y = np.broadcast_arrays(canvas.x[surface.columns], canvas.y[surface.rows, None])
    seen = np.stack([x, y, surface.depth[0]])[:, hit]

    def to_the_head(points, angle):
        turn = np.array(
            [[np.cos(angle), 0, -np.sin(angle)], [0, 1, 0], [np.sin(angle), 0, np.cos(angle)]]
        )
        return turn @ points

    own = to_the_head(to_the_head(seen, yaw) - np.array(center)[:, None], turned)
    unit = own / np.array(radii)[:, None]
    assert_allclose((unit**2).sum(axis=0), 1, atol=1e-9)
    place = np.stack([np.broadcast_to(p, surface.hit.shape)[0][hit] for p in surface.place])
    assert_allclose(place, unit, atol=1e-7)
    normal = to_the_head(own / np.array(radii)[:, None] ** 2, -turned - yaw)
    assert (normal[2] > -1e-7).all()  # it faces the camera
    light = np.maximum(scenes._LIGHT @ normal / np.linalg.norm(normal, axis=0), 0)
    inner = (1 - place[1] ** 2) > 1e-3
    away_from_rim = inner & (normal[2] > 1e-2)
    expected = scenes._AMBIENT + (1 - scenes._AMBIENT) * light
    assert_allclose(surface.light[0][hit][away_from_rim], expected[away_from_rim], atol=1e-5)


def test_the_window_holds_the_whole_ellipsoid():
    canvas = scenes._Canvas(20, 26, 3, np.dtype(np.float64))
    ellipsoid = scenes._Ellipsoid((0.2, 0.1, 0.3), (0.2, 0.3, 0.4), 0.5)
    surface = scenes._meet(ellipsoid, np.full((1, 1, 1), 0.7), canvas)
    area = surface.hit.sum() * canvas.spacing**2
    half_width = np.hypot(0.2 * np.cos(1.2), 0.4 * np.sin(1.2))
    assert_allclose(area, np.pi * half_width * 0.3, rtol=0.01)
    assert surface.hit[:, 0].any() and surface.hit[:, -1].any()
    assert surface.hit[:, :, 0].any() and surface.hit[:, :, -1].any()


# ------------------------------------------------------------------- the head


def test_heads_have_the_size_the_type_and_the_range_asked_for():
    images = render_heads([-40, 0, 12.5], height=25, width=38, dtype=np.float64)
    assert images.shape == (3, 25, 38) and images.dtype == np.float64
    assert images.min() == 0 and 0.7 < images.max() <= 1
    assert render_heads(10).shape == (1, 24, 24) and render_heads(10).dtype == np.float32
    assert_allclose(render_heads([-40, 0, 12.5], height=25, width=38), images, atol=1e-3)


def test_a_wider_picture_shows_the_same_head_in_its_middle():
    square = render_heads([20, -60], height=24, width=24)
    assert_allclose(render_heads([20, -60], height=24, width=32)[:, :, 4:-4], square, atol=1e-6)
    assert_allclose(render_heads([20, -60], height=30, width=24)[:, 3:-3], square, atol=1e-6)


def test_positive_yaw_looks_to_the_right():
    """A wider mouth changes the picture where the mouth is."""
    yaw = np.array([-60, -20, 0, 20, 60])
    change = np.abs(render_heads(yaw, mouth_width=1.3) - render_heads(yaw, mouth_width=0.7))
    across = np.arange(24) - 11.5
    mouth = (change.sum(axis=1) @ across) / change.sum(axis=(1, 2))
    assert (np.diff(mouth) > 1).all() and abs(mouth[2]) < 0.2
    assert mouth[-1] > 4


def test_turning_by_a_full_circle_changes_nothing():
    images = render_heads([33, 393, -327], dtype=np.float64)
    assert_allclose(images[1:], images[[0, 0]], atol=1e-9)


def test_mirrored_light_mirrors_the_head(monkeypatch):
    """All but the light is symmetric: lit from straight ahead, −yaw is the mirror image."""
    monkeypatch.setattr(scenes, "_LIGHT", (0.0, 0.6, 0.8))
    images = render_heads([25, -25, 70, -70], **HEAD, dtype=np.float64)
    assert_allclose(images[1::2, :, ::-1], images[::2], atol=1e-9)


def test_the_light_comes_from_the_upper_left():
    neutral = render_heads(0, height=48, width=48)[0]
    assert neutral[:, :24].mean() > 1.05 * neutral[:, 24:].mean()


def test_from_behind_there_is_no_face():
    """High hair would bare the corners of a mouth painted right through the head."""
    behind = {"yaw": [150, 180, 210], "hairline": 0.12, "dtype": np.float64}
    face = {"eye_size": 1.2, "eye_distance": 1.15, "mouth_width": 1.3, "nose_size": 1.3}
    assert_array_equal(render_heads(**behind, **face), render_heads(**behind))


def test_ears_open_to_the_front(monkeypatch):
    monkeypatch.setattr(scenes, "_AMBIENT", 1)  # no shade
    front, back = render_heads([0, 180], height=64, width=64, skin=0.8, dtype=np.float64)
    for columns in (slice(6, 9), slice(55, 58)):  # beyond the hair
        assert front[24:40, columns].max(axis=1).max() > 0.7
        assert np.median(front[28:36, columns]) < 0.5 and np.median(back[28:36, columns]) > 0.75


def test_hair_grows_down_to_the_nape(monkeypatch):
    monkeypatch.setattr(scenes, "_AMBIENT", 1)
    tones = {"height": 64, "width": 64, "skin": 0.8, "hair": 0.3, "dtype": np.float64}
    front, back = render_heads([0, 180], **tones)[:, :, 32]  # the middle column, from the top
    assert_allclose(back[4:40], 0.3)
    assert_allclose(front[4:16], 0.3)
    assert_allclose(front[22:24], 0.8)
    assert_allclose(back[55:], 0.66 * 0.8)  # the neck, in shadow


@pytest.mark.parametrize("yaw", [-75, -30, 0, 30, 75])
def test_ears_and_eyes_are_there_to_be_seen(yaw):
    """The picture changes where they are when they grow, and the eyes hold white and black."""
    usual, ears = render_heads(yaw)[0], render_heads(yaw, ear_size=1.3)[0]
    eyes = render_heads(yaw, eye_size=1.2)[0]
    rows, columns = np.nonzero(np.abs(ears - usual) > 0.1)
    assert len(rows) >= 4 and rows.min() >= 7 and rows.max() <= 17
    assert np.abs(eyes - usual).max() > 0.1
    face = usual[9:12]
    assert face.max() > 0.75 and face[:, 3:-3].min() < 0.4


@pytest.mark.parametrize("name", HEAD_TRAITS)
def test_every_trait_of_a_head_is_visible(name):
    trait = HEAD_TRAITS[name]
    assert trait.low < trait.usual < trait.high and trait.meaning
    images = render_heads(20, **{name: [trait.low, trait.usual, trait.high]})
    assert np.abs(np.diff(images, axis=0)).max(axis=(1, 2)).min() > 0.05


def test_each_row_is_rendered_for_itself():
    """Neither the other rows nor their order change a picture; many rows take many chunks."""
    rng = np.random.default_rng(0)
    yaw, ear_size = rng.uniform(-75, 75, 70), rng.uniform(0.8, 1.3, 70)
    images = render_heads(yaw, ear_size=ear_size, **HEAD, dtype=np.float64)
    for k in (0, 31, 32, 69):
        alone = render_heads(yaw[k], ear_size=ear_size[k], **HEAD, dtype=np.float64)
        assert_allclose(images[k], alone[0], atol=1e-7)
    twice = render_heads(np.tile(yaw, 2), ear_size=np.tile(ear_size, 2), **HEAD, dtype=np.float64)
    assert_array_equal(twice, np.concatenate([images, images]))


def test_more_rays_converge():
    yaw = np.arange(-75, 76, 15)
    fine = render_heads(yaw, oversampling=12)
    error = [np.sqrt(((render_heads(yaw, oversampling=k) - fine) ** 2).mean()) for k in (1, 3, 6)]
    assert error[0] > 2 * error[1] > 2 * error[2] and error[1] < 0.02


def test_made_heads_are_the_rendered_ones():
    heads = make_heads(50, vary_identity=True, max_yaw=60.5, random_state=4, **HEAD)
    assert np.abs(heads.yaw).max() <= 60 and (heads.yaw == np.round(heads.yaw)).all()
    assert list(heads.traits) == list(HEAD_TRAITS)
    assert_array_equal(heads.images, render_heads(heads.yaw, **heads.traits, **HEAD))
    plain = make_heads(50, random_state=4)
    assert plain.traits == {} and plain.images.shape == (50, 24, 24)
    assert_array_equal(plain.images, render_heads(plain.yaw))
    assert len(np.unique(make_heads(2000, max_yaw=3, random_state=0).yaw)) == 7


def test_same_seed_same_heads():
    for make in (make_heads, make_head_turns, make_cats):
        first, again, other = (make(9, random_state=seed) for seed in (1, 1, 2))
        name = next(iter(first))
        assert_array_equal(first[name], again[name])
        assert not np.array_equal(first[name], other[name])
        assert_array_equal(make(9, random_state=np.random.default_rng(1))[name], first[name])


# ------------------------------------------------------------------- futures


@settings(max_examples=50, deadline=None)
@given(
    futures=st.sampled_from(["two", "continuous"]),
    turn=st.floats(0.1, 90),
    p_left=st.floats(0, 1),
)
def test_weights_are_probabilities_and_turns_are_symmetric(futures, turn, p_left):
    turns, weights = turns_and_weights(futures=futures, turn=turn, p_left=p_left)
    assert (np.diff(turns) > 0).all() and (weights >= 0).all()
    assert_allclose(turns, -turns[::-1])
    assert_allclose([weights.sum(), weights[turns < 0].sum()], [1, p_left], atol=1e-12)
    if futures == "two":
        assert turns.tolist() == [-turn, turn]
    else:  # the middles of equal steps of at most one degree, from −turn to turn
        step = 2 * turn / len(turns)
        assert step <= 1 + 1e-9
        assert_allclose(turns, -turn + step * (np.arange(len(turns)) + 0.5), atol=1e-9)


@pytest.mark.parametrize("futures", ["two", "continuous"])
@pytest.mark.parametrize("p_left", [0.5, 0.2])
def test_the_mean_of_futures_is_their_weighted_sum(futures, p_left):
    how = {"futures": futures, "turn": 20.5, **HEAD, "dtype": np.float64}
    yaw, nose = [-7, 11, 11], [1.2, 0.8, 0.8]
    _, weights = turns_and_weights(futures=futures, turn=20.5, p_left=p_left)
    after = possible_futures(yaw, **how, nose_size=nose)
    assert after.shape == (3, len(weights), 24, 30)
    expected = (weights[:, None, None] * after).sum(axis=1)
    assert_allclose(mean_of_futures(yaw, **how, p_left=p_left, nose_size=nose), expected)


def test_possible_futures_are_heads_that_have_turned():
    after = possible_futures([5, -20], turn=12, hair=0.4, **HEAD)
    assert_allclose(after[0], render_heads([-7, 17], hair=0.4, **HEAD), atol=1e-6)
    assert_allclose(after[1], render_heads([-32, -8], hair=0.4, **HEAD), atol=1e-6)


def test_the_mean_of_continuous_futures_is_an_integral():
    """Against an independent rule with other nodes: the steps of a degree are fine enough."""
    nodes = np.linspace(-45, 45, 721)
    weights = np.full(721, 1.0)
    weights[[0, -1]] = 0.5
    images = render_heads(10 + nodes, dtype=np.float64)
    integral = np.tensordot(weights / weights.sum(), images, 1)
    mean = mean_of_futures(10, futures="continuous", dtype=np.float64)[0]
    assert np.sqrt(((mean - integral) ** 2).mean()) < 1e-3


@pytest.mark.parametrize("futures", ["two", "continuous"])
def test_the_next_frame_is_one_of_the_futures_and_on_average_their_mean(futures):
    turns = make_head_turns(
        6000, futures=futures, p_left=0.3, max_yaw=2, random_state=0, turn=25, dtype=np.float64
    )
    assert_array_equal(turns.frames, render_heads(turns.yaw, dtype=np.float64))
    assert_array_equal(turns.next_frames, render_heads(turns.yaw + turns.turn, dtype=np.float64))
    possible, _ = turns_and_weights(futures=futures, turn=25)
    assert np.isin(turns.turn, possible).all()
    assert abs((turns.turn < 0).mean() - 0.3) < 0.03
    for yaw in range(-2, 3):
        seen = turns.next_frames[turns.yaw == yaw]
        mean = mean_of_futures(yaw, futures=futures, p_left=0.3, turn=25, dtype=np.float64)[0]
        spread = seen.std(axis=0) / np.sqrt(len(seen))
        assert np.abs(seen.mean(axis=0) - mean).max() < 5 * spread.max()
        assert np.sqrt(((seen.mean(axis=0) - mean) ** 2).mean()) < 0.01


def test_frames_of_many_identities_keep_theirs():
    turns = make_head_turns(8, vary_identity=True, random_state=3, **HEAD)
    assert len(np.unique(turns.traits["skin"])) == 8
    after = possible_futures(turns.yaw, **turns.traits, **HEAD)
    nearest = np.square(after - turns.next_frames[:, None]).sum(axis=(2, 3)).argmin(axis=1)
    assert_array_equal(nearest, (turns.turn > 0).astype(int))
    chosen = after[np.arange(8), nearest]
    assert_allclose(chosen, turns.next_frames, atol=1e-5)


def test_usual_turns():
    assert set(np.abs(make_head_turns(40, random_state=0).turn)) == {30}
    far = np.abs(make_head_turns(2000, futures="continuous", random_state=0).turn)
    assert far.min() == 0.5 and far.max() == 44.5
    assert (make_head_turns(20, p_left=1, random_state=0).turn == -30).all()
    assert (make_head_turns(20, p_left=0, random_state=0).turn == 30).all()


def test_the_mean_of_futures_is_blurred_and_lies_between_them():
    yaw = np.arange(-30, 31, 5)
    for futures, most in [("two", 0.72), ("continuous", 0.52)]:
        after = possible_futures(yaw, futures=futures)
        mean = mean_of_futures(yaw, futures=futures)
        real = gradient_energy(after.reshape(-1, 24, 24))
        assert gradient_energy(mean) < most * real
        distance = np.sqrt(((after - mean[:, None]) ** 2).mean(axis=(2, 3)))
        assert distance.min() > 0.04  # none of the futures is the mean


# ------------------------------------------------------------------- the cats


def test_cats_have_the_size_the_type_and_the_range_asked_for():
    cats = make_cats(40, random_state=0, p_dark=0.5, dtype=np.float64, **CAT)
    assert cats.images.shape == (40, 18, 22) and cats.images.dtype == np.float64
    assert cats.images.min() >= 0 and cats.images.max() <= 1
    assert_array_equal(cats.images, render_cats(**cats.traits, dtype=np.float64, **CAT))
    assert list(cats.traits) == list(CAT_TRAITS)
    assert render_cats().shape == (1, 16, 16) and render_cats().dtype == np.float32
    light = make_cats(40, random_state=0, p_dark=0.5, **CAT).images
    assert_allclose(light, cats.images, atol=1e-5)


def test_a_cat_that_looks_straight_ahead_is_symmetric():
    cat = render_cats(height=21, width=17, dtype=np.float64)
    assert_allclose(cat, cat[:, :, ::-1], atol=1e-12)


@pytest.mark.parametrize("name", ["x", "tilt", "gaze_x"])
def test_what_is_mirrored_is_the_mirror_image(name):
    high = CAT_TRAITS[name].high
    cats = render_cats(**{name: [high, -high]}, **CAT, dtype=np.float64)
    assert_allclose(cats[1, :, ::-1], cats[0], atol=1e-12)
    assert np.abs(cats[1] - cats[0]).max() > 0.1


@pytest.mark.parametrize("name", CAT_TRAITS)
def test_every_trait_of_a_cat_is_visible(name):
    trait = CAT_TRAITS[name]
    assert trait.low <= trait.usual < trait.high and trait.meaning
    low, high = render_cats(**{name: [trait.low, trait.high]})
    assert np.abs(high - low).max() > 0.08


def test_cats_move_and_lean_to_the_right_and_up():
    fur = {"height": 33, "width": 45, "background": 0.0, "dtype": np.float64}
    rows, columns = np.arange(33)[:, None], np.arange(45)

    def middle(image):
        return (rows * image).sum() / image.sum(), (columns * image).sum() / image.sum()

    row, column = middle(render_cats(**fur)[0])
    moved_row, moved_column = middle(render_cats(x=0.05, y=0.05, **fur)[0])
    assert_allclose([moved_row - row, moved_column - column], [-0.8, 0.8], atol=0.1)
    ears = render_cats(tilt=9, **fur)[0] > 0.3
    left, right = ears[:, :22].any(axis=1).argmax(), ears[:, 23:].any(axis=1).argmax()
    assert left + 2 <= right  # leaning to the right lifts the ear on the left


def test_the_pupils_follow_the_gaze():
    size = {"height": 64, "width": 64, "dtype": np.float64}
    rows, columns = np.arange(20, 44)[:, None], np.arange(36, 50)  # about the eye on the right

    def pupil(**gaze):
        dark = render_cats(**gaze, **size)[0, 20:44, 36:50] < 0.2
        return (rows * dark).sum() / dark.sum(), (columns * dark).sum() / dark.sum()

    row, column = pupil()
    assert pupil(gaze_x=1)[1] > column + 1.5 > column > pupil(gaze_x=-1)[1] + 1.5
    assert pupil(gaze_y=1)[0] < row - 1 < row < pupil(gaze_y=-1)[0] - 1


def test_dark_cats_are_dark_before_white():
    cats = make_cats(400, p_dark=0.25, random_state=0)
    border = cats.images[:, 0, [0, -1]].mean(axis=1)
    assert_array_equal(border > 0.5, cats.traits["dark"] == 1)
    assert abs(cats.traits["dark"].mean() - 0.25) < 0.07
    assert not make_cats(50, random_state=0).traits["dark"].any()
    assert make_cats(50, p_dark=1, random_state=0).traits["dark"].all()


def test_cats_differ_as_much_as_their_pictures_need():
    """The mean picture is a poor cat: blurred, and about 18 dB from each of them."""
    images = make_cats(1000, random_state=0).images
    mean = images.mean(axis=0)
    assert 17 < -10 * np.log10(((images - mean) ** 2).mean()) < 20
    assert gradient_energy(mean[None]) < 0.6 * gradient_energy(images)


# ------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: render_heads([0, np.nan]), ValueError, "yaw must be finite; given nan"),
        (lambda: render_heads([[0, 1]]), ValueError, r"given shape \(1, 2\)"),
        (lambda: render_heads([]), ValueError, r"given shape \(0,\)"),
        (lambda: render_heads("left"), TypeError, "yaw must hold numbers; given 'left'"),
        (lambda: render_heads(0, beard=1), TypeError, "'beard'; the traits are skin, hair"),
        (lambda: render_heads(0, ear_size=3), ValueError, r"ear_size.*\[0.75, 1.35\]; given 3"),
        (lambda: render_heads([0, 1, 2], skin=[0.8, 0.9]), ValueError, "'yaw': 3, 'skin': 2"),
        (lambda: render_heads(0, height=8), ValueError, "at least 16; given 8 and 24"),
        (lambda: render_heads(0, width=24.0), TypeError, "width must be a whole number"),
        (lambda: render_heads(0, oversampling=0), ValueError, "oversampling"),
        (lambda: render_heads(0, dtype=int), ValueError, "'float32' or 'float64'; got"),
        (lambda: make_heads(0), ValueError, "n_samples must be a whole number of at least 1"),
        (lambda: make_heads(5, max_yaw=-1), ValueError, "max_yaw.*at least 0.*got -1"),
        (lambda: make_heads(5, max_yaw="far"), TypeError, "max_yaw.*'far'"),
        (lambda: make_head_turns(5, futures="three"), ValueError, "'continuous'.*'three'"),
        (lambda: make_head_turns(5, turn=0), ValueError, "turn must be above 0"),
        (lambda: make_head_turns(5, turn=True), TypeError, "turn must be a finite number"),
        (lambda: make_head_turns(5, turn=np.inf), ValueError, "turn must be.*at most 180; got inf"),
        (lambda: make_head_turns(5, p_left=1.5), ValueError, "p_left.*at most 1; got 1.5"),
        (lambda: mean_of_futures(0, p_left=-0.1), ValueError, "p_left"),
        (lambda: possible_futures(0, tail=1), TypeError, "'tail'"),
        (lambda: render_cats(gaze_x=2), ValueError, r"where the eyes look.*\[-1.0, 1.0\]"),
        (lambda: render_cats(size=np.nan), ValueError, "size must be finite"),
        (lambda: render_cats(skin=1), TypeError, "'skin'; the traits are x, y"),
        (lambda: render_cats(width=15), ValueError, "at least 16; given 16 and 15"),
        (lambda: make_cats(2.5), TypeError, r"n_samples must be a whole number.*got 2.5 \(float\)"),
        (lambda: make_cats(5, p_dark="all"), TypeError, "p_dark must be a finite number"),
    ],
)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
