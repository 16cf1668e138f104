import hashlib
import json
from pathlib import Path

import keras
from keras import ops

from kgan.metrics.sample_metric import Hidden

JUDGES = Path(__file__).parent / "judges"
SIDE = 28


@keras.saving.register_keras_serializable(package="kgan")
class Judge(keras.layers.Layer):
    """A small trained classifier whose features and classes stand for InceptionV3's where images are small: scores of
    seconds on a CPU.

    It comes with kgan, trained on the training split alone by `recipes/tools/judge.py`;
    `kgan/metrics/judges/judges.json` has its accuracy on the test split, the command and the file's SHA-256, which is
    checked when it is read. Scores under one judge compare with each other and with no score under InceptionV3.

    Takes images `(batch, height, width, 1 or 3)` in [-1, 1]; colour becomes grey and other sizes become 28x28, by
    bilinear resizing with antialiasing. It is not trainable, computes in float32 under any policy, and its weights are
    no part of a model that holds it: they are read from its file.

    Args:
        dataset: `"digits"`, `"mnist"` or `"fashion_mnist"`: what it was trained on.
        output: `"features"`, `(batch, 128)` of at least 0; `"logits"`, `(batch, 10)`; `"probabilities"`, `(batch, 10)`.
        name: by default such as `mnist-cnn`, which is what metrics put into their names.

    Attributes:
        facts: dict of what `judges.json` knows of it: `accuracy`, `test_samples`, `sha256`, `command`.

    Raises:
        ValueError: an unknown data set or output, images of other shapes, a file that is not the one that `judges.json`
            describes.
        FileNotFoundError: no such judge is installed.

    Example:

    >>> judge = kgan.metrics.Judge("digits", output="probabilities")
    >>> keras.ops.shape(judge(np.zeros((2, 16, 16, 1))))
    (2, 10)
    """

    def __init__(self, dataset, output="features", name=None):
        if dataset not in ("digits", "mnist", "fashion_mnist"):
            raise ValueError(f"There are judges of 'digits', 'mnist' and 'fashion_mnist', not of {dataset!r}.")
        if output not in ("features", "logits", "probabilities"):
            raise ValueError(f"`output` must be 'features', 'logits' or 'probabilities', not {output!r}.")
        super().__init__(name=name or f"{dataset}-cnn", trainable=False, dtype="float32")
        self.dataset, self.output_kind, self.given_name = dataset, output, name
        self.facts = facts(dataset)
        self.hidden = Hidden(None)

    def build(self, input_shape):
        channels = input_shape[-1]
        if len(input_shape) != 4 or channels not in (1, 3):
            raise ValueError(f"A judge takes images (batch, height, width, 1 or 3), not {tuple(input_shape)}.")
        if self.hidden.network is None:
            self.hidden.network = network(self.dataset, self.facts["sha256"], self.output_kind)

    def call(self, images):
        if images.shape[-1] == 3:
            images = ops.image.rgb_to_grayscale(images, data_format="channels_last")
        if tuple(images.shape[1:3]) != (SIDE, SIDE):
            images = ops.image.resize(
                images, (SIDE, SIDE), interpolation="bilinear", antialias=True, data_format="channels_last"
            )
        outputs = self.hidden.network(images, training=False)
        return ops.softmax(outputs) if self.output_kind == "probabilities" else outputs

    def compute_output_shape(self, input_shape):
        return (input_shape[0], 128 if self.output_kind == "features" else 10)

    def get_config(self):
        return {"dataset": self.dataset, "output": self.output_kind, "name": self.given_name}


def facts(dataset):
    """What `judges.json` knows of a judge."""
    path = JUDGES / "judges.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    if dataset not in known or not (JUDGES / f"{dataset}.keras").exists():
        raise FileNotFoundError(
            f"There is no judge {JUDGES / dataset}.keras. `python recipes/tools/judge.py {dataset}` trains it in "
            "minutes."
        )
    return known[dataset]


def network(dataset, sha256, output):
    """The trained network, which ends in its features or its logits."""
    path = JUDGES / f"{dataset}.keras"
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != sha256:
        raise ValueError(
            f"{path} is not the judge that judges.json describes: its SHA-256 is {found}, not {sha256}. Restore the "
            f"file."
        )
    judge = keras.saving.load_model(path, compile=False)
    if output == "features":
        judge = keras.Model(judge.inputs, judge.get_layer("features").output)
    judge.trainable = False
    return judge
