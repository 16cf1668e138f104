"""Sentences word by word: against numpy, and what a word may know."""

import keras
import numpy as np
import pytest
from keras import ops

from kgan.engine.backend import gradient
from kgan.layers import LanguageModel
from kgan.layers.language_model import drawn_words

WORDS, LENGTH = 7, 5


def array(tensor):
    return ops.convert_to_numpy(tensor)


def model(**options):
    keras.utils.set_random_seed(0)
    built = LanguageModel(WORDS, LENGTH, embedding=6, **options)
    # Far from uniform, so that what comes before matters.
    built.set_weights([4 * weight for weight in built.get_weights()])
    return built


def uniforms(count=40, seed=0):
    return np.random.default_rng(seed).random((count, LENGTH), "float32")


def probabilities(model, tokens):
    logits = array(model(tokens)).astype("float64")
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def test_a_word_knows_those_before_it_alone():
    built = model()
    tokens = array(built.draw(uniforms()))
    assert tokens.dtype == np.int32 and tokens.shape == (40, LENGTH)
    logits = array(built(tokens))
    for position in range(LENGTH):
        others = tokens.copy()
        others[:, position] = (others[:, position] + 1) % WORDS
        moved = np.abs(array(built(others)) - logits).max((0, 2))
        assert not moved[: position + 1].any() and moved[position + 1 :].all()


@pytest.mark.parametrize("cell", [None, keras.layers.GRUCell(9), keras.layers.SimpleRNNCell(4)])
def test_words_are_drawn_by_the_logits_of_those_before_them(cell):
    built, drawn = model(cell=cell), uniforms()
    tokens = array(built.draw(drawn))
    cumulative = probabilities(built, tokens).cumsum(-1)
    np.testing.assert_array_equal(tokens, (cumulative <= drawn[..., None]).sum(-1))
    again = LanguageModel.from_config(built.get_config())
    again.set_weights(built.get_weights())
    np.testing.assert_array_equal(array(again.draw(drawn)), tokens)


def test_sentences_are_gone_on_with():
    built = model()
    given, keep = array(built.draw(uniforms(seed=1))), np.arange(LENGTH) < np.arange(40)[:, None] % (LENGTH + 1)
    tokens = array(built.draw(uniforms(), given, keep))
    np.testing.assert_array_equal(tokens[keep], given[keep])
    cumulative = probabilities(built, tokens).cumsum(-1)
    np.testing.assert_array_equal(tokens[~keep], (cumulative <= uniforms()[..., None]).sum(-1)[~keep])


def test_words_that_stay_are_said_with_where():
    given = np.zeros((40, LENGTH), "int32")
    for half in ({"given": given}, {"keep": given}):
        with pytest.raises(ValueError, match="give both, or neither"):
            model().draw(uniforms(), **half)


def test_relaxed_words_are_words_where_it_is_cold():
    built = model()
    noise = np.random.default_rng(0).gumbel(size=(8, LENGTH, WORDS)).astype("float32")
    shares = array(built.relax(noise, 1e-3))
    tokens = shares.argmax(-1)
    np.testing.assert_allclose(shares.max(-1), 1, atol=1e-3)
    np.testing.assert_array_equal(tokens, (array(built(tokens)) + noise).argmax(-1))
    warm = array(built.relax(noise, 5.0))
    np.testing.assert_allclose(warm.sum(-1), 1, atol=1e-5)
    assert warm.max() < 0.99


def test_a_gradient_passes_relaxed_words_and_no_drawn_ones():
    built = model()
    noise = np.random.default_rng(0).gumbel(size=(8, LENGTH, WORDS)).astype("float32")
    weights = list(built.trainable_variables)
    # Of the last word alone: it comes to the first ones by way of the words between.
    _, found = gradient(lambda: ops.sum(built.relax(noise, 1.0)[:, -1, 0]), weights)
    assert all(np.abs(array(one)).max() > 0 for one in found)


@pytest.mark.parametrize("words", [5, 32, 70])
def test_the_first_word_above_the_number(words):
    random = np.random.default_rng(0)
    law = random.dirichlet(np.full(words, 0.3), 3000).astype("float32")
    law[:, [0, -1]] = 0
    law /= law.sum(-1, keepdims=True)
    law[0], law[1] = np.eye(words)[1], np.eye(words)[words - 2]
    drawn = random.random(3000, "float32")
    drawn[:200], drawn[200:400] = 0, np.nextafter(np.float32(1), np.float32(0))
    found = array(drawn_words(law, drawn)).astype(int)
    edges = law.astype("float64").cumsum(-1)
    wanted = (edges <= drawn[:, None] * edges[:, -1:]).sum(-1)
    assert np.mean((found != wanted)[400:]) < 1e-3  # at an edge, by rounding
    assert (law[np.arange(3000), found] > 0).all()


def test_a_symbolic_sentence():
    tokens = keras.Input((LENGTH,), dtype="int32")
    network = keras.Model(tokens, model()(tokens))
    assert network.output_shape == (None, LENGTH, WORDS)
    assert array(network(np.zeros((3, LENGTH), "int32"))).shape == (3, LENGTH, WORDS)
