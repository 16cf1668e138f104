import pytest
from toy_runs import Toy


@pytest.fixture
def toy(monkeypatch, tmp_path):
    """Runs of a small recipe, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return Toy(monkeypatch)
