"""The identities of the GAN's theory, as recipes/studies/divergences.py computes them, and the script itself."""

import importlib
import json
import os
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import keras
import numpy as np
import pytest

import kgan
from kgan.runs import Task

ROOT = Path(__file__).parents[2]
STUDIES = ROOT / "recipes" / "studies"
TOLERANCE = (
    1e-9 if keras.config.backend() == "tensorflow" else 1e-5
)  # JAX, and PyTorch here and there, compute in float32
X = np.linspace(-12, 12, 4001)


@pytest.fixture
def recipe(monkeypatch):
    """A function that imports a file of recipes/ or of recipes/studies/."""
    for folder in (STUDIES.parent, STUDIES):
        monkeypatch.syspath_prepend(str(folder))
    return importlib.import_module


@pytest.fixture
def quadrature(recipe):
    return recipe("quadrature")


def gaussian_kl(mean, deviation, other_mean, other_deviation):
    """KL of two Gaussians in closed form."""
    return (
        np.log(other_deviation / deviation) + (deviation**2 + (mean - other_mean) ** 2) / (2 * other_deviation**2) - 0.5
    )


def test_kl_of_gaussians_has_its_closed_form(quadrature):
    p, q = quadrature.normal(X, 0.3, 0.8), quadrature.normal(X, -0.5, 1.1)
    assert quadrature.kl(X, p, q) == pytest.approx(gaussian_kl(0.3, 0.8, -0.5, 1.1), abs=1e-10)
    assert quadrature.kl(X, q, p) == pytest.approx(gaussian_kl(-0.5, 1.1, 0.3, 0.8), abs=1e-10)
    assert quadrature.kl(X, np.where(X < 0, p, 0), np.where(X > 1, q, 0)) == np.inf


@pytest.mark.parametrize("shift, js", [(0.0, 0.0), (0.25, 0.25 * np.log(2)), (1.0, np.log(2)), (3.0, np.log(2))])
def test_js_is_stuck_where_the_earth_mover_goes_on(quadrature, shift, js):
    x = np.linspace(-0.5, 5.5, 12_001) + 0.00025
    p, q = (((x > start) & (x < start + 1)).astype("float64") for start in (0, shift))
    assert quadrature.jensen_shannon(x, p, q) == pytest.approx(js, abs=1e-3)
    assert quadrature.earth_mover(x, p, q) == pytest.approx(shift, abs=1e-3)


def test_earth_mover_of_gaussians_against_scipy(quadrature):
    from scipy.stats import wasserstein_distance

    p, q = quadrature.normal(X, 0, 1), quadrature.mixture(X, ((0.5, -1, 0.7), (0.5, 2, 0.9)))
    assert quadrature.earth_mover(X, p, q) == pytest.approx(wasserstein_distance(X, X, p, q), abs=1e-6)


def test_samples_of_a_mixture(quadrature):
    components = ((0.4, -2.0, 0.5), (0.6, 2.5, 0.5))
    samples = quadrature.mixture_samples(components, 50_000, np.random.default_rng(0))
    p = quadrature.mixture(X, components)
    assert samples.mean() == pytest.approx(quadrature.expectation(X, p, X), abs=0.04)
    assert (samples**2).mean() == pytest.approx(quadrature.expectation(X, p, X**2), abs=0.1)


@pytest.mark.parametrize("gap", [0.0, 0.5, 2.0, 4.0])
def test_value_at_the_best_discriminator_is_the_js_divergence(quadrature, gap):
    p, q = quadrature.normal(X, 0, 1), quadrature.normal(X, gap, 1.1)
    best = quadrature.value(X, p, q, np.log(p / q))
    assert best == pytest.approx(-2 * np.log(2) + 2 * quadrature.jensen_shannon(X, p, q), abs=1e-12)
    assert best == pytest.approx(
        quadrature.f_divergence(X, p, q, kgan.losses.get_divergence("gan")), abs=TOLERANCE * 10
    )
    for share in (0.0, 0.9, 1.1):
        assert quadrature.value(X, p, q, share * np.log(p / q)) < best


def test_fit_by_kl_has_the_moments_and_by_its_reverse_one_mode(quadrature):
    x = np.linspace(-7, 8, 2001)
    p = quadrature.mixture(x, ((0.4, -2.0, 0.5), (0.6, 2.5, 0.5)))
    blurred = quadrature.fit_gaussian(x, p, quadrature.kl)
    assert blurred == pytest.approx((0.7, np.sqrt(0.25 + 0.4 * 2.7**2 + 0.6 * 1.8**2)), abs=1e-4)
    single = quadrature.fit_gaussian(x, p, lambda x, p, q: quadrature.kl(x, q, p))
    assert single == pytest.approx((2.5, 0.5), abs=1e-3)


def test_fits_are_the_papers_optima(quadrature, recipe):
    """f-GAN's table for its own mixture: the same search must find Nowozin's numbers."""
    fits, x = recipe("fgan_fits"), np.linspace(-7, 11, 2001)
    p = quadrature.mixture(x, [(weight, mean, np.sqrt(variance)) for weight, mean, variance in fits.MIXTURE])
    distances = {
        "kl": quadrature.kl,
        "reverse_kl": lambda x, p, q: quadrature.kl(x, q, p),
        "jensen_shannon": quadrature.jensen_shannon,
    }
    for name, distance in distances.items():
        assert quadrature.fit_gaussian(x, p, distance) == pytest.approx(fits.OPTIMA[name], abs=1e-3), name


def test_maximum_likelihood_is_the_least_kl(quadrature):
    p, samples = quadrature.normal(X, 0.4, 1.2), np.random.default_rng(1).normal(0.4, 1.2, 200_000)
    entropy = 0.5 * np.log(2 * np.pi * np.e * 1.2**2)
    for mean, deviation in ((0.4, 1.2), (-1.0, 1.5), (1.5, 0.9)):
        surprise = -np.log(quadrature.normal(samples, mean, deviation))
        error = surprise.std() / np.sqrt(len(samples))
        assert surprise.mean() - entropy == pytest.approx(
            quadrature.kl(X, p, quadrature.normal(X, mean, deviation)), abs=4 * error
        )


def test_every_conjugate_and_every_bound(quadrature, recipe):
    chapters = recipe("divergences")
    p, q = quadrature.normal(X, 0, 1), quadrature.normal(X, 0.7, 1.2)
    assert len(chapters.DIVERGENCES) == 10
    for name in chapters.DIVERGENCES:
        divergence = kgan.losses.get_divergence(name)
        t = chapters.tangents(divergence)
        np.testing.assert_allclose(
            quadrature.compute(divergence.conjugate, t),
            quadrature.conjugate_by_search(divergence.f, t),
            atol=TOLERANCE * 10,
            err_msg=name,
        )
        exact, bound = quadrature.f_divergence(X, p, q, divergence), quadrature.variational_bound(X, p, q, divergence)
        assert bound == pytest.approx(exact, abs=TOLERANCE * 10), name


def test_conjugate_by_search_does_not_trust_the_conjugate(quadrature):
    t = np.array([-1.0, 0.0, 2.0])
    np.testing.assert_allclose(
        quadrature.conjugate_by_search(lambda u: u * keras.ops.log(u), t), np.exp(t - 1), atol=TOLERANCE * 10
    )


def test_the_film_game_draws_uniform_noise(recipe):
    film = recipe("uniform_to_normal")
    keras.utils.set_random_seed(0)
    gan = film.game(0)
    drawn = keras.ops.convert_to_numpy(gan.latents(np.zeros((20_000, 1), "float32")))
    for noise in (drawn, gan.random_latents(20_000, np.random.default_rng(0))):
        assert noise.shape == (20_000, 1) and -1 <= noise.min() < -0.99 and 0.99 < noise.max() <= 1
        assert noise.var() == pytest.approx(1 / 3, abs=0.01)


def test_what_the_film_shows_of_a_line(recipe):
    film = recipe("uniform_to_normal")
    line = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    line.set_weights([np.array([[2.0]]), np.array([1.0])])
    gan = kgan.GAN(generator=line, discriminator=kgan.networks.mlp(1, 1, units=(4,)), seed=0)
    np.testing.assert_allclose(film.density(gan)[(film.X > -0.9) & (film.X < 2.9)], 0.25, atol=1e-3)  # U(-1, 3)
    np.testing.assert_allclose(film.walk(gan)[:, 1], 2 * film.walk(gan)[:, 0] + 1, atol=1e-6)


def test_the_modes_that_a_divergence_finds(recipe, tmp_path):
    options = {"dataset": "ring_by_each", "divergence": "kl", "epochs": 1, "batch_size": 20_000, "seed": 0}
    task = Task("fgan", Namespace(**options, strategy=None, out=tmp_path))
    recipe("fgan").by_each(task)
    record = json.loads((tmp_path / "scores.json").read_text())
    assert list(record["scores"]) == ["modes_kl", "high_quality_kl", "reverse_kl_kl"]
    assert record["floors"]["modes"] == 8 and record["dataset"] == "ring_by_each"
    assert (tmp_path / "modes.csv").read_text().splitlines()[1].startswith("kl,") and (tmp_path / "modes.png").exists()


def start(tmp_path, *arguments):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": "-1"}
    return subprocess.run(
        [sys.executable, str(STUDIES / "divergences.py"), *arguments],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )


def test_chapters_by_name(tmp_path):
    done = start(tmp_path, "modes", "distance", "--out", "pictures")
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(path.name for path in (tmp_path / "pictures").iterdir()) == ["distance.png", "modes.png"]
    assert done.stdout.index("modes\n") < done.stdout.index("distance\n") and "0.693147" in done.stdout


def test_a_mistyped_chapter_is_one_line(tmp_path):
    done = start(tmp_path, "filn")
    assert (
        (done.returncode, done.stdout) == (2, "")
        and "there is no chapter 'filn'" in done.stderr
        and done.stderr.count("\n") == 1
    )


@pytest.mark.slow
def test_training_chapters_say_what_theory_says(tmp_path):
    """The discriminator becomes D*, the generator's samples normal."""
    import re

    done = start(tmp_path, "optimal", "film")
    assert done.returncode == 0, done.stderr
    before, after = map(
        float,
        re.search(
            r"mean \|D - D\*\| under \(p \+ q\)/2: ([\d.]+) before training, ([\d.]+) after", done.stdout
        ).groups(),
    )
    assert after < 0.02 < before
    began, ended = map(float, re.findall(r"JSD ([\d.]+)", done.stdout))
    assert ended < 0.05 < began
    assert (tmp_path / "runs/divergences/film/film.gif").exists()
