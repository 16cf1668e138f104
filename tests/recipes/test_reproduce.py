"""The reproduction table is made of the lines of results.jsonl and of nothing else."""

import json
import math
import re
import sys
from pathlib import Path

import pytest
from harness import ROOT, run_python

sys.path.insert(0, str(ROOT / "recipes" / "tools"))

import catalogue
import reproduce
import results as stored_results
import tables


def line(variant, dataset, seed, scores, floors):
    return {
        "variant": variant,
        "dataset": dataset,
        "seed": seed,
        "scores": scores,
        "floors": floors,
        "seconds": 90.0,
        "command": "c",
        "commit": "abc",
    }


@pytest.fixture
def results(tmp_path, monkeypatch):
    true = {"modes": 8, "high_quality": 0.989, "reverse_kl": 0.0014}
    stacked = {"modes_stacked_26k_mnist-cnn": 1000.0, "kl_stacked_26k_mnist-cnn": 0.024}
    image = {"fid10k_test_mnist-cnn": 0.5, "precision3_10k_test_mnist-cnn": 0.9, "recall3_10k_test_mnist-cnn": 0.8}
    lines = [
        line("r3gan", "ring", 0, {"modes": 8, "high_quality": 0.98, "reverse_kl": 0.002}, true),
        line("r3gan", "ring", 1, {"modes": 6, "high_quality": 0.96, "reverse_kl": 0.004}, true),
        line("wgan", "mnist", 0, image, {name: value / 10 for name, value in image.items()}),
        line("stacked_r3gan", "stacked_mnist", 0, {name: value / 2 for name, value in stacked.items()}, stacked),
        line(
            "fgan",
            "two_gaussians",
            0,
            {"largest_mu_error": 0.031, "largest_sigma_error": 0.02, "diagonal_minima": 5},
            {},
        ),
        line("wgan", "ring", 0, {**true, "critic_correlation": 0.9}, true),
    ]
    path = tmp_path / "results.jsonl"
    path.write_text("".join(json.dumps(entry) + "\n" for entry in lines))
    monkeypatch.setattr(stored_results, "RESULTS", path)
    return tmp_path


def test_tables_stand_between_their_marks_and_are_the_same_twice(results):
    readme = results / "README.md"
    readme.write_text(
        "before\n"
        + "".join(f"<!-- {name} -->\nold\n<!-- /{name} -->\n" for name in ("mixtures", "images", "stacked", "others"))
        + "after\n"
    )
    tables.write_tables(readme)
    text = readme.read_text()
    tables.write_tables(readme)
    assert readme.read_text() == text
    assert text.startswith("before\n") and text.endswith("after\n") and "old" not in text
    assert "| ring | **R3GAN** | 2 | 7.0 ± 1.4 | 97.0 ± 1.4 % | 0.0030 ± 0.0014 | 1.5 min |" in text
    assert (
        "| ring | true samples | | 8 | 98.9 % | 0.0014 |" in text
        and "| grid | PacGAN4 |" not in text
        and "| ring | PacGAN4 |" in text
    )
    assert "| `fid10k_test_mnist-cnn` | **WGAN** | 1 | 0.50 | 0.050 | 0.90 | 0.80 | 1.5 min | 6.7 ± 0.4 |" in text
    assert "| **R3GAN** | 1 | 500 | 0.01 | 1.5 min |" in text and "| true stacks | | 1000 | 0.024 |" in text
    assert "mu within 0.031" in text and "5 of 5 columns" in text and "correlate by 0.90" in text


def test_the_committed_tables_are_those_of_the_results(tmp_path):
    committed, anew = ROOT / "saved_models" / "README.md", tmp_path / "README.md"
    anew.write_text(committed.read_text())
    tables.write_tables(anew)
    assert anew.read_text() == committed.read_text()


def test_a_recipe_says_what_tables_say_of_it_and_needs_no_keras_for_that():
    tools = str(ROOT / "recipes" / "tools")
    code = f"import sys; sys.path.insert(0, {tools!r}); import catalogue; catalogue.reported()"
    assert run_python(f"{code}; print('keras' in sys.modules)").strip() == "False"
    recipes = {path.stem for path in catalogue.RECIPES.glob("*.py")}
    assert recipes <= set(catalogue.reported()) and recipes <= set(catalogue.variants())
    places = [told.place for told in catalogue.reported().values()]
    assert len(set(places)) == len(places)
    # Every line has its recipe, and every figure that was published one that is measured.
    assert {line["variant"] for line in stored_results.lines()} <= set(catalogue.variants())
    for told in catalogue.reported().values():
        assert all(name.startswith(tuple(told.figures)) for name in (*told.published_figures, *told.less))


@pytest.fixture
def runs(results, monkeypatch):
    """Commands of the runs that were started; each leaves scores and, of a recipe's runner, a record."""
    monkeypatch.chdir(results)
    commands = []

    def fake(command, **_):
        if command[0] != "git":
            commands.append(command)
            out = Path(command[command.index("--out") + 1])
            out.mkdir(parents=True, exist_ok=True)
            scores = {"scores": {"modes": len(commands), "reverse_kl": "inf"}, "floors": {"modes": 8}, "seconds": 12.0}
            (out / "scores.json").write_text(json.dumps(scores))
            record = {"kgan": "0.1.0", "recipe": "gan", "dataset": "grid", "commits": ["old", "older"]}
            if "keras_pattern" not in command[1]:
                (out / "run.json").write_text(json.dumps(record))
        return reproduce.subprocess.CompletedProcess(command, 0, stdout="now\n" if "rev-parse" in command else "")

    monkeypatch.setattr(reproduce.subprocess, "run", fake)
    return commands


def call(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["reproduce.py", *arguments])
    reproduce.main()


def test_a_run_that_has_its_line_is_not_repeated_and_is_called_stored(runs, monkeypatch, capsys):
    call(monkeypatch, "r3gan", "ring", "--seeds", "2")
    said = capsys.readouterr().out.splitlines()
    assert not runs and len(said) == 2 and all(line.startswith('stored: {"modes"') for line in said)


def test_a_run_appends_its_line_with_the_code_that_made_it(runs):
    made = reproduce.reproduce("pacgan", "grid", 3, None)
    assert stored_results.lines()[-1]["scores"] == {"modes": 1, "reverse_kl": float("inf")}
    assert made["seconds"] == 12.0 and made["commit"] == "old+older"
    assert made["command"] == "python recipes/gan.py --dataset grid --packing 2 --seed 3" and "--packing" in runs[0]
    assert reproduce.reproduce("keras_pattern", "mnist", 0, None)["commit"] == "now"
    # Scores of a run that left no record: whose code it was is not known.
    assert reproduce.reproduce("keras_pattern", "mnist", 0, None)["commit"] == "unknown" and len(runs) == 2


def test_a_rerun_replaces_its_line(runs, monkeypatch, capsys):
    before = stored_results.lines()
    call(monkeypatch, "r3gan", "ring", "--rerun")
    assert len(runs) == 1 and "--resume" not in runs[0] and not capsys.readouterr().out.startswith("stored")
    after = stored_results.lines()
    assert after[1:] == before[1:] and after[0]["commit"] == "old+older" and after[0]["seed"] == 0


def test_lines_of_ones_own_go_to_a_file_of_ones_own(runs, monkeypatch, results):
    before = stored_results.RESULTS.read_bytes()
    call(monkeypatch, "r3gan", "ring", "--results", "mine.jsonl")
    assert len(runs) == 1 and (results / "results.jsonl").read_bytes() == before
    assert [line["seed"] for line in map(json.loads, (results / "mine.jsonl").read_text().splitlines())] == [0]
    assert "Infinity" not in (results / "mine.jsonl").read_text()


@pytest.mark.parametrize(
    "folder",
    sorted(path.parent for path in (ROOT / "saved_models").glob("*/saved_model.pb")),
    ids=lambda path: path.name,
)
def test_a_committed_model_holds_each_weight_once(folder):
    tf = pytest.importorskip("tensorflow")
    card = (folder / "README.md").read_text()
    file = tf.train.load_checkpoint(str(folder / "variables/variables"))
    dtypes = file.get_variable_to_dtype_map()
    # A layer that drops has a random state beside its weights.
    shapes = (shape for name, shape in file.get_variable_to_shape_map().items() if dtypes[name].is_floating)
    held = sum(math.prod(shape) for shape in shapes if shape)
    row = next(line for line in card.splitlines() if line.startswith("| parameters |"))
    counts = {name: int(count.replace(",", "")) for name, count in re.findall(r"(\w+) ([\d,]+\d)", row)}
    if any(name.startswith("generator") for name in counts):
        served = [count for name, count in counts.items() if name.startswith("generator")]
    else:
        # From the first domain to the last.
        encoders, decoders = ([name for name in counts if name.startswith(kind)] for kind in ("encoder", "decoder"))
        route = [encoders[0], *(name for name in counts if name.startswith("shared")), decoders[-1]]
        served = [sum(counts[name] for name in route)]
    assert held in served
