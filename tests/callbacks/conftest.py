import numpy as np
import pytest


@pytest.fixture
def points():
    return np.random.default_rng(0).standard_normal((40, 2)).astype("float32")
