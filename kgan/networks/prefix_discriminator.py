"""A discriminator of the beginnings of sentences."""

import keras
from keras import layers


def prefix_discriminator(words, length, embedding=32, units=64, dropout=0.0, name="discriminator"):
    """A recurrent discriminator that scores every beginning of a sentence in one pass.

    Args:
        words: size of the vocabulary.
        length: words a sentence has.
        embedding: width of the words' vectors.
        units: of the GRU.
        dropout: share of its outputs that is dropped in training.
        name: name of the model.

    Returns:
        `keras.Model` of int tokens `(batch, length)` to logits `(batch, length, 1)`, of which the t-th has seen the
        first t words alone.

    Example:

    >>> kgan.networks.prefix_discriminator(words=50, length=10).output_shape
    (None, 10, 1)

    Reference: de Masson d'Autume et al., Training Language GANs from Scratch, 2019, https://arxiv.org/abs/1905.09922
    """
    tokens = keras.Input((length,), dtype="int32", name="tokens")
    seen = layers.GRU(units, return_sequences=True)(layers.Embedding(words, embedding)(tokens))
    return keras.Model(tokens, layers.Dense(1)(layers.Dropout(dropout)(seen)), name=name)
