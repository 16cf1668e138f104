"""Any image data set of TensorFlow Datasets."""

import contextlib
import difflib
import json
import logging
import os
import re
import socket
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import numpy as np

from kgan.data.resizing import crop_and_resize, height_and_width
from kgan.engine.batches import Batches

CHUNK = 256
DESCRIPTION = "dataset_info.json"


def load(name, split="train", size=None, labels=False, data_dir=None, batch_size=64, seed=0):
    """An image data set of TensorFlow Datasets, read (and downloaded where needed) by TFDS and held in memory as uint8,
    in the order of its files.

    Needs the packages `tensorflow` and `tensorflow-datasets`, whichever backend Keras runs on. On JAX and PyTorch,
    TensorFlow is kept off the GPU.

    Args:
        name: as TFDS spells it: `"mnist"`, `"cifar10"`, `"cycle_gan/horse2zebra"`, `"mnist:3.0.1"`. The image is that
            of the supervised pair, or the one called `image`.
        split: as TFDS spells it: `"train"`, `"test"`, `"train[:10%]"`, `"train+test"`.
        size: height and width in pixels, an integer or `(height, width)`: an image is scaled until its shorter side
            fits and cropped at its centre. None keeps the size, which then must be the same for all images.
        labels: whether a batch is `(images, labels)`.
        data_dir: where prepared data sets lie, and where new ones go. None: TFDS's own choice, that is the variable
            `TFDS_DATA_DIR` or `~/tensorflow_datasets`.
        batch_size: images a batch.
        seed: fixes the order of the batches.

    Returns:
        `Batches` whose `images` are uint8 `(n, height, width, channels)`; a batch is float32 in [-1, 1]. With `labels`
        they are int64 `(n,)` and `class_names` has the names that TFDS gives them.

    Raises:
        ImportError: a package is missing.
        ValueError: an unknown name (the nearest one is given), version or split, no 8-bit image or no class label in
            the data set, images that differ in size and no `size`, or files that are damaged or missing (the file is
            named).
        ConnectionError: the data set is not on the disk and could not be downloaded.

    Example:

    >>> train = kgan.data.load("mnist", labels=True)
    >>> train.images.shape, train.class_names[:3]
    ((60000, 28, 28, 1), ['0', '1', '2'])
    """
    size = None if size is None else height_and_width(size)
    builder = prepared(name, data_dir and os.path.expanduser(data_dir))
    features = builder.info.features
    image_key, label_key = find_image(name, builder.info), find_label(name, builder.info) if labels else None
    height, width, channels = features[image_key].shape
    if size is None and (height is None or width is None):
        raise ValueError(f"The images of {name!r} differ in size: say which one you want, for instance `size=64`.")
    if features[image_key].np_dtype != np.uint8:
        raise ValueError(
            f"The images of {name!r} are {np.dtype(features[image_key].np_dtype).name}; `load` reads 8-bit images."
        )
    images, classes = read(builder, split, image_key, label_key, (*(size or (height, width)), channels))
    return Batches(
        images,
        classes,
        batch_size=batch_size,
        seed=seed,
        class_names=list(features[label_key].names) if labels else None,
    )


def prepared(name, data_dir):
    """TFDS's builder of a data set that is on the disk when this returns."""
    try:
        import tensorflow  # noqa: F401
        import tensorflow_datasets as tfds
    except ImportError as error:
        raise ImportError(
            f"`kgan.data.load` reads TensorFlow Datasets ({error}): `pip install tensorflow tensorflow-datasets`, or "
            f"use `digits`, `glyphs` or `mixture`."
        ) from error
    with quiet():
        try:
            builder = tfds.builder(name, data_dir=data_dir)
        except tfds.core.registered.DatasetNotFoundError:
            known = tfds.list_builders(with_community_datasets=False)
            nearest = difflib.get_close_matches(name.partition(":")[0].partition("/")[0], known, n=1, cutoff=0)[0]
            raise ValueError(f"TensorFlow Datasets has no data set {name!r}. Did you mean {nearest!r}?") from None
        except (ImportError, OSError):
            raise
        except Exception as error:  # TFDS raises whatever its reading of a name or of a description ends in.
            raise ValueError(not_opened(name, data_dir, error)) from error
    if not builder.data_path.exists():
        download(builder, name)
    if not builder.info.splits:
        raise ValueError(f"{str(builder.data_path / DESCRIPTION)!r} is missing: {afresh(builder.data_path)}")
    return builder


def not_opened(name, data_dir, error):
    """The sentence on a set of which TFDS makes no builder: its description is damaged, or it has no such version."""
    import tensorflow_datasets as tfds

    for root in tfds.core.utils.file_utils.list_data_dirs(data_dir):
        for path in sorted(Path(root, name.partition(":")[0]).rglob(DESCRIPTION)):
            with contextlib.suppress(ValueError, TypeError, AttributeError):
                if {"name", "splits", "version"} <= json.loads(path.read_text()).keys():
                    continue
            return f"{str(path)!r} is damaged: {afresh(path.parent)}"
    # TFDS puts the arguments that it was given before what went wrong.
    said = str(error).rpartition('}": ')[2]
    return f"TensorFlow Datasets cannot open {name!r}: {' '.join(said.split())}"


def afresh(folder):
    """What to do where a file of a prepared data set is no good."""
    return f"restore it, or delete the folder {str(folder)!r} and load the data set again, which prepares it afresh."


def download(builder, name):
    """Downloads and prepares a data set, or says in one sentence that it could not be had."""
    import requests
    import tensorflow_datasets as tfds

    try:
        hosts = {urllib.parse.urlparse(url).hostname for url in builder.url_infos or ()} - {None}
        if hosts and not urllib.request.getproxies() and not any(map(resolves, hosts)):
            # TFDS itself would retry for 100 seconds.
            raise ConnectionError(f"no address for {', '.join(sorted(hosts))}")
        builder.download_and_prepare()
    except (
        ConnectionError,
        TimeoutError,
        requests.exceptions.RequestException,
        urllib.error.URLError,
        tfds.download.DownloadError,
    ) as error:
        raise ConnectionError(
            f"The data set {name!r} is not in {str(builder.data_dir_root)!r} and its download failed ({error}): pass "
            f"the `data_dir` that holds it, or use `kgan.data.digits`, `glyphs` or `mixture`, which need no network."
        ) from error


def resolves(host):
    """Whether a name server knows a host."""
    try:
        return bool(socket.getaddrinfo(host, None))
    except OSError:
        return False


def find_image(name, info):
    """Key of the image among the features of a data set."""
    import tensorflow_datasets as tfds

    preferred = [
        key
        for key in (*(info.supervised_keys or ()), "image", *info.features)
        if isinstance(key, str) and key in info.features
    ]
    found = next((key for key in preferred if isinstance(info.features[key], tfds.features.Image)), None)
    if found is None:
        raise ValueError(f"The data set {name!r} has no image: its features are {', '.join(info.features)}.")
    return found


def find_label(name, info):
    """Key of the class label among the features of a data set."""
    import tensorflow_datasets as tfds

    preferred = [
        key
        for key in (*reversed(info.supervised_keys or ()), "label", *info.features)
        if isinstance(key, str) and key in info.features
    ]
    found = next((key for key in preferred if isinstance(info.features[key], tfds.features.ClassLabel)), None)
    if found is None:
        raise ValueError(
            f"The data set {name!r} has no class label: its features are {', '.join(info.features)}. Ask for "
            f"`labels=False`."
        )
    return found


def read(builder, split, image_key, label_key, shape):
    """Images `(n, *shape)`, uint8, and labels `(n,)`, int64, or None."""
    import tensorflow as tf
    import tensorflow_datasets as tfds

    keep_off_accelerators(tf)
    options = tf.data.Options()
    options.autotune.enabled = False
    options.deterministic = True
    reading = tfds.ReadConfig(
        options=options, try_autocache=False, skip_prefetch=True, num_parallel_calls_for_decode=os.cpu_count()
    )
    images = np.empty((builder.info.splits[split].num_examples, *shape), "uint8")
    classes = None if label_key is None else np.empty(len(images), "int64")
    data = builder.as_dataset(split=split, shuffle_files=False, read_config=reading)
    data = data.map(lambda sample: (sample[image_key], sample[label_key] if label_key else 0), num_parallel_calls=1)
    step = 1 if None in builder.info.features[image_key].shape else CHUNK
    rows = iter(data.batch(step).with_options(options).as_numpy_iterator())
    try:
        # Asking for exactly what there is: TensorFlow logs a warning when an iterator runs out.
        for start in range(0, len(images), step):
            chunk, labels = next(rows)
            fits = chunk.shape[1:] == shape
            images[start : start + step] = chunk if fits else [resized(image, shape) for image in chunk]
            if classes is not None:
                classes[start : start + step] = labels
    except tf.errors.OpError as error:
        raise ValueError(damaged(builder, split, error)) from error
    return images, classes


def damaged(builder, split, error):
    """The sentence on records that cannot be read, with the name of the first file that is no good."""
    import tensorflow as tf

    for part in builder.info.splits[split].file_instructions:
        try:
            count = int(tf.data.TFRecordDataset(part.filename).reduce(np.int64(0), lambda count, _: count + 1))
            fault = f"it has {count} records, not {part.examples_in_shard}" if count != part.examples_in_shard else ""
        except tf.errors.OpError as found:
            fault = reason(found)
        if fault:
            return f"{str(part.filename)!r} is damaged or missing ({fault}): {afresh(builder.data_path)}"
    return f"A record of {split!r} cannot be decoded ({reason(error)}): {afresh(builder.data_path)}"


def reason(error):
    """What went wrong, of a TensorFlow error that also says where in its graph."""
    return " ".join(re.sub(r"\{\{.*?\}\}|\[Op:.*", "", error.message, flags=re.DOTALL).split())


def resized(image, shape):
    """Uint8 `shape` of an image `(h, w, channels)` of any size."""
    from PIL import Image

    picture = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
    return np.asarray(crop_and_resize(picture, shape[:2])).reshape(shape)


def keep_off_accelerators(tf):
    """Leaves the GPU's memory to Keras's backend where that is not TensorFlow."""
    import keras

    if keras.config.backend() != "tensorflow":
        with contextlib.suppress(RuntimeError):
            tf.config.set_visible_devices([], "GPU")


@contextlib.contextmanager
def quiet():
    """Without the warnings that TFDS logs while it looks for a data set."""
    logger = logging.getLogger("absl")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
