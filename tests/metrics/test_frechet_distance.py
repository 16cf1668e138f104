import keras
import numpy as np
import pytest
import scipy.linalg
from metric_data import GENERATED, REAL, feed

from kgan.metrics import FrechetDistance, frechet_distance


def test_vectors():
    assert frechet_distance(REAL, GENERATED) == pytest.approx(1.4351023288, abs=5e-11)  # ddof 0 would be 1.4341969172
    real, generated = np.ones((100, 2)), 9 * np.ones((100, 2))
    real[:50, 0] = generated[50:, 0] = 2
    assert frechet_distance(real, generated) == pytest.approx(89.0909091, abs=5e-8)  # compare_gan; ddof 0 would be 89
    assert frechet_distance((np.zeros(2048), np.eye(2048)), (np.ones(2048), np.eye(2048))) == pytest.approx(
        2048, rel=1e-12
    )  # pytorch-fid


def test_moments_of_three_constant_images():
    """pytorch-fid: of 0, 0.5 and 1 the mean is 0.5 and every covariance 0.25."""
    features = np.repeat([[0.0], [0.5], [1.0]], 4, axis=1)
    assert frechet_distance(features, (np.full(4, 0.5), np.full((4, 4), 0.25))) == pytest.approx(0, abs=1e-12)
    assert frechet_distance(features, (np.zeros(4), np.zeros((4, 4)))) == pytest.approx(4 * 0.25 + 4 * 0.25)


def test_is_the_formula_with_a_matrix_square_root():
    first, second = np.cov(REAL, rowvar=False), np.cov(GENERATED, rowvar=False)
    expected = (
        np.square(REAL.mean(0) - GENERATED.mean(0)).sum()
        + np.trace(first + second - 2 * scipy.linalg.sqrtm(first @ second)).real
    )
    assert frechet_distance(REAL, GENERATED) == pytest.approx(expected, rel=1e-10)
    assert frechet_distance(REAL, GENERATED) == pytest.approx(frechet_distance(GENERATED, REAL), rel=1e-10)


@pytest.mark.parametrize("count", [2, 5, 30])
def test_singular_covariances_have_a_real_distance(count):
    """Fewer samples than features: scipy's sqrtm of the product turns complex or fails."""
    random = np.random.RandomState(count)
    real, generated = random.randn(count, 64), random.randn(count, 64) + 1
    # The trace is the nuclear norm of the product of the centred data.
    overlap = np.linalg.svd((real - real.mean(0)) @ (generated - generated.mean(0)).T, compute_uv=False).sum() / (
        count - 1
    )
    expected = (
        np.square(real.mean(0) - generated.mean(0)).sum()
        + real.var(0, ddof=1).sum()
        + generated.var(0, ddof=1).sum()
        - 2 * overlap
    )
    assert frechet_distance(real, generated) == pytest.approx(expected, rel=1e-10)
    assert frechet_distance(real, real) == pytest.approx(0, abs=1e-9)


def test_constant_images_and_a_dead_feature():
    assert frechet_distance(np.zeros((10, 3)), np.full((10, 3), 2.0)) == pytest.approx(12)
    dead = REAL * (np.arange(8) != 3)
    assert frechet_distance(dead, dead + 1) == pytest.approx(8)


@pytest.mark.parametrize(
    "real, generated, says",
    [
        (REAL[:1], REAL, "too few"),
        (REAL, REAL[:, :7], "8 features a sample and `generated` 7"),
        (REAL, np.where(REAL > 2, np.nan, REAL), "non-finite"),
        (REAL[0], REAL, r"\(n, d\)"),
        ((np.zeros(3), np.eye(2)), REAL, "tuple of mean"),
        ((np.zeros(2), np.array([[1.0, 1.0], [0.0, 1.0]])), (np.zeros(2), np.eye(2)), "not symmetric"),
        ([["a"]], REAL, "numbers|dtype|convert"),
    ],
)
def test_refuses(real, generated, says):
    with pytest.raises((ValueError, TypeError), match=says):
        frechet_distance(real, generated)


def test_takes_tensors_and_integers():
    tensors = [keras.ops.convert_to_tensor(values.astype("float32")) for values in (REAL, GENERATED)]
    assert frechet_distance(*tensors) == pytest.approx(1.4351023288, rel=1e-6)
    assert frechet_distance((REAL * 10).astype("int32"), (REAL * 10).astype("int32")) == pytest.approx(0, abs=1e-9)


def test_streams_to_the_accuracy_of_float64():
    real, generated = REAL.astype("float32"), GENERATED.astype("float32")
    assert feed(FrechetDistance(samples=500), real, generated) == pytest.approx(
        frechet_distance(real, generated), rel=1e-9
    )


@pytest.mark.parametrize("mean", [30, 1000])
def test_streams_features_far_from_zero(mean):
    real, generated = (REAL + mean).astype("float32"), (GENERATED + mean).astype("float32")
    assert feed(FrechetDistance(samples=500), real, generated) == pytest.approx(
        frechet_distance(real, generated), rel=1e-5
    )


def test_streams_singular_covariances():
    random = np.random.RandomState(0)
    real, generated = (
        np.maximum(random.randn(40, 6) @ random.randn(6, 64) + shift, 0).astype("float32") for shift in (2, 3)
    )
    assert feed(FrechetDistance(samples=40), real, generated, 7) == pytest.approx(
        frechet_distance(real, generated), rel=1e-5
    )
    constant = np.full((40, 64), 0.3, "float32")
    assert feed(FrechetDistance(samples=40), constant, constant) == pytest.approx(0, abs=1e-6)


def test_memory_does_not_grow_with_the_samples():
    sizes = []
    for samples in (10, 10_000):
        metric = FrechetDistance(samples=samples)
        metric.build((8,))
        sizes.append(sum(int(np.prod(variable.shape)) for variable in metric.variables))
    assert sizes[0] == sizes[1]


def test_features_that_are_not_finite_are_no_score():
    metric = FrechetDistance(samples=4)
    metric.update_state(REAL[:4], np.where(np.arange(32).reshape(4, 8) == 5, np.inf, GENERATED[:4]))
    with pytest.raises(ValueError, match="generated samples have features that are not finite"):
        metric.result()
