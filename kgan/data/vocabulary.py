"""The words that a game of sentences knows, and their numbers."""

import os
import warnings
from collections import Counter
from pathlib import Path

import keras
import numpy as np

PADDING, END, UNKNOWN = "<pad>", "<end>", "<unk>"
SPECIAL = (PADDING, END, UNKNOWN)


@keras.saving.register_keras_serializable(package="kgan")
class Vocabulary:
    """Words and their numbers, and sentences as rows of them.

    A sentence is words between blanks. Its row has the numbers of its words, then that of `<end>`, then `<pad>`s; where
    a row is full there is no `<end>`. Numbers 0, 1 and 2 are those of `<pad>`, `<end>` and `<unk>`, the word for all
    that are not known.

    Args:
        words: the words, in the order of their numbers, 3 and up, without the three above.

    Attributes:
        words: list of all of them, `words[number]`, `<pad>`, `<end>` and `<unk>` first.
        padding, end, unknown: their numbers, 0, 1 and 2.

    Raises:
        ValueError: no words, one that is given twice, has a blank in it, or is one of the three.

    Example:

    >>> vocabulary = kgan.data.Vocabulary.of(["a small red seven", "a large seven"])
    >>> tokens = vocabulary.encode(["a red seven"], length=5)
    >>> tokens.tolist(), vocabulary.decode(tokens)
    ([[3, 6, 4, 1, 0]], ['a red seven'])
    """

    padding, end, unknown = range(3)

    def __init__(self, words):
        words = [str(word) for word in words]
        if not words:
            raise ValueError("A vocabulary has words: give some, or the sentences that they are in, `Vocabulary.of`.")
        for word, count in Counter(words).items():
            if word in SPECIAL:
                raise ValueError(f"{word!r} is in every vocabulary: leave it out of `words`.")
            if count > 1:
                raise ValueError(f"{word!r} is given {count} times, but a word has one number: leave the others out.")
            if word.split() != [word]:
                raise ValueError(f"{word!r} is no word: one has a letter at least, and no blank.")
        self.words = [*SPECIAL, *words]
        # Of what is said: in a sentence `<pad>` and `<end>` are words that nobody knows, and end nothing.
        self._numbers = {
            word: number for number, word in enumerate(self.words) if number not in (self.padding, self.end)
        }

    @classmethod
    def of(cls, sentences, size=None, at_least=1):
        """The words of sentences, the most frequent ones first, those of one count in the order of the alphabet.

        Args:
            sentences: strings.
            size: of the vocabulary at most, `<pad>`, `<end>` and `<unk>` among them; by default what there are.
            at_least: how often a word has to be there.

        Raises:
            ValueError: no word that is there so often, or a `size` that has room for none.
        """
        if size is not None and size <= len(SPECIAL):
            raise ValueError(
                f"`size` counts {', '.join(SPECIAL)} too: ask for {len(SPECIAL) + 1} words or more, not {size}."
            )
        counts = Counter(word for sentence in sentences for word in sentence.split() if word not in SPECIAL)
        ranked = sorted((word for word in counts if counts[word] >= at_least), key=lambda word: (-counts[word], word))
        return cls(ranked if size is None else ranked[: size - len(SPECIAL)])

    @classmethod
    def load(cls, path):
        """The vocabulary of a file of a word a line, as `save` writes it."""
        lines = Path(path).read_text(encoding="utf-8").removesuffix("\n").split("\n")
        if tuple(lines[: len(SPECIAL)]) != SPECIAL:
            raise ValueError(f"{str(path)!r} is no vocabulary: its first lines are not {', '.join(SPECIAL)}.")
        return cls(lines[len(SPECIAL) :])

    def save(self, path):
        """Write a word a line, UTF-8, `<pad>`, `<end>` and `<unk>` first."""
        path = Path(path)
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        beside.write_text("".join(f"{word}\n" for word in self.words), encoding="utf-8")
        os.replace(beside, path)

    def __len__(self):
        return len(self.words)

    def __contains__(self, word):
        return word in self._numbers

    def __eq__(self, other):
        return isinstance(other, Vocabulary) and self.words == other.words

    __hash__ = None

    def get_config(self):
        return {"words": self.words[len(SPECIAL) :]}

    @classmethod
    def from_config(cls, config):
        return cls(**config)

    def encode(self, sentences, length):
        """Sentences as rows of numbers.

        Args:
            sentences: strings, words between blanks.
            length: numbers a row.

        Returns:
            int32 array `(n, length)`. Words that are not known become `<unk>`, and what does not fit is cut: a warning
            says how many of each.

        Raises:
            ValueError: one string in place of several, a sentence without a word, or one of which no word is known.
        """
        if isinstance(sentences, str):
            raise ValueError(f"This is one sentence: give a list of them, `[{sentences[:30]!r}]`.")
        rows, unknown, cut = np.full((len(sentences), length), self.padding, "int32"), Counter(), 0
        for row, sentence in zip(rows, sentences):
            words = sentence.split()
            strange = [word for word in words if word not in self._numbers]
            if len(strange) == len(words):
                known = f"none of its words is known, such as {self.words[len(SPECIAL)]!r} is" if words else "no word"
                raise ValueError(f"The sentence {sentence!r} says nothing: {known}. Leave it out, or say it otherwise.")
            unknown.update(strange)
            cut += len(words) > length
            numbers = [self._numbers.get(word, self.unknown) for word in words] + [self.end]
            row[: len(numbers)] = numbers[:length]
        if unknown:
            some = ", ".join(repr(word) for word, _ in unknown.most_common(3))
            warnings.warn(
                f"{unknown.total()} words of {len(sentences)} sentences are not known and become {UNKNOWN}: {some}"
                f"{', ...' if len(unknown) > 3 else '.'}",
                stacklevel=2,
            )
        if cut:
            warnings.warn(f"{cut} of {len(sentences)} sentences are cut to their first {length} words.", stacklevel=2)
        return rows

    def decode(self, tokens):
        """Rows of numbers as sentences: of each the words up to the first `<end>` or `<pad>`.

        Args:
            tokens: int array `(n, length)`.

        Raises:
            ValueError: numbers that no word has, or that are no whole ones.
        """
        tokens = np.asarray(tokens)
        if tokens.ndim != 2 or tokens.dtype.kind not in "iu":
            raise ValueError(
                f"Tokens are whole numbers (n, length), not {tokens.dtype} of shape {tokens.shape}: "
                f"`tokens.astype('int32')`, one row as `tokens[None]`."
            )
        if tokens.size and (tokens.min() < 0 or tokens.max() >= len(self)):
            raise ValueError(
                f"Tokens are numbers from 0 to {len(self) - 1}, those of {len(self)} words, but these go from "
                f"{tokens.min()} to {tokens.max()}: take the vocabulary that they were made with."
            )
        ends = (tokens == self.end) | (tokens == self.padding)
        counts = np.where(ends.any(1), ends.argmax(1), tokens.shape[1])
        return [" ".join(self.words[token] for token in row[:count]) for row, count in zip(tokens, counts)]
