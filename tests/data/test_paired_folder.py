import numpy as np
import pytest
from PIL import Image

from kgan.data import paired_folder

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def save(path, *colours, size=(8, 8), **arguments):
    """A picture of one colour, or of several side by side."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = np.concatenate([np.full((*size, 3), colour, "uint8") for colour in colours], axis=1)
    Image.fromarray(picture).save(path, **arguments)


@pytest.mark.parametrize("side", ["left", "right"])
def test_both_sides_of_a_picture(tmp_path, side):
    save(tmp_path / "b.png", RED, BLUE)
    save(tmp_path / "deep/a.png", GREEN, RED, size=(12, 12))
    pairs = paired_folder(tmp_path, 8, side=side, batch_size=2)
    left, right = (pairs.images, pairs.labels)[:: 1 if side == "left" else -1]
    assert left.shape == right.shape == (2, 8, 8, 3) and left.dtype == right.dtype == np.uint8
    assert (left[0] == RED).all() and (right[0] == BLUE).all() and (left[1] == GREEN).all() and (right[1] == RED).all()
    sources, targets = pairs[0]
    assert sources.dtype == targets.dtype == np.float32 and sources.min() == -1 and targets.max() == 1


def test_two_folders_of_the_same_names(tmp_path):
    for name, source, target in (("b", RED, BLUE), ("deep/a", GREEN, RED)):
        save(tmp_path / f"sources/{name}.png", source)
        save(tmp_path / f"targets/{name}.jpg", target, size=(16, 16), quality=95)
    pairs = paired_folder(tmp_path / "sources", 8, tmp_path / "targets", channels=(1, 3))
    assert pairs.images.shape == (2, 8, 8, 1) and pairs.labels.shape == (2, 8, 8, 3)
    np.testing.assert_allclose(pairs.images[:, 4, 4, 0], [76, 150], atol=2)
    np.testing.assert_allclose(pairs.labels[:, 4, 4], [BLUE, RED], atol=4)


def test_halves_are_cropped_alike_and_large_ones_stay_sharp(tmp_path):
    picture = np.zeros((256, 1024, 3), "uint8")
    picture[:, 128:384] = picture[:, 640:896] = 255  # the middle of each half
    Image.fromarray(picture).save(tmp_path / "wide.jpg", quality=95)
    pairs = paired_folder(tmp_path, 16)
    assert (pairs.images > 220).all() and (pairs.labels > 220).all()
    stripes = np.zeros((512, 1024, 3), "uint8")
    stripes[::32] = stripes[1::32] = stripes[2::32] = stripes[3::32] = 255
    Image.fromarray(stripes).save(tmp_path / "wide.jpg", quality=95)
    image = paired_folder(tmp_path, 128).images[0, :, 64, 0].astype(int)
    assert (image > 200).sum() == 16


def test_pairs_move_together(tmp_path):
    random = np.random.default_rng(0)
    for index in range(4):
        side = random.integers(256, size=(8, 8, 3)).astype("uint8")
        Image.fromarray(np.concatenate([side, side], 1)).save(tmp_path / f"{index}.png")
    sources, targets = paired_folder(tmp_path, 8, jitter=2, flip=True)[0]
    np.testing.assert_array_equal(sources, targets)


def test_a_pair_that_cannot_be_read_is_skipped(tmp_path):
    for name in "abc":
        save(tmp_path / f"sources/{name}.png", RED)
        save(tmp_path / f"targets/{name}.png", BLUE)
    (tmp_path / "targets/b.png").write_bytes(b"no picture")
    with pytest.warns(UserWarning, match="Skipped .*targets/b.png") as caught:
        pairs = paired_folder(tmp_path / "sources", 8, tmp_path / "targets")
    assert len(caught) == 1 and caught[0].filename == __file__
    assert len(pairs.images) == len(pairs.labels) == 2 and (pairs.labels == BLUE).all()


def fill(folder, *names, size=(8, 8), sides=1):
    for name in names:
        save(folder / name, *[RED, BLUE][:sides], size=size)


@pytest.mark.parametrize(
    "sources, targets, said",
    [
        (
            ["a.png", "b.png"],
            ["a.png"],
            "'.*sources/b.png' has no partner '.*targets/b' .*2 sources, 1 targets.: add it",
        ),
        (
            ["a.png"],
            ["a.png", "b.png"],
            "'.*targets/b.png' has no partner '.*sources/b' .*1 sources, 2 targets.: add it",
        ),
        (["a.png", "a.jpg"], ["a.png"], "a.jpg' and '.*a.png' have one name"),
        (["a.png"], [], "The folder '.*targets' has no image"),
        ([], ["a.png"], "The folder '.*sources' has no image"),
    ],
)
def test_refuses_folders_that_are_no_pair(tmp_path, sources, targets, said):
    for name, files in (("sources", sources), ("targets", targets)):
        (tmp_path / name).mkdir()
        fill(tmp_path / name, *files)
    with pytest.raises(ValueError, match=said):
        paired_folder(tmp_path / "sources", 8, tmp_path / "targets")


def test_refuses_what_is_no_pair(tmp_path):
    with pytest.raises(FileNotFoundError, match="no folder '.*nowhere'"):
        paired_folder(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="has no image"):
        paired_folder(tmp_path)
    fill(tmp_path, "a.png", sides=2)
    for arguments, said in (
        ({"channels": 2}, "`channels`"),
        ({"channels": (1, 2, 3)}, "`channels`"),
        ({"side": "top"}, "'left' or 'right', not 'top'"),
        ({"size": 0}, "`size`"),
        ({"target_directory": tmp_path / "nowhere"}, None),
    ):
        with pytest.raises((ValueError, FileNotFoundError), match=said):
            paired_folder(tmp_path, **arguments)
    fill(tmp_path, "b.png", sides=1)
    with pytest.raises(
        ValueError, match="b.png' is 8 x 8 pixels, which are no two pictures side by side: .*target_dir"
    ):
        paired_folder(tmp_path, 8)


def test_refuses_a_pair_of_two_shapes(tmp_path):
    fill(tmp_path / "sources", "a.png", "b.png", size=(8, 12))
    fill(tmp_path / "targets", "a.png", size=(16, 24))
    fill(tmp_path / "targets", "b.png", size=(12, 12))
    with pytest.raises(ValueError, match="b.png' is 12 x 8 pixels and its target 12 x 12: the crops"):
        paired_folder(tmp_path / "sources", 8, tmp_path / "targets")


def test_refuses_a_folder_of_nothing_readable(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.warns(UserWarning, match="Skipped"), pytest.raises(ValueError, match="no pair that can be read"):
        paired_folder(tmp_path)
