import numpy as np
import pytest
from PIL import Image

from kgan.data import image_folder

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def save(path, colour=RED, size=(12, 8), mode="RGB", **arguments):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, colour).save(path, **arguments)


def test_reads_all_kinds_in_sorted_order(tmp_path):
    kinds = ["a/1.png", "a/2.JPG", "b/c/3.webp", "b/d.bmp", "e.gif", "f.jpeg"]
    for index, kind in enumerate(kinds):
        save(tmp_path / kind, (40 * index, 0, 0))
    save(tmp_path / "a/.hidden.png", GREEN)
    save(tmp_path / ".cache/x.png", GREEN)
    (tmp_path / "notes.txt").write_text("no image")
    batches = image_folder(tmp_path, 8, batch_size=4)
    assert batches.images.shape == (6, 8, 8, 3) and batches.images.dtype == np.uint8 and batches.labels is None
    np.testing.assert_allclose(batches.images[:, 4, 4, 0], 40 * np.arange(6), atol=3)
    images = batches[0]
    assert images.shape == (4, 8, 8, 3) and images.dtype == np.float32 and -1 <= images.min() and images.max() <= 1


def test_labels_are_the_folders(tmp_path):
    for name, colour in (("zebra/1.png", RED), ("apple/deep/1.png", GREEN), ("zebra/0.png", BLUE)):
        save(tmp_path / name, colour)
    (tmp_path / "empty").mkdir()
    batches = image_folder(tmp_path, 8, labels=True)
    assert batches.class_names == ["apple", "zebra"] and batches.labels.dtype == np.int64
    np.testing.assert_array_equal(batches.labels, [0, 1, 1])
    np.testing.assert_array_equal(batches.images[:, 0, 0], [GREEN, BLUE, RED])
    save(tmp_path / "loose.png")
    with pytest.raises(ValueError, match="loose.png"):
        image_folder(tmp_path, 8, labels=True)


def test_crops_at_the_centre(tmp_path):
    picture = np.zeros((8, 24, 3), "uint8")
    picture[:, :8], picture[:, 8:16], picture[:, 16:] = RED, GREEN, BLUE
    Image.fromarray(picture).save(tmp_path / "wide.png")
    Image.fromarray(picture.transpose(1, 0, 2)).save(tmp_path / "tall.png")
    assert (image_folder(tmp_path, 8).images == GREEN).all()
    assert (image_folder(tmp_path, (4, 4)).images[:, :, 1:3, 1] > 200).all()
    tall, wide = image_folder(tmp_path, (4, 12)).images
    assert (wide[2, [0, 6, -1]] > 250).sum() == 3 and (wide[2, 0] == RED).all() and (wide[2, -1] == BLUE).all() and (tall[:, :, 1] > 200).all()


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
