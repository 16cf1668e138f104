"""Networks from images to images, and the discriminator that judges patches of them."""

import keras
import numpy as np
import pytest

import kgan
from kgan.engine import input_gradient
from kgan.networks.unet import checked_depth

numpy = keras.ops.convert_to_numpy
SIZES = [(28, 28), (28, 36), (30, 42), (65, 97)]
COMPUTED = [(28, 28), (30, 42)]
TRANSLATORS = {
    "unet": lambda shape, **options: kgan.networks.unet(shape, filters=4, **options),
    "resnet": lambda shape, **options: kgan.networks.resnet_translator(shape, filters=4, blocks=1, **options),
}
ONCE = pytest.mark.skipif(
    keras.config.backend() != "tensorflow",
    reason="the same on every backend, and JAX compiles each kernel's first values",
)
TRANSLATOR = pytest.mark.parametrize("build", TRANSLATORS.values(), ids=TRANSLATORS)


def outputs(network, given, training=False):
    """What a network makes, as an array; on JAX compiled at once, not operation by operation."""
    if keras.config.backend() != "jax":
        return numpy(keras.ops.cast(network(given, training=training), "float32"))
    import jax

    weights = network.trainable_variables, network.non_trainable_variables
    states = [[variable.value for variable in variables] for variables in weights]
    call = jax.jit(lambda *arguments: network.stateless_call(*arguments, training=training)[0])
    return np.asarray(call(*states, given), "float32")


def slopes_of(function, given):
    """The gradient of the sum of `function(given)` at `given`, as an array."""
    given = keras.ops.convert_to_tensor(given)
    if keras.config.backend() != "jax":
        return numpy(input_gradient(function, given)[1])
    import jax

    return np.asarray(jax.jit(jax.grad(lambda image: keras.ops.sum(function(image))))(given))


def images(*shape, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype("float32")


@TRANSLATOR
@pytest.mark.parametrize("sides", SIZES)
def test_images_of_any_size_keep_it(build, sides):
    network = build((*sides, 1), channels=3)
    assert network.output_shape == (None, *sides, 3)
    if sides in COMPUTED:
        made = outputs(network, images(2, *sides, 1))
        assert made.shape == (2, *sides, 3) and np.abs(made).max() <= 1 and made.std() > 1e-4


@TRANSLATOR
def test_a_network_of_free_size_takes_each(build):
    network = build((None, None, 1))
    assert network.output_shape == (None, None, None, 1)
    for sides in [(30, 42), (7, 12)]:
        assert outputs(network, images(1, *sides, 1)).shape == (1, *sides, 1)


@TRANSLATOR
def test_free_and_fixed_size_are_one_network(build):
    """What is learned on crops serves on whole images: the weights are the same, and so is what they make."""
    depth = {"depth": 3} if build is TRANSLATORS["unet"] else {}
    free, fixed = build((None, None, 2), **depth), build((30, 42, 2), **depth)
    free.set_weights(fixed.get_weights())
    given = images(2, 30, 42, 2)
    np.testing.assert_allclose(outputs(free, given), outputs(fixed, given), atol=1e-5)


@ONCE
@TRANSLATOR
def test_every_pixel_counts(build):
    network = build((9, 14, 1), normalization=None)
    assert (slopes_of(lambda image: keras.ops.sum(network(image), axis=(1, 2, 3)), images(1, 9, 14, 1)) != 0).all()


BUILDERS = {
    "unet": lambda **options: kgan.networks.unet((12, 20, 2), filters=4, **options),
    "unet with noise": lambda **options: kgan.networks.unet((16, 16, 2), filters=4, noise=True, **options),
    "resnet": lambda **options: kgan.networks.resnet_translator((10, 14, 2), filters=4, blocks=1, **options),
    "patch": lambda **options: kgan.networks.patch_discriminator((28, 20, 2), 4, 34, **options),
    "pixel": lambda **options: kgan.networks.patch_discriminator((12, 12, 2), 32, 1, **options),
    "pair": lambda **options: kgan.networks.patch_discriminator((12, 12, 1), 4, 16, condition=(12, 12, 3), **options),
}
BUILDER = pytest.mark.parametrize("build", BUILDERS.values(), ids=BUILDERS)
NORMALIZATION = pytest.mark.parametrize("normalization", ["instance", "batch", "layer", "spectral", None])


def inputs_of(network, count=2):
    given = [images(count, *tensor.shape[1:], seed=index) for index, tensor in enumerate(network.inputs)]
    return given if len(given) > 1 else given[0]


@BUILDER
def test_a_saved_network_is_the_same(build, tmp_path):
    network = build()
    given = inputs_of(network)
    network.save(tmp_path / "network.keras")
    loaded = keras.saving.load_model(tmp_path / "network.keras")
    assert loaded.output_shape == network.output_shape
    for one, other in zip(network.get_weights(), loaded.get_weights()):
        np.testing.assert_array_equal(one, other)
    if not any(isinstance(layer, kgan.layers.DropoutNoise) for layer in network.layers):
        np.testing.assert_allclose(outputs(loaded, given), outputs(network, given), atol=1e-6)


@ONCE
@BUILDER
@NORMALIZATION
def test_normalization_is_where_it_is_said_to_be(build, normalization):
    network = build(normalization=normalization)
    weighted = [layer for layer in network.layers if layer.weights]
    if normalization == "spectral":
        assert all(isinstance(layer, kgan.layers.SpectralNormalization) for layer in weighted)
        return
    kinds = [type(layer).__name__ for layer in weighted]
    kind = {"instance": "GroupNormalization", "layer": "GroupNormalization", "batch": "BatchNormalization"}
    present = set(kinds) - {"Conv2D", "Conv2DTranspose"}
    assert present == ({kind[normalization]} if normalization else set())
    assert not kinds[-1].endswith("Normalization")
    for layer, following in zip(weighted, weighted[1:]):
        if type(layer).__name__.startswith("Conv"):
            assert layer.use_bias != type(following).__name__.endswith("Normalization")


@BUILDER
def test_mixed_precision_is_near_float32(build):
    network = build()
    keras.config.set_dtype_policy("mixed_float16")
    halved = build()
    halved.set_weights(network.get_weights())
    given = inputs_of(network)
    if any(isinstance(layer, kgan.layers.DropoutNoise) for layer in network.layers):
        assert np.isfinite(outputs(halved, given)).all()
        return
    np.testing.assert_allclose(outputs(halved, given), outputs(network, given), atol=0.1)


@BUILDER
@pytest.mark.parametrize("normalization", ["instance", pytest.param(None, marks=ONCE)])
def test_nothing_dies_out_or_explodes_and_flat_images_are_numbers(build, normalization):
    network = build(normalization=normalization)
    given = inputs_of(network, 8)
    assert 1e-3 < outputs(network, given, training=True).std() < 10
    flat = keras.tree.map_structure(lambda part: np.full_like(part, -1), given)
    assert np.isfinite(outputs(network, flat, training=True)).all()


# ---- U-Net -----------------------------------------------------------------------------------------------------------


@ONCE
def test_the_published_unet():
    """C64-C128-C256-C512-C512-C512-C512-C512 down, CD512-CD512-CD512-C512-C256-C128-C64 up."""
    network = kgan.networks.unet((256, 256, 3))
    maps = {kind: [] for kind in ("Conv2D", "Conv2DTranspose", "Dropout", "GroupNormalization")}
    for layer in network.layers:
        maps.get(type(layer).__name__, []).append(layer.output.shape[1:])
    assert maps["Conv2D"] == [
        (2 ** (7 - level), 2 ** (7 - level), width) for level, width in enumerate([64, 128, 256] + 5 * [512])
    ]
    assert maps["Conv2DTranspose"] == [
        (2**level, 2**level, width) for level, width in enumerate(4 * [512] + [256, 128, 64, 3], start=1)
    ]
    assert maps["Dropout"] == [(2, 2, 512), (4, 4, 512), (8, 8, 512)]
    # No normalization on the first map, on the innermost, and on the last.
    assert len(maps["GroupNormalization"]) == 13 and min(shape[0] for shape in maps["GroupNormalization"]) == 2
    assert not any(isinstance(layer, kgan.layers.PadToMultiple) for layer in network.layers)
    # The authors' network, and a bias each for the two maps on the way down that are not normalized.
    assert network.count_params() == 54_413_955 + 64 + 512


@pytest.mark.parametrize(
    "sides, depth",
    [
        ((4, 4), 2),
        ((28, 28), 4),
        ((28, 36), 3),
        ((33, 33), 3),
        ((64, 64), 6),
        ((65, 97), 4),
        ((256, 256), 8),
        ((2048, 2048), 8),
        ((None, None), 5),
        ((256, None), 5),
    ],
)
def test_depth_is_what_the_smaller_side_allows(sides, depth):
    assert checked_depth(sides, None) == depth


def test_noise_is_dropout_that_goes_on():
    given = images(2, 16, 16, 1)
    for noise in (False, True):
        network = kgan.networks.unet((16, 16, 1), filters=4, depth=2, noise=noise)
        one, other = numpy(network(given)), numpy(network(given))
        assert (np.abs(one - other).max() > 1e-3) == noise
    assert not any("ropout" in type(layer).__name__ for layer in kgan.networks.unet((8, 8, 1), 1, 4, dropout=0).layers)


# ---- residual translator ---------------------------------------------------------------------------------------------


@ONCE
@pytest.mark.parametrize("side, blocks", [(64, 6), (128, 6), (256, 9), (None, 9)])
def test_the_published_residual_translator(side, blocks):
    network = kgan.networks.resnet_translator((side, side, 3))
    convolutions = [layer for layer in network.layers if type(layer).__name__.startswith("Conv2D")]
    described = [
        (type(layer).__name__, layer.filters, *layer.kernel_size[:1], *layer.strides[:1]) for layer in convolutions
    ]
    assert described == [
        ("Conv2D", 64, 7, 1),
        *(("Conv2D", width, 3, 2) for width in (128, 256)),
        *(2 * blocks * [("Conv2D", 256, 3, 1)]),
        *(("Conv2DTranspose", width, 3, 2) for width in (128, 64)),
        ("Conv2D", 3, 7, 1),
    ]
    assert sum(isinstance(layer, keras.layers.Add) for layer in network.layers) == blocks
    # The authors' network, which has one number a normalized map (a bias) where this one has two.
    maps = sum(layer.gamma.shape[0] for layer in network.layers if hasattr(layer, "gamma"))
    assert network.count_params() - maps == {6: 7_837_699, 9: 11_378_179}[blocks]


# ---- patches ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", [1, 7, 16, 34, 70, 142, 286])
def test_a_logit_sees_exactly_its_patch(field):
    side = 2 * field + 40
    network = kgan.networks.patch_discriminator((side, side, 1), 2, field, normalization=None)
    rows = network.output_shape[1]
    slopes = slopes_of(lambda image: network(image)[:, rows // 2, rows // 2, 0], images(1, side, side, 1))
    seen = slopes[0, ..., 0] != 0
    assert seen.sum() == field**2
    assert seen.any(0).sum() == seen.any(1).sum() == field
    # A patch, in one piece.
    assert np.ptp(np.flatnonzero(seen.any(0))) == np.ptp(np.flatnonzero(seen.any(1))) == field - 1


@ONCE
def test_the_published_maps_of_logits():
    shapes = {field: kgan.networks.patch_discriminator((256, 256, 3), 4, field).output_shape for field in (1, 16, 70)}
    assert shapes == {1: (None, 256, 256, 1), 16: (None, 126, 126, 1), 70: (None, 30, 30, 1)}
    network = kgan.networks.patch_discriminator((256, 256, 3))
    assert [layer.filters for layer in network.layers if hasattr(layer, "filters")] == [64, 128, 256, 512, 1]
    # The authors' network, which has one number a normalized map (a bias) where this one has two.
    assert network.count_params() - (128 + 256 + 512) == 2_764_737


def test_a_pair_is_a_source_and_a_target():
    network = kgan.networks.patch_discriminator((12, 10, 1), 4, 7, condition=(12, 10, 3))
    assert [tensor.shape for tensor in network.inputs] == [(None, 12, 10, 3), (None, 12, 10, 1)]
    assert [tensor.name for tensor in network.inputs] == ["source", "target"]
    given = inputs_of(network)
    for changed in range(2):
        other = [part + 0.5 * (index == changed) * images(*part.shape, seed=9) for index, part in enumerate(given)]
        assert np.abs(outputs(network, given) - outputs(network, other)).max() > 1e-3


def test_a_patch_discriminator_of_free_size():
    network = kgan.networks.patch_discriminator((None, None, 1), 4, 16, condition=(None, None, 2))
    assert outputs(network, [images(1, 13, 21, 2), images(1, 13, 21, 1)]).shape == (1, 5, 9, 1)


@pytest.mark.parametrize(
    "build, said",
    [
        (lambda: kgan.networks.unet((3, 28, 1)), "at least 4 pixels a side, not 3 x 28"),
        (lambda: kgan.networks.unet((28, 28, 1), depth=9), "levels from 2 to 8, not 9"),
        (lambda: kgan.networks.unet((28, 28, 1), depth=1), "levels from 2 to 8, not 1"),
        (lambda: kgan.networks.unet((28, 28, 1), noise=True, dropout=0), "give a `dropout` above 0"),
        (lambda: kgan.networks.unet((28, 28, 1), normalization="group"), "'spectral' or None, not 'group'"),
        (lambda: kgan.networks.resnet_translator((28, 4, 1)), "at least 5 pixels a side, not 28 x 4"),
        (lambda: kgan.networks.resnet_translator((28, 28, 1), blocks=-1), "at least 0, not -1"),
        (
            lambda: kgan.networks.patch_discriminator((28, 28, 1), receptive_field=32),
            "1, 7, 16, 34, 70, 142, 286, not 32",
        ),
        (lambda: kgan.networks.patch_discriminator((16, 28, 1)), "16 x 28 .* leaves no logit: choose 34 or less"),
        (lambda: kgan.networks.patch_discriminator((2, 2, 1)), "leaves no logit: choose 1 or less"),
        (
            lambda: kgan.networks.patch_discriminator((28, 28, 1), condition=(28, 30, 1)),
            "`condition` of 28 x 30 pixels needs a `shape` of as many, not of 28 x 28",
        ),
    ],
)
def test_refuses(build, said):
    with pytest.raises(ValueError, match=said):
        build()


def test_halves_of_a_translator_meet_in_the_code():
    encoder = kgan.networks.resnet_encoder((28, 36, 3), filters=4, blocks=1)
    decoder = kgan.networks.resnet_decoder((28, 36, 1), filters=4, blocks=1)
    assert encoder.output_shape == decoder.input_shape == (None, 7, 9, 16)
    assert decoder.output_shape == (None, 28, 36, 1)
    whole = kgan.networks.resnet_translator((28, 36, 3), channels=1, filters=4, blocks=2)
    assert encoder.count_params() + decoder.count_params() == whole.count_params()
    free = kgan.networks.resnet_encoder((None, None, 1), filters=4, blocks=1)
    assert free.compute_output_shape((2, 12, 16, 1)) == (2, 3, 4, 16)


@pytest.mark.parametrize("half", [kgan.networks.resnet_encoder, kgan.networks.resnet_decoder])
def test_sides_that_cannot_be_halved_twice_are_refused(half):
    with pytest.raises(ValueError, match="not 30 x 28: read the images at 32 x 28"):
        half((30, 28, 1))
    with pytest.raises(ValueError, match="read the images at 8 x 8"):
        half((4, 8, 1))
