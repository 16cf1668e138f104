import keras
import numpy as np
import pytest
from harness import BACKEND, EngineTests, array, images, same, stand_in, tensors, values
from translation import TranslationTests, moved, patches, translator

import kgan

mlp = kgan.networks.mlp


class TestCycleGAN(EngineTests, TranslationTests):
    variant = kgan.CycleGAN
    options = {"pool_size": 3}
    toy_options = {"cycle_weight": 3.0, "identity_weight": 0.0}

    def phases(self):
        return ["generator", "discriminator"]

    def players(self, shape, dropout=0.0):
        other = (*shape[:2], 2)
        return {
            "generator_ab": translator(shape, 2, dropout),
            "generator_ba": translator(other, shape[2], dropout),
            "discriminator_a": patches(shape, dropout),
            "discriminator_b": patches(other, dropout),
        }

    def toy_players(self):
        leaky = {"units": (32, 32), "activation": "leaky_relu"}
        return {
            **{f"generator_{way}": mlp(2, 2, **leaky) for way in ("ab", "ba")},
            **{f"discriminator_{domain}": mlp(2, 1, **leaky) for domain in "ab"},
        }

    def data(self, samples, seed=0):
        # Domains of different sizes, whose samples do not belong together.
        return {"a": samples, "b": self.target(samples)[::-1][: -(-len(samples) * 3 // 4)]}

    def assert_toy_is_learned(self, model):
        # Which of the ways that lead from one cloud to the other is learned, nothing says.
        made, wanted = model.translate(self.toy()), moved(self.toy())
        np.testing.assert_allclose(made.mean(0), wanted.mean(0), atol=0.15)
        back = model.translate(made, to="a")
        assert np.linalg.norm(back - self.toy(), axis=-1).mean() < 0.2


def game(shape_a=(4, 4, 1), shape_b=None, seed=0, **options):
    shape_b = shape_b or shape_a
    networks = translator(shape_a, shape_b[2]), translator(shape_b, shape_a[2]), patches(shape_a), patches(shape_b)
    return kgan.CycleGAN(*networks, **options, seed=seed)


def domains(a=10, b=7, shape_a=(4, 4, 1), shape_b=None):
    return {"a": images(a, shape_a), "b": images(b, shape_b or shape_a, seed=1)}


def test_losses_by_hand():
    gan = game()
    gan.compile(cycle_weight=4.0, identity_weight=0.25)
    a, b, fake_b, fake_a, back_a, back_b, same_a, same_b = tensors(
        [np.full((2, 4, 4, 1), value, "float32") for value in (0.0, 1.0, 0.5, 0.25, 0.1, 0.8, -0.3, 0.6)]
    )

    def judge(offset):
        return lambda inputs, training: array(inputs)[:, :1, :1] + offset  # a map of one logit, the pixel and an offset

    stand_in(gan, discriminator_a=judge(0.0), discriminator_b=judge(1.0))
    fooled = (0.25 - 1) ** 2 + (0.5 + 1 - 1) ** 2
    wanted = fooled + 4 * ((0.1 + 0.2) + 0.25 * (0.3 + 0.4))
    made = gan.generator_loss(a, b, fake_b, fake_a, back_a, back_b, same_a, same_b)
    np.testing.assert_allclose(array(made), 2 * [wanted], rtol=1e-5)
    judged = ((0.0 - 1) ** 2 + 0.25**2) / 2 + ((1 + 1.0 - 1) ** 2 + (0.5 + 1.0) ** 2) / 2
    np.testing.assert_allclose(array(gan.discriminator_loss(a, b, fake_a, fake_b)), 2 * [judged], rtol=1e-5)


def test_identity_counts_where_domains_are_alike_and_where_it_is_asked_for():
    alike, others = game(), game(shape_b=(4, 4, 3))
    for gan, share in ((alike, 0.5), (others, 0.0)):
        gan.compile()
        assert gan.identity_share == share
        logged = gan.fit(domains(shape_b=gan.shapes["b"]), batch_size=4, verbose=0).history
        assert ("identity_loss" in logged) == bool(share)
    with pytest.raises(ValueError, match="leave `identity_weight` out"):
        others.compile(identity_weight=0.5)


@pytest.mark.skipif(BACKEND == "jax", reason="nothing of a backend's own; the harness resumes on JAX")
def test_a_run_with_pools_averages_and_jitter_is_resumed_exactly(tmp_path):
    def data():
        parts = {name: (part * 127 + 128).astype("uint8") for name, part in domains().items()}
        return kgan.data.Batches(parts, batch_size=4, aligned=False, jitter=1, flip=True, seed=3)

    def trained(epochs, directory):
        keras.utils.clear_session(free_memory=False)  # as in a fresh process, see the harness
        keras.utils.set_random_seed(0)
        gan = game(pool_size=5)
        gan.compile()
        gan.keep_average(0.9)
        saving = [] if directory is None else [kgan.callbacks.Checkpoint(directory)]
        gan.fit(data(), epochs=epochs, verbose=0, callbacks=saving)
        return gan

    whole = trained(3, None)
    trained(2, tmp_path)
    resumed = trained(3, tmp_path)
    assert int(array(resumed.pools["b"].filled)) == 5
    assert same(values(whole), values(resumed))


def test_one_channel_to_three_at_an_odd_size():
    shape_a, shape_b = (28, 36, 1), (28, 36, 3)
    gan, data = game(shape_a, shape_b), domains(10, 7, shape_a, shape_b)
    gan.compile()
    gan.fit(data, batch_size=4, verbose=0)
    assert float(gan.trackers[0].count) == 10
    assert gan.translate(data["a"], to="b").shape == (10, 28, 36, 3)
    assert gan.translate(data["b"], to="a").shape == (7, 28, 36, 1)
    assert list(gan.sheet(domains(2, 2, shape_a, shape_b))) == [
        "a", "a to b", "and back to a", "b", "b to a", "and back to b"
    ]  # fmt: skip


def test_fully_convolutional_translators_learn_at_one_size_and_translate_another(tmp_path):
    gan = game((None, None, 1), pool_size=3)
    gan.compile()
    gan.fit(domains(), batch_size=4, verbose=0)
    assert gan.pools["a"].memory.shape == (3, 4, 4, 1)
    assert gan.translate(images(2, (6, 10, 1)), to="a").shape == (2, 6, 10, 1)
    gan.save(tmp_path / "game.keras")
    loaded = keras.saving.load_model(tmp_path / "game.keras")
    assert same(values(gan), values(loaded))
    with pytest.raises(ValueError, match=r"remembers samples of shape \(4, 4, 1\).*pool_size=0"):
        gan.fit(domains(shape_a=(6, 6, 1)), batch_size=4, verbose=0)


def test_a_checkpoint_of_another_pool_is_refused(tmp_path):
    for size, said in ((3, None), (5, "part 1 .ImagePool.")):
        gan = game(pool_size=size)
        gan.compile()
        try:
            gan.fit(domains(), batch_size=4, verbose=0, callbacks=[kgan.callbacks.Checkpoint(tmp_path)])
            assert said is None
        except ValueError as error:
            assert said is not None and "ImagePool" in str(error), error


@pytest.mark.skipif(BACKEND != "tensorflow", reason="a SavedModel is TensorFlow's")
def test_each_direction_is_exported(tmp_path):
    import tensorflow as tf

    gan, data = game(shape_b=(4, 4, 3)), domains(2, 2, shape_b=(4, 4, 3))
    for to, source in (("b", "a"), ("a", "b")):
        gan.export(tmp_path / to, to=to)
        loaded = tf.saved_model.load(str(tmp_path / to))
        np.testing.assert_allclose(loaded.serve(data[source]), gan.translate(data[source], to=to), atol=1e-5)


@pytest.mark.parametrize(
    "data, said",
    [
        (images(4, (4, 4, 1)), r"learns from named domains, but this is one array: `fit\({'a': ..., 'b': ...}\)`"),
        ((images(4, (4, 4, 1)), images(4, (4, 4, 1))), "but this is a pair"),
        ({"a": images(4, (4, 4, 1))}, "has the domains a and b, but the data have a"),
        ({"horses": images(4, (4, 4, 1)), "b": images(4, (4, 4, 1))}, "the data have horses and b: name them so"),
        ({"a": images(4, (4, 4, 1)), "b": np.zeros((0, 4, 4, 1), "float32")}, "Of 'b': The data set is empty"),
        ({"a": images(4, (4, 4, 1)), "b": images(4, (4, 4, 3))}, r"Of 'b': The discriminator takes samples of shape"),
        ({"a": images(4, (4, 4, 1)), "b": np.full((4, 4, 4, 1), np.nan, "float32")}, "Of 'b': The data hold 64"),
        ({"a": images(4, (4, 4, 1)), "b": 128 * images(4, (4, 4, 1))}, r"Of 'b': Images must lie in \[-1, 1\]"),
        ({"a": images(4, (4, 4, 1)), "b": iter([])}, "Of 'b': an array or a set of `kgan.data` is wanted"),
    ],
)
def test_bad_domains_are_refused(data, said):
    gan = game()
    gan.compile()
    with pytest.raises(ValueError, match=said):
        gan.fit(data, batch_size=2, verbose=0)
    assert gan.epochs_trained == 0


@pytest.mark.parametrize("options", [{"jitter": 1}, {"flip": True}, {"shuffle": False}])
def test_what_a_part_says_of_itself_is_not_dropped(options):
    gan, data = game(), domains(4, 4)
    gan.compile()
    part = kgan.data.Batches(data["b"], batch_size=2, **options)
    with pytest.raises(ValueError, match="Of 'b': how this set is moved, mirrored or ordered is lost"):
        gan.fit({**data, "b": part}, batch_size=2, verbose=0)
    # As it says.
    gan.fit(kgan.data.Batches(data, batch_size=2, aligned=False, **options), verbose=0)


def test_a_direction_that_does_not_exist_is_refused():
    gan = game()
    for options, said in (({"to": "c"}, "has the domains a and b, not 'c'"), ({"to": "a", "source": "a"}, "are both")):
        with pytest.raises(ValueError, match=said):
            gan.translate(images(2, (4, 4, 1)), **options)
    with pytest.raises(ValueError, match=r"Domain 'a' takes samples .* not a batch.*`images\[None\]`"):
        gan.translate(images(1, (4, 4, 1))[0])


def test_a_code_that_the_game_does_not_have_is_refused():
    with pytest.raises(ValueError, match="A CycleGAN leads straight from domain to domain and has no code"):
        game().encode(images(2, (4, 4, 1)), "a")


def test_networks_that_do_not_fit_are_refused():
    shape, other = (4, 4, 1), (4, 4, 3)
    with pytest.raises(ValueError, match="each must take what the other makes"):
        kgan.CycleGAN(translator(shape, 3), translator(shape, 1), patches(shape), patches(other))
    with pytest.raises(ValueError, match="must take inputs of shape"):
        kgan.CycleGAN(translator(shape, 3), translator(other, 1), patches(other), patches(other))
    with pytest.raises(ValueError, match="A loss of pairs"):
        game(loss="relativistic")


class Hiding:
    """A game whose way there puts what it came from into the last bits of a picture, and whose way back reads them."""

    domains = ("a", "b")
    step = 1 / 64

    def translate(self, images, to, source):
        if to == "b":  # coarse, and the rest of the picture, small, on top
            coarse = np.round(images * 2) / 2
            return coarse + (images - coarse) * self.step
        coarse = np.round(images * 2) / 2
        return coarse + (images - coarse) / self.step


class Honest(Hiding):
    step = 1.0


def test_what_is_hidden_does_not_stand_noise():
    data = images(4, (8, 8, 1)) * 0.9
    hiding, honest = (kgan.metrics.cycle_robustness(game, data, "a", "b") for game in (Hiding(), Honest()))
    assert list(hiding) == [*(f"noise {noise:g}" for noise in (0, 0.01, 0.02, 0.05, 0.1, 0.2)), "8 bit", "jpeg 95",
                            "jpeg 75", "jpeg 50"]  # fmt: skip
    assert hiding["noise 0"] < 1e-5 and honest["noise 0"] < 1e-5
    # The mean size of noise of 0.01 is 0.008; 64 times as much comes back of what is hidden.
    np.testing.assert_allclose([honest["noise 0.01"], hiding["noise 0.01"]], [0.008, 64 * 0.008], rtol=0.15)
    assert honest["8 bit"] < 1 / 255 < 20 / 255 < hiding["8 bit"]
    assert honest["jpeg 95"] < 0.05 < 0.5 < hiding["jpeg 95"]


def test_robustness_is_drawn_as_the_game_learns(tmp_path):
    gan, data = game(), domains(4, 4)
    gan.compile(hiding_noise=0.1)
    watcher = kgan.callbacks.CycleRobustness(tmp_path, data, noises=(0.0, 0.1), qualities=(75,), gif=False)
    gan.fit(data, batch_size=2, verbose=0, callbacks=[watcher])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["epoch-0000.png", "epoch-0001.png"]
    assert list(watcher.found) == ["a to b and back", "b to a and back"]
    assert list(watcher.found["b to a and back"]) == ["noise 0", "noise 0.1", "8 bit", "jpeg 75"]
    one_way = kgan.DirectTransformGAN(translator((4, 4, 1), 1), patches((4, 4, 1)))
    one_way.compile()
    with pytest.raises(ValueError, match="DirectTransformGAN does not have: leave it out"):
        one_way.fit(data, verbose=0, callbacks=[watcher])


def test_noise_is_on_the_way_back_alone_and_in_training_alone(monkeypatch):
    gan = game()
    gan.compile(hiding_noise=0.5, run_eagerly=True)
    seen = {}

    def watched(name):
        def network(inputs, training):
            seen.setdefault(name, []).append(array(inputs))
            return inputs

        return network

    a, b = tensors([images(64, (4, 4, 1), seed=seed) for seed in (1, 2)])
    stand_in(gan, generator_ab=watched("ab"), generator_ba=watched("ba"))
    gan.trips(a, b, gan.hiding(a), gan.hiding(b))
    for name, given, other in (("ab", a, b), ("ba", b, a)):
        there, back, same = seen[name]
        assert np.array_equal(there, array(given)) and np.array_equal(same, array(other))
        assert abs((back - array(other)).std() - 0.5) < 0.05
    gan.play.step.learning = False
    assert gan.hiding(a) == 0.0


class Reach(keras.metrics.Metric):
    """The largest value that was shown of `takes`, better when small."""

    takes, directions = ("source", "generated"), {"reach": "down"}

    def __init__(self):
        super().__init__(name="reach")
        self.source, self.made = self.add_variable((), "zeros"), self.add_variable((), "zeros")

    def update_state(self, source, generated):
        self.source.assign(keras.ops.max(source))
        self.made.assign(keras.ops.max(generated))

    def result(self):
        return {"reach": self.made + 0.0, "source": self.source + 0.0}


def test_metrics_of_each_domain_see_what_is_made_in_it(tmp_path):
    def distance():
        return kgan.metrics.SlicedWasserstein(samples=8)

    gan, data, name = game(shape_b=(4, 4, 3)), domains(8, 8, shape_b=(4, 4, 3)), distance().name
    gan.compile(metrics={"a": [distance(), Reach()], "b": [distance(), Reach()]})
    found = gan.evaluate(data, verbose=0, return_dict=True)
    # The samples that an evaluation compares are all of them, in their order.
    for to, source in (("a", "b"), ("b", "a")):
        made, metric = gan.translate(data[source], to=to), distance()
        metric.update_state(data[to], made)
        np.testing.assert_allclose(found[f"{to}_{name}"], metric.result(), rtol=1e-4)
        np.testing.assert_allclose(found[f"{to}_reach"], made.max(), rtol=1e-4)
        np.testing.assert_allclose(found[f"{to}_source"], data[source].max(), rtol=1e-4)
    stop = keras.callbacks.EarlyStopping(monitor=f"val_a_{name}", patience=5)
    gan.fit(data, validation_data=data, verbose=0, callbacks=[stop])
    assert stop._is_improvement(1.0, 2.0) and not stop._is_improvement(2.0, 1.0)
    # A list is of the last domain, without its name; what is saved comes back.
    gan.compile(metrics={"a": [distance()]})
    gan.save(tmp_path / "game.keras")
    loaded = keras.saving.load_model(tmp_path / "game.keras")
    again = loaded.evaluate(data, verbose=0, return_dict=True)
    assert f"a_{name}" in again and f"b_{name}" not in again
    gan.compile(metrics=[distance()])
    plain = gan.evaluate(data, verbose=0, return_dict=True)
    gan.compile(metrics={"b": [distance()]})
    assert plain[name] == gan.evaluate(data, verbose=0, return_dict=True)[f"b_{name}"]


@pytest.mark.parametrize(
    "metrics, said",
    [
        ({"c": [Reach()]}, "has the domains a and b, not 'c'"),
        ({"a": ["mse"]}, "`metrics` of 'a' are keras.metrics.Metric objects, not 'mse'"),
        ({"a": [Reach(), Reach()]}, "Two results would be named 'a_reach'"),
    ],
)
def test_metrics_that_no_domain_can_show_are_refused(metrics, said):
    with pytest.raises(ValueError, match=said):
        game().compile(metrics=metrics)
