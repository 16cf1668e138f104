"""What stands at the top of the repository."""

import subprocess

import pytest
from harness import ROOT

TOP = {"pyproject.toml", "README.md", "LICENSE", "kgan", "recipes", "tests", "saved_models"}


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="what is kept is known to a checkout alone")
def test_nothing_else_stands_at_the_top():
    kept = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    assert {name for path in kept if not (name := path.split("/")[0]).startswith(".")} == TOP
