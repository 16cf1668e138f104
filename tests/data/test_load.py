import importlib
import importlib.util
import os
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kgan.data import load

MODULE = importlib.import_module("kgan.data.load")
TFDS = Path(__file__).parents[2].parent / "shared" / "tfds"
needs_files = pytest.mark.skipif(not TFDS.is_dir(), reason="needs the prepared data sets in ../shared/tfds")
needs_tfds = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("tensorflow", "tensorflow_datasets"))),
    reason="needs the packages tensorflow and tensorflow-datasets",
)


def raw_records(name, split, count):
    """Images and labels of the first records of the file itself, read without TensorFlow."""
    import io

    from PIL import Image

    images, labels = [], []
    with open(next(TFDS.glob(f"{name}/*/{name}-{split}.tfrecord*")), "rb") as file:
        for _ in range(count):
            (length,) = struct.unpack("<Q", file.read(12)[:8])
            record = file.read(length + 4)
            images.append(np.asarray(Image.open(io.BytesIO(record[record.index(b"\x89PNG") :]))))
            # A protocol buffer: the key, then a feature that holds a list of one integer.
            labels.append(record[record.index(b"label\x12\x05\x1a\x03\x0a\x01") + 11])
    return np.stack(images), labels


@needs_files
@needs_tfds
@pytest.mark.parametrize("name, first_class", [("mnist", "0"), ("fashion_mnist", "T-shirt/top")])
def test_reads_what_the_files_hold(name, first_class):
    test = load(name, split="test", labels=True, data_dir=TFDS)
    assert test.images.shape == (10_000, 28, 28, 1) and test.images.dtype == np.uint8 and test.labels.dtype == np.int64
    raw_images, raw_labels = raw_records(name, "test", 300)
    np.testing.assert_array_equal(test.images[:300, ..., 0], raw_images)
    np.testing.assert_array_equal(test.labels[:300], raw_labels)
    assert len(test.class_names) == 10 and test.class_names[0] == first_class
    images, labels = test[0]
    assert (
        images.shape == (64, 28, 28, 1)
        and images.dtype == np.float32
        and images.min() == -1
        and images.max() == 1
        and labels.shape == (64,)
    )


@needs_files
@needs_tfds
def test_splits_sizes_and_no_labels(monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(TFDS))
    part = load("mnist", split="train[100:700]", data_dir=TFDS)
    assert len(part.images) == 600 and part.labels is None and part[0].shape == (64, 28, 28, 1)
    np.testing.assert_array_equal(part.images[:50, ..., 0], raw_records("mnist", "train", 150)[0][100:])
    scaled = load("mnist", split="train[100:200]", size=56, data_dir=TFDS).images
    assert scaled.shape == (100, 56, 56, 1)
    back = scaled.reshape(100, 28, 2, 28, 2).mean((2, 4))
    assert abs(back - part.images[:100, ..., 0]).mean() < 4
    cropped = load("mnist", split="train[100:200]", size=(28, 14), data_dir=TFDS).images
    np.testing.assert_array_equal(cropped, part.images[:100, :, 7:21])
    with pytest.raises(ValueError, match="tran"):
        load("mnist", split="tran", data_dir=TFDS)


@needs_tfds
def test_images_of_several_sizes_need_one(tmp_path):
    import tensorflow_datasets as tfds

    class Mixed(tfds.core.GeneratorBasedBuilder):
        VERSION = tfds.core.Version("1.0.0")

        def _info(self):
            return tfds.core.DatasetInfo(
                builder=self,
                features=tfds.features.FeaturesDict({"picture": tfds.features.Image(), "number": np.int64}),
            )

        def _split_generators(self, manager):
            return {"train": self._generate_examples()}

        def _generate_examples(self):
            for index in range(5):
                yield index, {"picture": np.full((10 + index, 20, 3), 50 * index, "uint8"), "number": index}

    tfds.display_progress_bar(False)
    Mixed(data_dir=tmp_path).download_and_prepare()
    with pytest.raises(ValueError, match="differ in size.*size=64"):
        load("mixed", data_dir=tmp_path)
    images = load("mixed", size=8, data_dir=tmp_path).images
    assert images.shape == (5, 8, 8, 3) and sorted(images[:, 0, 0, 0]) == [0, 50, 100, 150, 200]
    with pytest.raises(ValueError, match="no class label: its features are .*picture"):
        load("mixed", size=8, labels=True, data_dir=tmp_path)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A folder that holds a prepared data set `tiny` of five images."""
    tfds = pytest.importorskip("tensorflow_datasets")

    class Tiny(tfds.core.GeneratorBasedBuilder):
        VERSION = tfds.core.Version("1.0.0")

        def _info(self):
            label = tfds.features.ClassLabel(names=["a", "b"])
            features = {"image": tfds.features.Image(shape=(8, 8, 1)), "label": label}
            return tfds.core.DatasetInfo(builder=self, features=tfds.features.FeaturesDict(features))

        def _split_generators(self, manager):
            return {"train": self._generate_examples()}

        def _generate_examples(self):
            for index in range(5):
                yield index, {"image": np.full((8, 8, 1), 50 * index, "uint8"), "label": index % 2}

    tfds.display_progress_bar(False)
    folder = tmp_path_factory.mktemp("tiny")
    Tiny(data_dir=folder).download_and_prepare()
    return folder


RECORDS, DESCRIPTION = "tiny-train.tfrecord-00000-of-00001", "dataset_info.json"


@needs_tfds
@pytest.mark.parametrize(
    "file, change, fault",
    [
        (RECORDS, lambda data: data[:-30], "truncated record"),
        (RECORDS, lambda data: data[:100] + bytes([data[100] ^ 255]) + data[101:], "corrupted record"),
        (RECORDS, lambda data: b"", "it has 0 records, not 5"),
        (RECORDS, None, "damaged or missing .*No such file"),
        (DESCRIPTION, lambda data: data[:100], "is damaged"),
        (DESCRIPTION, lambda data: b"null", "is damaged"),
        (DESCRIPTION, lambda data: b"{}", "is damaged"),
        (DESCRIPTION, None, "is missing"),
    ],
)
def test_a_damaged_set_is_one_sentence_that_mends_it(tiny, tmp_path, file, change, fault):
    shutil.copytree(tiny, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "tiny/1.0.0" / file
    path.write_bytes(change(path.read_bytes())) if change else path.unlink()
    with pytest.raises(ValueError, match=f"{file}' .*{fault}") as raised:
        load("tiny", labels=True, data_dir=tmp_path)
    assert "\n" not in str(raised.value) and (change is None or raised.value.__cause__ is not None)
    shutil.rmtree(re.search("delete the folder '(.*)' and load", str(raised.value))[1])
    assert len(load("tiny", labels=True, data_dir=tmp_path).images) == 5


@needs_tfds
def test_no_such_version_is_one_sentence(tiny):
    with pytest.raises(ValueError, match="cannot open 'tiny:9.9.9': .*at version 9.9.9, only: 1.0.0") as raised:
        load("tiny:9.9.9", data_dir=tiny)
    assert "\n" not in str(raised.value)
    assert load("tiny:1.0.0", labels=True, data_dir=tiny).class_names == ["a", "b"]


@needs_tfds
def test_unknown_name_gets_the_nearest(tmp_path):
    with pytest.raises(ValueError, match="no data set 'fashion_mnits'. Did you mean 'fashion_mnist'"):
        load("fashion_mnits", data_dir=tmp_path)


@needs_tfds
def test_no_network_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(MODULE, "resolves", lambda host: False)
    monkeypatch.setattr("urllib.request.getproxies", dict)
    with pytest.raises(
        ConnectionError, match="'cifar10' is not in .*download failed.*`data_dir`.*digits.*glyphs.*mixture.*no network"
    ) as raised:
        load("cifar10", data_dir=tmp_path)
    assert str(tmp_path) in str(raised.value) and "\n" not in str(raised.value) and not list(tmp_path.iterdir())


@needs_tfds
def test_failed_download_is_the_same_sentence(tmp_path, monkeypatch):
    import requests
    import tensorflow_datasets as tfds

    def fail(self):
        raise requests.exceptions.ConnectionError("Max retries exceeded")

    monkeypatch.setattr(MODULE, "resolves", lambda host: True)
    monkeypatch.setattr(tfds.core.DatasetBuilder, "download_and_prepare", fail)
    with pytest.raises(ConnectionError, match="'cifar10' is not in .*Max retries exceeded.*digits"):
        load("cifar10", data_dir=tmp_path)


def test_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", None)
    with pytest.raises(ImportError, match="pip install tensorflow tensorflow-datasets"):
        load("mnist")


def test_import_is_light():
    """`import kgan.data` adds none of the heavy packages to those that Keras brings, on a backend that does without
    TensorFlow.
    """
    backend = next((name for name in ("jax", "torch") if importlib.util.find_spec(name)), None)
    if backend is None:
        pytest.skip("neither JAX nor PyTorch is installed")
    code = (
        "import sys, keras, kgan.engine; before = set(sys.modules); import kgan.data; "
        "heavy = {'tensorflow', 'tensorflow_datasets', 'sklearn', 'PIL', 'matplotlib', 'scipy'}; "
        "print(sorted(heavy & (set(sys.modules) - before)), 'tensorflow' in sys.modules)"
    )
    environment = {**os.environ, "KERAS_BACKEND": backend}
    result = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == "[] False"
