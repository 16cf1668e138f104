"""What a refusal advises, done to the very input that was refused: it passes."""

import pytest
from PIL import Image

from kgan.data import digits, glyphs, image_folder, mixture, stacked_mnist


def folder(tmp_path, *names, mode="RGB", colour=0):
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new(mode, (8, 8), colour).save(tmp_path / name)
    return tmp_path


def test_a_loose_file_is_moved_or_labels_are_not_asked_for(tmp_path):
    path = folder(tmp_path, "cat/1.png", "loose.png")
    with pytest.raises(ValueError, match="'loose.png' lies in none: move it into one, or ask for `labels=False`"):
        image_folder(path, 8, labels=True)
    assert len(image_folder(path, 8, labels=False).images) == 2
    (path / "loose.png").rename(path / "cat/2.png")
    assert len(image_folder(path, 8, labels=True).images) == 2


def test_an_unknown_class_is_moved_away_or_named(tmp_path):
    path = folder(tmp_path / "set", "cat/1.png", "emu/1.png")
    with pytest.raises(ValueError, match="move it away, or add 'emu' to the `class_names` of all sets"):
        image_folder(path, 8, labels=True, class_names=["cat"])
    assert list(image_folder(path, 8, labels=True, class_names=["cat", "emu"]).labels) == [0, 1]
    (path / "emu").rename(tmp_path / "emu")
    assert list(image_folder(path, 8, labels=True, class_names=["cat"]).labels) == [0]
    with pytest.raises(ValueError, match="add `labels=True`"):
        image_folder(path, 8, class_names=["cat"])


@pytest.mark.parametrize("mode, value", [("F", 0.5), ("I", 100_000)])
def test_pixels_of_no_known_range_are_saved_again(tmp_path, mode, value):
    path = folder(tmp_path, "1.tif", mode=mode, colour=value)
    with pytest.warns(UserWarning, match="save it with 8 or 16 bits"), pytest.raises(ValueError):
        image_folder(path, 8)
    for again in ("L", "I;16"):
        Image.new(again, (8, 8), 100).save(tmp_path / "1.tif")
        assert len(image_folder(path, 8).images) == 1


def test_a_glyph_that_a_font_lacks_is_left_out_or_the_font():
    fonts = ("DejaVuSans", "cmr10")
    with pytest.raises(ValueError, match="cmr10 has no glyph for 'ж': leave the one out of `fonts`"):
        glyphs(30, 8, "aж", fonts=fonts)
    assert len(glyphs(30, 8, "a", fonts=fonts).images) == len(glyphs(30, 8, "aж", fonts=fonts[:1]).images) == 30


def test_near_names_are_names():
    with pytest.raises(ValueError, match="Did you mean 'ring'"):
        mixture("rnig")
    with pytest.raises(ValueError, match="has DejaVuSans, .*DejaVuSans-Bold"):
        glyphs(2, 8, "a", fonts=("Arial",))
    assert len(mixture("ring", samples=3).images) == len(glyphs(3, 8, "a", fonts=("DejaVuSans-Bold",)).images) == 3


@pytest.mark.parametrize("wrong", ["8", None, (8, 8), float("nan"), float("inf"), 8.5, True, -1])
def test_whole_numbers_are_asked_for_in_one_sentence(wrong):
    asks = (digits, lambda size: glyphs(2, size), glyphs, lambda count: mixture("ring", count), stacked_mnist)
    for ask in asks:
        with pytest.raises(ValueError, match=r"must be an integer of at least \d.*, not "):
            ask(wrong)
    assert digits(8.0).images.shape[1] == 8 and len(mixture("ring", 1e2).images) == 100


def test_class_names_and_integers_are_there_wherever_labels_are(tmp_path):
    sets = (image_folder(folder(tmp_path, "0/1.png", "1/1.png"), 8, labels=True), digits(labels=True))
    for data, names in zip((*sets, glyphs(4, 8, "01", labels=True)), ("01", "0123456789", "01")):
        assert data.class_names == list(names) and data.labels.dtype == "int64"
