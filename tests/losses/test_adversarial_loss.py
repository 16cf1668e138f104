import keras
import numpy as np
import pytest

from kgan import losses
from kgan.engine import input_gradient

# Computed by hand for D(x) = 2, -1 and D(G(z)) = 0.5, -3 from softplus(-2) = .126928, softplus(-1.5) = .201413,
# softplus(-.5) = .474077, softplus(-3) = .048587 and softplus(v) = v + softplus(-v).
REAL = np.array([[2.0], [-1.0]], "float32")
FAKE = np.array([[0.5], [-3.0]], "float32")
EXPECTED = [
    (losses.Minimax, [1.101005, 1.361849], [-0.974077, -0.048587]),
    (losses.NonSaturating, [1.101005, 1.361849], [0.474077, 3.048587]),
    (losses.LeastSquares, [0.625, 6.5], [0.125, 8.0]),
    (losses.Hinge, [1.5, 2.0], [-0.5, 3.0]),
    (losses.Wasserstein, [-1.5, -2.0], [-0.5, 3.0]),
    (losses.Relativistic, [0.201413, 0.126928], [1.701413, 2.126928]),
]
every_loss = pytest.mark.parametrize("kind", [kind for kind, _, _ in EXPECTED])
numpy = keras.ops.convert_to_numpy


@pytest.mark.parametrize("kind, discriminator, generator", EXPECTED)
def test_values_are_those_computed_by_hand(kind, discriminator, generator):
    np.testing.assert_allclose(numpy(kind().discriminator(REAL, FAKE)), discriminator, rtol=1e-5)
    np.testing.assert_allclose(numpy(kind().generator(FAKE, REAL)), generator, rtol=1e-5)


@every_loss
def test_patch_map_is_averaged_a_sample_after_the_loss(kind):
    real, fake = np.random.default_rng(0).normal(size=(2, 4, 2, 3, 1)).astype("float32") * 2
    single = kind()
    for patch, flat in [
        (single.discriminator(real, fake), single.discriminator(real.reshape(-1, 1), fake.reshape(-1, 1))),
        (single.generator(fake, real), single.generator(fake.reshape(-1, 1), real.reshape(-1, 1))),
    ]:
        assert tuple(patch.shape) == (4,)
        np.testing.assert_allclose(numpy(patch), numpy(flat).reshape(4, 6).mean(axis=1), rtol=1e-5)


@every_loss
def test_a_vector_of_logits_keeps_its_samples(kind):
    np.testing.assert_allclose(
        numpy(kind().discriminator(REAL[:, 0], FAKE[:, 0])), numpy(kind().discriminator(REAL, FAKE)), rtol=1e-6
    )


@every_loss
def test_half_precision_logits_are_cast_before_the_loss(kind):
    # 1000^2 / 2 overflows float16, and 0.1 added to 1000 is lost in it.
    real, fake = np.array([[1000.0]], "float16"), np.array([[0.1]], "float16")
    for result, full in [
        (kind().discriminator(real, fake), kind().discriminator(real.astype("float32"), fake.astype("float32"))),
        (kind().generator(fake, real), kind().generator(fake.astype("float32"), real.astype("float32"))),
    ]:
        assert keras.backend.standardize_dtype(result.dtype) == "float32"
        np.testing.assert_array_equal(numpy(result), numpy(full))


@every_loss
def test_gradients_match_finite_differences_and_pull_the_right_way(kind):
    step = 1e-2
    for player, toward_real in [
        (lambda real: kind().discriminator(real, FAKE), -1),
        (lambda fake: kind().discriminator(REAL, fake), 1),
        (lambda fake: kind().generator(fake, REAL), -1),
    ]:
        at = np.array([[0.3], [-0.7]], "float32")
        _, gradient = input_gradient(player, keras.ops.convert_to_tensor(at))
        difference = (numpy(player(at + step)) - numpy(player(at - step))) / (2 * step)
        np.testing.assert_allclose(numpy(gradient)[:, 0], difference, rtol=1e-3, atol=1e-4)
        signs = np.sign(difference) * toward_real
        assert np.all(signs > 0) or (kind is losses.LeastSquares and toward_real == 1)


@every_loss
def test_sure_logits_stay_finite(kind):
    for real, fake in [(100.0, -100.0), (-100.0, 100.0)]:
        real, fake = keras.ops.full((2, 1), real), keras.ops.full((2, 1), fake)
        for player, at in [
            (lambda x: kind().discriminator(x, fake), real),
            (lambda x: kind().discriminator(real, x), fake),
            (lambda x: kind().generator(x, real), fake),
        ]:
            value, gradient = input_gradient(player, at)
            assert np.all(np.isfinite(numpy(value))) and np.all(np.isfinite(numpy(gradient)))


def test_a_wrong_discriminator_is_punished_without_bound():
    real, fake = np.full((1, 1), -100.0, "float32"), np.full((1, 1), 100.0, "float32")
    np.testing.assert_allclose(numpy(losses.NonSaturating().discriminator(real, fake)), [200.0])
    np.testing.assert_allclose(numpy(losses.NonSaturating().generator(real)), [100.0])


def test_only_the_relativistic_generator_needs_real_logits():
    for kind, _, _ in EXPECTED:
        assert kind.paired is (kind is losses.Relativistic)
        if not kind.paired:
            assert tuple(kind().generator(FAKE).shape) == (2,)
    with pytest.raises(ValueError, match="real_logits"):
        losses.Relativistic().generator(FAKE)


@every_loss
@pytest.mark.parametrize("shape", [(1, 1), (2,), (2, 1, 1, 1)])
def test_shapes_that_would_broadcast_are_refused(kind, shape):
    with pytest.raises(ValueError, match="same shape"):
        kind().discriminator(REAL, np.zeros(shape, "float32"))
    if kind.paired:
        with pytest.raises(ValueError, match="same shape"):
            kind().generator(np.zeros(shape, "float32"), REAL)


@every_loss
def test_serialization_round_trip(kind):
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(kind()))
    assert type(again) is kind


def test_get():
    names = ["minimax", "non_saturating", "least_squares", "hinge", "wasserstein", "relativistic"]
    assert [type(losses.get(name)) for name in names] == [kind for kind, _, _ in EXPECTED]
    mine = losses.Hinge()
    assert losses.get(mine) is mine
    assert isinstance(losses.get(losses.Hinge), losses.Hinge)
    for wrong in ["hinges", 3, None, losses.Hinge.generator, dict]:
        with pytest.raises(ValueError, match="non_saturating"):
            losses.get(wrong)
    with pytest.raises(ValueError, match="did you mean 'hinge'"):
        losses.get("hinges")
