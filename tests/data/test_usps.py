from pathlib import Path

import numpy as np
import pytest

import kgan

h5py = pytest.importorskip("h5py")
FILE = Path(__file__).parents[3] / "shared" / "data" / "usps" / "usps.h5"


@pytest.fixture
def file(tmp_path):
    """A file such as USPS', of 3 and 2 digits, white from edge to edge."""
    with h5py.File(tmp_path / "usps.h5", "w") as made:
        for split, count in (("train", 3), ("test", 2)):
            made[f"{split}/data"] = np.ones((count, 256), "float32")
            made[f"{split}/target"] = np.arange(count)
    return tmp_path / "usps.h5"


def test_where_a_digit_is_placed(file):
    boxed, whole = (kgan.data.usps(file, placement=placement, labels=True) for placement in ("box", "whole"))
    assert boxed.images.shape == (3, 28, 28, 1) and list(boxed.labels) == [0, 1, 2]
    assert (boxed.images[:, 4:24, 4:24] == 255).all() and boxed.images.sum() == 3 * 400 * 255
    assert (whole.images == 255).all() and whole.class_names == list("0123456789")
    assert kgan.data.usps(file, "test", size=16, placement="whole").images.shape == (2, 16, 16, 1)


@pytest.mark.parametrize(
    "options, said",
    [
        ({"split": "all"}, "`split` must be 'train' or 'test'"),
        ({"placement": "centre"}, "`placement` must be 'box' or 'whole'"),
        ({"size": 8}, "at least 16"),
    ],
)
def test_bad_options_are_refused(file, options, said):
    with pytest.raises(ValueError, match=said):
        kgan.data.usps(file, **options)


def test_another_file_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="no file"):
        kgan.data.usps(tmp_path / "usps.h5")
    (tmp_path / "usps.h5").write_text("digits")
    with pytest.raises(ValueError, match="is not the file of USPS"):
        kgan.data.usps(tmp_path / "usps.h5")


@pytest.mark.skipif(not FILE.exists(), reason="needs USPS' digits in ../shared/data")
def test_the_real_file():
    for split, count in (("train", 7291), ("test", 2007)):
        data = kgan.data.usps(FILE, split, labels=True)
        assert len(data.images) == len(data.labels) == count and set(data.labels) == set(range(10))
    # Ink is bright, on a dark ground, as MNIST's.
    assert data.images[:, :4].max() == 0 and 20 < data.images.mean() < 60
