"""What games of sentences need beside the harness: tokens, players, and a language whose table is known."""

import keras
import numpy as np
from harness import VariantTests

from kgan.data import oracle
from kgan.layers import LanguageModel

layers = keras.layers
# Words and length by the shape of the pictures that the harness asks for.
LANGUAGES = {(8, 8, 1): (8, 4), (12, 8, 3): (9, 6)}


def of_beginnings(words, length, dropout=0.0):
    """A logit for each beginning: a convolution that looks back alone."""
    stack = [layers.Embedding(words, 8), layers.Conv1D(16, 3, padding="causal", activation="relu")]
    stack += [layers.Dropout(dropout)] if dropout else []
    return keras.Sequential([keras.Input((length,), dtype="int32"), *stack, layers.Dense(1)])


def of_sentences(words, length, dropout=0.0):
    """A logit for each sentence."""
    stack = [layers.Embedding(words, 8), layers.Conv1D(16, 2, activation="relu"), layers.GlobalMaxPooling1D()]
    stack += [layers.Dropout(dropout)] if dropout else []
    return keras.Sequential([keras.Input((length,), dtype="int32"), *stack, layers.Dense(1)])


class SequenceTests(VariantTests):
    """Sentences go in; words are drawn one after another."""

    judges = staticmethod(of_beginnings)

    def players(self, shape, dropout=0.0):
        words, length = LANGUAGES[shape]
        generator = LanguageModel(words, length, layers.LSTMCell(8), embedding=6)
        return {"generator": generator, "discriminator": self.judges(words, length, dropout)}

    def data(self, samples, seed=0):
        if samples.dtype.kind == "i":
            return samples
        words, length = LANGUAGES[samples.shape[1:]]
        return np.random.default_rng(seed).integers(words, size=(len(samples), length), dtype="int32")

    def inputs(self, count, shape=(8, 8, 1)):
        return [np.random.default_rng(0).normal(size=(count, LANGUAGES[shape][1])).astype("float32")]

    def made(self, model, count, shape=(8, 8, 1)):
        """Tokens, as shares of the number of words."""
        return (model.generate(count, seed=0) / model.words).astype("float32")

    def made_shape(self, shape):
        return (LANGUAGES[shape][1],)

    def answer(self, model, inputs):
        return model.generate(latents=inputs[0])

    def toy(self):
        return self.language().sample(2048, np.random.default_rng(0))

    def language(self):
        return oracle(words=8, length=4, count=1, concentration=0.3).language

    def error(self, model):
        """Mean distance between the shares of pairs of words in sentences and those of the language."""
        made, known = (
            pairs(tokens) for tokens in (model.generate(4000, seed=0), self.language().sample(4000, self.dice()))
        )
        return 0.5 * np.abs(made - known).sum()

    @staticmethod
    def dice():
        return np.random.default_rng(1)

    def toy_players(self):
        generator = LanguageModel(8, 4, layers.LSTMCell(16), embedding=8)
        return {"generator": generator, "discriminator": self.judges(8, 4)}

    def assert_toy_is_not_known(self, model):
        assert self.error(model) > 0.3

    def assert_toy_is_learned(self, model):
        assert self.error(model) < 0.1
        # As likely as the language's own, whose entropy is exact.
        test = self.language().sample(4000, self.dice())
        assert -model.likelihood(test).mean() / 4 < self.language().entropy + 0.05


def pairs(tokens):
    """Shares of pairs of neighbours."""
    counts = np.zeros((8, 8))
    np.add.at(counts, (tokens[:, :-1].ravel(), tokens[:, 1:].ravel()), 1)
    return counts / counts.sum()
