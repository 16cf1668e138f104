"""Games whose generator turns samples into other samples, learned from pairs."""

import keras
import numpy as np
from keras import ops

from kgan.engine.adversarial_model import AdversarialModel
from kgan.engine.guards import check_samples, of_stream
from kgan.kinds.guards import check_same_size, shape_of


class TranslationModel(AdversarialModel):
    """A game with a `generator` of sources to targets: what one does with it, trained.

    Batches are pairs `(sources, targets)`. A generator of images of any size, `(None, None, channels)`, translates
    larger ones than it was trained on.

    Args:
        networks, seed, name: as in `AdversarialModel`.
    """

    pairs = True
    stream_names = ("sources", "targets")

    def __init__(self, networks, seed=None, name=None):
        super().__init__(networks, seed=seed, name=name)
        shape_of(self.generator, "input"), shape_of(self.generator, "output")

    def pair(self, data):
        """Sources and targets of a batch, float32."""
        sources, targets, _ = keras.utils.unpack_x_y_sample_weight(data)
        return ops.cast(sources, "float32"), ops.cast(targets, "float32")

    def check_batch(self, batch):
        sources, targets, weights = keras.utils.unpack_x_y_sample_weight(batch)
        if targets is None or weights is not None:
            raise ValueError(
                f"{type(self).__name__} learns from pairs of sources and targets: `fit(sources, targets)`, or a set of "
                "pairs such as `kgan.data.paired_folder`."
            )
        if len(sources) != len(targets):
            raise ValueError(f"There are {len(sources)} sources but {len(targets)} targets.")
        with of_stream("sources"):
            check_samples(sources, self.generator.input_shape, "The generator")
        with of_stream("targets"):
            check_samples(targets, self.generator.output_shape, "The discriminator")
        check_same_size(self.generator, sources, targets)

    def compared(self, batch):
        return batch[1]

    def translate(self, images, batch_size=32):
        """What the generator makes of samples, in inference mode; the state of training does not change.

        Args:
            images: array `(n, ...)`; images float32 in [-1, 1].
            batch_size: how many are computed at a time.

        Returns:
            numpy float32 array `(n, ...)`; images in [-1, 1].

        Raises:
            ValueError: no samples, samples of another shape, values that are not finite, images outside [-1, 1].
        """
        images = np.asarray(images)
        check_samples(images, self.generator.input_shape, "The generator")
        return self.infer("generator", images, batch_size=batch_size)

    def sheet(self, data):
        """What a sheet of translations shows, a column each: dict of name to samples.

        Args:
            data: sources, or a pair of sources and targets, arrays of equal length.
        """
        sources, targets = data if isinstance(data, tuple) else (data, None)
        shown = {"source": sources, "made": self.translate(sources)}
        return shown if targets is None else {**shown, "target": targets}

    def call(self, samples, training=False):
        """What `predict` and the exported model compute: targets, float32, of sources."""
        return ops.cast(self.served("generator")(samples, training=training), "float32")

    def serving_model(self):
        """A plain `keras.Model`: sources to targets, float32."""
        generator = self.served("generator")
        sources = keras.Input(generator.input_shape[1:], name="source")
        return keras.Model(sources, keras.layers.Activation("linear", dtype="float32")(generator(sources)))
