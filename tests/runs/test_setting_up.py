"""What comes before a run: data by name, devices, and Keras no sooner than it is needed."""

import ast
import graphlib
from argparse import Namespace

import keras
import pytest
from harness import ROOT, run_python

import kgan
from kgan.runs import Mistake, Task
from kgan.runs.loading import load
from kgan.runs.setting_up import strategy_scope


def test_nearest_embedded_name():
    with pytest.raises(Mistake, match="Embedded is 'digits'"):
        load(
            Namespace(
                dataset="digit", size=None, batch_size=8, seed=0, data_dir=None, validation_share=None, held_out=None
            )
        )


@pytest.mark.parametrize(
    "config",
    [
        None,
        "{'cluster'",
        "[]",
        '{"cluster": {"worker": ["127.0.0.1:1"]}}',
        '{"cluster": {"worker": ["127.0.0.1:1"]}, "task": {"type": "worker", "index": 1}}',
    ],
)
def test_workers_that_nobody_describes(config, monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    if config is not None:
        monkeypatch.setenv("TF_CONFIG", config)
    with pytest.raises(Mistake, match="TF_CONFIG who the workers are"):
        strategy_scope(Namespace(strategy="multiworker", backend="tensorflow"))


def test_what_a_card_says_can_be_run():
    task = Task("vaegan", Namespace(dataset="mnist", size=None, seed=0, data_dir="/data", vae=True, single=False))
    assert task.command() == "python recipes/vaegan.py --dataset mnist --seed 0 --vae"
    gan = kgan.InfoGAN(kgan.networks.mlp(9, 2), kgan.networks.heads(kgan.networks.mlp(2, 4), (1, 4, 2)), (4,), 2)
    assert gan.prior.words() == "9: 3 standard normal, 4 one-hot, 2 uniform in [-1, 1]"
    tf = pytest.importorskip("tensorflow")
    latents = eval(gan.prior.expression(64), {"tf": tf}).numpy()
    assert latents.shape == (64, 9) and (latents[:, 3:7].sum(1) == 1).all()


def test_a_recipe_starts_without_keras():
    code = "import sys, kgan.runs; print([name for name in ('keras', 'numpy', 'matplotlib') if name in sys.modules])"
    assert run_python(code).strip() == "[]"


@pytest.mark.parametrize("imports", ["import kgan, keras", "import kgan.engine, keras"])  # here Keras was the first
def test_a_saved_game_is_found_whoever_is_imported_first(imports, tmp_path):
    gan, path = kgan.R3GAN(kgan.networks.mlp(2, 2), kgan.networks.mlp(2, 1)), str(tmp_path / "x.keras")
    gan.compile()
    gan.save(path)
    assert run_python(f"{imports}; print(type(keras.saving.load_model({path!r})).__name__)").strip() == "R3GAN"


def test_names_of_the_package_are_there_on_demand():
    code = "import kgan; print(kgan.GAN.__name__, kgan.engine.__name__, set(kgan.__all__) <= set(dir(kgan)))"
    assert run_python(code).strip() == "GAN kgan.engine True"
    assert run_python("from kgan import *; print(WGANGP.__name__, networks.__name__)").strip() == "WGANGP kgan.networks"
    with pytest.raises(AttributeError, match="module 'kgan' has no attribute 'StyleGAN'"):
        kgan.StyleGAN  # noqa: B018
    assert keras.saving.get_registered_object("kgan>R3GAN") is kgan.R3GAN


def test_the_files_of_runs_import_one_way():
    needed = {}
    for path in (ROOT / "kgan" / "runs").glob("*.py"):
        imports = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom))
        needed[f"kgan.runs.{path.stem}"] = {node.module for node in imports if node.module.startswith("kgan.runs.")}
    order = list(graphlib.TopologicalSorter(needed).static_order())
    assert set(order) == set(needed) and order[-1] == "kgan.runs.__init__"
