"""Known languages: by enumeration, and by what is drawn."""

import itertools

import numpy as np
import pytest

from kgan.data import oracle


def every_sentence(words, length):
    return np.array(list(itertools.product(range(words), repeat=length)))


@pytest.mark.parametrize("options", [{"order": 2}, {"order": 3}, {"order": 2, "concentration": 2.0}])
def test_the_entropy_of_an_ngram_language_is_exact(options):
    language = oracle(words=3, length=5, count=1, seed=4, **options).language
    logs = language.log_probabilities(every_sentence(3, 5)).sum(1)
    assert np.exp(logs).sum() == pytest.approx(1)
    assert language.entropy == pytest.approx(-np.sum(np.exp(logs) * logs) / 5)


@pytest.mark.parametrize("kind", ["ngram", "lstm"])
def test_sentences_come_as_often_as_the_language_says(kind):
    data = oracle(kind, words=3, length=3, count=20_000, seed=1)
    assert data.images.dtype == np.int32 and data[0].dtype == np.int32
    probabilities = np.exp(data.language.log_probabilities(every_sentence(3, 3)).sum(1))
    assert probabilities.sum() == pytest.approx(1)
    shares = np.bincount(data.images @ (9, 3, 1), minlength=27) / 20_000
    np.testing.assert_allclose(shares, probabilities, atol=4 * np.sqrt(probabilities.max() / 20_000))
    assert -data.language.log_probabilities(data.images).mean() == pytest.approx(data.language.entropy, abs=0.02)


def test_a_step_of_the_lstm_is_keras():
    import keras

    language = oracle("lstm", words=7, length=4, count=1, units=5).language
    tokens = np.array([[3, 6, 0, 2], [1, 1, 5, 4]])
    layer = keras.layers.LSTM(5, return_sequences=True)
    before = language.vectors[np.concatenate([np.zeros((2, 1), int), tokens[:, :-1]], axis=1)].astype("float32")
    layer.build(before.shape)
    # Keras' order of gates is taken, kept, new, shown.
    order = np.r_[0:10, 15:20, 10:15]
    layer.set_weights([language.kernel[:5, order], language.kernel[5:, order], language.bias[order]])
    hidden = keras.ops.convert_to_numpy(layer(before))
    logs = keras.ops.convert_to_numpy(keras.ops.log_softmax(hidden @ language.output + language.output_bias))
    wanted = np.take_along_axis(logs, tokens[..., None], -1)[..., 0]
    np.testing.assert_allclose(language.log_probabilities(tokens), wanted, atol=1e-5)


def test_test_sentences_are_others_of_the_same_language():
    train, again, test = (oracle(words=9, length=5, count=40, split=split) for split in ("train", "train", "test"))
    np.testing.assert_array_equal(train.images, again.images)
    np.testing.assert_array_equal(train.language.table, test.language.table)
    assert not np.array_equal(train.images, test.images)
    assert not np.array_equal(train.language.table, oracle(words=9, length=5, count=1, seed=1).language.table)


@pytest.mark.parametrize(
    "arguments, says",
    [
        ({"kind": "transformer"}, "'ngram' or 'lstm'"),
        ({"split": "valid"}, "'train' or 'test'"),
        ({"words": 0}, "`words` must be a whole number"),
        ({"order": 1}, "`order` must be at least 2"),
        ({"count": 2.5}, "`count` must be a whole number"),
    ],
)
def test_what_is_refused(arguments, says):
    with pytest.raises(ValueError, match=says):
        oracle(**arguments)


def test_words_that_the_language_has_not():
    language = oracle(words=4, length=2, count=1).language
    for tokens in (np.array([[0, 4]]), np.array([[-1, 0]]), np.zeros((1, 2)), np.array([0, 1])):
        with pytest.raises(ValueError, match="whole numbers .* from 0 to 3"):
            language.log_probabilities(tokens)
