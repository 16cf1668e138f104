"""Pairs and domains on the command line: folders of a user's own, and a run from them."""

import numpy as np
import pytest
from PIL import Image
from test_folders import options as options_of
from translation import patches, translator

import kgan
from kgan.runs import Mistake, Task, run
from kgan.runs import test_split as split_of
from kgan.runs.data_sets import check_options
from kgan.runs.loading import load


def options(folder, **given):
    return options_of(folder, **{"target": None, "side": "left", "kind": None, "blocks": None, **given})


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


def test_a_folder_of_its_own_may_be_held_out(toy, folders):
    asked = options("./facades", size=16, held_out="./facades")
    check_options(asked)
    data, held_out = load(asked, takes="pairs")
    np.testing.assert_array_equal(held_out.labels, data.labels)
    for index in range(2):
        picture(folders / "classes" / f"of_{index}" / "0.png", 20)
        picture(folders / "others" / f"not_{index}" / "0.png", 20)
    given = {"size": 16, "held_out": "./others"}
    with pytest.raises(Mistake, match="'./others' has other classes than './classes'"):
        load(options("./classes", **given), takes="labels")
    with pytest.raises(Mistake, match="samples of one set back, not of domains"):
        load(options("./others", **given), takes="several domains")


def test_blocks_of_a_set_are_pairs_and_so_are_those_of_its_test_split(toy):
    asked = options("digits", size=28, blocks=7)
    check_options(asked)
    data, _ = load(asked, takes="pairs")
    assert data.images.shape == data.labels.shape == (1500, 28, 28, 1) and len(data.classes) == 1500
    assert (data.images[:, :7, :7] == data.images[:, :1, :1]).all() and data.batch_size == asked.batch_size
    test = split_of(Task("pix2pix", asked, data))
    assert test.images.shape == (297, 28, 28, 1) and len(test.classes) == 297


def test_two_folders_are_two_domains(toy, folders):
    data, _ = load(options("./horses", target="./zebras", size=16), takes="domains")
    assert {name: array.shape for name, array in data.images.items()} == {"a": (6, 16, 16, 3), "b": (4, 16, 16, 3)}
    assert not data.aligned


def test_refusals(toy, folders):
    with pytest.raises(Mistake, match="learns from pairs, which 'digits' does not have: take glyph_pairs"):
        load(options("digits"), takes="pairs")
    with pytest.raises(Mistake, match="'./horses' has 0 folders: give it a folder a domain, or name a second one as"):
        load(options("./horses"), takes="domains")
    with pytest.raises(Mistake, match="'digits' is one set: take glyph_domains; .*--kind edges, negatives or colours"):
        load(options("digits"), takes="domains")
    with pytest.raises(Mistake, match="between two domains, but there are 4, regular, bold, .*: take combogan.py"):
        load(options("glyph_domains", size=8, kind="style"), takes="domains")
    with pytest.raises(Mistake, match="`kind` must be one of 'slant', 'weight', 'style', 'print', not 'wide'"):
        load(options("glyph_domains", kind="wide"), takes="several domains")
    with pytest.raises(Mistake, match="not of domains: leave it out"):
        load(options("./horses", target="./zebras", validation_share=0.5), takes="domains")


@pytest.mark.parametrize(
    "given, said",
    [
        ({"dataset": "glyph_pairs", "target": "./zebras"}, "--target is the folder beside a --dataset"),
        ({"dataset": "./horses", "target": "./lions"}, "there is no folder './lions'"),
        ({"dataset": "./horses", "target": "./zebras", "side": "right"}, "--side is for a folder of pictures"),
        ({"dataset": "glyph_pairs", "side": "right"}, "--side is for a folder of pictures"),
        ({"dataset": "./facades", "held_out": "./nowhere"}, "there is no folder './nowhere'"),
        ({"dataset": "digits", "held_out": "./facades"}, "--held-out is for folders of images"),
        ({"dataset": "./facades", "held_out": "./facades", "validation_share": 0.1}, "leave one of them out"),
        ({"dataset": "./horses", "held_out": "./facades", "target": "./zebras"}, "not beside --target"),
        ({"dataset": "glyph_pairs", "blocks": 7}, "--blocks makes the sources of one set"),
        ({"dataset": "./horses", "target": "./zebras", "kind": "edges"}, "--kind is of halves of one set"),
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


def test_halves_of_a_set_are_domains_and_so_are_two_folders(toy, folders):
    data, _ = load(options("digits", size=8, kind="negatives"), takes="domains")
    assert {name: len(part) for name, part in data.images.items()} == {"images": 750, "negatives": 750}
    assert data.labels is None and data.batch_size == options("digits").batch_size
    data, _ = load(options("./horses", size=16, kind="edges"), takes="domains")
    assert {name: len(part) for name, part in data.images.items()} == {"images": 3, "edges": 3}
    assert data.labels_by_domain == {}
    data, _ = load(options("digits", size=8, kind="edges"), takes="labelled domains")
    assert list(data.labels) == ["images", "edges"]


def test_a_folder_of_folders_has_a_domain_in_each(toy, folders):
    for domain, brightness in (("spring", 10), ("summer", 90), ("winter", 200)):
        for index in range(3):
            picture(folders / "seasons" / domain / f"{index}.png", brightness + index)
    data, _ = load(options("./seasons", size=16), takes="several domains")
    assert {name: array.shape for name, array in data.images.items()} == dict.fromkeys(
        ("spring", "summer", "winter"), (3, 16, 16, 3)
    )
    with pytest.raises(Mistake, match="there are 3, spring, summer, winter"):
        load(options("./seasons", size=16), takes="domains")


@pytest.mark.parametrize(
    "given, seen",
    [
        ({"dataset": "digits", "kind": "negatives"}, {"images": 149, "negatives": 148}),
        (
            {"dataset": "glyph_domains", "kind": "style"},
            dict.fromkeys(("regular", "bold", "slanted", "bold_slanted"), 20),
        ),
    ],
)
def test_domains_are_measured_on_a_split_of_their_kind(toy, given, seen, monkeypatch):
    drawn = kgan.data.glyph_domains
    monkeypatch.setattr(kgan.data, "glyph_domains", lambda samples=20, *more, **kind: drawn(20, *more, **kind))
    asked = options(given.pop("dataset"), size=8, **given)
    data, _ = load(asked, takes="several domains")
    test = split_of(Task("combogan", asked, data))
    assert {name: len(part) for name, part in test.images.items()} == seen
    assert list(test.labels_by_domain) == list(test.counterparts) == list(seen)


@pytest.fixture
def usps(tmp_path):
    import h5py

    with h5py.File(tmp_path / "usps.h5", "w") as file:
        for split, count in (("train", 30), ("test", 20)):
            file[f"{split}/data"], file[f"{split}/target"] = np.ones((count, 256), "float32"), np.arange(count) % 10
    return "usps.h5"


def test_labelled_domains_of_the_embedded_set_of_folders_and_beside_usps(toy, folders, usps):
    data, _ = load(options("digits", size=16), takes="labelled domains")
    assert {name: len(part) for name, part in data.labels.items()} == {"printed": 5000, "written": 1500}
    data, _ = load(options("glyph_domains", size=16), takes="labelled domains")
    assert list(data.labels) == ["upright", "slanted"]
    given = options("digits", size=16, target=usps)
    check_options(given)
    data, _ = load(given, takes="labelled domains")
    assert {name: len(part) for name, part in data.images.items()} == {"digits": 1500, "usps": 30}
    assert {name: len(part) for name, part in data.labels.items()} == {"digits": 1500, "usps": 30}
    test = split_of(Task("domain_confusion", given, data))
    assert {name: part.shape for name, part in test.images.items()} == {
        "digits": (297, 16, 16, 1), "usps": (20, 16, 16, 1)
    }  # fmt: skip
    assert test.labels is None and len(test.labels_by_domain["usps"]) == 20
    for index, folder in enumerate(("horses", "zebras")):
        for kind in ("young", "old"):
            picture(folders / f"of_{folder}" / kind / "0.png", 50 + index)
    data, _ = load(options("./of_horses", target="./of_zebras", size=16), takes="labelled domains")
    assert {name: list(part) for name, part in data.labels.items()} == {"a": [0, 1], "b": [0, 1]}
    data, _ = load(options("./of_horses", size=16, kind="edges"), takes="labelled domains")
    assert sorted(np.concatenate(list(data.labels.values()))) == [0, 1]


def test_labelled_domains_that_are_not_there_are_refused(toy, folders, usps):
    with pytest.raises(
        Mistake, match="'glyphs' is one set: take glyph_domains; .* or, as the --target of digits, the file usps.h5"
    ):
        load(options("glyphs"), takes="labelled domains")
    with pytest.raises(Mistake, match="there is no file 'nowhere.h5'"):
        check_options(options("digits", target="nowhere.h5"))
    with pytest.raises(Mistake, match="--target is the folder beside a --dataset that is one"):
        check_options(options("digits", target="./zebras"))
