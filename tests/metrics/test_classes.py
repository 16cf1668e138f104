"""What depends on classes: accuracy, diversity within them, stacked digits, modes of mixtures."""

import itertools

import keras
import numpy as np
import pytest

import kgan
from kgan.metrics import (
    ClassAccuracy,
    ClassDiversity,
    ModeCoverage,
    StackedModes,
    class_diversity,
    mode_report,
    multiscale_ssim,
    stacked_modes,
)
from kgan.metrics.class_diversity import pairwise
from kgan.metrics.multiscale_ssim import blurred

IMAGES = np.tanh(np.random.RandomState(0).randn(6, 24, 17, 2))


def test_ms_ssim_vector():
    """compare_gan: the mean over pairs of constant images 1, 0.7 and 0 on a range of 255."""
    constant = np.stack([np.full((64, 64, 3), value) for value in (1.0, 0.7, 0.0)])
    assert pairwise(constant, 255) == pytest.approx(0.989989, abs=1e-6)
    first, second = (constant[list(chosen)] for chosen in zip(*itertools.combinations(range(3), 2)))
    assert multiscale_ssim(first, second, 255).mean() == pytest.approx(0.989989, abs=1e-6)


def test_ms_ssim_of_constant_images_is_the_last_luminance():
    expected = ((2 * 0.5 * 0.2 + 0.02**2) / (0.5**2 + 0.2**2 + 0.02**2)) ** 0.1333
    assert multiscale_ssim(np.full((1, 16, 16, 1), 0.5), np.full((1, 16, 16, 1), 0.2)) == pytest.approx(expected)


def test_ms_ssim_is_tensorflows_where_that_is_defined():
    """The number is that of tf.image.ssim_multiscale in float64, which has no window smaller than 11 pixels: five
    scales need 176.
    """
    first = np.tanh(np.random.RandomState(0).randn(1, 177, 178, 2))
    second = 0.6 * first + 0.4 * np.tanh(np.random.RandomState(1).randn(1, 177, 178, 2))
    assert multiscale_ssim(first, second) == pytest.approx(0.81989901, abs=1e-8)


@pytest.mark.parametrize("size", [4, 8])
def test_a_window_that_is_cut_keeps_its_deviation(size):
    """The convention that the docstring names: a cut window is the middle of a whole one."""
    positions = np.arange(size) - (size - 1) / 2
    weights = np.exp(-np.square(positions) / (2 * 1.5**2))
    image = np.random.RandomState(0).randn(1, size, size, 1)
    expected = weights @ image[0, ..., 0] @ weights / weights.sum() ** 2
    assert blurred(image) == pytest.approx(np.full((1, 1, 1, 1), expected))


def test_ms_ssim_of_odd_sides_is_symmetric_and_bounded():
    values = multiscale_ssim(IMAGES[:3], IMAGES[3:])
    assert values == pytest.approx(multiscale_ssim(IMAGES[3:], IMAGES[:3])) and values.shape == (3,)
    assert np.all(0 <= values) and np.all(values < 0.9)
    assert multiscale_ssim(IMAGES, IMAGES) == pytest.approx(np.ones(6))


@pytest.mark.parametrize(
    "first, second, says",
    [
        (IMAGES, IMAGES[:2], "image by image"),
        (IMAGES[:, :15], IMAGES[:, :15], "at least 16x16"),
        (IMAGES[0], IMAGES[0], r"\(n, height"),
        (IMAGES * 127, IMAGES, "further apart than `value_range`"),
        (IMAGES * np.nan, IMAGES, "non-finite"),
    ],
)
def test_ms_ssim_refuses(first, second, says):
    with pytest.raises(ValueError, match=says):
        multiscale_ssim(first, second)


def test_class_diversity_is_the_mean_over_classes_of_the_mean_over_pairs():
    labels = np.array([3, 1, 3, 1, 3, 1])[:, None]
    metric = ClassDiversity(samples=5)
    metric.update_state(labels[:4], IMAGES[:4].astype("float32"))
    metric.update_state(labels[4:], IMAGES[4:].astype("float32"))
    threes = np.mean([multiscale_ssim(IMAGES[i : i + 1], IMAGES[j : j + 1])[0] for i, j in ((0, 2), (0, 4), (2, 4))])
    ones = multiscale_ssim(IMAGES[1:2], IMAGES[3:4])[0]
    assert metric.name == "class_ms_ssim5" and metric.result() == pytest.approx((threes + ones) / 2, rel=1e-5)


def test_a_collapsed_class_has_no_diversity():
    metric = ClassDiversity(samples=6)
    metric.update_state(np.array([0, 0, 0, 1, 1, 1]), np.repeat(IMAGES[:2], 3, axis=0).astype("float32"))
    assert metric.result() == pytest.approx(1)


def test_class_diversity_refuses():
    metric = ClassDiversity(samples=6)
    metric.update_state(np.array([0, 0, 0, 1, 1, 7]), IMAGES.astype("float32"))
    with pytest.raises(ValueError, match="Class 7 has one image"):
        metric.result()
    with pytest.raises(ValueError, match=r"\[-1, 1\]"):
        ClassDiversity().update_state(np.zeros(6, int), 127 * IMAGES)
    with pytest.raises(ValueError, match="Labels must be integers"):
        ClassDiversity().update_state(np.zeros(6), IMAGES)
    assert class_diversity.pairwise(IMAGES) == pairwise(IMAGES)


def vertical_classifier(classes=10, name="reader"):
    """Sees class c in an image whose brightest column is c."""
    return keras.Sequential(
        [
            keras.Input((None, None, 1)),
            keras.layers.Lambda(lambda x: keras.ops.mean(x, axis=(1, 3)), output_shape=(classes,)),
        ],
        name=name,
    )


def drawn(digits, side=10):
    """Images `(n, side, side, 1)` of a bright column a digit."""
    images = np.full((len(digits), side, side, 1), -1.0, "float32")
    images[np.arange(len(digits)), :, digits] = 1
    return images


def test_class_accuracy():
    labels, shown = np.array([1, 2, 3, 4, 5]), np.array([1, 2, 9, 4, 5])
    metric = ClassAccuracy(vertical_classifier(), samples=4)
    metric.update_state(labels[:3], drawn(shown[:3]))
    metric.update_state(labels[3:, None], drawn(shown[3:]))
    assert metric.name == "class_accuracy4_reader" and metric.result() == 0.75  # the fifth does not enter


def test_class_accuracy_of_points():
    largest = keras.Sequential([keras.Input((2,)), keras.layers.Identity()], name="largest")
    metric = ClassAccuracy(largest, samples=3)
    metric.update_state(np.array([0, 1, 1]), np.array([[5.0, 0.0], [0.0, 5.0], [5.0, 0.0]], "float32"))
    assert metric.result() == pytest.approx(2 / 3)


def test_class_accuracy_refuses():
    metric = ClassAccuracy(vertical_classifier(), samples=4)
    with pytest.raises(ValueError, match="Labels must be integers"):
        metric.update_state(np.eye(10)[:4], drawn(np.arange(4)))
    with pytest.raises(ValueError, match="4 samples, but 2 generated"):
        metric.update_state(np.arange(2), drawn(np.arange(2)))
        metric.result()
    one_class = keras.Sequential([keras.Input((10, 10, 1)), keras.layers.Flatten(), keras.layers.Dense(1)])
    with pytest.raises(ValueError, match="one class"):
        ClassAccuracy(one_class).update_state(np.arange(2), drawn(np.arange(2)))
    with pytest.raises(ValueError, match="needs a `classifier`"):
        ClassAccuracy(None)


DIGIT_SHARES = np.array([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]) / 60_000


@pytest.mark.parametrize("count, modes, kl", [(1000, 633, 0.572), (5000, 992.5, 0.110), (26_000, 1000, 0.0239)])
def test_the_floor_of_true_stacked_digits(count, modes, kl):
    random = np.random.RandomState(0)
    reports = [stacked_modes(random.choice(10, size=(count, 3), p=DIGIT_SHARES)) for _ in range(20)]
    assert np.mean([report["modes"] for report in reports]) == pytest.approx(modes, rel=0.006)
    assert np.mean([report["kl"] for report in reports]) == pytest.approx(kl, rel=0.02)


def test_stacked_modes_by_hand():
    assert stacked_modes([[0, 0, 1], [0, 1, 0], [0, 0, 1], [1, 0, 0]]) == {
        "modes": 3,
        "kl": pytest.approx(np.log(1000) - 1.5 * np.log(2)),
    }
    assert stacked_modes([[1, 1, 1]] * 5) == {"modes": 1, "kl": pytest.approx(np.log(1000))}
    everything = list(itertools.product(range(10), repeat=3))
    assert stacked_modes(everything) == {"modes": 1000, "kl": pytest.approx(0, abs=1e-12)}


@pytest.mark.parametrize(
    "digits", [np.zeros((3, 2)), np.zeros(3), np.zeros((0, 3)), [[0, 0, 10]], [[0, 0, -1]], [[0, 0, 0.5]]]
)
def test_stacked_modes_refuses(digits):
    with pytest.raises(ValueError, match="`digits` must be"):
        stacked_modes(digits)


def test_stacked_modes_of_images():
    digits = np.random.RandomState(0).randint(0, 10, (40, 3))
    images = np.concatenate([drawn(digits[:, channel]) for channel in range(3)], axis=-1)
    metric = StackedModes(vertical_classifier(), samples=30)
    for start in range(0, 40, 7):
        metric.update_state(images[start : start + 7], images[start : start + 7])
    expected = stacked_modes(digits[:30])
    assert metric.result() == pytest.approx(
        {"modes_stacked_30_reader": expected["modes"], "kl_stacked_30_reader": expected["kl"]}
    )


def test_stacked_modes_refuses_images_and_judges():
    with pytest.raises(ValueError, match="three channels"):
        StackedModes(vertical_classifier()).update_state(drawn([1]), drawn([1]))
    three = np.zeros((2, 7, 7, 3), "float32")
    with pytest.raises(ValueError, match="10 classes, not 7"):
        StackedModes(vertical_classifier(7)).update_state(three, three)


@pytest.mark.parametrize("name", ["ring", "grid"])
def test_mode_coverage_is_the_report(name):
    train = kgan.data.mixture(name, samples=3000)
    metric = ModeCoverage(train.centres, train.deviation)
    for start in range(0, 3000, 700):
        metric.update_state(train.images[start : start + 700] * np.nan, train.images[start : start + 700])
    expected = mode_report(train.images[:2500], train.centres, train.deviation)
    assert metric.result() == pytest.approx({f"{part}_2500": value for part, value in expected.items()})


def test_mode_coverage_counts_points_that_are_not_finite_as_bad():
    metric = ModeCoverage([[0.0, 0.0]], 1, samples=4)
    metric.update_state(np.zeros((4, 2)), np.array([[0, 0], [np.nan, 0], [0, np.inf], [1, 1]]))
    assert metric.result()["high_quality_4"] == 0.5


def test_mode_coverage_refuses():
    with pytest.raises(ValueError, match="`deviation`"):
        ModeCoverage([[0.0, 0.0]], 0)
    with pytest.raises(ValueError, match="`centres`"):
        ModeCoverage([0.0, 0.0], 1)
    with pytest.raises(ValueError, match="2 coordinates"):
        ModeCoverage([[0.0, 0.0]], 1).update_state(np.zeros((4, 3)), np.zeros((4, 3)))
