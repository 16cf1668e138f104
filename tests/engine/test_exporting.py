"""What is exported computes what the game does, in each format, with each weight once."""

import keras
import numpy as np
import pytest
from games import build, build_labelled, mlp
from harness import BACKEND

import kgan

FORMATS = {"tf_saved_model": "served", "onnx": "gan.onnx", "litert": "gan.tflite"}


def can_write(format):
    if format == "onnx":
        pytest.importorskip("onnxruntime")
        pytest.importorskip({"tensorflow": "tf2onnx", "torch": "onnx", "jax": "jax2onnx"}[BACKEND])
    elif BACKEND != "tensorflow":
        pytest.skip("written on TensorFlow")


@pytest.mark.parametrize("make", [build, build_labelled])
@pytest.mark.parametrize("format", FORMATS)
def test_formats(format, make, tmp_path):
    can_write(format)
    gan = make()
    gan.export(tmp_path / FORMATS[format], format=format)  # it checks the file itself
    assert (tmp_path / FORMATS[format]).exists()


@pytest.mark.parametrize("format", FORMATS)
def test_a_file_that_computes_something_else_is_noticed(format, tmp_path, monkeypatch):
    can_write(format)
    gan = build()
    network = gan.serving_model()
    monkeypatch.setattr(gan, "serving_model", lambda: network)
    from kgan.engine import exporting

    read = exporting.READERS[format]
    monkeypatch.setitem(exporting.READERS, format, lambda *arguments: [one + 0.01 for one in read(*arguments)])
    with pytest.raises(RuntimeError, match="differs from the model by 0.01"):
        gan.export(tmp_path / FORMATS[format], format=format)


@pytest.mark.skipif(BACKEND != "tensorflow", reason="a SavedModel is TensorFlow's")
def test_a_saved_model_holds_each_weight_once_in_small_files(tmp_path, monkeypatch):
    gan = kgan.DCGAN(
        kgan.networks.dcgan_generator((8, 8, 1), 16, 32), kgan.networks.dcgan_discriminator((8, 8, 1), 4), seed=0
    )
    weights = 4 * gan.generator.count_params()
    monkeypatch.setattr("kgan.engine.tensorflow.SHARD", weights // 2)  # the file is compared when it is written
    gan.export(tmp_path / "served")
    sizes = [path.stat().st_size for path in sorted((tmp_path / "served/variables").glob("variables.data-*"))]
    assert len(sizes) == 3 and max(sizes) <= weights // 2
    assert weights <= sum(sizes) < 1.05 * weights + 5000


@pytest.mark.skipif(BACKEND != "tensorflow", reason="a SavedModel is TensorFlow's")
def test_networks_of_free_size_and_of_several_outputs(tmp_path):
    class Pictures(kgan.engine.AdversarialModel):
        def serving_model(self):
            images = keras.Input((None, None, 3))
            halved = keras.layers.Conv2D(2, 3, 2, "same")(images)
            return keras.Model(
                images, [keras.layers.Conv2D(3, 3, padding="same")(images), keras.layers.GlobalMaxPooling2D()(halved)]
            )

    Pictures({}).export(tmp_path / "served")


@pytest.mark.skipif(BACKEND != "torch", reason="PyTorch's refusal")
def test_pytorch_says_what_it_cannot_write(tmp_path):
    with pytest.raises(ValueError, match="PyTorch writes no SavedModel: export with format='onnx'"):
        build().export(tmp_path / "served")


def test_the_average_is_what_is_exported():
    gan = build(generator=mlp(3, 2))
    gan.keep_average(0.9)
    gan.generator.set_weights([weight + 1 for weight in gan.generator.get_weights()])
    latents = np.ones((2, 3), "float32")
    served = keras.ops.convert_to_numpy(gan.serving_model()(latents))
    np.testing.assert_allclose(served, gan.generate(latents=latents), atol=1e-6)
    assert not np.allclose(served, keras.ops.convert_to_numpy(gan.generator(latents)))


@pytest.mark.skipif(BACKEND != "tensorflow", reason="a SavedModel is TensorFlow's")
def test_large_outputs_are_compared_by_their_size(tmp_path):
    can_write("onnx")
    build(generator=keras.Sequential([mlp(3, 2), keras.layers.Rescaling(1e4)])).export(
        tmp_path / "gan.onnx", format="onnx"
    )
