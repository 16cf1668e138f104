"""SRGAN's recipe: pairs out of a set of images by its name, and what is measured beside bicubic enlargement."""

import importlib
from argparse import Namespace

import numpy as np
import pytest
from programs import RECIPES

import kgan
from kgan.runs import Task


@pytest.fixture
def recipe(monkeypatch):
    monkeypatch.syspath_prepend(str(RECIPES))
    return importlib.import_module("srgan")


def task(dataset, data):
    given = {"epochs": 2, "seed": 0, "data_dir": None, "scale": 4, "adversarial": 0.01, "pretrain": 1}
    return Task("srgan", Namespace(dataset=dataset, **given), data)


def test_pairs_of_a_set_by_name_and_its_scores_beside_bicubic(recipe, monkeypatch):
    asked = task("digits", kgan.data.digits(size=16))
    game = recipe.srgan(asked)
    assert asked.data.images.shape == (1500, 4, 4, 1) and asked.held_out.labels.shape == (297, 16, 16, 1)
    assert game.scale == 4 and game.pretraining_epochs == 1 and game.adversarial_weight == 0.01
    truth = asked.held_out.scale(asked.held_out.labels)
    monkeypatch.setattr(game, "translate", lambda low: 0.9 * truth)
    found = recipe.measure(asked, game)
    assert set(found["scores"]) == set(found["floors"]) == {"psnr", "edges", "fid297_test_digits-cnn", "class_kept"}
    error = (0.01 * truth**2).mean((1, 2, 3))
    assert found["scores"]["psnr"] == pytest.approx(np.mean(10 * np.log10(4 / error)), rel=1e-4)
    assert found["scores"]["edges"] == pytest.approx(0.9, rel=1e-4)
    assert found["scores"]["class_kept"] > 0.9 and found["floors"]["class_kept"] < 0.6
    assert 10 < found["floors"]["psnr"] < 25


def test_a_folder_is_measured_where_some_of_it_is_held_out(recipe, tmp_path):
    photographs = kgan.data.Batches(np.random.default_rng(0).integers(256, size=(8, 16, 12, 3)).astype("uint8"))
    asked = task(str(tmp_path), photographs)
    game = recipe.srgan(asked)
    assert asked.held_out is None and recipe.measure(asked, game) == {"scores": {}, "floors": {}}
    assert game.translate(asked.data[0][0]).shape == (8, 16, 12, 3)
    asked = task(str(tmp_path), photographs)
    asked.held_out = kgan.data.Batches(photographs.images[:4])
    game = recipe.srgan(asked)
    assert asked.held_out.images.shape == (4, 4, 3, 3)
    assert set(recipe.measure(asked, game)["scores"]) == {"psnr", "edges"}
