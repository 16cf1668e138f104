import keras
import numpy as np
import pytest
from keras import layers

from kgan.engine import gradient
from kgan.layers import SpectralNormalization
from kgan.losses import gradient_penalty

ops = keras.ops
numpy = keras.ops.convert_to_numpy
transposed = {"Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"}
KINDS = {
    "Dense": (lambda **kw: layers.Dense(7, **kw), (4, 5)),
    "Conv1D": (lambda **kw: layers.Conv1D(6, 3, padding="same", **kw), (2, 5, 4)),
    "Conv2D": (lambda **kw: layers.Conv2D(6, (3, 2), strides=2, padding="same", **kw), (2, 5, 5, 4)),
    "Conv3D": (lambda **kw: layers.Conv3D(5, 2, **kw), (2, 3, 3, 3, 2)),
    "Conv1DTranspose": (lambda **kw: layers.Conv1DTranspose(3, 4, strides=2, **kw), (2, 5, 6)),
    "Conv2DTranspose": (lambda **kw: layers.Conv2DTranspose(3, 4, strides=2, padding="same", **kw), (2, 4, 4, 6)),
    "Conv3DTranspose": (lambda **kw: layers.Conv3DTranspose(3, 2, strides=2, **kw), (2, 2, 2, 2, 5)),
}
every_kind = pytest.mark.parametrize("kind", KINDS)


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


@pytest.fixture(autouse=True)
def seed():
    keras.utils.set_random_seed(0)


def warmed_up(kind, **kwargs):
    """A normalised layer after 60 steps of power iteration, and inputs for it."""
    make, shape = KINDS[kind]
    inputs = normal(*shape)
    layer = SpectralNormalization(make(bias_initializer="random_normal", **kwargs), power_iterations=20)
    for _ in range(3):
        layer(inputs, training=True)
    return layer, inputs


def sigma_by_svd(layer, kind):
    kernel = numpy(layer.layer.kernel)
    rows = kernel.swapaxes(-1, -2) if kind in transposed else kernel
    return np.linalg.svd(rows.reshape(-1, rows.shape[-1]), compute_uv=False)[0]


@every_kind
def test_layer_uses_its_kernel_over_the_largest_singular_value(kind):
    layer, inputs = warmed_up(kind, activation="tanh")
    plain = KINDS[kind][0](activation="tanh")
    plain.build(inputs.shape)
    plain.kernel.assign(numpy(layer.layer.kernel) / sigma_by_svd(layer, kind))
    plain.bias.assign(layer.layer.bias)
    for training in (False, True):
        np.testing.assert_allclose(numpy(layer(inputs, training=training)), numpy(plain(inputs)), rtol=1e-2, atol=1e-3)
    assert tuple(layer.compute_output_shape(inputs.shape)) == tuple(plain(inputs).shape)


def test_embedding():
    layer = SpectralNormalization(layers.Embedding(11, 4, mask_zero=True), power_iterations=50)
    ids = np.array([[1, 2, 0], [10, 3, 3]])
    layer(ids, training=True)
    table = numpy(layer.layer.embeddings)
    expected = table[ids] / np.linalg.svd(table, compute_uv=False)[0]
    np.testing.assert_allclose(numpy(layer(ids)), expected, rtol=1e-2, atol=1e-4)
    np.testing.assert_array_equal(numpy(layer.compute_mask(ids)), ids != 0)


def test_one_step_a_call_reaches_a_per_cent():
    layer = SpectralNormalization(layers.Dense(48, use_bias=False))
    eye = np.eye(64, dtype="float32")
    largest = []
    for _ in range(60):
        largest.append(np.linalg.svd(numpy(layer(eye, training=True)), compute_uv=False)[0])
    assert 1.0 - 1e-5 <= largest[-1] < 1.01
    assert largest[0] > 1.05


@every_kind
def test_only_training_calls_move_u_and_nothing_moves_the_kernel(kind):
    make, shape = KINDS[kind]
    inputs = normal(*shape)
    layer = SpectralNormalization(make())
    layer.build(shape)
    kernel, u = numpy(layer.layer.kernel).copy(), numpy(layer.u).copy()
    first = numpy(layer(inputs))
    np.testing.assert_array_equal(numpy(layer(inputs, training=False)), first)
    np.testing.assert_array_equal(numpy(layer.u), u)
    np.testing.assert_array_equal(numpy(layer(inputs, training=True)), first)
    assert np.abs(numpy(layer.u) - u).max() > 1e-3
    assert np.linalg.norm(numpy(layer.u)) == pytest.approx(1.0, abs=1e-5)
    np.testing.assert_array_equal(numpy(layer.layer.kernel), kernel)
    assert [weight.name for weight in layer.non_trainable_weights] == ["u"]
    assert [weight.name for weight in layer.trainable_weights] == ["kernel", "bias"]


def test_more_power_iterations_are_more_steps():
    inputs = normal(4, 5)
    patient, quick = SpectralNormalization(layers.Dense(7), power_iterations=3), SpectralNormalization(layers.Dense(7))
    patient.build(inputs.shape)
    quick.build(inputs.shape)
    quick.set_weights(patient.get_weights())
    patient(inputs, training=True)
    for _ in range(3):
        quick(inputs, training=True)
    np.testing.assert_allclose(numpy(patient.u), numpy(quick.u), rtol=1e-4, atol=1e-5)


def test_gradient_is_the_true_one():
    layer, inputs = warmed_up("Dense", activation="tanh")
    weigh = normal(4, 7, seed=1)
    _, (slope,) = gradient(
        lambda: ops.sum(ops.multiply(ops.convert_to_tensor(weigh), layer(inputs, training=True))), [layer.layer.kernel]
    )
    kernel, bias = numpy(layer.layer.kernel).astype("float64"), numpy(layer.layer.bias)

    def loss(kernel):
        return np.sum(weigh * np.tanh(inputs @ kernel / np.linalg.svd(kernel, compute_uv=False)[0] + bias))

    true = np.zeros_like(kernel)
    for index in np.ndindex(kernel.shape):
        step = np.zeros_like(kernel)
        step[index] = 1e-5
        true[index] = (loss(kernel + step) - loss(kernel - step)) / 2e-5
    np.testing.assert_allclose(numpy(slope), true, rtol=1e-2, atol=1e-3 * np.abs(true).max())
    cosine = np.sum(numpy(slope) * true) / np.linalg.norm(numpy(slope)) / np.linalg.norm(true)
    assert cosine > 0.99999


@every_kind
def test_gradient_does_not_change_the_length_of_the_kernel(kind):
    # W / sigma(W) is the same for any multiple of W, so that the gradient has no part along W.
    layer, inputs = warmed_up(kind)
    kernel = layer.layer.kernel
    weigh = normal(*layer(inputs).shape, seed=1)
    _, (slope,) = gradient(
        lambda: ops.sum(ops.multiply(ops.convert_to_tensor(weigh), layer(inputs, training=True))), [kernel]
    )
    slope, kernel = numpy(slope).astype("float64"), numpy(kernel)
    assert abs(np.sum(slope * kernel)) < 1e-4 * np.linalg.norm(slope) * np.linalg.norm(kernel)


def test_gradient_penalty_through_it():
    # D(x) = <w, x> / |w| has a gradient of norm 1 wherever it is asked, for every w.
    layer, inputs = warmed_up("Dense")
    critic = SpectralNormalization(layers.Dense(1))
    critic.build(inputs.shape)
    u = numpy(critic.u).copy()
    value, (slope,) = gradient(
        lambda: ops.mean(gradient_penalty(lambda x: critic(x, training=True), inputs, -inputs)), [critic.layer.kernel]
    )
    assert numpy(value) == pytest.approx(0.0, abs=1e-6)
    np.testing.assert_allclose(numpy(slope), 0.0, atol=1e-4)
    assert np.abs(np.abs(numpy(critic.u)) - 1.0).max() < 1e-5 and u.shape == (1,)

    kernels = [layer.layer.kernel, critic.layer.kernel]
    critic = keras.Sequential([layer, layers.Activation("tanh"), SpectralNormalization(layers.Dense(1))])
    critic(inputs)
    kernels[1] = critic.layers[-1].layer.kernel

    def loss():
        return ops.mean(gradient_penalty(lambda x: critic(x, training=False), inputs, -inputs, seed=0))

    _, slopes = gradient(loss, kernels)
    for kernel, slope in zip(kernels, slopes):
        slope, before = numpy(slope), numpy(kernel).copy()
        direction = slope / np.linalg.norm(slope)
        kernel.assign(before + 5e-3 * direction)
        above = numpy(loss())
        kernel.assign(before - 5e-3 * direction)
        difference = (above - numpy(loss())) / 1e-2
        kernel.assign(before)
        assert difference == pytest.approx(np.linalg.norm(slope), rel=2e-2, abs=1e-4)


def test_save_and_load(tmp_path):
    inputs = keras.Input((6, 6, 2))
    x = SpectralNormalization(layers.Conv2D(4, 3, activation="leaky_relu"), power_iterations=2, name="first")(inputs)
    x = SpectralNormalization(layers.Conv2DTranspose(3, 3))(x)
    model = keras.Model(inputs, SpectralNormalization(layers.Dense(1))(layers.Flatten()(x)))
    images = normal(3, 6, 6, 2)
    model(images, training=True)
    model.save(tmp_path / "critic.keras")
    again = keras.saving.load_model(tmp_path / "critic.keras")
    assert again.get_layer("first").power_iterations == 2 and isinstance(again.get_layer("first").layer, layers.Conv2D)
    np.testing.assert_array_equal(numpy(again.get_layer("first").u), numpy(model.get_layer("first").u))
    np.testing.assert_allclose(numpy(again(images)), numpy(model(images)), rtol=1e-6)
    np.testing.assert_allclose(numpy(again(images, training=True)), numpy(model(images, training=True)), rtol=1e-6)
    assert len(again.trainable_weights) == 6 and len(again.weights) == 9


def test_config_round_trip():
    layer = SpectralNormalization(
        layers.Dense(3, activation="relu"), power_iterations=4, name="here", dtype="mixed_bfloat16"
    )
    again = SpectralNormalization.from_config(layer.get_config())
    assert (again.layer.units, again.power_iterations, again.name, again.dtype_policy.name) == (
        3,
        4,
        "here",
        "mixed_bfloat16",
    )


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize("kind", ["Conv2D", "Conv2DTranspose", "Dense"])
def test_mixed_precision(policy, kind):
    make, shape = KINDS[kind]
    inputs = normal(*shape)
    half, full = SpectralNormalization(make(dtype=policy)), SpectralNormalization(make())
    half.build(shape)
    full.build(shape)
    full.set_weights(half.get_weights())
    for _ in range(20):
        outputs, expected = half(inputs, training=True), full(inputs, training=True)
    assert keras.backend.standardize_dtype(outputs.dtype) == policy.removeprefix("mixed_")
    assert keras.backend.standardize_dtype(half.u.dtype) == "float32"
    np.testing.assert_allclose(numpy(half.u), numpy(full.u), atol=3e-2)
    np.testing.assert_allclose(numpy(ops.cast(outputs, "float32")), numpy(expected), rtol=5e-2, atol=5e-2)


def test_gradient_of_sigma_is_summed_in_float32():
    # A running sum of like terms stops growing at 256 of them in bfloat16 and at 2048 in float16; JAX keeps one, the
    # others are more careful.
    inputs = np.ones((40000, 1), "float32")
    for policy in ("mixed_float16", "mixed_bfloat16"):
        layer = SpectralNormalization(layers.Dense(1, use_bias=False, kernel_initializer="ones", dtype=policy))
        layer.build(inputs.shape)

        def loss():
            return ops.mean(ops.cast(layer(inputs, training=True), "float32"))

        _, (slope,) = gradient(loss, [layer.layer.kernel])
        np.testing.assert_allclose(numpy(slope), 0.0, atol=2e-2)


def test_a_kernel_of_zeros_passes_and_recovers():
    inputs = normal(4, 5)
    layer = SpectralNormalization(layers.Dense(7, kernel_initializer="zeros"))
    layer.build(inputs.shape)
    u = numpy(layer.u).copy()
    value, (slope,) = gradient(lambda: ops.sum(layer(inputs, training=True)), [layer.layer.kernel])
    assert numpy(value) == 0.0
    np.testing.assert_allclose(numpy(slope), np.tile(inputs.sum(axis=0)[:, None], (1, 7)), rtol=1e-5)
    np.testing.assert_array_equal(numpy(layer.u), u)
    layer.layer.kernel.assign(normal(5, 7))
    for _ in range(100):
        layer(np.eye(5, dtype="float32"), training=True)
    assert np.linalg.svd(numpy(layer(np.eye(5, dtype="float32"))) - numpy(layer.layer.bias), compute_uv=False)[
        0
    ] == pytest.approx(1.0, rel=1e-2)


def test_compiled_training():
    model = keras.Sequential(
        [SpectralNormalization(layers.Conv2D(3, 3)), layers.Flatten(), SpectralNormalization(layers.Dense(1))]
    )
    images = normal(4, 6, 6, 2)
    model(images)
    before = [numpy(weight).copy() for weight in model.weights]
    # PyTorch would spend a minute in its compiler.
    model.compile("sgd", "mse", jit_compile=keras.config.backend() != "torch")
    model.train_on_batch(images, np.ones((4, 1), "float32"))
    assert all(np.any(numpy(weight) != old) for weight, old in zip(model.weights, before))
    before = [numpy(weight).copy() for weight in model.weights]
    model.test_on_batch(images, np.ones((4, 1), "float32"))
    for weight, old in zip(model.weights, before):
        np.testing.assert_array_equal(numpy(weight), old)


@pytest.mark.parametrize("wrong", [layers.ReLU(), layers.LSTM(3), layers.BatchNormalization(), "dense"])
def test_layers_that_are_not_linear_are_refused(wrong):
    with pytest.raises(ValueError, match="linear"):
        SpectralNormalization(wrong)


@pytest.mark.parametrize("wrong", [0, -1, 1.5, None])
def test_power_iterations_are_checked(wrong):
    with pytest.raises(ValueError, match="power_iterations"):
        SpectralNormalization(layers.Dense(3), power_iterations=wrong)
