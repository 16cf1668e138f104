"""BLEU against nltk's, and by hand."""

import math

import numpy as np
import pytest

from kgan.metrics import bleu, self_bleu


def sentences(count, seed, words="abcdef"):
    random = np.random.default_rng(seed)
    return [" ".join(random.choice(list(words), random.integers(1, 9))) for _ in range(count)]


def by_nltk(hypotheses, references_of, order):
    from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu

    smoothing = SmoothingFunction().method1
    return np.mean(
        [
            sentence_bleu(
                [reference.split() for reference in references_of(index)],
                hypothesis.split(),
                weights=[1 / order] * order,
                smoothing_function=smoothing,
            )
            for index, hypothesis in enumerate(hypotheses)
        ]
    )


@pytest.mark.parametrize("order", [2, 3, 5])
def test_texygens_protocol_is_nltks(order):
    said, known = [*sentences(40, 0), "z z z", "a a a a a"], sentences(60, 1)
    found = bleu(said, known, orders=(order,))
    assert list(found) == [f"bleu{order}_42_of_60"]
    assert math.isclose(*found.values(), by_nltk(said, lambda _: known, order), rel_tol=1e-9)


@pytest.mark.parametrize("order", [2, 4])
def test_a_sentence_is_not_among_its_own_references(order):
    # Some are there twice: the other one is a reference.
    said = [*sentences(30, 2), *sentences(5, 2), "z z"]
    found = self_bleu(said, orders=(order,))
    assert list(found) == [f"self_bleu{order}_36"]
    wanted = by_nltk(said, lambda index: said[:index] + said[index + 1 :], order)
    assert math.isclose(*found.values(), wanted, rel_tol=1e-9)


def test_by_hand():
    # 3 of 4 words, 1 of 3 pairs; no reference is longer.
    found = bleu([["a", "b", "x", "c"]], [["a", "b", "c"], ["c"]], orders=(1, 2))
    assert found["bleu1_1_of_2"] == pytest.approx(3 / 4) and found["bleu2_1_of_2"] == pytest.approx(math.sqrt(3 / 12))
    # Shorter than the only reference by half: exp(1 - 4/2).
    assert bleu([[5, 6]], [[5, 6, 7, 8]], orders=(2,))["bleu2_1_of_1"] == pytest.approx(math.exp(-1))
    assert self_bleu(["a b", "c d"], orders=(2,)) == {"self_bleu2_2": 0.0}


@pytest.mark.parametrize(
    "said, known, says",
    [([], ["a"], "no sentences"), (["a"], [], "no references"), (["a", ""], ["a"], "1 of 2 sentences have no word")],
)
def test_nothing_to_compare(said, known, says):
    with pytest.raises(ValueError, match=says):
        bleu(said, known)


def test_one_sentence_has_no_other():
    with pytest.raises(ValueError, match="give two or more"):
        self_bleu(["a b"])
