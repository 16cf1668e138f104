"""Precision, recall, density, coverage and the 1-NN test: what lies near what."""

import numpy as np
import pytest
from metric_data import GENERATED, REAL, SAME, feed

from kgan.metrics import (
    DensityCoverage,
    NearestNeighbourTest,
    PrecisionRecall,
    density_coverage,
    distances,
    nearest_neighbour_test,
    precision_recall,
)


@pytest.mark.parametrize(
    "generated, k, expected",
    [
        (GENERATED, 3, (0.690, 0.956, 0.6066667, 0.708)),
        (GENERATED, 5, (0.772, 0.982, 0.5808, 0.842)),
        (SAME, 5, (0.924, 0.960, 0.976, 0.974)),
    ],
)
def test_vectors(generated, k, expected):
    measured = {**precision_recall(REAL, generated, k), **density_coverage(REAL, generated, k)}
    assert tuple(measured[part] for part in ("precision", "recall", "density", "coverage")) == pytest.approx(
        expected, abs=5e-8
    )


def test_defaults_are_the_papers():
    assert precision_recall(REAL, GENERATED) == precision_recall(REAL, GENERATED, 3)
    assert density_coverage(REAL, GENERATED) == density_coverage(REAL, GENERATED, 5)


def test_expected_coverage_of_equal_distributions():
    random = np.random.RandomState(0)
    measured = [density_coverage(random.randn(300, 4), random.randn(300, 4)) for _ in range(20)]
    expected = 1 - np.prod([(300 - i) / (600 - i) for i in range(1, 6)])
    assert np.mean([one["coverage"] for one in measured]) == pytest.approx(expected, abs=0.005)
    assert np.mean([one["density"] for one in measured]) == pytest.approx(1, abs=0.02)


def brute_force(real, generated, k):
    """The definitions, with differences in place of inner products."""
    across = np.linalg.norm(real[:, None] - generated[None], axis=2)
    real_radii, generated_radii = (
        np.sort(np.linalg.norm(a[:, None] - a[None], axis=2), axis=1)[:, k] for a in (real, generated)
    )
    return {
        "precision": (across <= real_radii[:, None]).any(0).mean(),
        "recall": (across <= generated_radii).any(1).mean(),
        "density": (across < real_radii[:, None]).sum() / k / len(generated),
        "coverage": (across.min(1) < real_radii).mean(),
    }


@pytest.mark.parametrize("sizes", [(40, 40), (31, 57), (57, 31)])
def test_whole_numbers_with_many_ties_and_unequal_sizes(sizes):
    random = np.random.RandomState(1)
    real, generated = (random.randint(0, 4, (size, 3)).astype(float) for size in sizes)
    assert {**precision_recall(real, generated, 2), **density_coverage(real, generated, 2)} == pytest.approx(
        brute_force(real, generated, 2)
    )


def test_a_border_is_inside_for_precision_and_outside_for_density():
    real, generated = [[0.0], [1.0]], [[2.0], [2.0]]
    assert precision_recall(real, generated, 1)["precision"] == 1
    assert density_coverage(real, generated, 1) == {"density": 0, "coverage": 0}


def test_copies_of_the_data_are_recognised_whatever_the_rounding():
    far = REAL * 0.1 + 300
    assert precision_recall(far, far[::-1]) == {"precision": 1, "recall": 1}
    assert density_coverage(far, far[::-1])["coverage"] == 1
    assert nearest_neighbour_test(far, far[::-1])["accuracy"] == 0
    duplicates = np.repeat(far[:5], 10, axis=0)
    assert precision_recall(duplicates, duplicates) == {"precision": 1, "recall": 1}
    assert nearest_neighbour_test(duplicates, duplicates)["accuracy"] == 0.5


@pytest.mark.parametrize("function", [precision_recall, density_coverage, nearest_neighbour_test])
def test_features_far_from_zero(function):
    assert function(REAL + 1e5, GENERATED + 1e5) == function(REAL, GENERATED)


def test_blocks_change_nothing(monkeypatch):
    whole = (
        precision_recall(REAL, GENERATED),
        density_coverage(REAL, GENERATED),
        nearest_neighbour_test(REAL, GENERATED),
    )
    monkeypatch.setattr(distances, "BLOCK", 500 * 7)
    assert (
        precision_recall(REAL, GENERATED),
        density_coverage(REAL, GENERATED),
        nearest_neighbour_test(REAL, GENERATED),
    ) == whole


def test_blocks_bound_memory(monkeypatch):
    monkeypatch.setattr(distances, "BLOCK", 500 * 7)
    assert max(block.size for _, block in distances.blocks(REAL, GENERATED)) <= 500 * 7


def test_nearest_neighbour_test_tells_sets_apart():
    assert nearest_neighbour_test(REAL, GENERATED + 50) == {"accuracy": 1, "real": 1, "generated": 1}
    assert nearest_neighbour_test(REAL, SAME)["accuracy"] == pytest.approx(0.5, abs=0.05)
    collapsed = nearest_neighbour_test(REAL, np.repeat(REAL[:1], 500, axis=0) + 1e-3 * SAME)
    assert collapsed["generated"] > 0.99 and collapsed["real"] > 0.99


def test_nearest_neighbour_test_by_hand():
    """0 is nearest to 1 (real), 1 to 1.4 (generated), 5 to 1.4 (generated); 1.4 to 1 (real), 9 to 10 and 10 to 9
    (generated).
    """
    assert nearest_neighbour_test([[0.0], [1.0], [5.0]], [[1.4], [9.0], [10.0]]) == pytest.approx(
        {"accuracy": 0.5, "real": 1 / 3, "generated": 2 / 3}
    )


@pytest.mark.parametrize("function", [precision_recall, density_coverage, nearest_neighbour_test])
def test_refuses(function):
    with pytest.raises(ValueError, match="too few"):
        function(REAL[:1], GENERATED[:1])
    with pytest.raises(ValueError, match="same network"):
        function(REAL, GENERATED[:, 1:])
    with pytest.raises(ValueError, match="non-finite"):
        function(REAL, GENERATED * np.inf)
    if function is nearest_neighbour_test:
        with pytest.raises(ValueError, match="equally many"):
            function(REAL, GENERATED[:400])
    else:
        with pytest.raises(ValueError, match="too few"):
            function(REAL[:5], GENERATED, k=5)
        with pytest.raises(ValueError, match="`k`"):
            function(REAL, GENERATED, k=0)


@pytest.mark.parametrize(
    "metric, expected",
    [
        (PrecisionRecall(samples=500), {"precision3_500_test_raw": 0.690, "recall3_500_test_raw": 0.956}),
        (PrecisionRecall(samples=500, k=5, name="pr"), {"precision5_pr": 0.772, "recall5_pr": 0.982}),
        (
            DensityCoverage(samples=500, split="train"),
            {"density5_500_train_raw": 0.5808, "coverage5_500_train_raw": 0.842},
        ),
        (
            NearestNeighbourTest(samples=500),
            {
                f"{part}_nearest_neighbour_500_test_raw": value
                for part, value in nearest_neighbour_test(REAL, GENERATED).items()
            },
        ),
    ],
)
def test_metrics(metric, expected):
    assert feed(metric, REAL, GENERATED) == pytest.approx(expected)


def test_metrics_refuse_fewer_samples_than_neighbours():
    for metric in (PrecisionRecall, DensityCoverage):
        with pytest.raises(ValueError, match="must be above `k`"):
            metric(samples=5, k=5)


@pytest.mark.slow
def test_the_reference_of_prdc():
    """prdc's README: N(0, I) in 1000 dimensions, 10,000 against 10,000, k = 5. A few hubs make its density differ by
    0.15 from draw to draw.
    """
    random = np.random.RandomState(0)
    real, generated = random.randn(10_000, 1000), random.randn(10_000, 1000)
    measured = {**precision_recall(real, generated, 5), **density_coverage(real, generated, 5)}
    assert measured.pop("density") == pytest.approx(1.0555, abs=0.3)
    assert measured == pytest.approx({"precision": 0.4772, "recall": 0.4705, "coverage": 0.9735}, abs=0.03)
