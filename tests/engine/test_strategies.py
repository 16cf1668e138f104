"""The same global batch on one device, on two, and on two machines: the same weights."""

import subprocess
import sys

import keras
import numpy as np
import pytest
from harness import ROOT, cluster, environment_of, free_addresses, run_python

BACKEND = keras.config.backend()
GAMES = ("gan", "wgan_gp", "sngan")


def start(paths, **environment):
    """A process that trains under each of the strategies and writes what came of it to its path."""
    arguments = [f"{strategy}={path}" for strategy, path in paths.items()]
    command = [sys.executable, str(ROOT / "tests" / "replicas.py"), *arguments]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.Popen(command, env=environment_of(**environment), text=True, **streams)


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
    finish(start({"none": tmp_path / "one.npz", "mirrored": tmp_path / "two.npz"}))
    workers = [{"multiworker": tmp_path / f"worker-{index}.npz"} for index in range(2)]
    finish(*(start(paths, **cluster(index, addresses)) for index, paths in enumerate(workers)))
    for other in ("two", "worker-0", "worker-1"):
        assert_equal_weights(tmp_path / "one.npz", tmp_path / f"{other}.npz")


def test_parts_of_a_mean_add_up_to_it(monkeypatch):
    from kgan.engine import backend

    monkeypatch.setattr(backend, "replicas", lambda: 2)
    monkeypatch.setattr(backend, "share", lambda count: (0, 5))
    parts = [
        float(backend.share_of_mean(keras.ops.convert_to_tensor(values))) for values in ([1.0, 2.0, 6.0], [3.0, 8.0])
    ]
    assert sum(parts) == pytest.approx(4.0)
    # A loss that is one number for all counts as one replica's of two.
    assert float(backend.share_of_mean(keras.ops.convert_to_tensor(4.0))) == 2.0


@pytest.mark.skipif(BACKEND != "tensorflow", reason="tf.distribute")
def test_a_batch_that_leaves_a_device_without_a_sample():
    run_python(
        """
import keras, numpy as np, pytest, tensorflow as tf, kgan
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 4)
with tf.distribute.MirroredStrategy([f"CPU:{index}" for index in range(4)]).scope():
    gan = kgan.GAN(kgan.networks.mlp(2, 2, units=(4,)), kgan.networks.mlp(2, 1, units=(4,)), seed=0)
    gan.compile()
points = np.zeros((28, 2), "float32")
with pytest.raises(ValueError, match="batch of 9 leaves one of 4 devices"):
    gan.fit(points[:9], batch_size=9, verbose=0)
with pytest.raises(ValueError, match="batch of 2 leaves one of 4 devices"):
    gan.fit(points[:18], batch_size=8, verbose=0)
gan.fit(points, batch_size=16, verbose=0)
assert gan.generate(3).shape == (3, 2)
"""
    )


@pytest.mark.skipif(BACKEND != "jax", reason="keras.distribution")
def test_two_devices_and_two_processes_end_where_one_does(tmp_path):
    two_devices = {"XLA_FLAGS": "--xla_force_host_platform_device_count=2"}
    finish(start({"none": tmp_path / "one.npz", "data_parallel": tmp_path / "two.npz"}, **two_devices))
    processes = {"KERAS_DISTRIBUTION_JOB_ADDRESSES": free_addresses(1)[0], "KERAS_DISTRIBUTION_NUM_PROCESSES": "2"}
    names = ("process-0", "process-1")
    for_each = [
        ({"data_parallel": tmp_path / f"{name}.npz"}, {"KERAS_DISTRIBUTION_PROCESS_ID": name[-1]}) for name in names
    ]
    finish(*(start(paths, **processes, **process) for paths, process in for_each))
    for other in ("two", *names):
        assert_equal_weights(tmp_path / "one.npz", tmp_path / f"{other}.npz")
