"""300 kills of a recipe lose nothing: about half an hour. Its short forms, cut off in this process, run each time."""

from pathlib import Path

import keras
import pytest
from programs import finish, start

# The forks of tests/runs/kills.py need libraries that start no thread when they are imported.
elsewhere = keras.config.backend() != "tensorflow"
pytestmark = [pytest.mark.slow, pytest.mark.skipif(elsewhere, reason="forks of TensorFlow")]


def test_no_kill_loses_a_file_or_a_checkpoint(tmp_path):
    code, out, error = finish(start(tmp_path, Path(__file__).with_name("kills.py"), "300"), timeout=7200)
    assert code == 0 and "0 losses" in out, out + error
