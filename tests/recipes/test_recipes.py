"""The real scripts, run as a user runs them, with settings that take seconds."""

import csv
import importlib
import re
import shlex
from argparse import Namespace

import numpy as np
import pytest
from programs import RECIPES, finish, start

import kgan
from kgan.runs import Task, judges, translation
from kgan.runs.command_line import command_line, settings_for

NAMES = ("gan", "dcgan", "fgan", "wgan", "wgan_gp", "sngan", "r3gan")
CONDITIONAL = ("cgan", "acgan", "sgan")
# With options of their own.
ENCODERS = {"infogan": {"continuous": 2}, "ebgan": {"pretrain": 0, "margin": 1.0}, "vaegan": {"vae": True}, "bigan": {}}


@pytest.mark.parametrize("recipe", (*sorted(path.stem for path in RECIPES.glob("*.py")), "studies/stacked_mnist"))
def test_help_opens_with_the_promise(recipe, tmp_path):
    code, out, error = finish(start(tmp_path, RECIPES / f"{recipe}.py", "--help"))
    assert code == 0 and not error
    promise = (RECIPES / f"{recipe}.py").read_text().split('"""')[1].splitlines()[0]
    assert promise in out and re.search("minute", promise) and "--resume" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--epochs", "0"), "whole number above 0"),
        (("--epoch", "3"), "unrecognized arguments: --epoch"),
        (("--precision", "float8"), "mixed_bfloat16"),
        (("--dataset", "ring"), "no players for points"),
        (("--dataset", "./nowhere"), "no folder './nowhere'"),
        (("--dataset", "nowhere/"), "no folder 'nowhere/'"),
        (("--out", "file/run"), "cannot write to 'file/run'"),
        (("--resume",), "no run to resume in 'runs/dcgan'"),
        (("--size", "5"), "`size` must be an integer of at least 8"),
    ],
)
def test_bad_input_is_one_line(arguments, said, tmp_path):
    (tmp_path / "file").touch()
    code, out, error = finish(start(tmp_path, RECIPES / "dcgan.py", *arguments))
    assert (code, out) == (2, "")
    assert said in error and error.count("\n") == 1


def test_fgan_finds_the_optimum(tmp_path):
    code, _, error = finish(start(tmp_path, RECIPES / "fgan.py", "--divergence", "pearson", "--epochs", "12"))
    assert code == 0, error
    with (tmp_path / "runs/fgan/fits.csv").open(newline="") as file:
        (fit,) = csv.DictReader(file)
    assert abs(float(fit["mu"]) - 0.5737) < 0.05 and abs(float(fit["sigma"]) - 1.9274) < 0.06
    assert (tmp_path / "runs/fgan/densities.png").exists()


@pytest.mark.parametrize("recipe", NAMES)
def test_players_for_every_kind_of_data(recipe, monkeypatch):
    monkeypatch.syspath_prepend(str(RECIPES))
    module = importlib.import_module(recipe)
    kinds = {"digits": kgan.data.digits(size=16), "ring": kgan.data.mixture("ring", samples=512)}
    for dataset, data in kinds.items():
        if dataset == "ring" and "points" not in module.SETTINGS:
            continue
        settings = settings_for(dataset, module.SETTINGS, {})
        task = Task(
            recipe,
            Namespace(dataset=dataset, epochs=settings["epochs"], divergence=None, packing=1, strategy=None),
            data,
        )
        game = getattr(module, recipe)(task)
        assert game.compiled and game.generate(2, seed=0).shape == (2, *task.shape)


@pytest.mark.parametrize("recipe", CONDITIONAL)
def test_players_for_data_with_labels(recipe, monkeypatch):
    monkeypatch.syspath_prepend(str(RECIPES))
    module = importlib.import_module(recipe)
    options = Namespace(
        dataset="digits",
        epochs=1,
        seed=0,
        data_dir=None,
        design="two_branch",
        canonical=True,
        class_weight=0.2,
        labels=25,
    )
    task = Task(recipe, options, kgan.data.digits(size=8, labels=True))
    game = getattr(module, recipe)(task)
    assert game.compiled and game.generate(2, seed=0).shape == (2, 8, 8, 1)


@pytest.mark.parametrize("recipe", ENCODERS)
def test_players_of_codes(recipe, monkeypatch):
    monkeypatch.syspath_prepend(str(RECIPES))
    module = importlib.import_module(recipe)
    task = Task(
        recipe, Namespace(dataset="digits", epochs=1, seed=0, size=16, **ENCODERS[recipe]), kgan.data.digits(size=16)
    )
    game = getattr(module, recipe)(task)
    assert game.compiled and game.generate(2, seed=0).shape == (2, 16, 16, 1)


@pytest.mark.parametrize("place", ["center", "random"])
def test_players_that_complete_and_what_is_measured_of_them(place, monkeypatch):
    monkeypatch.syspath_prepend(str(RECIPES))
    module = importlib.import_module("context_encoder")
    options = Namespace(dataset="digits", epochs=1, seed=0, size=16, adversarial=0.01, place=place)
    task = Task("context_encoder", options, kgan.data.digits(size=16))
    game = module.context_encoder(task)
    assert game.compiled and (game.hole.height, game.hole.place) == (8, place)
    # A generator that knows nothing is worse than the mean image, and no better than 0 in the hole.
    found = module.measure(task, game)
    assert found["scores"]["psnr_hole"] < found["scores"]["psnr_mean_image"]
    protocol = "completed_fid297_train_digits-cnn"
    assert found["floors"]["class_kept"] > 0.95 > found["scores"]["class_mean_image"] > 0.05
    assert found["scores"][protocol] > found["floors"][protocol] > 0


def test_as_many_labels_as_asked_for(monkeypatch):
    monkeypatch.syspath_prepend(str(RECIPES))
    sgan = importlib.import_module("sgan")
    data = kgan.data.digits(size=8, labels=True)
    few, chosen = sgan.with_few_labels(data, 25, seed=0)
    counts = np.bincount(data.labels[chosen])
    assert len(set(chosen)) == 25 and set(counts) == {2, 3} and few.distinct == len(data.images)
    np.testing.assert_array_equal(few.images[: few.distinct], data.images)
    assert (few.labels[: few.distinct] >= 0).sum() == 25 and (few.labels[few.distinct :] >= 0).all()
    with pytest.raises(ValueError, match="at least 10"):
        sgan.with_few_labels(data, 9, seed=0)


def test_the_command_of_a_card_is_one_that_the_recipe_takes(monkeypatch):
    monkeypatch.syspath_prepend(str(RECIPES))
    acgan = importlib.import_module("acgan")
    for arguments in ([], ["--canonical"]):
        given = ["--out", "nowhere", *arguments]
        options = command_line("acgan", "", acgan.SETTINGS, acgan.arguments, {}, given)
        command = Task("acgan", options).command()
        assert ("--canonical" in command) == bool(arguments) and "--seed 0" in command
        again = command_line("acgan", "", acgan.SETTINGS, acgan.arguments, {}, shlex.split(command)[2:])
        assert again.canonical == bool(arguments)


BETWEEN = {
    "cogan": {"kind": "edges", "apart": False},
    "cyclegan": {"kind": "slant", "cycle": 10.0, "identity": None, "hiding_noise": 0.0, "patch": None},
    "unit": {"kind": "slant", "cycle": 100.0},
    "combogan": {"kind": "style", "cycle": 10.0, "autoencoding": 5.0},
    "xgan": {"kind": "print", "semantic": 1.0, "confusion": 0.1},
    "direct_transform": {"kind": "print", "consistency": 15.0, "shallow": False},
    "domain_confusion": {
        "kind": "slant",
        "loss": "minimax",
        "confusion": 0.2,
        "autoencoding": 0.1,
        "source_only": False,
        "backwards": True,
    },
}


@pytest.mark.parametrize("recipe", BETWEEN)
def test_players_of_domains_and_what_is_measured(recipe, monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(str(RECIPES))
    judge = judges.classifier((16, 16, 1), 10, 4)[0]
    monkeypatch.setattr(judges, "trained", lambda *_, **__: judge)
    module = importlib.import_module(recipe)
    own, dataset = BETWEEN[recipe], "digits" if recipe == "cogan" else "glyph_domains"
    options = Namespace(dataset=dataset, epochs=1, seed=0, size=16, target=None, **own)
    if recipe == "cogan":
        data = kgan.data.derived_domains(kgan.data.digits(16))
    else:
        data = kgan.data.glyph_domains(64, size=16, kind=own["kind"], labels=recipe == "domain_confusion")
    options.out = tmp_path
    task = Task(recipe, options, data)
    game = getattr(module, recipe)(task)
    assert game.compiled and set(game.domains) == set(data.images)
    assert (game.domains == tuple(data.images)) == (recipe != "domain_confusion")
    few = kgan.data.glyph_domains(20, 16, own["kind"], split="test", counterparts=True) if recipe != "cogan" else None
    for where in (module, translation):
        monkeypatch.setattr(where, "test_split", lambda task: few, raising=False)
    found = getattr(module, "measure", translation.translation_scores)(task, game)
    assert found["scores"] and found["floors"].keys() <= found["scores"].keys()
    assert np.isfinite(list(found["scores"].values())).all()
    if recipe == "cogan":
        # Of the true counterparts all pixels agree; of an empty picture the background does.
        derived = data.counterparts["images"]["edges"]
        pairs = {"images": data.scale(data.images["images"]), "edges": data.scale(derived)}
        monkeypatch.setattr(game, "generate", lambda *_, **__: pairs)
        found = module.measure(task, game)
        assert found["scores"]["agreement"] == 1 and found["scores"]["error"] < 1e-6 < found["floors"]["error"]
        assert 0.6 < found["floors"]["agreement"] < 0.95
    elif recipe not in ("domain_confusion", "direct_transform"):
        assert {f"cycle_from_{domain}" for domain in game.domains} <= found["scores"].keys()
