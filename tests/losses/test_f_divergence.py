import math

import keras
import numpy as np
import pytest
from scipy.special import wrightomega

from kgan import losses
from kgan.engine import input_gradient

# f(2), by hand, and the divergence of P from Q below, by its usual definition.
P = np.array([0.5, 0.3, 0.15, 0.05])
Q = np.array([0.1, 0.2, 0.3, 0.4])
M = (P + Q) / 2
KL_PQ, KL_QP = np.sum(P * np.log(P / Q)), np.sum(Q * np.log(Q / P))
TWICE_JSD = np.sum(P * np.log(P / M)) + np.sum(Q * np.log(Q / M))
HELLINGER = np.sum((np.sqrt(P) - np.sqrt(Q)) ** 2)
ROWS = {
    "kl": (losses.KL(), 1.386294, KL_PQ),
    "reverse_kl": (losses.ReverseKL(), -0.693147, KL_QP),
    "pearson": (losses.Pearson(), 1.0, np.sum((P - Q) ** 2 / Q)),
    "neyman": (losses.Neyman(), 0.5, np.sum((P - Q) ** 2 / P)),
    "squared_hellinger": (losses.SquaredHellinger(), 0.171573, HELLINGER),
    "jeffrey": (losses.Jeffrey(), 0.693147, KL_PQ + KL_QP),
    "jensen_shannon": (losses.JensenShannon(), 0.169899, TWICE_JSD),
    "gan": (losses.GANDivergence(), -1.909543, TWICE_JSD - math.log(4)),
    "total_variation": (losses.TotalVariation(), 0.5, np.sum(np.abs(P - Q)) / 2),
    "alpha": (losses.Alpha(), 0.343146, 2 * HELLINGER),
    "alpha -1": (losses.Alpha(-1.0), 0.25, np.sum((P - Q) ** 2 / P) / 2),
    "alpha 0.9": (losses.Alpha(0.9), 0.377044, (np.sum(P**0.9 * Q**0.1) - 1) / -0.09),
    "alpha 2": (losses.Alpha(2.0), 0.5, np.sum((P - Q) ** 2 / Q) / 2),
    "alpha 3": (losses.Alpha(3.0), 0.666667, (np.sum(P**3 / Q**2) - 1) / 6),
}
every_row = pytest.mark.parametrize("name", ROWS)
numpy = keras.ops.convert_to_numpy


def tensor(x, dtype="float32"):
    return keras.ops.convert_to_tensor(np.asarray(x, dtype))


@every_row
def test_f_at_two(name):
    divergence, at_two, _ = ROWS[name]
    np.testing.assert_allclose(numpy(divergence.f(tensor(2.0))), at_two, rtol=1e-5)


@every_row
def test_threshold_is_the_slope_of_f_at_one(name):
    divergence, _, _ = ROWS[name]
    slope = (numpy(divergence.f(tensor(1.01))) - numpy(divergence.f(tensor(0.99)))) / 0.02
    assert divergence.threshold == pytest.approx(slope, abs=1e-3)


@every_row
def test_conjugate_is_the_supremum(name):
    divergence, _, _ = ROWS[name]
    u = np.exp(np.linspace(-12, 6, 18 * 1024 + 1))
    f = numpy(divergence.f(tensor(u, "float64"))).astype("float64")
    low, high = divergence.domain
    for t in np.linspace(max(low, -1.6) + 0.1, min(high, 1.1) - 0.1, 9):
        assert numpy(divergence.conjugate(tensor(t))) == pytest.approx(np.max(u * t - f), rel=2e-4, abs=2e-4)


@every_row
def test_activation_rises_within_the_domain(name):
    divergence, _, _ = ROWS[name]
    t = numpy(divergence.activation(tensor(np.linspace(-8, 8, 101))))
    low, high = divergence.domain
    assert np.all(t >= np.float32(low)) and np.all(t <= np.float32(high))
    assert np.all(np.diff(t) > -1e-6) and np.all(np.diff(t[20:-20]) > 0)


@every_row
def test_stable_composition_is_the_composition(name):
    divergence, _, _ = ROWS[name]
    v = tensor(np.linspace(-4, 4, 33))
    stable, plain = divergence.conjugate_of_activation(v), divergence.conjugate(divergence.activation(v))
    np.testing.assert_allclose(numpy(stable), numpy(plain), rtol=1e-4, atol=1e-5)


@every_row
def test_bound_is_tight_at_the_optimum_and_nowhere_exceeded(name):
    divergence, _, exact = ROWS[name]
    ratio = tensor(P / Q)
    np.testing.assert_allclose(np.sum(Q * numpy(divergence.f(ratio))), exact, rtol=1e-4)
    _, optimum = input_gradient(divergence.f, ratio)
    logits = invert(divergence.activation, numpy(optimum))

    def bound(v):
        return np.sum(P * numpy(divergence.activation(tensor(v)))) - np.sum(
            Q * numpy(divergence.conjugate_of_activation(tensor(v)))
        )

    assert bound(logits) == pytest.approx(exact, rel=1e-4)
    for shift in np.random.default_rng(0).normal(size=(20, 4)):
        assert bound(logits + shift) < exact + 1e-5


def invert(function, values):
    """Where an increasing function takes the values, by bisection."""
    low, high = np.full_like(values, -30.0), np.full_like(values, 30.0)
    for _ in range(50):
        middle = (low + high) / 2
        below = numpy(function(tensor(middle))) < values
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return (low + high) / 2


def test_losses_are_those_of_the_paper():
    real, fake = tensor([[2.0]]), tensor([[1.0]])
    pearson = losses.Pearson()
    assert numpy(pearson.discriminator(real, fake)) == pytest.approx([-2.0 + 1.25])
    assert numpy(pearson.generator(fake)) == pytest.approx([-1.25])
    assert numpy(losses.Pearson(alternative=True).generator(fake)) == pytest.approx([-1.0])
    assert numpy(losses.KL().discriminator(real, fake)) == pytest.approx([-2.0 + 1.0])


def test_alpha_gives_the_rows_of_the_table():
    v = tensor(np.linspace(-3, 3, 13))
    for alpha, row, factor in [(0.5, losses.SquaredHellinger(), 2.0), (-1.0, losses.Neyman(), 0.5)]:
        for of in ("activation", "conjugate_of_activation"):
            np.testing.assert_allclose(
                numpy(getattr(losses.Alpha(alpha), of)(v)), factor * numpy(getattr(row, of)(v)), rtol=1e-5, atol=1e-6
            )


def test_gan_row_is_the_gan():
    real, fake = np.random.default_rng(0).normal(size=(2, 8, 1)) * 3
    gan = losses.GANDivergence()
    np.testing.assert_allclose(
        numpy(gan.discriminator(real, fake)), numpy(losses.Minimax().discriminator(real, fake)), rtol=1e-6
    )
    np.testing.assert_allclose(numpy(gan.generator(fake)), numpy(losses.Minimax().generator(fake)), rtol=1e-6)
    alternative = losses.GANDivergence(alternative=True)
    np.testing.assert_allclose(
        numpy(alternative.generator(fake)), numpy(losses.NonSaturating().generator(fake)), rtol=1e-6
    )


@every_row
@pytest.mark.parametrize("alternative", [False, True])
def test_sure_logits_stay_finite_and_so_do_squared_gradients(name, alternative):
    divergence = type(ROWS[name][0]).from_config({**ROWS[name][0].get_config(), "alternative": alternative})
    assert divergence.alternative is alternative
    v = tensor([[-100.0], [-60.0], [-15.0], [0.0], [15.0], [60.0], [100.0]])
    zero = keras.ops.zeros_like(v)
    for player in (
        lambda x: divergence.discriminator(x, zero),
        lambda x: divergence.discriminator(zero, x),
        divergence.generator,
    ):
        value, gradient = input_gradient(player, v)
        assert np.all(np.isfinite(numpy(value)))
        assert np.all(np.isfinite(np.square(numpy(gradient), dtype="float32")))


@every_row
def test_gradients_match_finite_differences(name):
    divergence, _, _ = ROWS[name]
    at, step = tensor([[-3.0], [-0.9], [0.2], [1.3], [3.0]]), 1e-2
    zero = keras.ops.zeros_like(at)
    for player in (
        lambda x: divergence.discriminator(x, zero),
        lambda x: divergence.discriminator(zero, x),
        divergence.generator,
    ):
        _, gradient = input_gradient(player, at)
        difference = (numpy(player(at + step)) - numpy(player(at - step))) / (2 * step)
        np.testing.assert_allclose(numpy(gradient)[:, 0], difference, rtol=3e-3, atol=3e-4)


def test_exponentials_are_exact_up_to_forty_and_go_on_as_their_tangent():
    hellinger = losses.SquaredHellinger()
    value, slope = input_gradient(hellinger.conjugate_of_activation, tensor([30.0, 39.0, 41.0, 50.0]))
    np.testing.assert_allclose(numpy(value), np.exp([30.0, 39.0, 40.0, 40.0]) * [1, 1, 2, 11], rtol=1e-5)
    np.testing.assert_allclose(numpy(slope), np.exp([30.0, 39.0, 40.0, 40.0]), rtol=1e-5)


def test_closed_forms_hold_where_the_composition_overflows():
    for divergence, expected in [
        (losses.ReverseKL(), [-101.0, 99.0]),
        (losses.JensenShannon(), [-math.log(2), 100.0 - math.log(2)]),
        (losses.GANDivergence(), [0.0, 100.0]),
        (losses.TotalVariation(), [-0.5, 0.5]),
    ]:
        np.testing.assert_allclose(
            numpy(divergence.conjugate_of_activation(tensor([-100.0, 100.0]))), expected, rtol=1e-5, atol=1e-6
        )


def test_jeffrey_against_scipy():
    t = np.linspace(-100, 35, 271)
    w = wrightomega(1 - t)
    value, slope = input_gradient(losses.Jeffrey().conjugate, tensor(t))
    np.testing.assert_allclose(numpy(value), w + 1 / w + t - 2, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(numpy(slope), 1 / w, rtol=2e-6)


def test_jeffrey_has_the_right_second_derivative():
    t = np.linspace(-8, 8, 33)
    w = wrightomega(1 - t)
    _, curvature = input_gradient(lambda x: input_gradient(losses.Jeffrey().conjugate, x)[1], tensor(t))
    np.testing.assert_allclose(numpy(curvature), 1 / (w * (w + 1)), rtol=1e-4)


def test_alpha_refuses_its_limits_and_knows_its_domain():
    with pytest.raises(ValueError, match="ReverseKL"):
        losses.Alpha(0)
    with pytest.raises(ValueError, match=r"losses\.KL"):
        losses.Alpha(1.0)
    for wrong in (math.nan, math.inf):
        with pytest.raises(ValueError, match="finite"):
            losses.Alpha(wrong)
    assert losses.Alpha(0.5).domain == (-math.inf, 2.0)
    assert losses.Alpha(2.0).domain == (-math.inf, math.inf)


@every_row
def test_serialization_round_trip(name):
    divergence = ROWS[name][0]
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(divergence))
    assert type(again) is type(divergence) and again.get_config() == divergence.get_config()


def test_get_divergence():
    for name in list(ROWS)[:10]:
        assert type(losses.get_divergence(name)) is type(ROWS[name][0])
    mine = losses.Alpha(3.0)
    assert losses.get_divergence(mine) is mine
    assert isinstance(losses.get_divergence(losses.KL), losses.KL)
    with pytest.raises(ValueError, match="did you mean 'pearson'.*'kl', 'reverse_kl'"):
        losses.get_divergence("pearsons")
    with pytest.raises(ValueError):
        losses.get_divergence(losses.Hinge())
