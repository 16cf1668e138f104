import keras
import numpy as np
import pytest

import kgan


@pytest.mark.parametrize("players", ["dcgan", "infogan"])
@pytest.mark.parametrize("shape", [(8, 8, 1), (28, 28, 1), (12, 20, 3), (25, 31, 2), (64, 64, 3)])
def test_convolutional_players_take_any_shape(shape, players):
    generator = getattr(kgan.networks, f"{players}_generator")(shape, latent_dim=5, filters=4)
    discriminator = getattr(kgan.networks, f"{players}_discriminator")(shape, filters=4)
    images = generator(np.random.default_rng(0).normal(size=(2, 5)).astype("float32"))
    assert tuple(images.shape) == (2, *shape) and float(keras.ops.max(keras.ops.abs(images))) <= 1
    assert tuple(discriminator(images).shape) == (2, 1)


def test_the_published_widths_at_64_pixels():
    """Figure 1 of the paper, whose 128 filters are twice the default."""
    generator = kgan.networks.dcgan_generator((64, 64, 3), filters=128)
    discriminator = kgan.networks.dcgan_discriminator((64, 64, 3), filters=128)
    maps = [layer.output.shape[1:] for layer in generator.layers if isinstance(layer, keras.layers.Conv2DTranspose)]
    assert generator.layers[1].output.shape[1:] == (4, 4, 1024)
    assert maps == [(8, 8, 512), (16, 16, 256), (32, 32, 128), (64, 64, 3)]
    maps = [layer.output.shape[1:] for layer in discriminator.layers if isinstance(layer, keras.layers.Conv2D)]
    assert maps == [(32, 32, 128), (16, 16, 256), (8, 8, 512), (4, 4, 1024)]


def test_the_published_widths_of_infogan():
    generator, discriminator = (
        kgan.networks.infogan_generator((28, 28, 1)),
        kgan.networks.infogan_discriminator((28, 28, 1), heads=(10, 2), head_hidden=128),
    )
    widths = [
        layer.output.shape[1:] for layer in (*generator.layers, *discriminator.layers) if hasattr(layer, "kernel")
    ]
    assert widths == [
        (1024,),
        (6272,),
        (14, 14, 64),
        (28, 28, 1),
        (14, 14, 64),
        (7, 7, 128),
        (1024,),
        (128,),
        (1,),
        (10,),
        (2,),
    ]


def test_a_label_beside_infogans_latent_is_one_hot():
    generator = kgan.networks.infogan_generator((8, 8, 1), latent_dim=3, filters=2, hidden=4, classes=5)
    together = next(layer.output for layer in generator.layers if isinstance(layer, keras.layers.Concatenate))
    codes = keras.Model(generator.inputs, together)([np.zeros((2, 3), "float32"), np.array([4, 1], "int32")])
    np.testing.assert_array_equal(
        keras.ops.convert_to_numpy(codes), [[0, 0, 0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 1, 0, 0, 0]]
    )


@pytest.mark.parametrize(
    "normalization, expected",
    [("batch", 2 * ["Batch"]), ("layer", 2 * ["Layer"]), ("spectral", 4 * ["Spectral"]), (None, [])],
)
def test_normalization_of_the_discriminator(normalization, expected):
    kinds = [
        type(layer).__name__
        for layer in kgan.networks.dcgan_discriminator((28, 28, 1), 4, normalization=normalization).layers
    ]
    assert [kind.removesuffix("Normalization") for kind in kinds if kind.endswith("Normalization")] == expected


PAIRS = [{"classes": 3, "design": design} for design in ("joint", "two_branch", "projection")]


@pytest.mark.parametrize("options", [{}, {"heads": (3,)}, *PAIRS])
def test_a_spectral_discriminator_has_no_bare_matrix(options):
    discriminator = kgan.networks.dcgan_discriminator((8, 8, 1), 4, normalization="spectral", **options)
    weighted = [layer for layer in discriminator.layers if layer.weights]
    assert all(isinstance(layer, kgan.layers.SpectralNormalization) for layer in weighted)
    inputs = [np.ones((2, 8, 8, 1), "float32")] + ([np.array([0, 2])] if "classes" in options else [])
    discriminator(inputs if len(inputs) > 1 else inputs[0], training=True)


def test_no_map_of_a_discriminator_at_the_start_dies_out_or_explodes():
    images = np.random.default_rng(0).uniform(-1, 1, (16, 28, 28, 1)).astype("float32")
    for normalization in ("batch", "layer", None):
        logits = kgan.networks.dcgan_discriminator((28, 28, 1), 16, normalization=normalization)(images, training=True)
        assert 1e-3 < float(keras.ops.std(logits)) < 10


def test_what_cannot_be_built():
    with pytest.raises(ValueError, match="4 pixels"):
        kgan.networks.dcgan_generator((3, 8, 1))
    with pytest.raises(ValueError, match="normalization"):
        kgan.networks.dcgan_discriminator((8, 8, 1), normalization="instance")


def test_a_perceptron_of_given_widths():
    network = kgan.networks.mlp(3, 2, units=(5, 7), output_activation="tanh")
    assert [layer.units for layer in network.layers] == [5, 7, 2]
    assert float(keras.ops.max(keras.ops.abs(network(100 * np.ones((1, 3)))))) <= 1
