import functools

import keras
import numpy as np
import pytest

from kgan.engine import gradient, input_gradient
from kgan.losses import dragan_penalty, gradient_penalty, zero_centered_penalty

ops = keras.ops
numpy = keras.ops.convert_to_numpy


class QuadraticCritic:
    """D(x) = |x|^2 / 2, whose gradient is x; it counts its calls."""

    def __init__(self):
        self.calls = 0

    def __call__(self, images):
        self.calls += 1
        return ops.reshape(ops.sum(0.5 * ops.square(images), axis=tuple(range(1, len(images.shape)))), (-1, 1))


def linear_critic(weights):
    axes, weights = tuple(range(1, 1 + weights.ndim)), ops.convert_to_tensor(weights[None].astype("float32"))
    return lambda images: ops.sum(images * weights, axis=axes)[:, None]


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


@pytest.mark.parametrize("shape", [(2,), (2, 3, 4), (5, 4, 2, 3)])
def test_linear_critic_has_the_penalty_of_its_weights(shape):
    weights = 2 * normal(*shape, seed=3)
    real, fake = normal(7, *shape, seed=1), normal(7, *shape, seed=2)
    norm = np.sqrt(np.sum(weights.astype("float64") ** 2))
    for penalty, expected in [
        (gradient_penalty(linear_critic(weights), real, fake), (norm - 1) ** 2),
        (gradient_penalty(linear_critic(weights), real, fake, one_sided=True), max(0.0, norm - 1) ** 2),
        (gradient_penalty(linear_critic(weights / norm / 4), real, fake), 0.75**2),
        (gradient_penalty(linear_critic(weights / norm / 4), real, fake, one_sided=True), 0.0),
        (dragan_penalty(linear_critic(weights), real), (norm - 1) ** 2),
        (zero_centered_penalty(linear_critic(weights), real)[1], norm**2),
    ]:
        assert keras.backend.standardize_dtype(penalty.dtype) == "float32"
        np.testing.assert_allclose(numpy(penalty), np.full(7, expected), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    "one_sided, squared, expected",
    [(False, True, (4.0, 0.25)), (True, True, (4.0, 0.0)), (False, False, (2.0, 0.5)), (True, False, (2.0, 0.0))],
)
def test_the_four_forms_by_hand(one_sided, squared, expected):
    # D(x) = |x|^2 / 2 has the gradient x: of norm 3 at the first sample, of norm 1/2 at the second.
    real, fake = np.array([[2.0, 1.0, 2.0], [0.3, 0.0, 0.4]], "float32"), np.full((2, 3), 100.0, "float32")
    at_real, at_generated = {"real": real, "fake": fake, "at": "real"}, {"real": fake, "fake": real, "at": "generated"}
    for kind in (at_real, at_generated, {"real": real, "fake": real}):
        penalty = gradient_penalty(QuadraticCritic(), **kind, one_sided=one_sided, squared=squared)
        np.testing.assert_allclose(numpy(penalty), expected, rtol=1e-5, atol=1e-6)


def test_not_squared_pushes_equally_hard_everywhere():
    for norm, two_sided, one_sided in ((5.0, 1.0, 1.0), (1.5, 1.0, 1.0), (0.5, -1.0, 0.0)):
        weights, real = keras.Variable([[norm], [0.0]]), normal(8, 2)
        for one, expected in ((False, two_sided), (True, one_sided)):

            def loss():
                critic = functools.partial(ops.matmul, x2=weights)
                return ops.mean(gradient_penalty(critic, real, real, one_sided=one, squared=False))

            _, (slope,) = gradient(loss, [weights])
            np.testing.assert_allclose(numpy(slope)[:, 0], [expected, 0.0], atol=1e-5)


def test_each_sample_has_its_own_penalty():
    real = normal(6, 3, 2, 2)
    squares = np.sum(real**2, axis=(1, 2, 3))
    np.testing.assert_allclose(numpy(zero_centered_penalty(QuadraticCritic(), real)[1]), squares, rtol=1e-5)
    np.testing.assert_allclose(
        numpy(gradient_penalty(QuadraticCritic(), real, real)), (np.sqrt(squares) - 1) ** 2, rtol=1e-4
    )
    np.testing.assert_allclose(
        numpy(dragan_penalty(QuadraticCritic(), real, scale=0.0)), (np.sqrt(squares) - 1) ** 2, rtol=1e-4
    )


def recorded(monkeypatch, penalty_of):
    """The images that a penalty hands to `input_gradient`, on every backend as they are."""
    seen = []

    def spy(function, inputs):
        seen.append(numpy(inputs))
        return input_gradient(function, inputs)

    monkeypatch.setattr("kgan.losses.penalties.input_gradient", spy)
    penalty_of(QuadraticCritic())
    return seen[0]


def test_one_uniform_epsilon_a_sample(monkeypatch):
    real, fake = np.full((2000, 2, 3, 1), 3.0, "float32"), np.full((2000, 2, 3, 1), 1.0, "float32")
    epsilon = (recorded(monkeypatch, lambda critic: gradient_penalty(critic, real, fake, seed=0)) - 1.0) / 2.0
    assert np.ptp(epsilon.reshape(2000, 6), axis=1).max() < 1e-6
    epsilon = np.sort(epsilon[:, 0, 0, 0])
    # Kolmogorov-Smirnov distance to U[0, 1): beyond 0.05 less than once in 10000 seeds.
    assert np.abs(epsilon - np.linspace(0, 1, 2000)).max() < 0.05


def test_epsilon_weighs_the_real_sample(monkeypatch):
    real, fake = normal(4, 5), normal(4, 5, seed=1)
    between = recorded(monkeypatch, lambda critic: gradient_penalty(critic, real, fake, seed=3))
    epsilon = numpy(keras.random.uniform((4, 1), seed=3))
    np.testing.assert_allclose(between, epsilon * real + (1 - epsilon) * fake, rtol=1e-4, atol=1e-5)


def test_dragan_noise(monkeypatch):
    real = normal(300, 10, 10, 3) * np.linspace(0, 2, 300, dtype="float32").reshape(-1, 1, 1, 1)
    moved = recorded(monkeypatch, lambda critic: dragan_penalty(critic, real, seed=0)) - real
    moved /= 0.5 * real.std()
    assert moved.min() > -1e-4 and moved.max() < 1.0
    reach = moved.max(axis=(1, 2, 3))
    # The largest of 300 uniform values is 1 but for a per cent: what is left is the sample's alpha.
    assert np.abs(np.sort(reach) - np.linspace(0, 1, 300)).max() < 0.12
    np.testing.assert_allclose(moved.mean(axis=(1, 2, 3)), reach / 2, atol=0.08)
    assert np.abs(np.corrcoef(reach, numpy(keras.random.uniform((300,), seed=0)))[0, 1]) < 0.3


def test_seeds():
    real, fake = normal(5, 3), normal(5, 3, seed=1)
    for penalty in (
        lambda seed: gradient_penalty(QuadraticCritic(), real, fake, seed),
        lambda seed: dragan_penalty(QuadraticCritic(), real, seed),
    ):
        first = numpy(penalty(1))
        np.testing.assert_array_equal(first, numpy(penalty(1)))
        assert np.abs(first - numpy(penalty(2))).max() > 1e-3
        generator = keras.random.SeedGenerator(1)
        assert np.abs(numpy(penalty(generator)) - numpy(penalty(generator))).max() > 1e-3


def test_gradient_of_the_penalty_for_the_critic():
    weights = keras.Variable([[3.0], [4.0]])
    real, fake = normal(8, 2), normal(8, 2, seed=1)
    for penalty, expected in [
        (lambda critic: gradient_penalty(critic, real, fake), [4.8, 6.4]),
        (lambda critic: dragan_penalty(critic, real), [4.8, 6.4]),
        (lambda critic: zero_centered_penalty(critic, real)[1], [6.0, 8.0]),
    ]:
        _, (slope,) = gradient(lambda: ops.mean(penalty(lambda x: ops.matmul(x, weights))), [weights])
        np.testing.assert_allclose(numpy(slope)[:, 0], expected, rtol=1e-4)


def test_a_critic_without_gradient_does_no_harm():
    weights = keras.Variable(np.zeros((2, 1)))
    real, fake = normal(8, 2), normal(8, 2, seed=1)
    for penalty in (lambda critic: gradient_penalty(critic, real, fake), lambda critic: dragan_penalty(critic, real)):
        value, (slope,) = gradient(lambda: ops.mean(penalty(lambda x: ops.matmul(x, weights))), [weights])
        assert numpy(value) == pytest.approx(1.0, abs=1e-5)
        np.testing.assert_array_equal(numpy(slope), np.zeros((2, 1)))


def test_zero_centered_penalty_hands_out_the_logits_of_its_only_pass():
    real, critic = normal(4, 3), QuadraticCritic()
    logits, _ = zero_centered_penalty(critic, real)
    assert critic.calls == 1
    np.testing.assert_allclose(numpy(logits)[:, 0], np.sum(real**2, axis=1) / 2, rtol=1e-5)


def test_a_patch_map_counts_as_its_mean():
    weights, real = normal(4, 4, 2), normal(3, 4, 4, 2, seed=1)
    single = linear_critic(weights)

    def patches(images):
        return ops.tile(single(images)[:, :, None, None], (1, 2, 3, 1))

    for penalty in (
        lambda critic: gradient_penalty(critic, real, real),
        lambda critic: zero_centered_penalty(critic, real)[1],
    ):
        np.testing.assert_allclose(numpy(penalty(patches)), numpy(penalty(single)), rtol=1e-4)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_critic(policy):
    critic = keras.Sequential(
        [
            keras.Input((6, 6, 1), dtype="float32"),
            keras.layers.Conv2D(4, 3, dtype=policy),
            keras.layers.Flatten(dtype=policy),
        ]
    )
    critic.add(keras.layers.Dense(1, dtype=policy))
    real, fake = normal(3, 6, 6, 1), normal(3, 6, 6, 1, seed=1)
    kernels = [layer.kernel for layer in critic.layers if hasattr(layer, "kernel")]
    for penalty in (
        lambda: gradient_penalty(critic, real, ops.cast(fake, "float16")),
        lambda: dragan_penalty(critic, real),
        lambda: zero_centered_penalty(critic, real)[1],
    ):
        assert keras.backend.standardize_dtype(penalty().dtype) == "float32"
        _, slopes = gradient(lambda: ops.mean(penalty()), kernels)
        assert all(np.all(np.isfinite(numpy(slope))) and np.any(numpy(slope) != 0) for slope in slopes)


def test_another_place_is_refused():
    with pytest.raises(ValueError, match="'interpolates', 'real' or 'generated', not 'fake'"):
        gradient_penalty(QuadraticCritic(), normal(4, 2), normal(4, 2), at="fake")


def test_batches_of_two_sizes_are_refused():
    with pytest.raises(ValueError, match="same shape"):
        gradient_penalty(QuadraticCritic(), normal(4, 2), normal(1, 2))


RESIZES = {
    "bilinear": lambda: keras.layers.UpSampling2D(interpolation="bilinear"),
    "bicubic": lambda: keras.layers.UpSampling2D(interpolation="bicubic"),
    "beside another path": lambda: _Residual(),
    "nearest": lambda: keras.layers.UpSampling2D(),
    "average": lambda: keras.layers.AveragePooling2D(2),
}


class _Residual(keras.layers.Layer):
    """Half of the signal does not go through the resize."""

    def call(self, images):
        return ops.image.resize(images, (2, 2)) + images[:, ::2, ::2]


@pytest.mark.parametrize("kind", RESIZES)
def test_a_penalty_without_a_second_order_gradient_is_refused(kind):
    last = keras.layers.Conv2D(1, 2)
    critic = keras.Sequential([keras.Input((4, 4, 2)), RESIZES[kind](), last, keras.layers.Flatten()])
    real = normal(3, 4, 4, 2)

    def loss():
        return ops.mean(zero_centered_penalty(critic, real)[1])

    if keras.config.backend() == "tensorflow" and kind not in ("nearest", "average"):
        import tensorflow as tf

        for run in (loss, tf.function(loss)):
            with pytest.raises(ValueError, match="cannot differentiate the gradient of a smooth resize"):
                gradient(run, [last.kernel])
        return
    _, (slope,) = gradient(loss, [last.kernel])
    # The penalty is quadratic in the last kernel: Euler's identity.
    assert np.sum(numpy(slope) * numpy(last.kernel)) == pytest.approx(2 * float(loss()), rel=1e-3)
