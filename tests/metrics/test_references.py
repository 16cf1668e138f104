"""The same numbers as the reference implementations, where they are installed: `pip install -e ".[references]"`."""

import numpy as np
import pytest
from metric_data import GENERATED, REAL

from kgan.metrics import density_coverage, frechet_distance, inception_score, kernel_distance, precision_recall

ABSENT = "not installed: pip install -e '.[references]'"


def test_prdc():
    prdc = pytest.importorskip("prdc", reason=f"prdc is {ABSENT}")
    for k in (1, 3, 5):
        reference = prdc.compute_prdc(REAL, GENERATED, k)
        assert density_coverage(REAL, GENERATED, k) == pytest.approx(
            {part: reference[part] for part in ("density", "coverage")}, abs=1e-12
        )
        assert precision_recall(REAL, GENERATED, k) == pytest.approx(
            {part: reference[part] for part in ("precision", "recall")}, abs=1e-12
        )


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason="torch-fidelity needs PyTorch")


def reference(module):
    return pytest.importorskip(f"torch_fidelity.{module}", reason=f"torch-fidelity is {ABSENT}", exc_type=ImportError)


@pytest.mark.parametrize("count", [500, 6])
def test_torch_fidelity_frechet(torch, count):
    fid = reference("metric_fid")
    statistics = [fid.fid_features_to_statistics(torch.from_numpy(features[:count])) for features in (REAL, GENERATED)]
    expected = fid.fid_statistics_to_metric(*statistics, verbose=False)["frechet_inception_distance"]
    assert frechet_distance(REAL[:count], GENERATED[:count]) == pytest.approx(expected, rel=1e-6)


def test_torch_fidelity_kernel(torch):
    kid = reference("metric_kid")
    options = {"kid_subsets": 20, "kid_subset_size": 100, "rng_seed": 7, "verbose": False}
    expected = kid.kid_features_to_metric(torch.from_numpy(REAL), torch.from_numpy(GENERATED), **options)
    assert list(kernel_distance(REAL, GENERATED, 20, 100, seed=7).values()) == pytest.approx(
        list(expected.values()), rel=1e-10
    )


def test_torch_fidelity_precision_recall(torch):
    prc = reference("metric_prc")
    expected = prc.prc_features_to_metric(torch.from_numpy(GENERATED), torch.from_numpy(REAL), verbose=False)
    assert precision_recall(REAL, GENERATED) == pytest.approx(
        {part: expected[part] for part in ("precision", "recall")}, abs=1e-6
    )


def test_torch_fidelity_inception_score(torch):
    isc = reference("metric_isc")
    logits = torch.from_numpy(np.random.RandomState(3).randn(1003, 10) * 2)
    expected = isc.isc_features_to_metric(logits, splits=10, shuffle=False)
    assert list(inception_score(logits.softmax(dim=1)).values()) == pytest.approx(list(expected.values()), rel=1e-9)
