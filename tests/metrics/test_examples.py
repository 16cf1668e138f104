"""The examples of the functions print what their docstrings say."""

import doctest

import numpy as np
import pytest

import kgan

FUNCTIONS = (
    "density_coverage frechet_distance inception_score kernel_distance multiscale_ssim nearest_neighbour_test precision_recall "
    "sliced_wasserstein stacked_modes KernelDistance PrecisionRecall DensityCoverage SlicedWasserstein NearestNeighbourTest"
).split()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_examples(name):
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    test = parser.get_doctest(getattr(kgan.metrics, name).__doc__, {"kgan": kgan, "np": np}, name, None, 0)
    assert test.examples
    runner.run(test)
    assert runner.failures == 0
