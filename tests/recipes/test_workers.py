"""Two workers on one machine, started as recipes/README.md says."""

import os
import signal
import subprocess
import sys
import time

import keras
import pytest
from harness import ROOT, cluster, environment_of, free_addresses

pytestmark = [pytest.mark.slow, pytest.mark.skipif(keras.config.backend() != "tensorflow", reason="tf.distribute")]


def start_both(folder, *arguments):
    addresses, workers = free_addresses(2), []
    for index in range(2):
        out, recipe = folder / f"worker-{index}", str(ROOT / "recipes" / "gan.py")
        command = [
            sys.executable,
            recipe,
            "--strategy",
            "multiworker",
            "--out",
            str(out),
            "--saved-models",
            str(out),
            *arguments,
        ]
        log = (folder / f"worker-{index}.log").open("w")
        workers.append(
            subprocess.Popen(
                command, env=environment_of(**cluster(index, addresses)), stdout=log, stderr=subprocess.STDOUT
            )
        )
    return workers


def epochs(folder, index):
    """What worker `index` has in its history."""
    path = folder / f"worker-{index}" / "history.csv"
    return [line.split(",")[0] for line in path.read_text().splitlines()[1:]] if path.exists() else []


def test_a_lost_worker_is_reported_and_both_go_on(tmp_path):
    first, second = start_both(tmp_path, "--epochs", "39")  # a checkpoint an epoch
    while len(epochs(tmp_path, 0)) < 2:
        assert first.poll() is None and second.poll() is None
        time.sleep(0.2)
    second.send_signal(signal.SIGKILL)
    assert first.wait(timeout=60) == 2
    assert (tmp_path / "worker-0.log").read_text().splitlines()[-1].endswith("start all of them again with --resume")
    done = len(epochs(tmp_path, 1))
    for worker in start_both(tmp_path, "--epochs", str(done + 1), "--resume"):
        assert worker.wait(timeout=200) == 0
    assert epochs(tmp_path, 0) == epochs(tmp_path, 1) == [str(epoch + 1) for epoch in range(done + 1)]
    histories = [(tmp_path / f"worker-{index}" / "history.csv").read_text().splitlines()[1:] for index in range(2)]
    losses = [[line.split(",")[1:3] for line in history] for history in histories]
    assert losses[0] == losses[1]
    assert os.listdir(tmp_path / "worker-0" / "gan-ring")
