"""The same global batch on one device, on two, and on two machines: the same weights."""

import subprocess
import sys

import keras
import numpy as np
import pytest
from harness import ROOT, cluster, environment_of, free_addresses

BACKEND = keras.config.backend()
GAMES = ("gan", "wgan_gp", "sngan")


def start(strategy, path, **environment):
    command = [sys.executable, str(ROOT / "tests" / "replicas.py"), strategy, str(path)]
    return subprocess.Popen(command, env=environment_of(**environment), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def finish(*processes):
    for process in processes:
        output, _ = process.communicate(timeout=240)
        assert process.returncode == 0, output[-3000:]


def assert_equal_weights(one, two):
    one, two = np.load(one), np.load(two)
    for game in GAMES:
        # Half of the least that any of them moves: what stood still would be equal too.
        assert one[f"{game}_moved"] > 0.005 * np.linalg.norm(one[game])
        assert np.linalg.norm(one[game] - two[game]) < 1e-5 * np.linalg.norm(one[game]), game
        np.testing.assert_allclose(two[f"{game}_samples"], one[f"{game}_samples"], atol=1e-4)


@pytest.mark.skipif(BACKEND != "tensorflow", reason="tf.distribute")
def test_two_devices_and_two_machines_end_where_one_does(tmp_path):
    addresses = free_addresses(2)
    finish(start("none", tmp_path / "one.npz"), start("mirrored", tmp_path / "two.npz"))
    finish(*(start("multiworker", tmp_path / f"worker-{index}.npz", **cluster(index, addresses)) for index in range(2)))
    for other in ("two", "worker-0", "worker-1"):
        assert_equal_weights(tmp_path / "one.npz", tmp_path / f"{other}.npz")


@pytest.mark.skipif(BACKEND != "jax", reason="keras.distribution")
def test_two_devices_and_two_processes_end_where_one_does(tmp_path):
    two_devices = {"XLA_FLAGS": "--xla_force_host_platform_device_count=2"}
    finish(start("none", tmp_path / "one.npz"), start("data_parallel", tmp_path / "two.npz", **two_devices))
    processes = {"KERAS_DISTRIBUTION_JOB_ADDRESSES": free_addresses(1)[0], "KERAS_DISTRIBUTION_NUM_PROCESSES": "2"}
    names = ("process-0", "process-1")
    finish(*(start("data_parallel", tmp_path / f"{name}.npz", **processes, KERAS_DISTRIBUTION_PROCESS_ID=name[-1]) for name in names))
    for other in ("two", *names):
        assert_equal_weights(tmp_path / "one.npz", tmp_path / f"{other}.npz")
