"""Models for serving, written in a format that others read and checked against Python."""

import keras
import numpy as np

SIDE = 32  # of an example whose height and width are free


class Exporting:
    """`export` of a game; a part of `AdversarialModel`."""

    def serving_model(self):
        """A plain `keras.Model` of what `export` serves. A variant says what that is."""
        raise NotImplementedError

    def export(self, filepath, format="tf_saved_model", verbose=False, **kwargs):
        """Export what `serving_model` returns and check the file against Python.

        Args:
            filepath: where to.
            format: `"tf_saved_model"` (default; a folder with the endpoint `serve`, each weight once; on TensorFlow and
                JAX), `"onnx"` (a file; `pip install kgan[onnx]`), `"litert"` (a file for small devices, on TensorFlow),
                or another one that `keras.Model.export` knows, which is not checked.
            verbose: whether Keras prints what it does.
            **kwargs: as in `keras.Model.export`.

        Raises:
            RuntimeError: the exported model computes something else than this one.
            ValueError: a SavedModel on PyTorch.
        """
        self.write(self.serving_model(), filepath, format, verbose, **kwargs)

    @staticmethod
    def write(model, filepath, format, verbose, **kwargs):
        """Write `model`, a plain `keras.Model`, and check the file; arguments as of `export`."""
        filepath = str(filepath)
        inputs = [_example(tensor) for tensor in model.inputs]
        # A model that was never called cannot be exported in all formats.
        expected = model(inputs if len(inputs) > 1 else inputs[0])
        if format == "tf_saved_model" and not kwargs and keras.config.backend() == "tensorflow":
            from kgan.engine.tensorflow import write_saved_model

            write_saved_model(model, filepath)
        elif format == "tf_saved_model" and keras.config.backend() == "torch":
            raise ValueError(
                "PyTorch writes no SavedModel: export with format='onnx', or save the game (`.keras`), load it where "
                "KERAS_BACKEND=tensorflow and export it there."
            )
        else:
            model.export(filepath, format=format, verbose=verbose, **kwargs)
        if format in READERS:
            _compare(READERS[format](filepath, inputs), expected, model, filepath)


def _saved_model(filepath, inputs):
    import tensorflow as tf

    loaded = tf.saved_model.load(filepath)
    return tf.nest.flatten(loaded.serve(inputs if len(inputs) > 1 else inputs[0]))


def _onnx(filepath, inputs):
    import onnxruntime

    session = onnxruntime.InferenceSession(filepath, providers=["CPUExecutionProvider"])
    return session.run(None, {slot.name: values for slot, values in zip(session.get_inputs(), inputs)})


def _litert(filepath, inputs):
    import tensorflow as tf

    interpreter = tf.lite.Interpreter(model_path=filepath)
    slots = sorted(interpreter.get_input_details(), key=lambda slot: slot["name"])
    for slot, values in zip(slots, _by_dtype(slots, inputs)):
        interpreter.resize_tensor_input(slot["index"], values.shape)
    interpreter.allocate_tensors()
    for slot, values in zip(slots, _by_dtype(slots, inputs)):
        interpreter.set_tensor(slot["index"], values)
    interpreter.invoke()
    return [interpreter.get_tensor(slot["index"]) for slot in interpreter.get_output_details()]


def _by_dtype(slots, inputs):
    """The inputs in the order of the slots, which go by other names: by their dtypes and widths."""
    rest, ordered = list(inputs), []
    for slot in slots:
        fits = [one for one in rest if one.dtype == slot["dtype"] and one.ndim == len(slot["shape"])]
        ordered.append(fits[0] if fits else rest[0])
        rest = [one for one in rest if one is not ordered[-1]]
    return ordered


READERS = {"tf_saved_model": _saved_model, "onnx": _onnx, "litert": _litert}


def _compare(served, expected, model, filepath):
    """Raise where what a file computes is not what the model computes."""
    expected = [keras.ops.convert_to_numpy(one) for one in keras.tree.flatten(expected)]
    tolerance = 1e-5 if all(layer.compute_dtype == "float32" for layer in model._flatten_layers()) else 2e-2
    for one, other in zip(served, expected):
        one = np.asarray(one)
        bound = tolerance * max(1.0, np.abs(other).max())
        if one.shape != other.shape or not np.abs(one - other).max() <= bound:
            how = f"{one.shape} for {other.shape}" if one.shape != other.shape else f"{np.abs(one - other).max():.2g}"
            raise RuntimeError(f"The exported model at {filepath} differs from the model by {how}.")
    if len(served) != len(expected):
        raise RuntimeError(f"The exported model at {filepath} has {len(served)} outputs, the model {len(expected)}.")


def _example(tensor):
    """Four random samples of what a `KerasTensor` stands for; of integers, which are labels, 0 and 1:
    these are there.
    """
    random, shape = np.random.default_rng(0), [4, *(SIDE if side is None else side for side in tensor.shape[1:])]
    if "int" in tensor.dtype:
        return random.integers(2, size=shape).astype(tensor.dtype)
    return random.standard_normal(shape).astype(tensor.dtype)
