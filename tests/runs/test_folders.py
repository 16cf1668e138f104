"""Folders of a user's images on the command line."""

from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kgan.runs import Mistake, Task
from kgan.runs import test_split as split_of
from kgan.runs.loading import load


@pytest.fixture
def animals(tmp_path):
    """Five cats and ten dogs, each in a folder of its own; the pixel of image i has i."""
    for name, count in (("cats", 5), ("dogs", 10)):
        (tmp_path / "animals" / name).mkdir(parents=True)
        for index in range(count):
            Image.new("RGB", (9, 9), (index, 0, 50)).save(tmp_path / "animals" / name / f"{index}.png")
    return "./animals"


def options(animals, **given):
    common = {
        "size": 8,
        "channels": None,
        "validation_share": None,
        "held_out": None,
        "batch_size": 4,
        "seed": 0,
        "data_dir": None,
    }
    return Namespace(dataset=animals, **{**common, **given})


def test_a_folder_of_class_folders_for_games_of_labels(toy, animals):
    data, held_out = load(options(animals, channels=1), takes="labels")
    assert held_out is None and data.images.shape == (15, 8, 8, 1) and data.class_names == ["cats", "dogs"]
    assert np.bincount(data.labels).tolist() == [5, 10]
    assert load(options(animals))[0].images.shape == (15, 8, 8, 3)


def test_a_held_out_share_is_fixed_by_the_seed_and_has_its_share_of_each_class(toy, animals):
    data, held_out = load(options(animals, validation_share=0.4), takes="labels")
    assert np.bincount(held_out.labels).tolist() == [2, 4] and np.bincount(data.labels).tolist() == [3, 6]
    assert held_out.class_names == data.class_names and (data.batch_size, data.seed) == (4, 0)
    again = load(options(animals, validation_share=0.4), takes="labels")[1]
    other = load(options(animals, validation_share=0.4, seed=1), takes="labels")[1]
    assert np.array_equal(again.images, held_out.images) and not np.array_equal(other.images, held_out.images)
    unlabelled, held = load(options(animals, validation_share=0.2))
    assert (len(unlabelled.images), len(held.images), held.labels) == (12, 3, None)

    task = Task("toy", options(animals))
    with pytest.raises(ValueError, match="--validation-share 0.1"):
        split_of(task)
    task.held_out = held_out
    assert split_of(task) is held_out


def test_refusals(toy, animals):
    with pytest.raises(Mistake, match="0.01 of these images is not one image"):
        load(options(animals, validation_share=0.01))
    assert "--channels is for folders of images, not for 'ring'" in toy.mistake("--channels", "1")
    assert "--validation-share is for folders" in toy.mistake("--validation-share", "0.5")
    for share in ("1", "-0.1", "half", "nan"):
        assert "is no share, a number from 0 to less than 1" in toy.mistake(f"--validation-share={share}")
    Path("mnist").mkdir()
    said = toy.mistake("--dataset", "mnist")
    assert "has no readable image" in said and "--dataset mnist is the folder here, not TFDS's set" in said


def test_a_recipe_trains_on_a_folder(toy, animals):
    gan = toy("--dataset", animals, "--channels", "1", "--validation-share", "0.2")
    assert gan.generate(1).shape == (1, 8, 8, 1)
    (model,) = Path("saved_models").iterdir()
    assert model.name.startswith("toy-animals-")
    assert "--channels 1 --validation-share 0.2" in (model / "README.md").read_text()
