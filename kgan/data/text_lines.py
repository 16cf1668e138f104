"""Sentences of a file as training data."""

import warnings
from pathlib import Path

from kgan.data.vocabulary import Vocabulary
from kgan.engine.batches import Batches


def text_lines(
    path, vocabulary=None, length=20, size=None, lowercase=True, encoding="utf-8", labels=None, batch_size=64, seed=0
):
    """The sentences of a text file, one a line, words between blanks.

    Args:
        path: the file, or a list of strings.
        vocabulary: `Vocabulary` to write them in; by default that of the sentences themselves.
        length: numbers a sentence has; longer ones are cut, which a warning counts.
        size: of the vocabulary that is made, at most; by default all words.
        lowercase: whether all letters are made small.
        encoding: of the file.
        labels: array of a label a sentence, or None.
        batch_size: sentences a batch.
        seed: fixes the order of the batches.

    Returns:
        `Batches` whose `images` are int32 `(n, length)`: numbers of the words, `<end>`, `<pad>`s; its attribute
        `vocabulary` knows the words. Empty lines are left out, which a warning counts.

    Raises:
        FileNotFoundError: no file at `path`.
        ValueError: a file in another encoding, or without a sentence; a `size` beside a `vocabulary`.

    Example:

    >>> train = kgan.data.text_lines(["A cat sat .", "A dog ran ."], length=6)
    >>> train.images.tolist(), train.vocabulary.decode(train.images)
    ([[4, 5, 8, 3, 1, 0], [4, 6, 7, 3, 1, 0]], ['a cat sat .', 'a dog ran .'])
    """
    if vocabulary is not None and size is not None:
        raise ValueError("`size` is of the vocabulary that is made, but one is given: leave one of them out.")
    sentences = lines_of(path, encoding) if isinstance(path, (str, Path)) else list(path)
    where = repr(str(path)) if isinstance(path, (str, Path)) else "the list"
    said = [sentence for sentence in sentences if sentence.split()]
    if not said:
        raise ValueError(f"There is no sentence in {where}.")
    if len(said) < len(sentences):
        if labels is not None:
            raise ValueError(
                f"{len(sentences) - len(said)} lines of {where} are empty, but each has a label: leave both out."
            )
        warnings.warn(f"{len(sentences) - len(said)} empty lines of {where} are left out.", stacklevel=2)
    said = [sentence.lower() for sentence in said] if lowercase else said
    vocabulary = Vocabulary.of(said, size) if vocabulary is None else vocabulary
    batches = Batches(vocabulary.encode(said, length), labels, batch_size=batch_size, seed=seed)
    batches.vocabulary = vocabulary
    return batches


def lines_of(path, encoding):
    """The lines of a file."""
    if not Path(path).is_file():
        raise FileNotFoundError(f"There is no file {str(path)!r} to read sentences from.")
    try:
        # Not `splitlines`, for which some letters of other encodings end a line.
        return Path(path).read_text(encoding=encoding).removesuffix("\n").split("\n")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{str(path)!r} is not written in {encoding}: byte {error.start} is no letter of it. Say which, "
            "`encoding='latin-1'` for instance."
        ) from None
