"""A discriminator of whole sentences."""

import keras
from keras import layers


def text_discriminator(
    words, length, embedding=32, filters=64, windows=(2, 3, 4, 5), dropout=0.25, name="discriminator"
):
    """A convolutional discriminator of sentences: what windows of several widths find, wherever it stands (TextCNN).

    Args:
        words: size of the vocabulary.
        length: words a sentence has.
        embedding: width of the words' vectors.
        filters: of each width of window.
        windows: widths in words; those above `length` are left out. SeqGAN's are 1 to 10, 15 and 20.
        dropout: share of what was found that is dropped in training (SeqGAN's 0.25).
        name: name of the model.

    Returns:
        `keras.Model` of int tokens `(batch, length)` to logits `(batch, 1)`.

    Raises:
        ValueError: no window that fits into a sentence.

    Example:

    >>> kgan.networks.text_discriminator(words=50, length=10).output_shape
    (None, 1)

    Reference: Kim, Convolutional Neural Networks for Sentence Classification, 2014, https://arxiv.org/abs/1408.5882
    """
    if min(windows, default=length + 1) > length:
        raise ValueError(f"No window of {tuple(windows)} words fits into {length}: give narrower `windows`.")
    tokens = keras.Input((length,), dtype="int32", name="tokens")
    vectors = layers.Embedding(words, embedding)(tokens)
    found = [
        layers.GlobalMaxPooling1D()(layers.Conv1D(filters, window, activation="relu")(vectors))
        for window in windows
        if window <= length
    ]
    found = layers.Concatenate()(found) if len(found) > 1 else found[0]
    return keras.Model(tokens, layers.Dense(1)(layers.Dropout(dropout)(found)), name=name)
