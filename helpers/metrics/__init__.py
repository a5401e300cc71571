"""How good are generated rows and pictures? What each measure asks, and what it does not see.

No single number will do. Each function says in its notes where it is blind; together they
leave little room. For rows, pictures flattened to rows included:

=====================================  ==========================================  ==========
measure                                question                                    at best
=====================================  ==========================================  ==========
`classifier_two_sample_test`           can a classifier tell them from real rows?  ½
`precision_recall`                     are they plausible, are they varied?        as for real
`coverage`                             does each kind of real row occur?           as for real
`mode_coverage`                        does each mode occur? (made-up data)        all
`copy_ratio`                           are they copies of the training rows?       1
`train_on_synthetic_test_on_real`      can they stand in for real training rows?   as for real
`frechet_distance`                     are mean and covariance as for real rows?   as for real
=====================================  ==========================================  ==========

For pictures, of shape (n, height, width) with pixels from 0 to 1, or one picture of shape
(height, width):

=====================================  ==========================================  ==========
measure                                question                                    at best
=====================================  ==========================================  ==========
`rmse`, `psnr`                         how far is each pixel from the original?    0, ∞
`ssim`                                 do brightness, contrast, structure agree?   1
`sharpness` (by `gradient_energy`)     do neighbours differ as in real pictures?   1
`nearest_future`                       is it one of the futures, or their mean?    distance 0
`class_histogram`                      does each class occur?                      as for real
`classifier_score`                     is each one clear, are all of them varied?  as for real
`nearest_training_picture`             which training picture is it nearest to?    as for real
=====================================  ==========================================  ==========

`rmse`, `psnr` and `ssim` need an original beside each picture, and reward the blur that hedges
between several possible ones. `sharpness` and the two that ask a classifier need none, and do
not notice a picture that has nothing to do with what was asked for. Sharp and right are two
questions.

Three habits make the figures worth comparing. Real rows are *held out*: a generator that
hands out its training rows looks perfect beside those. Numbers of rows are *equal*. And a row
of the table is kept for **real rows against real rows**, because they do not score 1 either.

All distances are Euclidean, in the units of the columns; between pictures they are root mean
squared differences of pixels. Bring the columns of a table to a common scale first; what you do
to one side, do to the other. The density that is often reported beside coverage is left out: it
has no upper bound, and a single outlier among the real rows raises it.
"""

from helpers.metrics.images import (
    class_histogram,
    classifier_score,
    frechet_distance,
    gradient_energy,
    nearest_future,
    nearest_training_picture,
    psnr,
    rmse,
    sharpness,
    ssim,
    train_digit_classifier,
)
from helpers.metrics.tables import (
    classifier_two_sample_test,
    copy_ratio,
    coverage,
    mode_coverage,
    precision_recall,
    train_on_synthetic_test_on_real,
)

__all__ = [
    "class_histogram",
    "classifier_score",
    "classifier_two_sample_test",
    "copy_ratio",
    "coverage",
    "frechet_distance",
    "gradient_energy",
    "mode_coverage",
    "nearest_future",
    "nearest_training_picture",
    "precision_recall",
    "psnr",
    "rmse",
    "sharpness",
    "ssim",
    "train_digit_classifier",
    "train_on_synthetic_test_on_real",
]
