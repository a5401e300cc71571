"""The measures of pictures: near the original, sharp, one of the futures, varied, a copy?

Pictures have the shape (n, height, width), or (height, width) if there is only one, and pixels
from 0 to 1. A network with a linear output may go somewhat beyond.
"""

from __future__ import annotations

import math
import numbers
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import cdist
from scipy.special import rel_entr
from sklearn.base import is_classifier
from sklearn.linear_model import LogisticRegression
from sklearn.utils import Bunch

from helpers.checks import check_whole
from helpers.datasets import load_digit_images
from helpers.metrics.checks import (
    as_nested_pictures,
    as_pairs,
    as_pictures,
    as_stack,
    as_tables,
)

# ------------------------------------------------------------------ beside an original


def rmse(images: ArrayLike, originals: ArrayLike, *, each: bool = False) -> float | NDArray:
    """Root mean squared difference of pixels between pictures and their originals.

    Parameters
    ----------
    images, originals : array-like of shape (n, height, width) or (height, width)
        Pixels 0 to 1.
    each : bool
        Return one number for each picture instead of one for all their pixels together.

    Returns
    -------
    float, or ndarray of shape (n,) if `each`
        At least 0; 1 between a black and a white picture. The one for all pixels together is
        the root of the mean of squares, which is never below the mean of the roots.

    Raises
    ------
    TypeError, ValueError
        If these are no pictures of the same shape with pixels from 0 to 1.

    Notes
    -----
    What it does not see is told at `psnr`, which is the same on another scale.
    """
    images, originals = as_pairs(images=images, originals=originals)
    squared = ((images - originals) ** 2).mean(axis=(1, 2))
    return np.sqrt(squared) if each else math.sqrt(squared.mean())


def psnr(images: ArrayLike, originals: ArrayLike, *, each: bool = False) -> float | NDArray:
    """Peak signal-to-noise ratio: the mean squared error in decibels, turned round.

    ``PSNR = 10 · log10(1² / MSE) = −20 · log10(RMSE)``, where 1 is the largest pixel there can
    be. Half the error is 6 dB more, a tenth 20 dB; an error of .1 everywhere has 20 dB.

    Parameters
    ----------
    images, originals : array-like of shape (n, height, width) or (height, width)
        Pixels 0 to 1.
    each : bool
        Return one number for each picture instead of one for all their pixels together.

    Returns
    -------
    float, or ndarray of shape (n,) if `each`
        In dB; infinite if there is no difference. The mean over `each` picture, which is often
        reported, is never below the number for all pixels together, and infinite as soon as one
        picture is.

    Raises
    ------
    TypeError, ValueError
        If these are no pictures of the same shape with pixels from 0 to 1.

    Notes
    -----
    What it does not see:

    - **Blur that hedges.** Where two originals are equally likely, their mean has half the
      expected squared error of a guess at either: blur wins 3 dB over being sharp and right
      every other time.
    - **What the eye sees at once**: the same squared error may be a slight grey over the whole
      picture, noise, or a missing eye.
    - **What hardly matters** may cost most: digits moved by one pixel to the side have 8 dB,
      less than the mean of all digits in the place of each, a fog of 11 dB.
    """
    error = np.asarray(rmse(images, originals, each=each))
    with np.errstate(divide="ignore"):  # no error: infinitely many decibels
        decibels = -20 * np.log10(error)
    return decibels if each else decibels.item()


def ssim(
    images: ArrayLike,
    originals: ArrayLike,
    *,
    window: int = 7,
    sigma: float = 1.5,
    each: bool = False,
) -> float | NDArray:
    """Structural similarity: do brightness, contrast and structure agree, place by place?

    In a window about each place, with Gaussian weights that sum to 1, let x and y be the pixels
    of picture and original, μ their weighted means, σ² their weighted variances and σ_xy their
    covariance. With C1 = .01² and C2 = .03² ::

        SSIM = (2 μ_x μ_y + C1) (2 σ_xy + C2) / ((μ_x² + μ_y² + C1) (σ_x² + σ_y² + C2))

    and the mean over all windows that lie wholly inside the picture.

    Parameters
    ----------
    images, originals : array-like of shape (n, height, width) or (height, width)
        Pixels 0 to 1, no side shorter than the window.
    window : int
        Odd number of pixels along each side of a window, at least 3. The paper has 11, which
        does not fit into pictures of 8 × 8; 7 keeps 97 % of such a Gaussian's weight.
    sigma : float
        Standard deviation of the Gaussian in pixels, above 0.
    each : bool
        Return one number for each picture instead of their mean.

    Returns
    -------
    float, or ndarray of shape (n,) if `each`
        From −1 to 1; 1 only if there is no difference. Turned round in brightness, dark for
        light, a picture is below 0.

    Raises
    ------
    TypeError, ValueError
        If these are no pictures of the same shape with pixels from 0 to 1, if the window does
        not fit into them, or if another argument is not of the kind above.

    Notes
    -----
    What it does not see:

    - **Whether anything is there.** In flat places the constants decide: .5 against .51 is a
      perfect match, 0 against .1 is none (.01), the difference to the eye notwithstanding.
    - **Blur that hedges.** It is milder to blur than it is to a structure at the wrong place,
      as `psnr` is: a sharp guess at the wrong future scores below the mean of all futures.
    - Figures with another window, another constant or the border included cannot be compared.

    References
    ----------
    Z. Wang, A. C. Bovik, H. R. Sheikh and E. P. Simoncelli, "Image quality assessment: from
    error visibility to structural similarity", IEEE Transactions on Image Processing 13(4),
    2004.
    """
    images, originals = as_pairs(images=images, originals=originals)
    weights = _gaussian_window(window, sigma)
    if min(images.shape[1:]) < window:
        raise ValueError(
            f"a window of {window} × {window} pixels does not fit into pictures of "
            f"{images.shape[1]} × {images.shape[2]}; take a smaller (odd) window"
        )

    def local_mean(x):
        return sliding_window_view(sliding_window_view(x, window, 1) @ weights, window, 2) @ weights

    mean_x, mean_y = local_mean(images), local_mean(originals)
    variance_x = local_mean(images**2) - mean_x**2
    variance_y = local_mean(originals**2) - mean_y**2
    covariance = local_mean(images * originals) - mean_x * mean_y
    c1, c2 = 0.01**2, 0.03**2
    brightness = (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
    structure = (2 * covariance + c2) / (variance_x + variance_y + c2)
    similarity = (brightness * structure).mean(axis=(1, 2))
    return similarity if each else similarity.mean().item()


def _gaussian_window(window: int, sigma: float) -> NDArray:
    """The weights along one side; those of the square are the products of two."""
    check_whole("window", window, minimum=3)
    if window % 2 == 0:
        raise ValueError(f"window must be odd, so that it has a middle pixel; given {window}")
    if isinstance(sigma, bool) or not isinstance(sigma, numbers.Real):
        raise TypeError(f"sigma must be a number; given {sigma!r}")
    if not 0 < sigma < math.inf:
        raise ValueError(f"sigma must be a finite number above 0; given {sigma}")
    offset = np.arange(window) - window // 2
    weights = np.exp(-(offset**2) / (2 * sigma**2))
    return weights / weights.sum()


# ---------------------------------------------------------------------------- sharpness


def gradient_energy(images: ArrayLike, *, each: bool = False) -> float | NDArray:
    """How much neighbouring pixels differ: the mean squared step, to the right and down.

    ``mean (x[i, j + 1] − x[i, j])² + mean (x[i + 1, j] − x[i, j])²``, each mean over all pairs
    of neighbours in a picture.

    Parameters
    ----------
    images : array-like of shape (n, height, width) or (height, width)
        Pixels 0 to 1, at least two along each side.
    each : bool
        Return one number for each picture instead of their mean.

    Returns
    -------
    float, or ndarray of shape (n,) if `each`
        From 0, a picture of one grey, to 2, a chessboard of single black and white pixels.

    Raises
    ------
    TypeError, ValueError
        If these are no pictures of that size with pixels from 0 to 1.

    Notes
    -----
    It is a sum of squares, so that it obeys the law of all squares: the mean energy of several
    pictures is the energy of their mean plus the mean energy of their deviations from it.
    Averaging never adds to it.

    What it does not see is told at `sharpness`.
    """
    (images,) = as_pictures(images=images)
    if min(images.shape[1:]) < 2:
        raise ValueError(
            "gradient_energy needs at least two pixels along each side; given pictures of "
            f"{images.shape[1]} × {images.shape[2]}"
        )
    right = (np.diff(images, axis=2) ** 2).mean(axis=(1, 2))
    down = (np.diff(images, axis=1) ** 2).mean(axis=(1, 2))
    return right + down if each else (right + down).mean().item()


def sharpness(images: ArrayLike, real: ArrayLike) -> float:
    """Gradient energy of pictures, divided by that of real ones.

    Parameters
    ----------
    images : array-like of shape (n, height, width) or (height, width)
        The pictures to be judged, pixels 0 to 1.
    real : array-like of shape (m, height, width) or (height, width)
        Real ones of the same height and width; not necessarily the originals of `images`.

    Returns
    -------
    float
        At least 0: 1 is as sharp as real pictures, below 1 blurred, above 1 too restless.

    Raises
    ------
    TypeError, ValueError
        If these are no pictures of the same height and width with pixels from 0 to 1, or if
        the real ones are all of one grey.

    Notes
    -----
    What it does not see:

    - **Noise.** It is sharper than anything: noise of standard deviation σ adds 4 σ² to the
      gradient energy, and blur and noise together can have exactly 1.
    - **Contrast.** Half the contrast is a quarter of the energy, without any blur.
    - **What is in the picture.** Turned upside down, a picture is as sharp as before.
    - It is a mean: some pictures too restless and some too smooth may give 1.
    """
    images, real = as_pictures(images=images, real=real)
    of_real = gradient_energy(real)
    if of_real == 0:
        raise ValueError("the real pictures are each of one grey, so there is nothing to compare")
    return gradient_energy(images) / of_real


# ------------------------------------------------------------------- one of the futures


def nearest_future(
    pictures: ArrayLike, futures: ArrayLike, *, weights: ArrayLike | None = None
) -> Bunch:
    """Is a prediction one of the possible futures, or their mean?

    Parameters
    ----------
    pictures : array-like of shape (n, height, width) or (n, m, height, width)
        One prediction for each of n frames, or m of them; pixels 0 to 1.
    futures : array-like of shape (n, k, height, width)
        What may come next after each of the frames, all of it, as from
        `helpers.scenes.possible_futures`.
    weights : array-like of shape (k,), optional
        How likely each future is; needed for their mean alone. The default is equally likely.

    Returns
    -------
    Bunch
        ``distance``: root mean squared difference of pixels from the nearest future, shape (n,)
        or (n, m); ``index``: which future that is; ``distance_to_mean``: the same from the mean
        of the futures; ``share_nearer``: share of pictures that are nearer a future than the
        mean; ``shown``: bool of shape (n, k), whether a future is the nearest one of a picture
        that is nearer it than the mean.

    Raises
    ------
    TypeError, ValueError
        If these are no pictures of those shapes with pixels from 0 to 1, or the weights are not
        k numbers of at least 0 with a sum above 0.

    Notes
    -----
    With m pictures for each frame, ``shown.all(axis=1).mean()`` is the share of frames of which
    every future is shown.

    What it does not see:

    - **Variety within a future**: `m` times the same picture is as near.
    - **How often** each future is shown: look at the shares of each ``index``.
    - **Small futures.** It weighs pixels: a picture with the right head and no eyes is near.
      Look at the distance from the mean of futures to the nearest one, which is what a blur
      gets, and at the pictures.
    - With many futures, close together, the nearest is near for any picture of about that kind.
    """
    futures = as_nested_pictures("futures", futures, "(n, k, height, width)")
    several = np.ndim(pictures) == 4
    if several:
        pictures = as_nested_pictures("pictures", pictures, "(n, m, height, width)")
    else:
        pictures = as_stack("pictures", pictures)[:, None]
    if len(pictures) != len(futures) or pictures.shape[2:] != futures.shape[2:]:
        raise ValueError(
            "pictures and futures must agree in n, height and width; given shapes "
            f"{pictures.shape if several else (len(pictures), *pictures.shape[2:])} and "
            f"{futures.shape}"
        )
    weights = _as_weights(weights, futures.shape[1])
    means = np.average(futures, axis=1, weights=weights)[:, None]
    # Frame by frame, because all differences at once would fill the memory.
    distances = np.array([_distances(p, f) for p, f in zip(pictures, futures)])  # (n, m, k)
    to_mean = np.array([_distances(p, mean)[:, 0] for p, mean in zip(pictures, means)])
    to_nearest, index = distances.min(axis=2), distances.argmin(axis=2)
    nearer = to_nearest < to_mean
    is_shown = nearer[..., None] & (index[..., None] == np.arange(futures.shape[1]))
    pick = slice(None) if several else 0
    return Bunch(
        distance=to_nearest[:, pick],
        index=index[:, pick],
        distance_to_mean=to_mean[:, pick],
        share_nearer=nearer.mean().item(),
        shown=is_shown.any(axis=1),
    )


def _as_weights(weights: ArrayLike | None, n_futures: int) -> NDArray:
    if weights is None:
        return np.ones(n_futures)
    expected = f"weights must be {n_futures} numbers of at least 0, one for each future"
    try:
        weights = np.asarray(weights, dtype=np.float64)
    except (TypeError, ValueError):
        raise TypeError(f"{expected}; given {weights!r}") from None
    if weights.shape != (n_futures,):
        raise ValueError(f"{expected}; given shape {weights.shape}")
    if not ((weights >= 0) & (weights < np.inf)).all() or weights.sum() == 0:
        raise ValueError(f"{expected}, and not all of them 0; given {weights.tolist()}")
    return weights


# ------------------------------------------------------------------------------- copies


def nearest_training_picture(images: ArrayLike, training: ArrayLike) -> Bunch:
    """Which training picture is nearest to each picture, and how near.

    Parameters
    ----------
    images : array-like of shape (n, height, width) or (height, width)
        Pixels 0 to 1.
    training : array-like of shape (m, height, width) or (height, width)
        The pictures that the model was trained on.

    Returns
    -------
    Bunch
        ``index`` into `training`, and ``distance``, the root mean squared difference of pixels,
        at least 0: of shape (n,) each, or two numbers if one picture was given.

    Raises
    ------
    TypeError, ValueError
        If these are no pictures of the same height and width with pixels from 0 to 1.

    Notes
    -----
    What it does not see:

    - **Copies in disguise**: moved by a pixel, mirrored, brighter.
    - **How near is near.** Show the two side by side, and see how near held-out pictures come
      to the training pictures. `copy_ratio` does this for many.
    """
    is_one = np.ndim(images) == 2
    images, training = as_pictures(images=images, training=training)
    distances = _distances(images, training)
    index, distance = distances.argmin(axis=1), distances.min(axis=1)
    if is_one:
        return Bunch(index=index.item(), distance=distance.item())
    return Bunch(index=index, distance=distance)


def _distances(images: NDArray, others: NDArray) -> NDArray:
    """Root mean squared difference between each picture and each other, shape (n, m)."""
    return cdist(_flat(images), _flat(others)) / math.sqrt(images[0].size)


def _flat(images: NDArray) -> NDArray:
    return images.reshape(len(images), -1)


# -------------------------------------------------------------- judged by a classifier


def train_digit_classifier(
    images: ArrayLike | None = None, target: ArrayLike | None = None
) -> LogisticRegression:
    """Train the judge of generated digits: logistic regression on the pixels of real ones.

    Parameters
    ----------
    images : array-like of shape (n, height, width), optional
        Real digits, pixels 0 to 1. The default is all 1797 of `load_digit_images`.
    target : array-like of shape (n,), optional
        Which digits they are; given if and only if the images are.

    Returns
    -------
    LogisticRegression
        Fitted on flattened pictures; it can be asked by `class_histogram`, by
        `classifier_score`, or itself: ``.score(images.reshape(len(images), -1), target)``.

    Raises
    ------
    TypeError, ValueError
        If these are no pictures with pixels from 0 to 1 and a label for each, of two kinds at
        least, or if only one of the two is given.

    Notes
    -----
    It knows 97 % of digits that it has not seen. A support vector machine knows 98 %, and is a
    worse judge: sure of itself, it gives blends of two digits nearly the score of real ones
    (6.9 of 7.9), where logistic regression, which has to weigh the pixels, doubts (3.3 of 6.9).
    """
    if (images is None) != (target is None):
        raise TypeError("images and target belong together: give both, or neither")
    if images is None:
        digits = load_digit_images()
        images, target = digits.images, digits.target
    (images,) = as_pictures(images=images)
    target = np.asarray(target)
    if target.shape != (len(images),):
        raise ValueError(
            f"target must hold one label for each picture, shape ({len(images)},); given "
            f"{target.shape}"
        )
    if len(np.unique(target)) < 2:
        raise ValueError("target must hold labels of two kinds at least; given one only")
    return LogisticRegression(max_iter=1000).fit(_flat(images), target)


def class_histogram(images: ArrayLike, classifier: Any) -> NDArray:
    """Share of the pictures that a classifier puts into each class.

    Parameters
    ----------
    images : array-like of shape (n, height, width) or (height, width)
        Pixels 0 to 1.
    classifier : fitted scikit-learn classifier
        With ``predict_proba``, for flattened pictures of that size, such as
        `train_digit_classifier` returns.

    Returns
    -------
    ndarray of shape (n_classes,)
        Shares from 0 to 1 with sum 1, in the order of ``classifier.classes_``.

    Raises
    ------
    TypeError, ValueError
        If these are no pictures with pixels from 0 to 1, or the classifier is not of the kind
        above.

    Notes
    -----
    What it does not see:

    - **Pictures of nothing.** Each is put somewhere: noise fills several classes.
    - **Variety within a class.** One picture of each kind, again and again, has equal shares.
    - It counts what the classifier takes pictures for, its errors included.
    """
    winner = _probabilities(images, classifier).argmax(axis=1)
    return np.bincount(winner, minlength=len(classifier.classes_)) / len(winner)


def classifier_score(images: ArrayLike, classifier: Any) -> float:
    """Is each picture clearly of one class, and are all classes there? (Inception score)

    ``exp(mean over pictures of KL(p(class | picture) ‖ p(class)))``, where p(class | picture)
    is what the classifier says and p(class) its mean over all pictures.

    Parameters
    ----------
    images : array-like of shape (n, height, width)
        Pixels 0 to 1; hundreds of them, as a few cannot be varied.
    classifier : fitted scikit-learn classifier
        With ``predict_proba``, for flattened pictures of that size. The published score has an
        "Inception" network for photographs; for digits, `train_digit_classifier` will do.

    Returns
    -------
    float
        From 1 (the classifier says the same of every picture) to the number of classes (sure of
        every picture, and as many of each class).

    Raises
    ------
    TypeError, ValueError
        If these are no pictures with pixels from 0 to 1, or the classifier is not of the kind
        above.

    Notes
    -----
    Real digits, held out, have about 6.9 when the classifier is trained on the other two
    thirds, and 7.5 when it is trained on all of them: compare figures of one classifier only.

    What it does not see:

    - **Real pictures are not the best.** The ten class means, blurred as they are, score 8.6:
      more than real digits, because each is so typical.
    - **Variety within a class**, and copies: ten training pictures may have it all.
    - **What the classifier was not trained for.** It judges noise by the same ten digits.

    References
    ----------
    T. Salimans et al., "Improved techniques for training GANs", NIPS 2016.
    S. Barratt and R. Sharma, "A note on the inception score", arXiv:1801.01973, 2018.
    """
    p = _probabilities(images, classifier)
    divergence = rel_entr(p, p.mean(axis=0)).sum(axis=1)  # p log(p / q), and 0 where p is 0
    return math.exp(divergence.mean())


def _probabilities(images: ArrayLike, classifier: Any) -> NDArray:
    """What the classifier says of each picture, shape (n, n_classes)."""
    images = as_stack("images", images)
    is_object = hasattr(classifier, "predict_proba") and not isinstance(classifier, type)
    if not (is_object and is_classifier(classifier)):
        raise TypeError(
            "classifier must be a fitted scikit-learn classifier with predict_proba, such as "
            f"train_digit_classifier() returns; given {classifier!r}"
        )
    rows = _flat(images)
    expected = getattr(classifier, "n_features_in_", rows.shape[1])
    if rows.shape[1] != expected:
        raise ValueError(
            f"the classifier was trained on pictures of {expected} pixels; given pictures of "
            f"{images.shape[1]} × {images.shape[2]} = {rows.shape[1]}"
        )
    return classifier.predict_proba(rows)


# ------------------------------------------------------------------ mean and covariance


def frechet_distance(real: ArrayLike, fake: ArrayLike, *, n_components: int | None = None) -> float:
    """Fréchet distance between the Gaussians fitted to real and to generated rows.

    ``|μ_r − μ_f|² + tr(Σ_r + Σ_f − 2 (Σ_r Σ_f)^½)`` with the rows' means μ and covariances Σ:
    the least mean squared way by which one Gaussian can be moved onto the other. As usual, it
    is the square that is called the distance.

    Parameters
    ----------
    real : array-like of shape (n_real, n_features)
        Real rows that the generator has not seen, at least two; pictures flattened.
    fake : array-like of shape (n_fake, n_features)
        Generated rows, at least two. For figures to compare, as many as real ones.
    n_components : int, optional
        Compare within the space of so many principal components of the *real* rows only; from 1
        to ``min(n_features, n_real - 1)``. The published "FID" compares within the features of
        a large network instead.

    Returns
    -------
    float
        At least 0, in squared units of the columns.

    Raises
    ------
    TypeError, ValueError
        If the rows are no tables of finite numbers with the same columns, at least two rows
        each, or if `n_components` is not of the kind above.

    Notes
    -----
    **It is biased upwards**, because fitted covariances differ even if the true ones do not.
    Standard normal rows with 64 columns against as many others of the same kind have

    ========================  ====  ====  ====
    rows on each side           50   200  2000
    distance, should be 0       44    11   1.1
    ========================  ====  ====  ====

    The bias falls as one over the number of rows and grows with the number of columns (hence
    `n_components`). It differs from one generator to another, too. So: equal numbers, the same
    numbers throughout, and real against real beside it.

    What it does not see:

    - **Everything but mean and covariance.** Real rows and the Gaussian fitted to them have no
      distance: pictures drawn from that Gaussian look like fog.
    - **What lies off the components** chosen: noise there is free.
    - Copies.

    References
    ----------
    D. C. Dowson and B. V. Landau, "The Fréchet distance between multivariate normal
    distributions", Journal of Multivariate Analysis 12(3), 1982.
    M. Heusel et al., "GANs trained by a two time-scale update rule converge to a local Nash
    equilibrium", NIPS 2017.
    M. J. Chong and D. Forsyth, "Effectively unbiased FID and Inception Score and where to find
    them", CVPR 2020.
    """
    real, fake = as_tables(real=real, fake=fake)
    if min(len(real), len(fake)) < 2:
        raise ValueError(
            "a covariance needs at least two rows on each side; real has "
            f"{len(real)} and fake has {len(fake)}"
        )
    if n_components is not None:
        directions = _principal_directions(real, n_components)
        real, fake = real @ directions, fake @ directions
    covariance_real, covariance_fake = _covariance(real), _covariance(fake)
    # The product of two covariances is not symmetric. It has the eigenvalues of R Σ_f R with
    # R = Σ_r^½, which is, and the trace of a root is the sum of the roots of the eigenvalues.
    root = _symmetric_root(covariance_real)
    eigenvalues = np.linalg.eigvalsh(root @ covariance_fake @ root)
    trace_of_root = np.sqrt(np.maximum(eigenvalues, 0)).sum()
    between_means = ((real.mean(axis=0) - fake.mean(axis=0)) ** 2).sum()
    traces = np.trace(covariance_real) + np.trace(covariance_fake)
    return max((between_means + traces - 2 * trace_of_root).item(), 0.0)  # rounding: −1e-15


def _covariance(rows: NDArray) -> NDArray:
    centred = rows - rows.mean(axis=0)
    return centred.T @ centred / (len(rows) - 1)


def _symmetric_root(matrix: NDArray) -> NDArray:
    eigenvalues, vectors = np.linalg.eigh(matrix)
    return vectors * np.sqrt(np.maximum(eigenvalues, 0)) @ vectors.T


def _principal_directions(rows: NDArray, n_components: int) -> NDArray:
    """The directions in which the rows vary most, as columns."""
    check_whole("n_components", n_components, minimum=1)
    most = min(rows.shape[1], len(rows) - 1)
    if n_components > most:
        raise ValueError(
            f"n_components must be at most {most}, as {len(rows)} real rows with "
            f"{rows.shape[1]} columns have no more; given {n_components}"
        )
    return np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)[2][:n_components].T
