"""Words and their numbers."""

import re

import numpy as np
import pytest

from kgan.data import Vocabulary

SAID = ["the cat sat on the mat", "a cat ran"]


def test_frequent_words_come_first_then_the_alphabet():
    vocabulary = Vocabulary.of(SAID)
    assert vocabulary.words == ["<pad>", "<end>", "<unk>", "cat", "the", "a", "mat", "on", "ran", "sat"]
    assert Vocabulary.of(SAID, size=5).words[3:] == Vocabulary.of(SAID, at_least=2).words[3:] == ["cat", "the"]
    assert len(vocabulary) == 10 and "mat" in vocabulary and "dog" not in vocabulary


@pytest.mark.filterwarnings("error")
def test_what_is_written_is_read_again(tmp_path):
    vocabulary = Vocabulary.of([*SAID, "caf\u00e9 \u2028mu"])
    tokens = vocabulary.encode(SAID, 7)
    assert tokens.dtype == np.int32 and tokens[1].tolist() == [
        vocabulary.words.index(w) for w in "a cat ran".split()
    ] + [1, 0, 0, 0]
    assert tokens[0, -1] == vocabulary.end and vocabulary.decode(tokens) == SAID
    # No room for an end: the row is the sentence.
    assert vocabulary.decode(vocabulary.encode(SAID[:1], 6)) == SAID[:1]
    vocabulary.save(tmp_path / "words.txt")
    assert Vocabulary.load(tmp_path / "words.txt") == vocabulary != Vocabulary(["cat"])
    assert [file.name for file in tmp_path.iterdir()] == ["words.txt"]


def test_unknown_words_and_long_sentences_are_counted():
    vocabulary = Vocabulary(["cat", "sat"])
    with pytest.warns(UserWarning, match=r"3 words of 2 sentences .* become <unk>: 'the', 'mat'\."):
        tokens = vocabulary.encode(["the cat sat", "the mat cat"], 4)
    assert tokens.tolist() == [[2, 3, 4, 1], [2, 2, 3, 1]]
    with pytest.warns(UserWarning, match="1 of 2 sentences are cut to their first 2 words"):
        assert vocabulary.encode(["cat sat cat", "sat"], 2).tolist() == [[3, 4], [4, 1]]


def test_signs_in_a_sentence_end_nothing():
    vocabulary = Vocabulary.of(["a <end> b <pad> <unk>"])
    assert vocabulary.words[3:] == ["a", "b"]
    with pytest.warns(UserWarning, match="2 words of 1 sentences are not known"):
        tokens = vocabulary.encode(["a <end> b <pad> <unk>"], 6)
    assert tokens.tolist() == [[3, 2, 4, 2, 2, 1]]


def test_a_size_without_room_for_a_word():
    with pytest.raises(ValueError, match="ask for 4 words or more, not 3"):
        Vocabulary.of(SAID, size=3)
    assert len(Vocabulary.of(SAID, size=4)) == 4


def test_what_comes_after_the_end_is_not_said():
    assert Vocabulary(["cat"]).decode(np.array([[3, 2, 1, 3], [3, 0, 3, 3], [1, 3, 3, 3]])) == ["cat <unk>", "cat", ""]


@pytest.mark.parametrize(
    "words, says",
    [
        ([], "has words"),
        (["a", "a"], "'a' is given 2 times"),
        (["<end>"], "in every vocabulary"),
        (["a b"], "no word"),
        ([""], "no word"),
    ],
)
def test_words_that_are_none(words, says):
    with pytest.raises(ValueError, match=says):
        Vocabulary(words)


@pytest.mark.parametrize("sentence, says", [("", "no word"), ("dog", "none of its words is known, such as 'cat' is")])
def test_sentences_that_say_nothing(sentence, says):
    with pytest.raises(ValueError, match=says):
        Vocabulary(["cat"]).encode(["cat", sentence], 3)


def test_one_sentence_is_a_list_of_one():
    with pytest.raises(ValueError, match=re.escape("`['cat sat']`")):
        Vocabulary(["cat"]).encode("cat sat", 3)


@pytest.mark.parametrize(
    "tokens, says",
    [
        (np.array([[4]]), "0 to 3, those of 4 words"),
        (np.array([[-1]]), "0 to 3"),
        (np.ones((1, 2)), "whole numbers"),
        (np.array([1]), r"tokens\[None\]"),
    ],
)
def test_numbers_that_no_word_has(tokens, says):
    with pytest.raises(ValueError, match=says):
        Vocabulary(["cat"]).decode(tokens)


def test_a_file_that_is_no_vocabulary(tmp_path):
    (tmp_path / "words.txt").write_text("cat\n")
    with pytest.raises(ValueError, match="its first lines are not <pad>, <end>, <unk>"):
        Vocabulary.load(tmp_path / "words.txt")
