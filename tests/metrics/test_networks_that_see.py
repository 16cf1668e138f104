"""Judges and InceptionV3: shapes, ranges, files, saving, and what is said when a file is missing."""

import json
import shutil

import keras
import numpy as np
import pytest
from keras import ops

import kgan
from kgan.metrics import (
    ClassAccuracy,
    FrechetDistance,
    Inception,
    InceptionScore,
    Judge,
    StackedModes,
    floor,
    inception,
    judge,
)

INSTALLED = sorted(path.stem for path in judge.JUDGES.glob("*.keras"))
needs_judge = pytest.mark.skipif(
    "digits" not in INSTALLED, reason="there is no judge of digits: python recipes/tools/judge.py digits"
)


def digits(split="test"):
    return kgan.data.digits(28, split, labels=True, batch_size=297)[0]


@needs_judge
def test_a_judge_reaches_the_accuracy_that_is_written_down():
    images, labels = digits()
    for output in ("logits", "probabilities"):
        network = Judge("digits", output=output)
        assert floor(ClassAccuracy(network, samples=297), labels, images) == pytest.approx(
            network.facts["accuracy"], abs=5e-5
        )


@pytest.mark.parametrize("dataset", INSTALLED)
def test_outputs(dataset):
    images = np.tanh(np.random.RandomState(0).randn(5, 28, 28, 1)).astype("float32")
    features, logits, probabilities = (
        ops.convert_to_numpy(Judge(dataset, output)(images)) for output in ("features", "logits", "probabilities")
    )
    assert features.shape == (5, 128) and features.min() >= 0 and features.std() > 0.01
    assert logits.shape == probabilities.shape == (5, 10)
    np.testing.assert_allclose(probabilities.sum(1), 1, rtol=1e-5)
    np.testing.assert_allclose(
        np.exp(logits - logits.max(1, keepdims=True)), probabilities / probabilities.max(1, keepdims=True), rtol=1e-3
    )


@needs_judge
def test_other_sizes_and_colours():
    network, images = Judge("digits"), digits()[0][:4]
    plain = ops.convert_to_numpy(network(images))
    np.testing.assert_allclose(
        ops.convert_to_numpy(Judge("digits")(np.repeat(images, 3, axis=-1))), plain, rtol=1e-3, atol=1e-3
    )
    doubled = ops.convert_to_numpy(network(images.repeat(2, axis=1).repeat(2, axis=2)))
    assert np.linalg.norm(doubled - plain) < 0.5 * np.linalg.norm(plain)
    for shape in ((2, 28, 28), (2, 28, 28, 2)):
        with pytest.raises(ValueError, match="1 or 3"):
            Judge("digits")(np.zeros(shape, "float32"))


@needs_judge
def test_a_judge_computes_in_float32_and_is_never_trained():
    images = digits()[0][:4]
    plain = ops.convert_to_numpy(Judge("digits")(images))
    keras.config.set_dtype_policy("mixed_float16")
    mixed = Judge("digits")
    assert np.array_equal(ops.convert_to_numpy(mixed(images)), plain)
    assert not mixed.weights and not mixed.trainable


@needs_judge
def test_a_judge_survives_saving_whole(tmp_path):
    generator = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(784, "tanh"), keras.layers.Reshape((28, 28, 1))]
    )
    discriminator = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(1)])
    gan = kgan.GAN(generator, discriminator, seed=0)
    networks = [Judge("digits", output) for output in ("features", "probabilities", "logits")]
    gan.compile(metrics=[FrechetDistance(networks[0], samples=60), InceptionScore(networks[1], samples=60, splits=2)])
    real = digits()[0][:60]
    logs = gan.evaluate(real, return_dict=True, verbose=0)
    assert {"fid60_test_digits-cnn", "is60_splits2_digits-cnn", "is60_splits2_digits-cnn_std"} < set(logs)
    gan.save(tmp_path / "gan.keras")
    assert keras.saving.load_model(tmp_path / "gan.keras").evaluate(real, return_dict=True, verbose=0) == logs


@needs_judge
def test_a_judge_reads_stacked_digits():
    images, labels = digits()
    stacked = np.concatenate([images[:90], images[90:180], images[180:270]], axis=-1)
    expected = kgan.metrics.stacked_modes(np.stack([labels[:90], labels[90:180], labels[180:270]], axis=1))
    measured = floor(StackedModes(Judge("digits", "logits"), samples=90), stacked, stacked)
    assert measured["modes_stacked_90_digits-cnn"] == pytest.approx(expected["modes"], abs=2)


@pytest.mark.parametrize(
    "arguments, says", [(("cifar10",), "judges of 'digits'"), (("digits", "classes"), "`output` must be")]
)
def test_refuses_what_there_is_not(arguments, says):
    with pytest.raises(ValueError, match=says):
        Judge(*arguments)


def test_a_judge_that_is_missing_says_how_to_train_it(tmp_path, monkeypatch):
    monkeypatch.setattr(judge, "JUDGES", tmp_path)
    with pytest.raises(FileNotFoundError, match="python recipes/tools/judge.py mnist"):
        Judge("mnist")


@needs_judge
def test_a_file_that_is_another_is_refused(tmp_path, monkeypatch):
    for name in ("judges.json", "digits.keras"):
        shutil.copy(judge.JUDGES / name, tmp_path)
    records = json.loads((tmp_path / "judges.json").read_text())
    records["digits"]["sha256"] = "0" * 64
    (tmp_path / "judges.json").write_text(json.dumps(records))
    monkeypatch.setattr(judge, "JUDGES", tmp_path)
    with pytest.raises(ValueError, match="not the judge that judges.json describes"):
        Judge("digits")(np.zeros((1, 28, 28, 1), "float32"))


def test_inception_without_its_weights_says_which_file_belongs_where(monkeypatch):
    def offline(*arguments, **options):
        raise Exception("URL fetch failure")

    monkeypatch.setattr(keras.utils, "get_file", offline)
    metric = FrechetDistance(Inception(), samples=2)
    assert metric.name == "fid2_test_inception"
    with pytest.raises(
        ConnectionError, match=r"Put https://.*inception_v3_weights_tf_dim_ordering_tf_kernels.h5 into .*models"
    ):
        metric.update_state(np.zeros((2, 32, 32, 3), "float32"), np.zeros((2, 32, 32, 3), "float32"))


def test_inception_sees_any_size_and_grey(monkeypatch):
    monkeypatch.setattr(inception, "weights", lambda: None)
    network = Inception()
    assert network(np.zeros((1, 20, 24, 1), "float32")).shape == (1, 2048)
    assert network(np.zeros((1, 20, 24, 3), "float32")).shape == (1, 2048)
    assert Inception("probabilities").compute_output_shape((7, 20, 24, 3)) == (7, 1000)
    assert (
        keras.saving.deserialize_keras_object(
            keras.saving.serialize_keras_object(Inception("probabilities"))
        ).output_kind
        == "probabilities"
    )
    assert not network.weights
    for wrong in (lambda: Inception("logits"), lambda: Inception()(np.zeros((1, 8, 8, 2), "float32"))):
        with pytest.raises(ValueError, match="`output`|1 or 3"):
            wrong()
