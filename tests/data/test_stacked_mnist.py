import importlib

import numpy as np
import pytest

from kgan.data import Batches, stacked_mnist

MODULE = importlib.import_module("kgan.data.stacked_mnist")


@pytest.fixture(autouse=True)
def few_digits(monkeypatch):
    """Ten pictures in place of MNIST, the pixel of each its label."""
    pictures = np.arange(10, dtype="uint8")[:, None, None, None] * np.ones((1, 28, 28, 1), "uint8")
    monkeypatch.setattr(MODULE, "load", lambda *_, **__: Batches(pictures, np.arange(10)))


def test_each_channel_shows_the_digit_that_is_on_record_and_channels_are_independent():
    train = stacked_mnist(samples=2000, seed=1)
    assert train.images.shape == (2000, 28, 28, 3) and train.images.dtype == np.uint8
    np.testing.assert_array_equal(train.images[:, 5, 7], train.digits)
    assert len(np.unique(train.digits @ [100, 10, 1])) > 800
    assert np.abs(np.corrcoef(train.digits.T) - np.eye(3)).max() < 0.1


def test_the_seed_fixes_the_stacks():
    first, again, other = (stacked_mnist(samples=20, seed=seed).digits for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_no_samples_are_refused():
    with pytest.raises(ValueError, match="at least 1"):
        stacked_mnist(samples=0)
