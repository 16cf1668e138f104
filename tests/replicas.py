"""Trains games of two players under distribution strategies and writes their weights.

    python replicas.py STRATEGY=FILE STRATEGY=FILE

A program, so that each test has a fresh process: devices are set up before anything is computed.
"""

import contextlib
import os
import sys

import keras
import numpy as np

STEPS, BATCH = 20, 16


def set_up_devices():
    """Two of them on this processor, unless there are several processes; on JAX the environment says how many."""
    if keras.config.backend() == "tensorflow" and "TF_CONFIG" not in os.environ:
        import tensorflow as tf

        devices = [tf.config.LogicalDeviceConfiguration()] * 2
        tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], devices)
    if "KERAS_DISTRIBUTION_NUM_PROCESSES" in os.environ:
        keras.distribution.initialize()


def strategy_scope(name):
    """The context in which models are built."""
    if name == "mirrored":
        import tensorflow as tf

        return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope()
    if name == "multiworker":
        import tensorflow as tf

        return tf.distribute.MultiWorkerMirroredStrategy().scope()
    if name == "data_parallel":
        assert len(keras.distribution.list_devices()) == 2
        keras.distribution.set_distribution(keras.distribution.DataParallel(auto_shard_dataset=False))
    return contextlib.nullcontext()


def games():
    """Games without BatchNorm."""
    import kgan

    def image_players(**options):
        layers = [
            kgan.networks.mlp(4, 64, units=(16,)),
            keras.layers.Reshape((8, 8, 1)),
            keras.layers.Activation("tanh"),
        ]
        generator = keras.Sequential(layers)
        return generator, kgan.networks.dcgan_discriminator((8, 8, 1), filters=4, **options)

    yield "gan", kgan.GAN(*image_players(normalization=None), seed=0)
    yield "wgan_gp", kgan.WGANGP(*image_players(normalization=None), seed=0)
    yield "sngan", kgan.SNGAN(*image_players(normalization="spectral"), seed=0)


def train(strategy):
    """What each game's weights are after its steps, how far they moved, and samples."""
    scope, results = strategy_scope(strategy), {}
    # On TensorFlow the last batch is short, and the shares of two devices differ; JAX has even ones only.
    count = STEPS * BATCH + (5 if keras.config.backend() == "tensorflow" else 0)
    images = np.random.default_rng(0).uniform(-1, 1, (count, 8, 8, 1)).astype("float32")
    keras.utils.clear_session(free_memory=False)
    keras.utils.set_random_seed(0)
    with scope:
        compiled = dict(games())
        for name, gan in compiled.items():
            # Each move is a part of the graph that is built, on each device anew.
            gan.compile(**({"critic_steps": 2} if name == "wgan_gp" else {}))
    for name, gan in compiled.items():
        gan.keep_average(0.9)
        before = np.concatenate([np.ravel(value) for value in gan.get_weights()])
        gan.fit(images, batch_size=BATCH, epochs=1, verbose=0)
        results[name] = np.concatenate([np.ravel(value) for value in gan.get_weights()])
        results[f"{name}_moved"] = np.linalg.norm(results[name] - before)
        results[f"{name}_samples"] = gan.generate(3, seed=0)
    return results


if __name__ == "__main__":
    set_up_devices()
    for argument in sys.argv[1:]:
        strategy, path = argument.split("=", 1)
        np.savez(path, **train(strategy))
