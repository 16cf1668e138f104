import numpy as np
import pytest

from kgan.data import digits


def test_original_pixels_are_kept():
    from sklearn.datasets import load_digits

    everything = digits(split="all", labels=True)
    assert everything.images.shape == (1797, 8, 8, 1) and everything.images.dtype == np.uint8
    np.testing.assert_allclose(everything.images[..., 0] * (16 / 255), load_digits().images, atol=0.04)
    np.testing.assert_array_equal(everything.labels, load_digits().target)
    assert everything.labels.dtype == np.int64 and everything.class_names == list("0123456789")


def test_split_is_a_stratified_partition_that_no_seed_changes():
    train, test, everything = (
        digits(split=split, labels=True, seed=seed) for split, seed in (("train", 3), ("test", 4), ("all", 5))
    )
    assert (len(train.images), len(test.images)) == (1500, 297)
    rows = np.concatenate([train.images, test.images]).reshape(1797, -1)
    np.testing.assert_array_equal(sorted(map(bytes, rows)), sorted(map(bytes, everything.images.reshape(1797, -1))))
    shares = [np.bincount(batches.labels) / len(batches.labels) for batches in (train, test)]
    np.testing.assert_allclose(*shares, atol=0.003)
    np.testing.assert_array_equal(test.images, digits(split="test", seed=9).images)
    assert (train[0][0] != digits(split="train", labels=True, seed=4)[0][0]).any()


@pytest.mark.parametrize("size", [9, 16, 28, 32])
def test_enlarged_digits_keep_their_ink_within_a_margin(size):
    small, large = digits(split="test").images / 255, digits(size, split="test").images / 255
    assert large.shape == (297, size, size, 1)
    ratio = large.sum((1, 2, 3)) / small.sum((1, 2, 3)) * (10 / size) ** 2
    assert abs(ratio - 1).max() < 0.1
    assert large[:, [0, -1]].mean() < 0.1 < small[:, [0, -1]].mean()


def test_batches_are_ink_on_minus_one():
    images = digits(16)[0]
    assert images.shape == (64, 16, 16, 1) and images.dtype == np.float32
    assert images.min() == np.median(images) == -1 and 0.9 < images.max() <= 1


@pytest.mark.parametrize(
    "arguments, said",
    [({"size": 7}, "at least 8"), ({"size": 8.5}, "8.5"), ({"split": "valid"}, "'train', 'test' or 'all'")],
)
def test_refuses(arguments, said):
    with pytest.raises(ValueError, match=said):
        digits(**arguments)
