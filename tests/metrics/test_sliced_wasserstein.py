import numpy as np
import pytest
from metric_data import GENERATED, REAL, SAME, feed

from kgan.metrics import SlicedWasserstein, sliced_wasserstein


def test_a_translation_has_its_length_over_the_root_of_the_dimension():
    shift = np.random.RandomState(5).randn(8)
    assert sliced_wasserstein(REAL, REAL + shift, projections=20_000) == pytest.approx(
        np.linalg.norm(shift) / np.sqrt(8), rel=0.02
    )
    assert sliced_wasserstein(REAL[:, :1], REAL[:, :1] + 3) == pytest.approx(3)


def test_normal_distributions_of_two_widths():
    random = np.random.RandomState(0)
    assert sliced_wasserstein(random.randn(20_000, 3), 1.5 * random.randn(20_000, 3), projections=50) == pytest.approx(
        0.5, abs=0.02
    )


def test_order_scale_and_seed():
    assert sliced_wasserstein(REAL, REAL[::-1]) == pytest.approx(0, abs=1e-12)  # products of two orders may round apart
    assert sliced_wasserstein(3 * REAL, 3 * GENERATED) == pytest.approx(3 * sliced_wasserstein(REAL, GENERATED))
    assert sliced_wasserstein(REAL, GENERATED, seed=1) != sliced_wasserstein(REAL, GENERATED, seed=2)
    assert sliced_wasserstein(REAL, SAME) < sliced_wasserstein(REAL, GENERATED)


def test_by_hand():
    """In one dimension: 0, 2 against 3, 4 moves by 3 and 2."""
    assert sliced_wasserstein([[2.0], [0.0]], [[3.0], [4.0]]) == pytest.approx(np.sqrt((9 + 4) / 2))


@pytest.mark.parametrize(
    "real, generated, options, says",
    [(REAL, GENERATED[:9], {}, "equally many"), (REAL, GENERATED, {"projections": 0}, "projections")],
)
def test_refuses(real, generated, options, says):
    with pytest.raises(ValueError, match=says):
        sliced_wasserstein(real, generated, **options)


def test_metric():
    metric = SlicedWasserstein(samples=500, projections=30, seed=4)
    assert metric.name == "sliced_wasserstein30_500_test_raw"
    assert feed(metric, REAL, GENERATED) == pytest.approx(sliced_wasserstein(REAL, GENERATED, 30, 4), rel=1e-6)
