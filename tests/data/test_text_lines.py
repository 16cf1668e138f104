"""Sentences of a file."""

import numpy as np
import pytest

from kgan.data import Vocabulary, text_lines


def test_a_line_is_a_sentence(tmp_path):
    file = tmp_path / "said.txt"
    file.write_text("A cat sat .\nA dog\n")
    train = text_lines(file, length=6, labels=np.array([1, 0]), batch_size=1)
    assert train.vocabulary.words[3:] == ["a", ".", "cat", "dog", "sat"]
    assert train.images.tolist() == [[3, 5, 7, 4, 1, 0], [3, 6, 1, 0, 0, 0]]
    assert train.vocabulary.decode(train.images) == ["a cat sat .", "a dog"]
    tokens, labels = train[0]
    assert tokens.dtype == np.int32 and tokens.shape == (1, 6) and labels.shape == (1,)
    assert text_lines(file, length=6, lowercase=False).vocabulary.words[3] == "A"
    assert len(text_lines(file, length=6, size=4).vocabulary) == 4


def test_another_set_in_the_same_words():
    train = text_lines(["a cat sat", "a dog ran"], length=4)
    with pytest.warns(UserWarning, match="1 words of 1 sentences are not known"):
        test = text_lines(["a bird sat"], train.vocabulary, length=4)
    assert test.vocabulary is train.vocabulary and test.images[0, 1] == Vocabulary.unknown


def test_a_size_beside_a_vocabulary_is_refused():
    with pytest.raises(ValueError, match="leave one of them out"):
        text_lines(["a cat"], Vocabulary(["a"]), size=9)


def test_empty_lines_are_counted_and_left_out():
    with pytest.warns(UserWarning, match="2 empty lines of the list are left out"):
        train = text_lines(["a cat", "", "  ", "a dog"], length=3)
    assert len(train.images) == 2
    with pytest.raises(ValueError, match="1 lines of the list are empty, but each has a label"):
        text_lines(["a", ""], length=3, labels=np.array([0, 1]))


def test_letters_of_another_encoding(tmp_path):
    file = tmp_path / "said.txt"
    file.write_bytes("caf\u00e9 \u0085 ol\u00e9\n".encode("latin-1"))
    with pytest.raises(
        ValueError, match="not written in utf-8: byte 3 is no letter of it. Say which, `encoding='latin-1'"
    ):
        text_lines(file)
    read = text_lines(file, length=4, encoding="latin-1")
    assert len(read.images) == 1 and read.vocabulary.decode(read.images) == ["caf\u00e9 ol\u00e9"]


def test_no_file_and_no_sentence(tmp_path):
    with pytest.raises(FileNotFoundError, match="no file"):
        text_lines(tmp_path / "none.txt")
    (tmp_path / "empty.txt").write_text("\n")
    with pytest.raises(ValueError, match="no sentence in '.*empty.txt'"):
        text_lines(tmp_path / "empty.txt")
