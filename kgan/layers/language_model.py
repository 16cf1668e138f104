"""Sentences word by word, each word from those before it."""

import keras
from keras import ops

BLOCK = 32  # words whose probabilities are summed at a time


@keras.saving.register_keras_serializable(package="kgan")
class LanguageModel(keras.Layer):
    """Logits of each word of a sentence, given those before it, by a recurrent cell; and sentences drawn by it.

    Called on tokens, int32 `(batch, length)`, it returns float32 logits `(batch, length, words)`: those at position t
    are of the word there, given the words before t.

    Args:
        words: size of the vocabulary.
        length: words that a sentence has.
        cell: a cell of `keras.layers`, such as `GRUCell(64)`; default `LSTMCell(32)`, as in SeqGAN.
        embedding: width of the words' vectors; default 32.
        **kwargs: `name`, `trainable`, `dtype` of `keras.layers.Layer`.

    Example:

    >>> model = kgan.layers.LanguageModel(words=50, length=10)
    >>> tokens = model.draw(np.random.default_rng(0).random((3, 10), "float32"))
    >>> keras.ops.shape(tokens), keras.ops.shape(model(tokens))
    ((3, 10), (3, 10, 50))

    Reference: Yu et al., SeqGAN, 2017, https://arxiv.org/abs/1609.05473
    """

    def __init__(self, words, length, cell=None, embedding=32, **kwargs):
        super().__init__(**kwargs)
        self.words, self.length, self.embedding = int(words), int(length), int(embedding)
        self.cell = keras.layers.LSTMCell(32) if cell is None else cell
        # One row more: what stands before the first word.
        self.vectors = keras.layers.Embedding(self.words + 1, self.embedding)
        self.head = keras.layers.Dense(self.words, dtype="float32")
        self.build((None, self.length))

    def build(self, input_shape):
        if self.built:
            return
        self.vectors.build(input_shape)
        if not self.cell.built:  # one that comes from a file is
            self.cell.build((None, self.embedding))
        self.head.build((None, self._states()[0]))
        super().build(input_shape)

    @property
    def input_shape(self):
        return None, self.length

    @property
    def output_shape(self):
        return None, self.length, self.words

    def _states(self):
        """Widths of the cell's states, the first that of its output."""
        size = self.cell.state_size
        return list(size) if isinstance(size, (list, tuple)) else [size]

    def call(self, tokens):
        start = ops.full_like(tokens[:, :1], self.words)
        before = self.vectors(ops.concatenate([start, tokens[:, :-1]], axis=1))

        def step(states, vector):
            states = self._after(states, vector)
            return states, states

        _, states = ops.scan(step, self._start(ops.shape(tokens)[0]), ops.transpose(before, (1, 0, 2)))
        return self.head(ops.transpose(states[0], (1, 0, 2)))

    def compute_output_spec(self, tokens):
        return keras.KerasTensor((*tokens.shape, self.words), "float32")

    def draw(self, uniforms, given=None, keep=None):
        """Sentences, one word after another: each is the first whose cumulative probability is above a uniform number,
        so that equal numbers give equal sentences.

        Args:
            uniforms: `(batch, length)` in [0, 1).
            given: int tokens `(batch, length)` that stay where `keep`, `(batch, length)`, is true: sentences are gone
                on with.

        Returns:
            int32 tokens `(batch, length)`; no gradient passes them.
        """
        if (given is None) != (keep is None):
            raise ValueError("`given` says which words stay and `keep` where: give both, or neither.")
        uniforms = ops.transpose(ops.convert_to_tensor(uniforms, "float32"))
        kept = ops.zeros_like(uniforms) if keep is None else ops.transpose(ops.cast(keep, "float32"))
        known = ops.zeros_like(uniforms) if given is None else ops.transpose(ops.cast(given, "float32"))

        def step(carry, inputs):
            *states, word = carry
            uniform, known, kept = inputs
            states = self._after(states, self.vectors(ops.cast(word, "int32")))
            drawn = drawn_words(ops.softmax(self.head(states[0])), uniform)
            carry = [*states, kept * known + (1 - kept) * drawn]
            return carry, carry

        states = self._start(ops.shape(uniforms)[1])
        before = ops.full_like(uniforms[0], float(self.words))
        _, carries = ops.scan(step, [*states, before], (uniforms, known, kept))
        return ops.stop_gradient(ops.cast(ops.transpose(carries[-1]), "int32"))

    def relax(self, noise, temperature):
        """Sentences of words in between: softmax of (logits + noise) / temperature at each position, whose mean vector
        is the next one's input. Gradients pass them.

        Args:
            noise: `(batch, length, words)` of a Gumbel law, `-log(-log(uniform))`.
            temperature: positive; towards 0 each is one word.

        Returns:
            float32 `(batch, length, words)`, shares of words that sum to 1.
        """
        noise = ops.transpose(ops.convert_to_tensor(noise, "float32"), (1, 0, 2))
        table = self.vectors.embeddings[: self.words]
        start = self.vectors(ops.full((ops.shape(noise)[1],), self.words, "int32"))

        def step(carry, noise):
            *states, shares, vector = carry
            states = self._after(states, vector)
            shares = ops.softmax((self.head(states[0]) + noise) / temperature)
            carry = [*states, shares, ops.matmul(shares, table)]
            return carry, carry

        states = self._start(ops.shape(noise)[1])
        _, carries = ops.scan(step, [*states, ops.zeros_like(noise[0]), start], noise)
        return ops.transpose(carries[-2], (1, 0, 2))

    def _start(self, count):
        return [ops.zeros((count, width), self.cell.compute_dtype) for width in self._states()]

    def _after(self, states, vector):
        states = list(states)
        _, after = self.cell(vector, states if len(states) > 1 else states[0])
        return list(after) if isinstance(after, (list, tuple)) else [after]

    def get_config(self):
        own = {"words": self.words, "length": self.length, "embedding": self.embedding}
        return {**super().get_config(), **own, "cell": keras.saving.serialize_keras_object(self.cell)}

    @classmethod
    def from_config(cls, config):
        return cls(**{**config, "cell": keras.saving.deserialize_keras_object(config["cell"])})


def drawn_words(probabilities, uniforms):
    """The first words whose cumulative probability is above `uniforms`, `(batch,)`, of `(batch, words)`, as float32.

    Summed block by block: a block is found first, then the word in it, each by a small triangular matrix.
    """
    words = probabilities.shape[-1]
    blocks = -(-words // BLOCK)
    padded = ops.pad(probabilities, ((0, 0), (0, blocks * BLOCK - words)))
    parts = ops.reshape(padded, (-1, blocks, BLOCK))
    below = ops.matmul(ops.sum(parts, axis=-1), ops.triu(ops.ones((blocks, blocks))))
    # Of the sum, which rounding leaves beside 1; and below it by more than rounding moves a sum, so that no word is
    # drawn that has no probability.
    wanted = ops.minimum(uniforms[:, None], 1 - 2**-20) * below[:, -1:]
    block = ops.minimum(ops.sum(ops.cast(below <= wanted, "int32"), axis=-1, keepdims=True), blocks - 1)
    inside = ops.take_along_axis(parts, block[..., None], axis=1)[:, 0]
    before = ops.take_along_axis(ops.pad(below, ((0, 0), (1, 0))), block, axis=1)
    cumulative = before + ops.matmul(inside, ops.triu(ops.ones((BLOCK, BLOCK))))
    word = block[:, 0] * BLOCK + ops.sum(ops.cast(cumulative <= wanted, "int32"), axis=-1)
    return ops.cast(ops.minimum(word, words - 1), "float32")
