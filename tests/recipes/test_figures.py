"""The figures that the README reports, trained anew: minutes each."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "recipes"))

pytestmark = pytest.mark.slow


def run(recipe, folder, *arguments):
    """The scores of a recipe's run."""
    options = ["--out", folder, "--saved-models", folder / "saved", *arguments]
    subprocess.run(
        [sys.executable, ROOT / "recipes" / f"{recipe}.py", *options],
        check=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    return json.loads((folder / "scores.json").read_text())["scores"]


@pytest.mark.parametrize(("dataset", "modes"), [("ring", 8), ("grid", 25)])
@pytest.mark.parametrize(("recipe", "high_quality"), [("r3gan", 0.9), ("wgan_gp", 0.6)])
def test_all_modes_of_a_mixture(recipe, high_quality, dataset, modes, tmp_path):
    scores = run(recipe, tmp_path, "--dataset", dataset)
    assert scores["modes"] == modes
    assert scores["reverse_kl"] < 0.1
    assert scores["high_quality"] > high_quality


def test_the_critic_of_a_wgan_measures_distance(tmp_path):
    assert run("wgan", tmp_path)["critic_correlation"] > 0.8


def test_every_divergence_finds_its_gaussian(tmp_path):
    import fgan

    scores = run("fgan", tmp_path)
    assert scores["diagonal_minima"] == 5
    with open(tmp_path / "fits.csv", newline="") as file:
        fits = {row["divergence"]: (float(row["mu"]), float(row["sigma"])) for row in csv.DictReader(file)}
    assert set(fits) == set(fgan.OPTIMA)
    for divergence, (mu, sigma) in fits.items():
        assert abs(mu - fgan.OPTIMA[divergence][0]) < 0.05 and abs(sigma - fgan.OPTIMA[divergence][1]) < 0.06, (
            divergence
        )
