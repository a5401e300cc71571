"""Exercises and questions of lesson 04, from the penalty on the weights to the VAE."""

from __future__ import annotations

import numpy as np

from helpers.exercises.checking import Exercise, Mistake
from helpers.exercises.questions import Option, Question

# --------------------------------------- 04.kl_gradient: of the mean of the KL over a batch


def _kl_gradient(mean, log_variance):
    n = mean.shape[1]
    return mean / n, 0.5 * (np.exp(log_variance) - 1) / n


def _kl_gradient_of_the_sum(mean, log_variance):
    return mean, 0.5 * (np.exp(log_variance) - 1)


def _kl_gradient_averaged_over_latents(mean, log_variance):
    return mean / mean.size, 0.5 * (np.exp(log_variance) - 1) / mean.size


def _kl_gradient_without_half(mean, log_variance):
    n = mean.shape[1]
    return 2 * mean / n, (np.exp(log_variance) - 1) / n


def _kl_gradient_with_log(mean, log_variance):
    n = mean.shape[1]
    return mean / n, 0.5 * (np.exp(log_variance) - 1 - log_variance) / n


def _kl_gradient_by_variance(mean, log_variance):
    n = mean.shape[1]
    return mean / n, 0.5 * (1 - np.exp(-log_variance)) / n


def _kl_gradient_by_deviation(mean, log_variance):
    n = mean.shape[1]
    return mean / n, (np.exp(0.5 * log_variance) - np.exp(-0.5 * log_variance)) / n


# ------------------------------------------- 04.wide_prior: KL to N(0, τ²) in place of N(0, 1)


def _wide_kl(mean, variance, tau):
    return 0.5 * np.sum((mean**2 + variance) / tau**2 - 1 - np.log(variance / tau**2), axis=0)


def _wide_kl_without_log_tau(mean, variance, tau):
    return 0.5 * np.sum((mean**2 + variance) / tau**2 - 1 - np.log(variance), axis=0)


def _wide_kl_mean_not_scaled(mean, variance, tau):
    return 0.5 * np.sum(mean**2 + variance / tau**2 - 1 - np.log(variance / tau**2), axis=0)


def _wide_kl_divided_by_tau(mean, variance, tau):
    return 0.5 * np.sum((mean**2 + variance) / tau - 1 - np.log(variance / tau), axis=0)


def _wide_kl_other_way_round(mean, variance, tau):
    ratio = (tau**2 + mean**2) / variance
    return 0.5 * np.sum(ratio - 1 - np.log(tau**2 / variance), axis=0)


def _wide_kl_averaged(mean, variance, tau):
    return _wide_kl(mean, variance, tau) / len(mean)


def _narrow_kl(mean, variance, tau):
    return 0.5 * np.sum(mean**2 + variance - 1 - np.log(variance), axis=0)


_rng = np.random.default_rng(4)
_KL_CASES = [
    (_rng.normal(size=shape), _rng.normal(scale=0.7, size=shape)) for shape in ((3, 5), (2, 4))
]
_WIDE_CASES = [
    (_rng.normal(size=shape), _rng.uniform(0.2, 2, size=shape), tau)
    for shape, tau in (((3, 5), 2.0), ((2, 4), 0.6))
]

EXERCISES = (
    Exercise(
        name="04.shrink",
        solution=0.8,
        praise="A fifth of the size is lost, at every point of the direction alike. L2 shrinks.",
        mistakes=(
            Mistake(
                0.6,
                "That counts the penalty twice: the derivative of 2λt is 2λ, and that of m(1 − t)² "
                "is −2m(1 − t). The two factors 2 cancel.",
            ),
            Mistake(
                0.9,
                "That is 1 − λ. The second moment m counts, too: the smaller the variance of a "
                "direction, the more of it is lost.",
            ),
            Mistake(
                1 / 1.2,
                "That is ridge regression, m / (m + λ), with one weight between input and output. "
                "Here two weights share the work, and the penalty on them is 2λt, not λt².",
            ),
            Mistake(0.2, "That is the share that is lost, λ/m; asked for is what remains."),
            Mistake(
                0.8**0.5,
                "That is p, or r, alone: each is the square root of the product. Asked for is p·r.",
            ),
        ),
    ),
    Exercise(
        name="04.kl_gradient",
        solution=_kl_gradient,
        arguments=_KL_CASES,
        praise="μ is pulled to 0 and σ² to 1, every law of the batch by itself.",
        mistakes=(
            Mistake(
                _kl_gradient_of_the_sum,
                "That is the gradient of the sum over the batch. Of the mean over n columns each "
                "entry is n times smaller.",
            ),
            Mistake(
                _kl_gradient_averaged_over_latents,
                "That averages over the latent numbers as well. The KL of one law is the *sum* "
                "over its coordinates; only over the batch is a mean taken.",
            ),
            Mistake(_kl_gradient_without_half, "The factor ½ before the sum is missing."),
            Mistake(
                _kl_gradient_with_log,
                "The last term of the KL is −log σ². Its derivative with respect to log σ² is −1, "
                "and no logarithm is left.",
            ),
            Mistake(
                _kl_gradient_by_variance,
                "That is the derivative with respect to σ². The encoder gives log σ²: by the chain "
                "rule, multiply by dσ²/d log σ² = σ².",
            ),
            Mistake(
                _kl_gradient_by_deviation,
                "That is the derivative with respect to σ. The encoder gives log σ²: by the chain "
                "rule, multiply by dσ/d log σ² = σ/2.",
            ),
        ),
    ),
    Exercise(
        name="04.effective_beta",
        solution=34,
        praise="Nothing in the formula looks like a factor of 34, and there it is. Whoever "
        "averages over the features has to divide the KL by their number, too.",
        mistakes=(
            Mistake(
                1 / 34,
                "The other way round: the *error* has become 34 times smaller. Multiply the whole "
                "loss by 34, so that the error is a sum again, and see what stands before the KL.",
            ),
            Mistake(
                8, "The latent numbers were summed, as they should be. The features were averaged."
            ),
            Mistake(
                34 / 8,
                "That would be so if the KL had been averaged over its eight numbers, too. It was "
                "summed.",
            ),
            Mistake(
                68,
                "The variance ½ of the decoder is in both losses: it turns ‖x − x̂‖²/(2σₓ²) into "
                "‖x − x̂‖². It adds no further factor of 2.",
            ),
            Mistake(
                1, "That is what was meant. Multiply the loss that was computed by 34 and compare."
            ),
        ),
    ),
    Exercise(
        name="04.wide_prior",
        solution=_wide_kl,
        arguments=_WIDE_CASES,
        praise="It is the old formula for h/τ: μ/τ for μ and σ²/τ² for σ². To measure h in other "
        "units changes nothing.",
        mistakes=(
            Mistake(
                _wide_kl_without_log_tau,
                "log p(h) has a constant −½ log(2πτ²), and the part with τ does not cancel: it "
                "makes log(σ²/τ²) out of log σ².",
            ),
            Mistake(
                _wide_kl_mean_not_scaled,
                "log p(h) holds h²/τ², and the mean of h² is μ² + σ²: both are divided by τ².",
            ),
            Mistake(
                _wide_kl_divided_by_tau,
                "τ is a standard deviation. In the density stands its square.",
            ),
            Mistake(
                _wide_kl_other_way_round,
                "That is KL(p‖q). The mean is to be taken under q, the law that the encoder gives.",
            ),
            Mistake(
                _wide_kl_averaged,
                "That is the mean over the latent numbers; log densities of independent numbers "
                "add up.",
            ),
            Mistake(_narrow_kl, "That is the KL to N(0, I); τ does not occur in it."),
        ),
    ),
)

QUESTIONS = (
    Question(
        name="04.weight_one",
        prompt="The ring, 200 rows; the error is averaged over the rows, and each of the six terms "
        "has weight 1. What does the trained network make of the ring?",
        options=(
            Option(
                "Nearly the ring itself: six small terms beside 200 rows",
                "So it is if the errors of the rows are summed. In their average a row counts 200 "
                "times less, and the penalty 200 times more.",
            ),
            Option(
                "A ring of about half the size",
                "That happens, with a weight of about ¼. Weight 1 is beyond the point where "
                "anything is left.",
            ),
            Option(
                "A ring that suits new points better",
                "There is nothing to gain: 16 weights cannot overfit 200 points. A penalty cures "
                "what is ill, and costs what is well.",
            ),
            Option(
                "One point: all weights become zero",
                "To reconstruct a direction gains its mean square, about ½, and the two weights "
                "that do it cost at least 2. Doing nothing is cheaper.",
                correct=True,
            ),
        ),
    ),
    Question(
        name="04.sweep",
        prompt="λ grows from 0 to 1. What happens to the error on held-out rows, and to samples "
        "with h from N(0, I)?",
        options=(
            Option(
                "Both get better at first: less overfitting, better samples",
                "The held-out error does. The samples have another trouble: the codes do not "
                "follow the law that h is drawn from, and the penalty says nothing about codes.",
            ),
            Option(
                "The error falls, then rises; the samples hardly gain",
                "The penalty repairs what it is for. Where the codes lie it does not decide.",
                correct=True,
            ),
            Option(
                "The error only rises: a penalty takes something away",
                "It takes away from the fit to the training rows, which was too good. On new rows "
                "that is a gain, up to a point.",
            ),
            Option(
                "The samples improve, the error does not",
                "The other way round: held-out error is what a penalty on weights is for.",
            ),
        ),
    ),
    Question(
        name="04.penalty_alone",
        prompt="The mean of ‖h‖² is penalised; no noise, no penalty on weights. What do the codes "
        "do in a long training?",
        options=(
            Option(
                "They settle where penalty and error balance",
                "They would if the decoder stood still. But it can double its weights whenever the "
                "codes have halved, at no cost, and then the error is as small as before.",
            ),
            Option(
                "They come to follow N(0, I)",
                "Nothing in this loss knows the number 1. A penalty pulls to zero; something else "
                "has to push.",
            ),
            Option(
                "They shrink on and on, and the decoder's weights grow",
                "The product of both is all that the error sees. So the penalty is got rid of "
                "without giving anything up.",
                correct=True,
            ),
            Option(
                "They become zero, and the reconstruction is lost",
                "They never get there: the error keeps the product of encoder and decoder where it "
                "was, however small the one factor is.",
            ),
        ),
    ),
    Question(
        name="04.l2_is_vae",
        reveal=True,
        prompt="In the linear network, L2 and VAE reconstruct alike. What does the VAE have that "
        "the penalty on the weights does not give?",
        options=(
            Option(
                "Nothing: an autoencoder with an L2 penalty is a VAE",
                "The reconstructions agree, the codes do not. Draw h from N(0, I) in both and "
                "compare the variance of what comes out.",
            ),
            Option(
                "Codes that, with their noise, have variance 1 in every direction",
                "So that h from N(0, I) has the spread that the decoder was trained on. With L2 "
                "the codes have variance m − λ, whatever that may be.",
                correct=True,
            ),
            Option(
                "Smaller weights",
                "Weights of a VAE are not penalised at all. Its encoder is *larger* here than that "
                "of the L2 network.",
            ),
            Option(
                "A smaller error",
                "The product of encoder and decoder is the same in both, so the error is, too.",
            ),
        ),
    ),
    Question(
        name="04.diagnose",
        reveal=True,
        prompt="What is the matter with this VAE?",
        options=(
            Option(
                "It overfits",
                "Then the error on training rows would be small, and that on held-out rows larger. "
                "Here both are that of the mean row.",
            ),
            Option(
                "The step is too large for it to settle",
                "The curve is smooth and flat. A step that is too large zigzags or explodes.",
            ),
            Option(
                "Eight hidden numbers are too few",
                "The plain autoencoder reconstructs well with eight. This one does not use a "
                "single one of them.",
            ),
            Option(
                "A mean over the features stands beside a sum over the latent numbers",
                "The error has become 34 times smaller beside the KL. So it pays to make the KL "
                "zero, that is, to have all codes follow N(0, I), whatever x was.",
                correct=True,
            ),
        ),
    ),
    Question(
        name="04.lead",
        prompt="All models of this lesson, each with h from N(0, I) and from a mixture fitted to "
        "its codes. Which rows are hardest to tell from real ones?",
        options=(
            Option(
                "Those of the VAE with N(0, I): its codes were trained to follow it",
                "They come nearer to it than those of the plain network, and its samples gain "
                "much. But each q was held close to N(0, I), not the crowd of all codes; near is "
                "not there.",
            ),
            Option(
                "Those from a mixture, with whichever model",
                "To fit a density to the codes takes them as they are. It helps the VAE, too.",
                correct=True,
            ),
            Option(
                "Those of the autoencoder with an L2 penalty and N(0, I)",
                "Less overfitting, and codes as far from N(0, I) as before.",
            ),
            Option(
                "Those of the VAE without the output noise: clean rows look most real",
                "They look cleaner than real rows, and a forest notices. And h is still from "
                "N(0, I).",
            ),
        ),
    ),
)
