"""What a refusal advises, done to the very input that was refused: it passes."""

import re

import keras
import numpy as np
import pytest

import kgan
from kgan.metrics import (
    ClassAccuracy,
    ClassDiversity,
    FrechetDistance,
    InceptionScore,
    floor,
    inception_score,
    multiscale_ssim,
    nearest_neighbour_test,
    perceptual_path_length,
)

RANDOM = np.random.RandomState(0)
POINTS = RANDOM.randn(12, 3)


def network(*last):
    return keras.Sequential([keras.Input((4, 4, 1)), *last])


def advised(raised):
    """The code between backticks in a refusal."""
    return re.findall("`([^`]*)`", str(raised.value))


@pytest.mark.parametrize(
    "images",
    [
        RANDOM.uniform(0, 255, (8, 4, 4, 1)),
        RANDOM.randint(0, 256, (8, 4, 4, 1)).astype("uint8"),
        RANDOM.uniform(-1000, 2000, (8, 4, 4, 1)),
        RANDOM.uniform(300, 4000, (8, 4, 4, 1)).astype("uint16"),
        RANDOM.uniform(-80, 0, (8, 4, 4, 1)),
        np.full((8, 4, 4, 1), 777.0),
    ],
    ids=["0..255", "uint8", "CT", "uint16", "decibels", "constant"],
)
def test_images_come_into_range_by_what_is_advised(images):
    metric = FrechetDistance(network(keras.layers.Flatten()), samples=8)
    with pytest.raises(ValueError, match=r"lie in \[-1, 1\]") as raised:
        metric.update_state(images, images)
    mended = eval(advised(raised)[0], {"images": images})
    assert mended.min() >= -1.001 and (mended.min() < -0.5 or images.min() == images.max())
    metric.reset_state()
    metric.update_state(mended, mended)
    assert metric.result() == pytest.approx(0, abs=1e-5)


def test_images_that_are_not_finite_are_not_told_to_be_scaled():
    images = np.zeros((8, 4, 4, 1))
    images[3, 0, 0] = np.nan
    metric = FrechetDistance(network(keras.layers.Flatten()), samples=7)
    with pytest.raises(ValueError, match="1 values of these are NaN or infinite: remove or repair those images"):
        metric.update_state(images, images)
    metric.reset_state()
    metric.update_state(np.delete(images, 3, axis=0), np.delete(images, 3, axis=0))
    assert metric.result() == pytest.approx(0, abs=1e-6)


def test_a_map_of_features_is_pooled_or_flattened():
    maps, images = keras.layers.Conv2D(2, 3), np.zeros((4, 4, 4, 1))
    with pytest.raises(ValueError, match="end it in a pooling or Flatten"):
        FrechetDistance(network(maps), samples=4).update_state(images, images)
    for last in (keras.layers.GlobalAveragePooling2D(), keras.layers.Flatten()):
        metric = FrechetDistance(network(maps, last), samples=4)
        metric.update_state(images, images)
        assert metric.result() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("labels", [np.eye(3)[[0, 1, 2, 0]], np.array([0.0, 1.0, 2.0, 0.0])], ids=["one-hot", "float"])
def test_labels_become_integers(labels):
    metric = ClassAccuracy(network(keras.layers.Flatten(), keras.layers.Dense(3)), samples=4)
    with pytest.raises(ValueError, match="Labels must be integers") as raised:
        metric.update_state(labels, np.zeros((4, 4, 4, 1)))
    metric.update_state(eval(advised(raised)[0], {"labels": labels}), np.zeros((4, 4, 4, 1)))
    assert metric.result() in (0.25, 0.5)


def test_a_class_of_one_image_needs_more_samples():
    images, labels = np.tanh(RANDOM.randn(12, 16, 16, 1)), np.repeat([0, 1, 2, 2], 3) * 1
    labels[:5] = [0, 0, 1, 2, 2]
    metric = ClassDiversity(samples=5)
    metric.update_state(labels, images)
    with pytest.raises(ValueError, match="Class 1 has one image among the 5 that enter, .*raise `samples`"):
        metric.result()
    metric = ClassDiversity(samples=12)
    metric.update_state(labels, images)
    assert 0 <= metric.result() <= 1


def test_equally_many_are_taken():
    with pytest.raises(ValueError, match="equally many") as raised:
        nearest_neighbour_test(POINTS, POINTS[:5])
    with pytest.raises(ValueError, match="equally many") as other:
        floor(FrechetDistance(samples=5), POINTS, POINTS[:5])
    assert advised(raised) == advised(other) == ["[:5]"]
    assert nearest_neighbour_test(POINTS[:5], POINTS[:5])["accuracy"] <= 1
    assert floor(FrechetDistance(samples=5), POINTS[:5], POINTS[:5]) == pytest.approx(0, abs=1e-6)


def test_functions():
    images = RANDOM.uniform(0, 255, (2, 16, 16, 1))
    with pytest.raises(ValueError, match="`value_range=255` for 0..255"):
        multiscale_ssim(images, images)
    assert multiscale_ssim(images, images, value_range=255) == pytest.approx(np.ones(2))
    with pytest.raises(ValueError, match="Logits need a softmax first"):
        inception_score(POINTS)
    assert inception_score(np.exp(POINTS) / np.exp(POINTS).sum(1, keepdims=True))["mean"] >= 1
    with pytest.raises(ValueError, match="`splits` of at most 4"):
        inception_score(np.eye(4))
    assert inception_score(np.eye(4), splits=4)["mean"] == pytest.approx(1)
    for wrong in (None, "3", (1,), float("nan"), 0):
        with pytest.raises(ValueError, match="`samples` must be an integer of at least 1"):
            FrechetDistance(samples=wrong)
    with pytest.raises(ValueError, match="such as kgan.metrics.Judge\\('mnist', output='probabilities'\\)"):
        InceptionScore(None)
    assert InceptionScore(kgan.metrics.Judge("mnist", output="probabilities")).name == "is10k_splits10_mnist-cnn"


def test_the_path_of_a_generator_of_labels_is_that_of_one_label():
    latents, label = keras.Input((3,)), keras.Input((), dtype="int32")
    embedded = keras.layers.Embedding(2, 3)(label)
    generator = keras.Model([latents, label], keras.layers.Multiply()([latents, embedded]))
    with pytest.raises(ValueError, match="wrap it in a keras.Model of latents alone, with a label of your choice"):
        perceptual_path_length(generator, samples=10)
    one = keras.layers.Lambda(lambda z: keras.ops.cast(keras.ops.zeros_like(z[:, 0]), "int32"), output_shape=())
    inputs = keras.Input((3,))
    alone = keras.Model(inputs, generator([inputs, one(inputs)]))
    assert perceptual_path_length(alone, samples=10, epsilon=0.01)["mean"] > 0
