"""SeqGAN: its harness for both kinds of reward, a step by hand, phases, and what it refuses."""

import keras
import numpy as np
import pytest
from harness import array, changed, same, stand_in, tensors, values
from sequence import SequenceTests, of_beginnings, of_sentences

import kgan
from kgan.data import Vocabulary, text_lines
from kgan.layers import LanguageModel


class TestBeginnings(SequenceTests):
    variant = kgan.SeqGAN
    toy_rate = 1e-2
    toy_options = {"pretraining_epochs": (15, 2)}


class TestRollouts(SequenceTests):
    variant = kgan.SeqGAN
    judges = staticmethod(of_sentences)
    compile_options = {"rollouts": 2}
    toy_rate = 1e-2
    toy_options = {"pretraining_epochs": (15, 2)}


def game(judge=of_beginnings, words=5, length=3, seed=0, vocabulary=None, **options):
    keras.utils.set_random_seed(seed)
    generator = LanguageModel(words, length, keras.layers.LSTMCell(6), embedding=4)
    gan = kgan.SeqGAN(generator, judge(words, length), vocabulary=vocabulary, seed=seed)
    gan.compile(**options)
    return gan


def tokens_of(count, words=5, length=3, seed=0):
    return np.random.default_rng(seed).integers(words, size=(count, length), dtype="int32")


def logs_of(gan, tokens):
    """Log probabilities of words, in numpy."""
    logits = array(gan.generator(tokens)).astype("float64")
    logits -= np.log(np.exp(logits).sum(-1, keepdims=True))
    return np.take_along_axis(logits, tokens[..., None], -1)[..., 0]


@pytest.mark.parametrize("baseline", [True, False])
def test_the_loss_of_a_generator_is_that_of_the_paper(baseline):
    gan, drawn = game(baseline=baseline), tokens_of(6)
    rewards = np.random.default_rng(1).random((6, 3)).astype("float32")
    stand_in(gan, discriminator=lambda tokens, training: np.log(rewards / (1 - rewards))[..., None])
    owed = rewards - rewards.mean(0) if baseline else rewards
    found = gan.generator_loss(tensors(drawn), gan.rewards(tensors(drawn)))
    np.testing.assert_allclose(array(found), -(owed * logs_of(gan, drawn)).sum(1), atol=1e-5)


def test_the_reward_of_a_word_is_what_comes_of_its_beginning():
    gan, drawn = game(of_sentences, rollouts=4000), tokens_of(2)
    # Far from uniform, so that a word more or less of the beginning shows.
    gan.generator.set_weights([8 * weight for weight in gan.generator.get_weights()])
    # A sentence is worth whether it ends with word 1: of a beginning that is the probability of it.
    stand_in(gan, discriminator=lambda tokens, training: np.where(array(tokens)[:, -1:] == 1, 30.0, -30.0))
    found = array(gan.worth(tensors(drawn)))
    law = np.zeros((2, 3))
    for row in range(2):
        for kept in (1, 2):
            ends = np.array([[*drawn[row, :kept], *rest] for rest in np.ndindex(*[5] * (3 - kept))])
            shares = np.exp(logs_of(gan, ends)[:, kept:].sum(1))
            law[row, kept - 1] = shares[ends[:, -1] == 1].sum()
    law[:, 2] = drawn[:, -1] == 1
    np.testing.assert_allclose(found, law, atol=0.03)


@pytest.mark.parametrize("judge", [of_beginnings, of_sentences])
def test_the_discriminators_loss(judge):
    gan, real, drawn = game(judge), tokens_of(4), tokens_of(4, seed=1)
    of_real, of_drawn = (array(gan.discriminator(tokens)).reshape(4, -1) for tokens in (real, drawn))
    wanted = np.logaddexp(0, -of_real).mean(1) + np.logaddexp(0, of_drawn).mean(1)
    np.testing.assert_allclose(array(gan.discriminator_loss(tensors(real), tensors(drawn))), wanted, atol=1e-5)


def test_what_stands_behind_an_end_counts_nowhere():
    gan = game(vocabulary=Vocabulary(["a", "b"]))
    tokens = np.array([[3, 1, 0], [3, 1, 4], [3, 4, 3], [4, 0, 1]], "int32")
    np.testing.assert_array_equal(array(gan.counted(tensors(tokens))), [[1, 1, 0], [1, 1, 0], [1, 1, 1], [1, 1, 1]])
    found = gan.likelihood(tokens[:3])
    np.testing.assert_allclose(found[0], found[1], atol=1e-6)
    np.testing.assert_allclose(found[:2], logs_of(gan, tokens[:2])[:, :2].sum(1), atol=1e-5)
    losses = array(gan.negative_log_likelihood(tensors(tokens[:3])))
    np.testing.assert_allclose(losses.mean(), -found.sum() / 7, atol=1e-5)
    of_real = array(gan.discriminator(tokens))[..., 0]
    mean = array(gan.mean(tensors(tokens), tensors(of_real[..., None])))
    np.testing.assert_allclose(mean[:3], [of_real[0, :2].mean(), of_real[1, :2].mean(), of_real[2].mean()], atol=1e-6)
    rewards = array(gan.rewards(tensors(tokens)))
    assert rewards[0, 2] == rewards[1, 2] == 0


def test_likelihood_then_the_discriminator_alone_then_the_game(tmp_path):
    data, gan, moved, shown = tokens_of(8), game(pretraining_epochs=(1, 1)), [], []

    def look(epoch, logs):
        now = values(gan)
        paths = changed(kept, now)
        moved.append([player for player in gan.players if paths & of(player)])
        shown.append(set(logs))
        kept.update(now)
        if epoch == 1:
            gan.save_weights(tmp_path / "half.weights.h5")

    def of(player):
        return {variable.path for variable in getattr(gan, player).trainable_variables}

    kept = values(gan)
    gan.fit(data, batch_size=4, epochs=3, verbose=0, callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=look)])
    assert moved == [["generator"], ["discriminator"], ["discriminator", "generator"]]
    assert shown[0] == {"generator_loss", "negative_log_likelihood"} and shown[1] == {"discriminator_loss"}
    assert shown[2] == {"generator_loss", "discriminator_loss", "reward"}
    whole = values(gan)
    # Resumed between the phases it goes on in the game.
    again = game(pretraining_epochs=(1, 1), seed=5)
    again.load_weights(tmp_path / "half.weights.h5")
    again.fit(data, batch_size=4, epochs=3, initial_epoch=2, verbose=0)
    assert same(whole, values(again))


def test_an_evaluation_says_how_likely_sentences_are():
    gan, real = game(), tokens_of(6)
    logs = gan.evaluate(real, batch_size=6, return_dict=True, verbose=0)
    assert logs["negative_log_likelihood"] == pytest.approx(-logs_of(gan, real).mean(), abs=1e-5)


def test_sentences_are_said(tmp_path):
    train = text_lines(50 * ["a cat sat", "a dog ran away"], length=4, batch_size=20)
    gan = game(
        words=len(train.vocabulary),
        length=4,
        vocabulary=train.vocabulary,
        pretraining_epochs=(20, 0),
        generator_optimizer=keras.optimizers.Adam(0.05),
    )
    gan.fit(train, epochs=20, verbose=0)
    said = gan.say(50, seed=0)
    assert said == gan.say(50, seed=0) and np.mean([one in ("a cat sat", "a dog ran away") for one in said]) > 0.9
    gan.save(tmp_path / "gan.keras")
    assert keras.saving.load_model(tmp_path / "gan.keras").say(50, seed=0) == said
    with pytest.raises(ValueError, match="give it a `vocabulary`"):
        game().say()


@pytest.mark.parametrize(
    "tokens, says",
    [
        (np.zeros((4, 3)), "whole numbers of words, but these are float64"),
        (np.full((4, 3), 5, "int32"), "knows the words 0 to 4, .* `words=6` knows them"),
        (np.full((4, 3), -1, "int32"), "go from -1"),
        (np.zeros((4, 2), "int32"), "read them with `length=3`"),
    ],
)
def test_tokens_that_are_none(tokens, says):
    for refuses in (game().fit, game().likelihood):
        with pytest.raises(ValueError, match=says):
            refuses(tokens)


def test_sentences_that_are_none():
    vocabulary = Vocabulary(["a", "b"])
    with pytest.raises(ValueError, match="1 of 2 sentences begin with their end"):
        game(vocabulary=vocabulary).fit(np.array([[0, 0, 0], [3, 1, 0]], "int32"))
    said = text_lines(["a b"], vocabulary, length=3)
    with pytest.raises(ValueError, match="`vocabulary=train.vocabulary`"):
        game().fit(said)
    with pytest.raises(ValueError, match="another vocabulary"):
        game(vocabulary=Vocabulary(["b", "a"])).fit(said)
    with pytest.raises(ValueError, match="learns from sentences alone"):
        game().fit(tokens_of(2), np.zeros(2))


def test_players_that_do_not_fit():
    generator = LanguageModel(5, 3)
    with pytest.raises(ValueError, match="words=6, length=3"):
        kgan.SeqGAN(generator, of_sentences(5, 3), vocabulary=Vocabulary(["a", "b", "c"]))
    with pytest.raises(ValueError, match="which a Sequential does not"):
        kgan.SeqGAN(of_sentences(5, 3), of_sentences(5, 3))
    two = keras.Sequential(
        [keras.Input((3,), dtype="int32"), keras.layers.Embedding(5, 2), keras.layers.Flatten(), keras.layers.Dense(2)]
    )
    with pytest.raises(ValueError, match="gives a logit a sentence"):
        kgan.SeqGAN(generator, two)
    gan = kgan.SeqGAN(generator, of_sentences(5, 3))
    for options, says in (
        ({"pretraining_epochs": 3}, "2 numbers of epochs"),
        ({"rollouts": 0}, "`rollouts` must be at least 1, not 0"),
        ({"critic_steps": 0}, "`critic_steps` must be at least 1, not 0"),
    ):
        with pytest.raises(ValueError, match=says):
            gan.compile(**options)


def test_what_is_refused_is_cured_by_the_advice():
    gan, tokens = game(), tokens_of(4) - 1
    with pytest.raises(ValueError, match="numbers begin at 0"):
        gan.fit(tokens)
    gan.fit(np.unique(tokens, return_inverse=True)[1].reshape(tokens.shape), verbose=0)
    gan = game(vocabulary=Vocabulary(["a", "b"]))
    with pytest.raises(ValueError, match=r"gan.vocabulary.encode\(sentences, gan.length\)"):
        gan.fit(np.full((2, 3), 5, "int32"))
    gan.fit(gan.vocabulary.encode(["a b", "b"], gan.length), verbose=0)


def test_windows_that_fit_into_no_sentence():
    with pytest.raises(ValueError, match="give narrower `windows`"):
        kgan.networks.text_discriminator(5, 3, windows=(4, 5))
