"""Games whose generator writes sentences, word by word."""

import keras
import numpy as np
from keras import ops

from kgan.engine.backend import own_share
from kgan.kinds.guards import alone
from kgan.kinds.latent_model import LatentModel
from kgan.layers import LanguageModel


class SequenceModel(LatentModel):
    """A game with a `generator` of words, each from those before it: what one does with it, trained.

    Sentences are int32 tokens `(batch, length)`. With a `vocabulary` a sentence ends with its first `<end>`, which
    counts as a word; what stands behind it counts nowhere. Without one all words count.

    The latent of a sentence is a number for each of its words, standard normal: the word is the first whose cumulative
    probability is above the share of numbers that lie below. So the same latent is the same sentence, in Python and in
    what is exported.

    Args:
        networks, seed, name: as in `AdversarialModel`; `networks["generator"]` is a `kgan.layers.LanguageModel`.
        vocabulary: `kgan.data.Vocabulary` of the sentences, or None.

    Raises:
        ValueError: a generator that is no language model; a vocabulary of another size than the generator's.
    """

    def __init__(self, networks, vocabulary=None, seed=None, name=None):
        generator = networks["generator"]
        if not isinstance(generator, LanguageModel):
            raise ValueError(
                f"The generator of a {type(self).__name__} writes word by word, which a {type(generator).__name__} "
                "does not: `kgan.layers.LanguageModel(words, length, cell=...)` does, by a cell of your own too."
            )
        if vocabulary is not None and len(vocabulary) != generator.words:
            raise ValueError(
                f"The generator knows {generator.words} words, the vocabulary {len(vocabulary)}: build it as "
                f"`kgan.layers.LanguageModel(words={len(vocabulary)}, length={generator.length})`."
            )
        super().__init__(networks, seed=seed, name=name)
        self.vocabulary = vocabulary

    @property
    def words(self):
        """How many words the generator knows."""
        return self.generator.words

    @property
    def length(self):
        """How many words a sentence has at most."""
        return self.generator.length

    # What a step is written with.

    def samples(self, data):
        """The sentences of a batch, int32 tokens."""
        return ops.cast(keras.utils.unpack_x_y_sample_weight(data)[0], "int32")

    def draw(self, like):
        """As many sentences of the generator as `like` has, int32 tokens; no gradient passes them."""
        return self.writer.draw(self.uniforms(like))

    def uniforms(self, like):
        """Numbers in [0, 1) by which as many sentences are drawn as `like` has, `(batch, length)`."""
        return own_share(like, lambda count: keras.random.uniform((count, self.length), seed=self.random))

    @property
    def writer(self):
        """The generator as this step plays it."""
        return self.generator if self.learning else self.served("generator")

    def counted(self, tokens):
        """Float32 `(batch, length)`: 1 for each word of a sentence, its end among them, 0 for what stands behind."""
        if self.vocabulary is None:
            return ops.ones_like(tokens, dtype="float32")
        ends = ops.cast(ops.equal(tokens, self.vocabulary.end), "int32")
        return ops.cast(ops.cumsum(ends, axis=1) - ends < 1, "float32")

    def log_probabilities(self, tokens, network=None):
        """Logarithms of the probabilities of words, each given those before it, `(batch, length)`; 0 behind the end. Of
        a network, or of the generator as this step plays it.
        """
        logits = (self.nets("generator") if network is None else network)(tokens)
        return -self.counted(tokens) * ops.sparse_categorical_crossentropy(tokens, logits, from_logits=True)

    def negative_log_likelihood(self, tokens):
        """Of sentences, in nats a word: one value per sample, and its mean over a batch is the mean over words."""
        counted = ops.sum(self.counted(tokens), axis=1)
        return -ops.sum(self.log_probabilities(tokens), axis=1) / ops.mean(counted)

    # What one asks of a trained one.

    def call(self, latents, training=False):
        """Sentences, int32 tokens, of latents `(batch, length)`: what `predict` and the exported model compute."""
        self.check_latents(latents)
        return written(self.served("generator"), latents)

    def generate(self, n=1, labels=None, latents=None, seed=None, batch_size=256):
        """Sentences of the generator as it serves; the state of training does not change.

        Args:
            n: how many.
            labels: None: these games have none.
            latents: array `(n, length)` of standard normal numbers to write by, in place of `n` random ones.
            seed: integer: the same seed gives the same sentences; by default fresh ones.
            batch_size: how many are computed at a time.

        Returns:
            numpy int32 tokens `(n, length)`.

        Raises:
            ValueError: labels, latents of the wrong shape, or nothing to generate.
        """
        return super().generate(n, labels, latents, seed, batch_size)

    def _decode(self, inputs, batch_size):
        return super()._decode(inputs, batch_size).astype("int32")

    def say(self, n=1, seed=None):
        """Sentences as text, a list of strings; `seed` as in `generate`.

        Raises:
            ValueError: a game without a vocabulary.
        """
        if self.vocabulary is None:
            raise ValueError(
                f"This {type(self).__name__} knows words by their numbers alone: give it a `vocabulary`, or take "
                "`generate`."
            )
        return self.vocabulary.decode(self.generate(n, seed=seed))

    def likelihood(self, tokens, batch_size=256):
        """Logarithms of the probabilities that the generator gives sentences, float32 `(n,)`, in nats.

        Args:
            tokens: int array `(n, length)`.
            batch_size: how many are computed at a time.
        """
        tokens = np.asarray(tokens)
        self.check_tokens(tokens)
        network = self.served("generator")

        def summed(batch):
            return ops.sum(self.log_probabilities(ops.convert_to_tensor(batch), network), axis=1)

        return self.in_batches(summed, tokens.astype("int32"), batch_size=batch_size)

    def serving_model(self):
        """A plain `keras.Model`: latents `(batch, length)`, standard normal, to int32 tokens `(batch, length)`."""
        latents = keras.Input((self.length,), name="latent")
        return keras.Model(latents, Writing(self.served("generator"))(latents))

    # What is refused.

    def check_batch(self, batch):
        self.check_tokens(alone(batch, self, "learns from sentences alone", "sentences"))

    def check_values(self, array):
        self.check_tokens(array)

    def check_data(self, data, evaluation):
        self.check_tokens(data.images)

    def learn_facts(self, data):
        theirs = getattr(data, "vocabulary", None)
        if theirs is None or theirs == self.vocabulary:
            return
        if self.vocabulary is None:
            raise ValueError(
                f"These sentences have ends, of which this {type(self).__name__} knows nothing: give it their "
                "vocabulary, `vocabulary=train.vocabulary`."
            )
        raise ValueError(
            "These sentences are written in another vocabulary: read them in the game's own, "
            "`kgan.data.text_lines(path, vocabulary=gan.vocabulary)`."
        )

    def check_tokens(self, tokens):
        """Raise where an array is no sentences of this game's words."""
        name = type(self).__name__
        if not np.shape(tokens) or not len(tokens):
            raise ValueError("The data set is empty: there is no sentence to train on.")
        if tokens.dtype.kind not in "iu":
            raise ValueError(
                f"{name} takes tokens, the whole numbers of words, but these are {tokens.dtype}: text becomes tokens "
                "by `kgan.data.text_lines`, numbers by `tokens.astype('int32')`."
            )
        if tuple(tokens.shape[1:]) != (self.length,):
            raise ValueError(
                f"{name} takes sentences of {self.length} tokens, (n, {self.length}), but these have shape "
                f"{tuple(tokens.shape)}: read them with `length={self.length}`."
            )
        low, high = int(tokens.min()), int(tokens.max())
        if low < 0 or high >= self.words:
            cure = f"a generator of `words={high + 1}` knows them"
            if self.vocabulary is not None:
                cure = "write the sentences in the game's words, `gan.vocabulary.encode(sentences, gan.length)`"
            elif low < 0:
                cure = "numbers begin at 0, `np.unique(tokens, return_inverse=True)[1].reshape(tokens.shape)`"
            raise ValueError(
                f"{name} knows the words 0 to {self.words - 1}, but these tokens go from {low} to {high}: {cure}."
            )
        if self.vocabulary is not None:
            silent = np.isin(tokens[:, 0], (self.vocabulary.padding, self.vocabulary.end))
            if silent.any():
                raise ValueError(
                    f"{int(silent.sum())} of {len(tokens)} sentences begin with their end, and say nothing: leave them "
                    "out, `tokens[tokens[:, 0] > 1]`."
                )


@keras.saving.register_keras_serializable(package="kgan")
class Writing(keras.Layer):
    """Sentences of a language model, of latents: what a game of sentences serves."""

    def __init__(self, generator, **kwargs):
        super().__init__(**kwargs)
        self.generator = generator

    def call(self, latents):
        return written(self.generator, latents)

    def compute_output_spec(self, latents):
        return keras.KerasTensor(latents.shape, "int32")

    def get_config(self):
        return {**super().get_config(), "generator": keras.saving.serialize_keras_object(self.generator)}

    @classmethod
    def from_config(cls, config):
        return cls(**{**config, "generator": keras.saving.deserialize_keras_object(config["generator"])})


def written(generator, latents):
    """Sentences of a language model: a word for each number of a latent, by the share of numbers below it."""
    return generator.draw(0.5 * (1 + ops.erf(ops.cast(latents, "float32") / 2**0.5)))
