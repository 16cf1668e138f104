import os
import re
import struct
import tracemalloc
import warnings

import numpy as np
import pytest
from PIL import Image

from kgan.data import image_folder

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def save(path, colour=RED, size=(12, 8), mode="RGB", **arguments):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, colour).save(path, **arguments)


def test_reads_all_kinds_in_sorted_order(tmp_path):
    kinds = "a/1.png a/2.JPG b/c/3.webp b/d.bmp e.gif f.jpeg g.tif h.tiff i.jfif j.jpe k.ppm l.pnm m.jp2 n.avif"
    known = Image.registered_extensions()
    kinds = [kind for kind in kinds.split() if known.get("." + kind.lower().split(".")[1]) in Image.SAVE]
    for index, kind in enumerate(kinds):
        save(tmp_path / kind, (15 * index, 0, 0))
    save(tmp_path / "a/.hidden.png", GREEN)
    save(tmp_path / ".cache/x.png", GREEN)
    batches = image_folder(tmp_path, 8, batch_size=4)
    assert batches.images.shape == (len(kinds), 8, 8, 3) and batches.images.dtype == np.uint8 and batches.labels is None
    np.testing.assert_allclose(batches.images[:, 4, 4, 0], 15 * np.arange(len(kinds)), atol=4)
    images = batches[0]
    assert images.shape == (4, 8, 8, 3) and images.dtype == np.float32 and -1 <= images.min() and images.max() <= 1


def test_labels_are_the_folders(tmp_path):
    for name, colour in (("zebra/1.png", RED), ("apple/deep/1.png", GREEN), ("zebra/0.png", BLUE)):
        save(tmp_path / name, colour)
    batches = image_folder(tmp_path, 8, labels=True)
    assert batches.class_names == ["apple", "zebra"] and batches.labels.dtype == np.int64
    np.testing.assert_array_equal(batches.labels, [0, 1, 1])
    np.testing.assert_array_equal(batches.images[:, 0, 0], [GREEN, BLUE, RED])
    save(tmp_path / "loose.png")
    with pytest.raises(ValueError, match="loose.png"):
        image_folder(tmp_path, 8, labels=True)


def test_numbers_of_classes_are_those_of_the_folders_and_can_be_shared(tmp_path):
    for name in ("train/cat", "train/dog", "train/owl", "test/cat", "test/owl"):
        save(tmp_path / name / "1.png")
    (tmp_path / "test/dog").mkdir()
    train = image_folder(tmp_path / "train", 8, labels=True)
    with pytest.warns(UserWarning, match="test' has no image of 'dog'"):
        test = image_folder(tmp_path / "test", 8, labels=True)
    assert train.class_names == test.class_names == ["cat", "dog", "owl"] and list(test.labels) == [0, 2]
    (tmp_path / "test/dog").rmdir()
    shared = image_folder(tmp_path / "test", 8, labels=True, class_names=train.class_names)
    assert shared.class_names == train.class_names and list(shared.labels) == [0, 2] and shared.labels.dtype == np.int64
    save(tmp_path / "test/emu/1.png")
    with pytest.raises(ValueError, match="emu' is none of the classes 'cat', 'dog', 'owl'"):
        image_folder(tmp_path / "test", 8, labels=True, class_names=train.class_names)
    with pytest.raises(ValueError, match="add `labels=True`"):
        image_folder(tmp_path / "test", 8, class_names=train.class_names)
    with pytest.raises(ValueError, match="each class once"):
        image_folder(tmp_path / "test", 8, labels=True, class_names=["cat", "cat"])


def test_links_are_followed_and_none_for_ever(tmp_path):
    save(tmp_path / "elsewhere/dogs/1.png", RED)
    save(tmp_path / "elsewhere/photo.png", GREEN)
    save(tmp_path / "set/cats/1.png", BLUE)
    (tmp_path / "set/dogs").symlink_to(tmp_path / "elsewhere/dogs", target_is_directory=True)
    (tmp_path / "set/cats/2.png").symlink_to(tmp_path / "elsewhere/photo.png")
    (tmp_path / "set/cats/back").symlink_to(tmp_path / "set", target_is_directory=True)
    (tmp_path / "elsewhere/dogs/itself").symlink_to(tmp_path / "elsewhere/dogs", target_is_directory=True)
    batches = image_folder(tmp_path / "set", 8, labels=True)
    assert batches.class_names == ["cats", "dogs"] and list(batches.labels) == [0, 0, 1]
    np.testing.assert_array_equal(batches.images[:, 0, 0], [BLUE, GREEN, RED])
    (tmp_path / "set/cats/3.png").symlink_to(tmp_path / "nowhere.png")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "set/cats/4.png")
    with pytest.warns(UserWarning, match="Skipped .*3.png.*No such file"):
        assert len(image_folder(tmp_path / "set", 8).images) == 3


def test_files_of_other_kinds_are_counted_aloud(tmp_path):
    save(tmp_path / "a.png")
    for name in ("b.txt", "c/d.TXT", "c/clip.mp4", "README"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("no image")
    said = "4 files are no images that kgan reads in .*: .mp4 .1., .txt .2., no suffix .1."
    with pytest.warns(UserWarning, match=said) as caught:
        image_folder(tmp_path, 8)
    assert len(caught) == 1 and caught[0].filename == __file__


def test_crops_at_the_centre(tmp_path):
    picture = np.zeros((8, 24, 3), "uint8")
    picture[:, :8], picture[:, 8:16], picture[:, 16:] = RED, GREEN, BLUE
    Image.fromarray(picture).save(tmp_path / "wide.png")
    Image.fromarray(picture.transpose(1, 0, 2)).save(tmp_path / "tall.png")
    assert (image_folder(tmp_path, 8).images == GREEN).all()
    assert (image_folder(tmp_path, (4, 4)).images[:, :, 1:3, 1] > 200).all()
    tall, wide = image_folder(tmp_path, (4, 12)).images
    assert (
        (wide[2, [0, 6, -1]] > 250).sum() == 3
        and (wide[2, 0] == RED).all()
        and (wide[2, -1] == BLUE).all()
        and (tall[:, :, 1] > 200).all()
    )


def test_modes_of_pillow(tmp_path):
    save(tmp_path / "1.png", (0, 0, 0, 0), mode="RGBA")
    save(tmp_path / "2.png", (0, 0, 0, 128), mode="RGBA")
    save(tmp_path / "3.png", (255, 0), mode="LA")
    save(tmp_path / "4.png", 0, mode="P", transparency=0)
    save(tmp_path / "5.png", 257 * 100, mode="I;16")
    save(tmp_path / "6.png", 1, mode="1")
    save(tmp_path / "7.jpg", (0, 0, 0, 0), mode="CMYK")
    for channels in (1, 3):
        images = image_folder(tmp_path, 8, channels=channels).images
        assert images.shape == (7, 8, 8, channels)
        np.testing.assert_allclose(images[:, 3, 3, 0], [255, 127, 255, 255, 100, 255, 255], atol=1)


def test_turns_as_the_camera_says(tmp_path):
    picture = np.zeros((8, 8, 3), "uint8")
    picture[:4] = 255
    exif = Image.Exif()
    exif[0x0112] = 3
    Image.fromarray(picture).save(tmp_path / "upside_down.jpg", exif=exif, quality=95)
    image = image_folder(tmp_path, 8).images[0]
    assert image[:3].max() < 30 and image[5:].min() > 225


def test_a_turned_panorama_stays_sharp(tmp_path):
    """A JPEG is decoded smaller; the side that counts is the one after the turn."""
    picture = np.zeros((128, 1024), "uint8")
    picture[::16] = picture[1::16] = 255
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(picture).save(tmp_path / "tall.jpg", exif=exif, quality=95)
    image = image_folder(tmp_path, (8, 128), channels=1).images[0, 4, :, 0].astype(int)
    assert (image > 128).sum() == 16


def test_large_photos_shrink_without_aliasing(tmp_path):
    stripes = np.zeros((512, 768, 3), "uint8")
    stripes[:, ::2] = 255
    for name in ("stripes.png", "stripes.jpg"):
        Image.fromarray(stripes).save(tmp_path / name)
    assert abs(image_folder(tmp_path, 32).images.astype(int) - 127).max() < 12


def test_skips_what_it_cannot_read_and_names_it(tmp_path):
    save(tmp_path / "a.png", size=(64, 64))
    save(tmp_path / "b.png", BLUE)
    data = (tmp_path / "a.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(data[: len(data) // 2])
    (tmp_path / "text.jpg").write_text("no image")
    with pytest.warns(UserWarning) as caught:
        batches = image_folder(tmp_path, 8)
    assert len(batches.images) == 2
    assert [name in str(warning.message) for warning, name in zip(caught, ("cut.png", "text.jpg"))] == [True, True]
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "text.png").write_text("no image")
    with pytest.warns(UserWarning, match="text.png"), pytest.raises(ValueError, match="no readable image"):
        image_folder(tmp_path / "bad", 8)


@pytest.mark.parametrize(
    "error",
    [struct.error("unpack"), IndexError("index"), KeyError(7), EOFError(), MemoryError(), OverflowError("size")],
    ids=lambda error: type(error).__name__,
)
def test_whatever_a_decoder_raises_is_one_sentence(tmp_path, monkeypatch, error):
    save(tmp_path / "bad.png", size=(64, 64))
    save(tmp_path / "good.bmp", BLUE)

    def fail(self):
        raise error

    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile.load", fail)
    with pytest.warns(UserWarning, match="Skipped .*bad.png.*cannot be read as an image: .") as caught:
        assert (image_folder(tmp_path, 8).images == BLUE).all()
    assert len(caught) == 1 and "\n" not in str(caught[0].message)


@pytest.mark.parametrize("kind", ["EPS", "DDS", "SPIDER", "TGA", "PCX", "ICO"])
def test_a_suffix_opens_no_other_kind(tmp_path, monkeypatch, kind):
    """An EPS would start Ghostscript, whatever the file is called."""
    started = []
    monkeypatch.setattr("PIL.EpsImagePlugin.Ghostscript", lambda *arguments: started.append(arguments))
    # Not by its name: Pillow would take `.png` for SPIDER's suffix from then on.
    Image.new("F" if kind == "SPIDER" else "RGB", (16, 16)).save(tmp_path / "photo.other", kind)
    (tmp_path / "photo.other").rename(tmp_path / "photo.png")
    with pytest.warns(UserWarning, match="photo.png"), pytest.raises(ValueError, match="no readable image"):
        image_folder(tmp_path, 8)
    assert not started


def test_a_bound_on_pixels_after_the_draft(tmp_path, monkeypatch):
    for name in ("bomb.png", "photo.jpg", "small.png"):
        save(tmp_path / name, size=(16, 16) if name == "small.png" else (80, 80))
    for bound, read in ((4000, 2), (3000, 1), (None, 3)):
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", bound)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            images = image_folder(tmp_path, 8).images
        assert len(images) == read and len(caught) == 3 - read
        assert all(re.search("pixels .*PIL.Image.MAX_IMAGE_PIXELS", str(warning.message)) for warning in caught)


def test_memory_holds_the_images_once(tmp_path):
    for index in range(40):
        save(tmp_path / f"{index:02}.bmp", (index, 0, 0), (128, 128))
    (tmp_path / "20.bmp").write_bytes(b"damaged")
    tracemalloc.start()
    with pytest.warns(UserWarning, match="20.bmp"):
        images = image_folder(tmp_path, 128).images
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [*images[:, 0, 0, 0]] == [*range(20), *range(21, 40)] and peak < 1.5 * images.nbytes


@pytest.mark.parametrize("mode, value", [("F", 0.5), ("I", 100_000)])
def test_pixels_of_no_known_range_are_skipped(tmp_path, mode, value):
    save(tmp_path / "depth.tif", value, mode=mode)
    with pytest.warns(UserWarning, match="depth.tif.*8 or 16 bits"), pytest.raises(ValueError, match="no readable"):
        image_folder(tmp_path, 8)


def test_refuses(tmp_path):
    with pytest.raises(FileNotFoundError, match="There is no folder .*nowhere"):
        image_folder(tmp_path / "nowhere", 8)
    with pytest.raises(ValueError, match="no readable image"):
        image_folder(tmp_path, 8)
    for size in (0, 8.5, (8, 8, 3), "8", None, True):
        with pytest.raises(ValueError, match="`size` must be"):
            image_folder(tmp_path, size)
    with pytest.raises(ValueError, match="`channels`"):
        image_folder(tmp_path, 8, channels=4)
