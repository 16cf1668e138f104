import numpy as np
import pytest

from kgan.data import mixture
from kgan.metrics import mode_report


@pytest.mark.parametrize("name, modes, floor", [("ring", 8, 0.0014), ("grid", 25, 0.0049)])
def test_true_samples_reach_the_known_ceiling(name, modes, floor):
    reports = []
    for seed in range(10):
        batches = mixture(name, samples=2500, seed=seed)
        reports.append(mode_report(batches.images, batches.centres, batches.deviation))
    assert {report["modes"] for report in reports} == {modes}
    assert np.mean([report["high_quality"] for report in reports]) == pytest.approx(1 - np.exp(-4.5), abs=0.002)
    assert np.mean([report["reverse_kl"] for report in reports]) == pytest.approx(floor, rel=0.5)


def test_three_deviations_are_the_border():
    centres = [[0, 0], [10, 0]]
    report = mode_report([[2.99, 0], [0, -3.01], [8, 2.2], [10, 3]], centres, deviation=1)
    assert report["modes"] == 2 and report["high_quality"] == 0.75
    assert report["reverse_kl"] == pytest.approx(np.log(2) - (np.log(3) / 3 + 2 / 3 * np.log(1.5)))


def test_collapsed_and_empty_cases():
    centres = mixture("ring", samples=1).centres
    collapsed = mode_report(np.repeat(centres[2:3], 50, axis=0), centres, 0.01)
    assert collapsed == {"modes": 1, "high_quality": 1.0, "reverse_kl": pytest.approx(np.log(8))}
    assert mode_report(centres, centres, 0.01) == {
        "modes": 8,
        "high_quality": 1.0,
        "reverse_kl": pytest.approx(0, abs=1e-12),
    }
    for nothing in (np.zeros((5, 2)), np.full((5, 2), np.nan), np.full((5, 2), np.inf)):
        assert mode_report(nothing, centres, 0.01) == {"modes": 0, "high_quality": 0.0, "reverse_kl": np.inf}


def test_a_point_counts_for_its_nearest_centre_alone():
    assert mode_report([[0.9, 0.0]], [[0.0, 0.0], [1.0, 0.0]], deviation=1.0)["modes"] == 1


@pytest.mark.parametrize(
    "points, centres, deviation",
    [
        (np.zeros((0, 2)), np.zeros((1, 2)), 1),
        (np.zeros(4), np.zeros((1, 2)), 1),
        (np.zeros((4, 2)), np.zeros((1, 3)), 1),
    ],
)
def test_refuses_shapes(points, centres, deviation):
    with pytest.raises(ValueError, match="must be"):
        mode_report(points, centres, deviation)


def test_refuses_no_deviation():
    with pytest.raises(ValueError, match="above 0"):
        mode_report(np.zeros((4, 2)), np.zeros((1, 2)), 0)
