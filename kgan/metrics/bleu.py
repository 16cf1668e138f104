"""BLEU of sentences one by one against all references, and of sentences against each other."""

import math
from collections import Counter

import numpy as np

ORDERS = (2, 3, 4, 5)
SMOOTHING = 0.1  # the matches that a sentence without one is given: nltk's method1, as in Texygen


def bleu(sentences, references, orders=ORDERS):
    """Mean BLEU of sentences, each against all references: how much of what is said has been said, n words by n words.

    Texygen's protocol: nltk's `sentence_bleu` with smoothing `method1` and equal weights of 1 to n words, the mean over
    sentences. It depends on how many references there are, and rewards who repeats the commonest: real text does not
    have the highest, and a sampler at a low temperature beats it. `self_bleu` belongs beside it.

    Args:
        sentences: n sentences: strings, words between blanks, or lists of words or of tokens.
        references: m of them, of the same kind.
        orders: the longest n-grams, a score each.

    Returns:
        Dict of `bleu{order}_{n}_of_{m}` to a float in [0, 1].

    Raises:
        ValueError: no sentence or no reference, or a sentence without a word.

    Example:

    >>> found = kgan.metrics.bleu(["the cat sat here"], ["the cat sat there", "a cat sat here"], orders=(2,))
    >>> {name: round(value, 3) for name, value in found.items()}
    {'bleu2_1_of_2': 1.0}

    References: Papineni et al., BLEU: a Method for Automatic Evaluation of Machine Translation, 2002,
        https://aclanthology.org/P02-1040; Zhu et al., Texygen, 2018, https://arxiv.org/abs/1802.01886
    """
    said, known = words_of(sentences, "sentences"), words_of(references, "references")
    pool = Pool(known, max(orders))
    found = np.mean([sentence_scores(sentence, pool, orders) for sentence in said], axis=0)
    return {f"bleu{order}_{len(said)}_of_{len(known)}": float(score) for order, score in zip(orders, found)}


def self_bleu(sentences, orders=ORDERS):
    """Mean BLEU of sentences, each against all others: how alike they are. It grows with their number.

    Args:
        sentences, orders: as in `bleu`.

    Returns:
        Dict of `self_bleu{order}_{n}` to a float in [0, 1]; 1 where all are the same.

    Raises:
        ValueError: fewer than two sentences, or one without a word.

    Example:

    >>> kgan.metrics.self_bleu(["the cat sat here", "the cat sat here"], orders=(2,))
    {'self_bleu2_2': 1.0}

    Reference: Zhu et al., Texygen, 2018, https://arxiv.org/abs/1802.01886
    """
    said = words_of(sentences, "sentences")
    if len(said) < 2:
        raise ValueError("One sentence has no other to be like: give two or more.")
    pool = Pool(said, max(orders))
    found = np.mean([sentence_scores(sentence, pool, orders, own=index) for index, sentence in enumerate(said)], axis=0)
    return {f"self_bleu{order}_{len(said)}": float(score) for order, score in zip(orders, found)}


class Pool:
    """What a sentence is compared with: of each n-gram how often it is in the sentence that has it most often, and of
    those but that one; and how many sentences there are of each length.
    """

    def __init__(self, sentences, longest):
        self.most, self.owner, self.second = {}, {}, {}
        self.lengths = Counter(map(len, sentences))
        for index, sentence in enumerate(sentences):
            for order in range(1, longest + 1):
                for gram, count in grams(sentence, order).items():
                    if count > self.most.get(gram, 0):
                        self.second[gram], self.most[gram] = self.most.get(gram, 0), count
                        self.owner[gram] = index
                    elif count > self.second.get(gram, 0):
                        self.second[gram] = count

    def times(self, gram, own=None):
        """How often an n-gram is in the sentence that has it most often, sentence `own` apart."""
        if own is not None and self.owner.get(gram) == own:
            return self.second[gram]
        return self.most.get(gram, 0)

    def nearest_length(self, length, own=None):
        """The length nearest to this that a sentence has, of two the smaller; `own` is not counted."""
        left = (other for other, count in self.lengths.items() if count > (own is not None and other == length))
        return min(left, key=lambda other: (abs(other - length), other))


def grams(sentence, order):
    """The n-grams of a sentence and how often each is there."""
    return Counter(zip(*(sentence[start:] for start in range(order))))


def sentence_scores(sentence, pool, orders, own=None):
    """BLEU of one sentence, for each of `orders`."""
    logs, unigrams = [], 0
    for order in range(1, max(orders) + 1):
        found = grams(sentence, order)
        matches = sum(min(count, pool.times(gram, own)) for gram, count in found.items())
        unigrams = matches if order == 1 else unigrams
        logs.append(math.log((matches or SMOOTHING) / max(1, found.total())))
    if not unigrams:
        return [0.0] * len(orders)
    nearest = pool.nearest_length(len(sentence), own)
    brevity = min(0.0, 1 - nearest / len(sentence))
    return [math.exp(brevity + sum(logs[:order]) / order) for order in orders]


def words_of(sentences, what):
    """Sentences as tuples of words."""
    found = [tuple(one.split()) if isinstance(one, str) else tuple(one) for one in sentences]
    if not found:
        raise ValueError(f"There are no {what}.")
    if empty := sum(not one for one in found):
        raise ValueError(f"{empty} of {len(found)} {what} have no word: leave them out.")
    return found
