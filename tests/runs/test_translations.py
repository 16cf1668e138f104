"""Pairs and domains on the command line: folders of a user's own, and a run from them."""

import numpy as np
import pytest
from PIL import Image
from test_folders import options as options_of
from translation import patches, translator

from kgan.runs import Mistake, run
from kgan.runs.data_sets import check_options, load


def options(folder, **given):
    return options_of(folder, **{"target": None, "side": "left", **given})


def picture(path, brightness, width=16, channels=3):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.full((16, width, channels), brightness, "uint8")
    pixels[4:12, ::4] = 255 - brightness
    Image.fromarray(pixels).save(path)


@pytest.fixture
def folders(tmp_path):
    """Pictures of two sides, and two folders of different numbers of pictures."""
    for index in range(6):
        picture(tmp_path / "facades" / f"{index}.png", 10 * index, width=32)
        picture(tmp_path / "horses" / f"{index}.png", 20 + index)
    for index in range(4):
        picture(tmp_path / "zebras" / f"{index}.png", 200 + index)
    return tmp_path


def test_a_folder_of_pairs_and_its_held_out_share(toy, folders):
    data, held_out = load(options("./facades", size=16, channels=1, validation_share=0.34), takes="pairs")
    assert data.images.shape == data.labels.shape == (4, 16, 16, 1) and len(held_out.images) == 2
    with pytest.raises(Mistake, match="no target|has none|horses"):
        load(options("./horses", target="./zebras"), takes="pairs")


def test_two_folders_are_two_domains(toy, folders):
    data, _ = load(options("./horses", target="./zebras", size=16), takes="domains")
    assert {name: array.shape for name, array in data.images.items()} == {"a": (6, 16, 16, 3), "b": (4, 16, 16, 3)}
    assert not data.aligned


def test_refusals(toy, folders):
    with pytest.raises(Mistake, match="learns from pairs, which 'digits' does not have: take glyph_pairs"):
        load(options("digits"), takes="pairs")
    with pytest.raises(Mistake, match="two folders of images, the second as --target"):
        load(options("./horses"), takes="domains")
    with pytest.raises(Mistake, match="not of domains: leave it out"):
        load(options("./horses", target="./zebras", validation_share=0.5), takes="domains")


@pytest.mark.parametrize(
    "given, said",
    [
        ({"dataset": "glyph_pairs", "target": "./zebras"}, "--target is the folder beside a --dataset"),
        ({"dataset": "./horses", "target": "./lions"}, "there is no folder './lions'"),
        ({"dataset": "./horses", "target": "./zebras", "side": "right"}, "--side is for a folder of pictures"),
        ({"dataset": "glyph_pairs", "side": "right"}, "--side is for a folder of pictures"),
    ],
)
def test_options_that_mean_nothing_are_refused(toy, folders, given, said):
    with pytest.raises(Mistake, match=said):
        check_options(options(given.pop("dataset"), **given))
    check_options(options("./facades", side="right"))
    check_options(options("./horses", target="./zebras"))


def small(task):
    import kgan

    of_a, of_b = task.shape.values()
    networks = translator(of_a, of_b[-1]), translator(of_b, of_a[-1]), patches(of_a), patches(of_b)
    gan = kgan.CycleGAN(*networks, domains=tuple(task.shape))
    gan.compile(run_eagerly=True)
    return gan


def test_a_run_between_two_folders_leaves_sheets_a_page_and_a_model(toy, folders):
    def again(*arguments):
        settings = {"images": {"epochs": 2, "batch_size": 2}}
        return run(small, "Small.", settings, takes="domains", command=["--out", "out", *arguments])

    given = ["--dataset", "./horses", "--target", "./zebras", "--size", "16", "--channels", "1"]
    again(*given, "--epochs", "1", "--saved-models", "models")
    gan = again("--resume", "--epochs", "2")
    assert gan.epochs_trained == 2 and gan.domains == ("a", "b")
    with Image.open(folders / "out" / "samples" / "epoch-0002.png") as sheet:
        assert sheet.width > sheet.height
    assert "epoch-0002.png" in (folders / "out" / "index.html").read_text()
    (model,) = (folders / "models").iterdir()
    assert "| game | CycleGAN |" in (model / "README.md").read_text()
