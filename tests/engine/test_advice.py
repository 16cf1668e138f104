"""The advice of a refusal cures the very input that triggers it."""

import re

import keras
import numpy as np
import pytest
from games import build, build_labelled, points
from harness import BACKEND

import kgan


def image_game(shape=(8, 8, 1)):
    generator, discriminator = kgan.networks.dcgan_generator(shape, 3, 4), kgan.networks.dcgan_discriminator(shape, 4)
    gan = kgan.DCGAN(generator, discriminator, seed=0)
    gan.compile(run_eagerly=BACKEND == "tensorflow")
    return gan


def pictures(low, high, dtype="float32"):
    return np.random.default_rng(0).uniform(low, high, (4, 8, 8, 1)).astype(dtype)


RANGES = {
    "bytes": pictures(0, 255, "uint8"),
    "floats of bytes": pictures(0, 255),
    "a tomogram": pictures(-1000, 2000),
    "whole numbers of a tomogram": pictures(-1000, 2000, "int16"),
    "decibels": pictures(-80, 0),
    "a constant": np.full((4, 8, 8, 1), 7.0, "float32"),
    "truth values": pictures(-1, 1) > 0,
    "16 bits": pictures(0, 65535, "uint16"),
}


@pytest.mark.parametrize("kind", RANGES)
def test_images_of_another_range(kind):
    gan, images = image_game(), RANGES[kind]
    with pytest.raises(ValueError) as refusal:
        gan.fit(images, verbose=0)
    cured = eval(re.search(r"write `(.*)`\.$", str(refusal.value))[1], {"images": images})
    gan.fit(cured, verbose=0)
    assert np.abs(cured).max() <= 1


def test_numbers_of_half_precision():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    images = pictures(-1, 1).astype(ml_dtypes.bfloat16)
    gan = image_game()
    with pytest.raises(ValueError, match=r"bfloat16: write `images.astype\('float32'\)`"):
        gan.fit(images, verbose=0)
    gan.fit(images.astype("float32"), verbose=0)


@pytest.mark.skipif(BACKEND != "tensorflow", reason="tf.data")
def test_a_data_set_that_is_not_batched():
    import tensorflow as tf

    gan, data = image_game(), tf.data.Dataset.from_tensor_slices(pictures(-1, 1))
    with pytest.raises(ValueError, match=r"one sample, not a batch: `data.batch\(32\)`"):
        gan.fit(data, verbose=0)
    gan.fit(data.batch(32), verbose=0)


def test_an_array_without_channels():
    gan, images = image_game(), pictures(-1, 1)[..., 0]
    with pytest.raises(ValueError, match=r"`images\[..., None\]`"):
        gan.fit(images, verbose=0)
    gan.fit(images[..., None], verbose=0)


@pytest.mark.parametrize("labelled", [False, True])
@pytest.mark.parametrize("stream", ["list", "tf.data"])
def test_batches_that_are_dicts(labelled, stream):
    """As TFDS and Hugging Face give them."""
    batch, last = ({"image": points(count), "label": np.arange(count) % 3} for count in (6, 5))
    gan = build_labelled() if labelled else build()
    if stream == "tf.data":
        tf = pytest.importorskip("tensorflow")
        data = tf.data.Dataset.from_tensor_slices(batch).batch(3)
    else:
        data = iter([batch, last])
    with pytest.raises(ValueError, match="a batch is a dict of image, label") as refusal:
        gan.fit(data, verbose=0)
    code = re.findall(r"`(.*?)`", str(refusal.value))[0 if stream == "tf.data" else 1]
    if stream == "tf.data":
        gan.fit(eval(code, {"data": data}), verbose=0)
    else:
        eval(f"gan.{code}", {"gan": gan, "np": np, "data": [batch, last]})


def test_channels_first():
    keras.config.set_image_data_format("channels_first")
    try:
        with pytest.raises(ValueError, match=r"has its channels first.*set_image_data_format\('channels_last'\)"):
            image_game()
    finally:
        keras.config.set_image_data_format("channels_last")
    image_game()


def inputs(*shapes):
    made = [keras.Input(shape) for shape in shapes]
    flat = [keras.layers.Flatten()(one) for one in made]
    joined = keras.layers.Concatenate()(flat) if len(flat) > 1 else flat[0]
    return made, joined


@pytest.mark.parametrize("shapes", [[(4, 3)], [(3,), (3,)]])
def test_a_generator_that_does_not_take_one_vector(shapes):
    made, joined = inputs(*shapes)
    generator = keras.Model(made if len(made) > 1 else made[0], keras.layers.Dense(2)(joined))
    with pytest.raises(ValueError, match=r"one vector a sample.*keras.Input\(\(latent_dim,\)\).*Reshape"):
        build(generator=generator)
    if shapes == [(4, 3)]:
        cured = keras.Sequential([keras.Input((12,)), keras.layers.Reshape((4, 3)), generator])
        build(generator=cured).fit(points(), verbose=0)


def test_a_generator_that_makes_two_samples():
    made, joined = inputs((3,))
    with pytest.raises(ValueError, match="must have one output here, not 2"):
        build(generator=keras.Model(made, [keras.layers.Dense(2)(joined), keras.layers.Dense(2)(joined)]))


@pytest.mark.parametrize("variant", [kgan.SNGAN, kgan.R3GAN, kgan.WGANGP])
def test_batch_normalization_where_samples_must_not_see_each_other(variant):
    def critic(normalization):
        dense = keras.layers.Dense(4)
        wrapped = kgan.layers.SpectralNormalization(dense) if variant is kgan.SNGAN else dense
        return keras.Sequential([keras.Input((2,)), wrapped, normalization, keras.layers.Dense(1)])

    with pytest.raises(
        ValueError, match=f"{variant.__name__}'s discriminator must not have BatchNormalization.*LayerNorm"
    ):
        build(variant, discriminator=critic(keras.layers.BatchNormalization()))
    build(variant, discriminator=critic(keras.layers.LayerNormalization())).fit(points(), verbose=0)


def test_names_in_place_of_labels():
    gan, names = build_labelled(), np.array(["b", "a", "c"] * 4)
    with pytest.raises(ValueError, match=r"`np.unique\(labels, return_inverse=True\)\[1\]`"):
        gan.fit(points(), names, verbose=0)
    gan.fit(points(), np.unique(names, return_inverse=True)[1], verbose=0)


def test_fewer_samples_than_a_metric_needs():
    data = points(10)
    with pytest.raises(ValueError) as refusal:
        build(metrics=[kgan.metrics.FrechetDistance()]).fit(data, validation_data=data, verbose=0)
    code = re.search(r"(FrechetDistance\(.*?\))", str(refusal.value))[1].replace("..., ", "")
    metric = eval(f"kgan.metrics.{code}", {"kgan": kgan})
    build(metrics=[metric]).fit(data, validation_data=data, verbose=0)
