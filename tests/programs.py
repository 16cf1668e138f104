"""Scripts run as a user runs them, in a process of their own, and the files that they leave."""

import os
import subprocess
import sys

from harness import ROOT

RECIPES = ROOT / "recipes"


def start(folder, script, *arguments):
    """A script in a process of its own, which sees this checkout."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": "-1"}
    command = [sys.executable, str(script), *arguments]
    return subprocess.Popen(
        command, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def finish(process, timeout=240):
    """Exit code, stdout and stderr."""
    out, error = process.communicate(timeout=timeout)
    return process.returncode, out, error


def wait_for(process, text):
    for line in process.stdout:
        if line.startswith(text):
            return
    raise AssertionError(f"{text!r} never came: {process.stderr.read()}")


def contents(folder):
    """Every file below a folder, by its path there."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }
