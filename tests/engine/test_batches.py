"""Batches of several streams: their orders, how they are moved, and that every backend's pipeline gives the same."""

import keras
import numpy as np
import pytest
from harness import BACKEND

import kgan
from kgan.engine import Batches


def pictures(count, shape=(6, 5, 1), seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, *shape)).astype("uint8")


def rows(stream):
    """Which rows of `np.arange(n)[:, None]` a batch has."""
    return stream[:, 0].astype(int).tolist()


def numbers(count):
    return np.arange(count, dtype="float32")[:, None]


def epoch_of(batches, epoch):
    batches.epoch = epoch
    return [batches[index] for index in range(len(batches))]


def test_aligned_streams_share_an_order_which_is_that_of_one_array():
    one, pair = Batches(numbers(10), batch_size=4, seed=3), Batches(numbers(10), numbers(10) + 100, 4, seed=3)
    for epoch in range(2):
        for alone, (first, second) in zip(epoch_of(one, epoch), epoch_of(pair, epoch), strict=True):
            assert rows(alone) == rows(first) == [row - 100 for row in rows(second)]
    named = Batches({"source": numbers(10), "target": numbers(10)}, batch_size=4, seed=3)
    assert rows(epoch_of(named, 1)[0]["target"]) == rows(epoch_of(one, 1)[0])


def test_unaligned_streams_have_orders_of_their_own_and_the_shorter_goes_round_again():
    data = Batches({"a": numbers(10), "b": numbers(4)}, batch_size=3, seed=1, aligned=False)
    assert len(data) == 4 and data.count == 10
    seen = {"a": [], "b": []}
    for batch in epoch_of(data, 0):
        assert len(batch["a"]) == len(batch["b"])
        for name in seen:
            seen[name] += rows(batch[name])
    assert sorted(seen["a"]) == list(range(10))
    assert sorted(seen["b"][:4]) == sorted(seen["b"][4:8]) == list(range(4)) and seen["b"][:4] != seen["b"][4:8]
    assert rows(epoch_of(data, 1)[0]["b"]) != seen["b"][:3]
    again = Batches({"a": numbers(10), "b": numbers(4)}, batch_size=3, seed=1, aligned=False)
    assert [rows(batch["b"]) for batch in epoch_of(again, 0)] == [seen["b"][i : i + 3] for i in range(0, 10, 3)]


def test_each_stream_is_scaled_by_what_it_is():
    data = Batches({"a": pictures(4), "tokens": np.arange(4, dtype="uint8")[:, None]}, batch_size=4, shuffle=False)
    batch = data[0]
    np.testing.assert_allclose(batch["a"], data.images["a"] / 127.5 - 1, atol=1e-6)
    assert batch["tokens"].dtype == "uint8"


@pytest.mark.parametrize("aligned", [True, False])
def test_pictures_are_moved_and_mirrored_anew_each_epoch_and_pairs_together(aligned):
    first, second = pictures(6), pictures(6, (6, 5, 3), 1)
    data = Batches({"a": first, "b": second}, batch_size=6, shuffle=False, aligned=aligned, jitter=2, flip=True)
    plans = {}
    for epoch in range(2):
        data.epoch = epoch
        for name, array in data.streams.items():
            plan = plans[epoch, name] = data.plan(name)
            assert np.abs(plan[:, 1:3]).max() <= 2 and set(plan[:, 3]) <= {0, 1}
            for made, picture, (_, down, right, mirrored) in zip(data[0][name], array, plan):
                held = np.pad(picture, [(2, 2), (2, 2), (0, 0)], mode="edge")[2 - down : 8 - down]
                columns = np.arange(5)[::-1] if mirrored else np.arange(5)
                expected = held[:, np.clip(columns - right, 0, 4) + 2]
                np.testing.assert_allclose(made, expected / 127.5 - 1, atol=1e-6)
    assert not np.array_equal(plans[0, "a"], plans[1, "a"])
    assert np.array_equal(plans[0, "a"], plans[0, "b"]) == aligned


@pytest.mark.skipif(BACKEND != "tensorflow", reason="the other backends read the batches as they are")
@pytest.mark.parametrize(
    "data",
    [
        Batches({"a": pictures(7), "b": pictures(10, (6, 8, 3))}, batch_size=4, aligned=False, jitter=2, flip=True),
        Batches(pictures(7), pictures(7, (6, 5, 3)), batch_size=4, jitter=1, flip=True),
        Batches(pictures(9), np.arange(9), batch_size=4),
        Batches(numbers(10), batch_size=4),
    ],
    ids=["domains", "pairs", "labelled", "points"],
)
def test_the_pipeline_gives_the_very_batches(data):
    from kgan.engine.tensorflow import _pipeline

    pipeline = _pipeline(data)
    for epoch in range(2):
        data.epoch = epoch
        for index, batch in enumerate(pipeline):
            keras.tree.map_structure(np.testing.assert_array_equal, batch, data[index])
        assert index == len(data) - 1


@pytest.mark.parametrize(
    "arguments, said",
    [
        (({"a": numbers(4), "b": numbers(3)},), "There are 4 a but 3 b"),
        (({"a": numbers(4), "b": numbers(4), "c": numbers(3)},), "need `aligned=False`"),
        (({"a": numbers(4), "b": numbers(0)},), "data set 'b' is empty"),
        (({},), "no stream in it"),
        (({"a": numbers(4)}, numbers(4)), "given by stream"),
        ((numbers(4), None, 4, True, 0, None, True, 1), "are for pictures"),
        ((pictures(4), pictures(4, (8, 8, 1)), 4, True, 0, None, True, 1), "6x5 and 8x8: make them of one size"),
        ((pictures(4), None, 4, True, 0, None, True, -1), "whole number of pixels"),
    ],
)
def test_what_does_not_fit_is_refused(arguments, said):
    with pytest.raises(ValueError, match=said):
        Batches(*arguments)


def test_a_resumed_run_knows_its_streams(tmp_path):
    """A checkpoint is of named streams, their order of names, their lengths and how they are moved."""
    from kgan.callbacks.model_description import data_difference, describe_data

    gan = kgan.GAN(kgan.networks.mlp(2, 2), kgan.networks.mlp(2, 1), seed=0)

    def described(jitter=0, **streams):
        return describe_data(Batches(streams, batch_size=2, aligned=False, jitter=jitter), gan)

    there = described(a=pictures(4), b=pictures(3))
    assert data_difference(there, described(a=pictures(4), b=pictures(3))) is None
    for other, part in (
        (described(a=pictures(4), b=pictures(3, seed=1)), "digest of 'b'"),
        (described(a=pictures(4), c=pictures(3)), "names of the streams"),
        (described(1, a=pictures(4), b=pictures(3)), "jitter"),
    ):
        assert data_difference(there, other)[0] == part
