import keras
import numpy as np
import pytest

from kgan.metrics import InceptionScore, inception_score

LOGITS = np.random.RandomState(3).randn(1000, 10) * 2
PROBABILITIES = np.exp(LOGITS) / np.exp(LOGITS).sum(1, keepdims=True)


def test_vectors():
    assert inception_score(PROBABILITIES, splits=1) == {"mean": pytest.approx(2.6170776112, abs=5e-11), "std": 0.0}
    assert inception_score(PROBABILITIES) == {
        "mean": pytest.approx(2.5850494618, abs=5e-11),
        "std": pytest.approx(0.0746228531, abs=5e-11),
    }


def test_by_hand():
    assert inception_score(np.full((7, 4), 0.25), 2) == {"mean": pytest.approx(1), "std": pytest.approx(0)}
    assert inception_score(np.eye(4), splits=1)["mean"] == pytest.approx(4)  # zeros are no NaN
    assert inception_score([[0.9, 0.1], [0.1, 0.9]], 1)["mean"] == pytest.approx(
        np.exp(0.9 * np.log(1.8) + 0.1 * np.log(0.2))
    )


def test_splits_are_contiguous_and_of_the_split_itself():
    sorted_classes = np.repeat(np.eye(4), 10, axis=0)
    assert inception_score(sorted_classes, splits=4)["mean"] == pytest.approx(1)
    assert inception_score(sorted_classes, splits=2)["mean"] == pytest.approx(2)


@pytest.mark.parametrize(
    "rows, splits, says",
    [
        (LOGITS, 10, "softmax"),
        (PROBABILITIES[:5], 10, "too few"),
        (np.ones((20, 1)), 1, "one class"),
        (PROBABILITIES * np.nan, 1, "non-finite"),
        (PROBABILITIES * 0.9, 1, "add up to 1"),
        (PROBABILITIES, 0, "splits"),
    ],
)
def test_refuses(rows, splits, says):
    with pytest.raises(ValueError, match=says):
        inception_score(rows, splits)


def classifier(**dense):
    return keras.Sequential(
        [keras.Input((10,)), keras.layers.Dense(kernel_initializer="identity", **dense)], name="mine"
    )


def test_metric():
    metric = InceptionScore(classifier(units=10, activation="softmax"), samples=1000)
    for start in range(0, 1000, 300):
        metric.update_state(LOGITS[start : start + 300], LOGITS[start : start + 300])
    assert metric.result() == {
        "is1000_splits10_mine": pytest.approx(2.5850494618, rel=1e-5),
        "is1000_splits10_mine_std": pytest.approx(0.0746228531, rel=1e-4),
    }


def test_metric_refuses_what_is_no_classifier():
    with pytest.raises(ValueError, match="needs a `classifier`"):
        InceptionScore(None)
    for units, says in ((10, "softmax"), (1, "one class")):
        metric = InceptionScore(classifier(units=units), samples=20, splits=2)
        metric.update_state(LOGITS[:20], LOGITS[:20])
        with pytest.raises(ValueError, match=says):
            metric.result()
