"""The figures that the README reports, trained anew: minutes each."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "recipes"))

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("dataset", ["ring", "grid"])
@pytest.mark.parametrize("recipe, high_quality", [("r3gan", 0.9), ("wgan_gp", 0.6)])
def test_all_modes_of_a_mixture(recipe, high_quality, dataset, tmp_path):
    import mixtures

    score = mixtures.score(recipe, dataset, 0, tmp_path)
    assert score["modes"] == score["centres"]
    assert score["reverse_kl"] < 0.1
    assert score["high_quality"] > high_quality


def test_every_divergence_finds_its_gaussian(tmp_path):
    import fgan

    subprocess.run([sys.executable, ROOT / "recipes" / "fgan.py", "--out", tmp_path, "--saved-models", tmp_path / "saved"], check=True)
    with open(tmp_path / "fits.csv", newline="") as file:
        fits = {row["divergence"]: (float(row["mu"]), float(row["sigma"])) for row in csv.DictReader(file)}
    assert set(fits) == set(fgan.OPTIMA)
    for divergence, (mu, sigma) in fits.items():
        assert abs(mu - fgan.OPTIMA[divergence][0]) < 0.05 and abs(sigma - fgan.OPTIMA[divergence][1]) < 0.06, divergence
