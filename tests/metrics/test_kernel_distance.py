import numpy as np
import pytest
from metric_data import GENERATED, REAL, SAME, feed

from kgan.metrics import KernelDistance, kernel_distance


def test_vectors():
    assert kernel_distance(REAL, GENERATED) == {
        "mean": pytest.approx(0.6373612382, abs=5e-11),
        "std": pytest.approx(0, abs=1e-9),
    }
    subsets = kernel_distance(REAL, GENERATED, subsets=100, subset_size=100, seed=2020)
    assert subsets == {"mean": pytest.approx(0.6186237977, abs=5e-11), "std": pytest.approx(0.1782558190, abs=5e-11)}


def test_by_hand():
    """k is (x y + 1)^3 in one dimension: of 0 and 1 against 1 and 1, k(0, 1) = 1 and k(1, 1) = 8."""
    assert kernel_distance([[0.0], [1.0]], [[1.0], [1.0]])["mean"] == pytest.approx(
        (2 * 1 + 2 * 8) / 2 - 2 * (1 + 1 + 8 + 8) / 4
    )


def test_equal_distributions_have_none_on_average_whatever_their_number():
    random = np.random.RandomState(0)
    values = [kernel_distance(random.randn(20, 4), random.randn(20, 4), subsets=1)["mean"] for _ in range(400)]
    assert min(values) < 0 and abs(np.mean(values)) < 3 * np.std(values) / 20
    assert abs(kernel_distance(REAL, SAME)["mean"]) < 0.05


def test_the_default_size_is_all_of_the_smaller_set():
    assert kernel_distance(REAL, GENERATED[:50], subsets=3) == kernel_distance(
        REAL, GENERATED[:50], subsets=3, subset_size=50
    )


@pytest.mark.parametrize("options", [{"subset_size": 501}, {"subset_size": 1}, {"subset_size": 0}, {"subsets": 0}])
def test_refuses_sizes(options):
    with pytest.raises(ValueError, match="subset"):
        kernel_distance(REAL, GENERATED, **options)


def test_refuses_features():
    with pytest.raises(ValueError, match="non-finite"):
        kernel_distance(REAL, GENERATED * np.nan)
    with pytest.raises(ValueError, match="same network"):
        kernel_distance(REAL, GENERATED[:, :3])


def test_metric():
    metric = KernelDistance(samples=500, subset_size=100, seed=2020)
    result = feed(metric, REAL, GENERATED)
    assert result == {
        "kid100x100_test_raw": pytest.approx(0.6186237977, rel=1e-6),
        "kid100x100_test_raw_std": pytest.approx(0.1782558190, rel=1e-6),
    }
    with pytest.raises(ValueError, match="`subset_size` must be between 2 and `samples`"):
        KernelDistance(samples=500)
