"""What `fit` is given reaches the steps whole, looked at, and in the order that it says."""

import keras
import numpy as np
import pytest
from games import build, build_labelled, points
from harness import BACKEND, array

import kgan
from kgan.engine import Batches


class Watched(kgan.GAN):
    """Keeps what its steps are given; played line by line on every backend but JAX."""

    def train_step(self, data):
        if self.learning:
            SEEN.append(array(self.samples(data)))
        return super().train_step(data)


SEEN = []


@pytest.fixture(autouse=True)
def nothing_seen():
    SEEN.clear()


seen_by_python = pytest.mark.skipif(BACKEND == "jax", reason="JAX compiles a step: a Python list sees no values")


@seen_by_python
def test_a_second_fit_sees_another_order_and_a_resumed_one_the_next(tmp_path):
    def orders(gan, *epochs):
        SEEN.clear()
        for count in epochs:
            gan.fit(points(8), batch_size=8, epochs=count, verbose=0)
        return [tuple(map(float, batch[:, 0])) for batch in SEEN]

    one_by_one, at_once = orders(build(Watched), 1, 1, 1), orders(build(Watched), 3)
    assert one_by_one == at_once and len(set(at_once)) == 3
    gan = build(Watched)
    orders(gan, 2)
    gan.save_weights(tmp_path / "w.weights.h5")
    later = build(Watched, seed=9)
    later.load_weights(tmp_path / "w.weights.h5")
    assert orders(later, 1) == at_once[2:]


class Iterable:
    """What has `__iter__` and nothing else, such as a Hugging Face data set's batches."""

    def __init__(self, *batches):
        self.batches = batches

    def __iter__(self):
        return iter(self.batches)


class Sequence(keras.utils.PyDataset):
    def __init__(self, *batches, **options):
        super().__init__(**options)
        self.batches = batches

    def __len__(self):
        return len(self.batches)

    def __getitem__(self, index):
        return self.batches[index]


def loader(*batches):
    torch = pytest.importorskip("torch")
    return torch.utils.data.DataLoader([torch.from_numpy(b) for b in batches], batch_size=None)


def dataset(*batches):
    tf = pytest.importorskip("tensorflow")
    return tf.data.Dataset.from_generator(lambda: iter(batches), output_signature=tf.TensorSpec((None, 2), tf.float32))


KINDS = {
    "object": Iterable,
    "list iterator": lambda *batches: iter(batches),
    "PyDataset": Sequence,
    "DataLoader": loader,
    "tf.data": dataset,
}


@seen_by_python
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_batches_is_read_once_an_epoch(kind):
    batches = [points(4), points(4, seed=1), points(2, seed=2)]
    epochs = 1 if kind == "list iterator" else 2
    build(Watched).fit(KINDS[kind](*batches), epochs=epochs, verbose=0)
    assert len(SEEN) == 3 * epochs
    assert all(np.array_equal(seen, batch) for seen, batch in zip(SEEN, epochs * batches))


@pytest.mark.parametrize("kind", KINDS)
def test_a_later_batch_that_does_not_fit_is_refused_with_a_sentence(kind):
    broken = points(4)
    broken[1, 0] = np.nan
    with pytest.raises(ValueError, match="^The data hold 1 non-finite"):
        build().fit(KINDS[kind](points(4), points(4), points(4), broken), verbose=0)


@pytest.mark.parametrize("wrap", [Iterable, Sequence])
def test_a_label_out_of_range_in_a_later_batch_is_refused(wrap):
    good, bad = (points(3), np.array([0, 1, 2])), (points(3), np.array([0, 1, -1]))
    with pytest.raises(ValueError, match="go from -1 to 1"):
        build_labelled().fit(wrap(good, good, good, bad), verbose=0)


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_all_of_a_data_set_in_memory_is_looked_at(broken):
    data = points(100)
    data[99, 0] = broken
    for given in (data, Batches(data, batch_size=4)):
        with pytest.raises(ValueError, match="1 non-finite"):
            build().fit(given, verbose=0)
    images = np.zeros((9, 8, 8, 1), "float32")
    images[8] = 255
    gan = kgan.DCGAN(image_shape=(8, 8, 1))
    gan.compile()
    with pytest.raises(ValueError, match="from 0 to 255.*127.5"):
        gan.fit(Batches(images, batch_size=2, shuffle=False), verbose=0)


def test_pictures_of_every_stream_are_scaled_and_whole_numbers_stay():
    pictures, tokens = np.full((4, 8, 8, 1), 255, "uint8"), np.arange(8, dtype="uint8").reshape(4, 2)
    first, second = Batches(pictures, pictures, batch_size=4, shuffle=False)[0]
    assert first.max() == second.max() == 1.0
    words, labels = Batches(tokens, np.arange(4, dtype="uint8"), batch_size=4, shuffle=False)[0]
    assert words.dtype == labels.dtype == "uint8" and words[3, 1] == 7
    assert Batches(np.zeros((2, 2), "float64"), np.zeros((2, 3), "float64"), batch_size=2)[0][1].dtype == "float32"


USELESS = [
    {"class_weight": {0: 2.0}},
    {"sample_weight": np.ones(12)},
    {"validation_data": (points(), None, np.ones(12))},
]


@pytest.mark.parametrize("argument", USELESS, ids=lambda argument: next(iter(argument)))
def test_what_a_game_has_no_use_for_is_refused_by_name(argument):
    for gan, data in ((build(), {"x": points()}), (build_labelled(), {"x": points(), "y": np.arange(12) % 3})):
        with pytest.raises(ValueError, match=f"no use for .*{next(iter(argument))}.*repeat it in the data"):
            gan.fit(**data, **argument, verbose=0)
        assert int(gan.generator_optimizer.iterations) == 0


def test_options_of_arrays_are_refused_for_data_sets():
    with pytest.raises(ValueError, match=r"Batches\(..., shuffle=False\)"):
        build().fit(Batches(points()), shuffle=False, verbose=0)
    for given in (Batches(points()), Iterable(points())):
        with pytest.raises(ValueError, match="brings its own labels and batch size"):
            build().fit(given, batch_size=4, verbose=0)
    build().fit(points(), batch_size=4, validation_data=Batches(points()), verbose=0)


def test_a_metric_that_needs_more_samples_says_so_before_training():
    gan = build(metrics=[kgan.metrics.SlicedWasserstein(samples=100)])
    with pytest.raises(ValueError, match="samples=12"):
        gan.fit(points(), validation_data=points(), verbose=0)
    assert int(gan.generator_optimizer.iterations) == 0
    gan.compile(metrics=[kgan.metrics.SlicedWasserstein(samples=12)], run_eagerly=gan.run_eagerly)
    assert "val_sliced_wasserstein512_12_test_raw" in gan.fit(points(), validation_data=points(), verbose=0).history


def test_metrics_that_a_game_never_feeds():
    class Silent(kgan.GAN):
        def present(self, **things):
            pass

    with pytest.raises(ValueError, match="Silent has metrics, but its steps feed none.*self.present"):
        build(Silent, metrics=[keras.metrics.Mean(name="mean")]).evaluate(points(), verbose=0)


def test_only_what_a_step_logged_is_shown():
    class Quiet(kgan.GAN):
        quantities = ("never",)

    assert set(build(Quiet).fit(points(), verbose=0).history) == {"discriminator_loss", "generator_loss"}


def test_two_results_of_one_name_are_refused():
    metrics = [keras.metrics.Mean(name="score"), keras.metrics.Mean(name="score")]
    with pytest.raises(ValueError, match="'score'.*another `name`"):
        build(metrics=metrics)
    with pytest.raises(ValueError, match="'generator_loss'"):
        build(metrics=[keras.metrics.Mean(name="generator_loss")])


@pytest.mark.parametrize("call", ["train_on_batch", "test_on_batch"])
def test_a_batch_of_ones_own_is_looked_at(call):
    gan = kgan.DCGAN(image_shape=(8, 8, 1))
    gan.compile(run_eagerly=BACKEND == "tensorflow")
    with pytest.raises(ValueError, match="uint8"):
        getattr(gan, call)(np.zeros((2, 8, 8, 1), "uint8"))
    assert set(getattr(gan, call)(np.zeros((2, 8, 8, 1), "float32") - 0.1, return_dict=True)) == {
        "discriminator_loss",
        "generator_loss",
    }


def test_an_iterator_is_read_in_one_epoch():
    with pytest.raises(ValueError, match="read once, in one epoch.*`__iter__`.*`steps_per_epoch`"):
        build().fit(iter([points(4), points(4)]), epochs=2, verbose=0)
    history = build().fit(iter([points(4), points(4)]), epochs=2, steps_per_epoch=1, verbose=0).history
    assert min(history["generator_loss"]) > 0
    build().fit(Iterable(points(4), points(4)), epochs=2, verbose=0)
