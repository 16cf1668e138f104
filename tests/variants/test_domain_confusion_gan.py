import keras
import numpy as np
import pytest
from coupled import chain, normalized
from harness import BACKEND, array, images, stand_in, tensors
from translation import TranslationTests, moved

import kgan
from kgan.data import Batches

layers = keras.layers


def told(samples):
    """Classes of samples: on which side of their mean a first value lies."""
    return (samples.reshape(len(samples), -1)[:, 0] > samples.reshape(len(samples), -1)[:, 0].mean()).astype("int64")


class TestDomainConfusionGAN(TranslationTests):
    variant = kgan.DomainConfusionGAN
    options = {"loss": "non_saturating"}

    def phases(self):
        return ["discriminator", "encoder"]

    def players(self, shape, dropout=0.0):
        other, half = (*shape[:2], 2), (shape[0] // 2, shape[1] // 2, 4)

        def noise():
            return [layers.Dropout(dropout)] if dropout else []

        def body(shape):
            return chain(shape, layers.Conv2D(4, 4, 2, "same", use_bias=False), normalized(), layers.ReLU(), *noise())

        def decoder(channels):
            return chain(half, layers.Conv2DTranspose(channels, 4, 2, "same", activation="tanh"))

        return {
            "discriminator": chain(
                half, layers.Flatten(), layers.Dense(4), normalized(), layers.ReLU(), layers.Dense(1)
            ),
            "shared_encoder": chain(half, layers.Conv2D(4, 2, padding="same"), normalized(), *noise()),
            "encoder_a": body(shape),
            "encoder_b": body(other),
            "classifier": chain(half, layers.Flatten(), layers.Dense(2)),
            "decoder_a": decoder(shape[2]),
            "decoder_b": decoder(2),
        }

    def toy_players(self):
        leaky = {"units": (32,), "activation": "leaky_relu"}
        mlp = kgan.networks.mlp
        return {
            "discriminator": mlp(2, 1, **leaky),
            "encoder_a": mlp(2, 2, **leaky),
            "encoder_b": mlp(2, 2, **leaky),
            "classifier": mlp(2, 2, **leaky),
            "decoder_a": mlp(2, 2, **leaky),
            "decoder_b": mlp(2, 2, **leaky),
        }

    def data(self, samples, seed=0):
        a, b = samples, self.target(samples)[::-1][: -(-len(samples) * 3 // 4)]
        a_labels = told(a)
        a_labels[:2] = 0, 1  # both classes are there
        return {"a": a, "b": b}, {"a": a_labels}

    def test_learns_a_toy(self):
        self.leave_to_representatives_on("torch")
        model = self.variant(**self.toy_players(), **self.options, seed=0)
        adams = {f"{player}_optimizer": keras.optimizers.Adam(3e-3, beta_1=0.5) for player in model.players}
        model.compile(**adams, steps_per_execution=32, autoencoding_weight=10.0)
        model.keep_average(0.99)
        model.fit(*self.data(self.toy()), batch_size=64, epochs=15, verbose=0)
        # Which of the ways that lead from one cloud to the other is learned, the labels alone say.
        made, wanted = model.translate(self.toy()), moved(self.toy())
        np.testing.assert_allclose(made.mean(0), wanted.mean(0), atol=0.25)
        assert np.mean(model.classify(self.toy(), "a") == told(self.toy())) > 0.9


def game(shape_a=(4, 4, 1), shape_b=(4, 4, 1), parts=("classifier", "decoder_a", "decoder_b"), **options):
    def encoder(shape):
        return chain(shape, layers.Flatten(), layers.Dense(6, "relu"))

    def decoder(shape):
        return chain((3,), layers.Dense(int(np.prod(shape)), "tanh"), layers.Reshape(shape))

    made = {"classifier": chain((3,), layers.Dense(2)), "decoder_a": decoder(shape_a), "decoder_b": decoder(shape_b)}
    return kgan.DomainConfusionGAN(
        **{
            "discriminator": chain((3,), layers.Dense(4, "relu"), layers.Dense(1)),
            "shared_encoder": chain((6,), layers.Dense(3)),
            "encoder_a": encoder(shape_a),
            "encoder_b": encoder(shape_b),
            **{name: made[name] for name in parts},
            "seed": 0,
            **options,
        }
    )


def domains(shape_a=(4, 4, 1), shape_b=(4, 4, 1)):
    return {"a": images(10, shape_a), "b": images(7, shape_b, seed=1)}


CLASSES = np.arange(10) % 2


@pytest.mark.parametrize("loss, sign", [("minimax", -1), ("non_saturating", 1)])
def test_losses_by_hand(loss, sign):
    gan = game(loss=loss)
    gan.compile(confusion_weight=0.5, class_weight=3.0, autoencoding_weight=2.0)
    a, b = tensors([np.full((2, 4, 4, 1), value, "float32") for value in (0.2, -0.4)])
    code_a, code_b = tensors([np.full((2, 3), value, "float32") for value in (1.5, 0.5)])
    stand_in(
        gan,
        discriminator=lambda code, training: array(code)[:, :1],
        classifier=lambda code, training: array(code)[:, :2] * np.array([1.0, 3.0], "float32"),
        decoder_a=lambda code, training: np.full((2, 4, 4, 1), 0.5, "float32"),
        decoder_b=lambda code, training: np.full((2, 4, 4, 1), 0.5, "float32"),
    )

    def softplus(logit):
        return np.log1p(np.exp(logit))

    told_apart = softplus(-1.5) + softplus(0.5)
    np.testing.assert_allclose(array(gan.discriminator_loss(code_a, code_b)), 2 * [told_apart], rtol=1e-5)
    # What a reversed gradient descends, and what a discriminator of inverted labels would minimise.
    confusion = -told_apart if sign < 0 else softplus(1.5) + softplus(-0.5)
    labels = {"a": tensors(np.array([0, 1], "int32")), "b": tensors(np.array([1, 0], "int32"))}
    wrong = np.log1p(np.exp(np.array([3.0, -3.0])))
    wanted = 0.5 * confusion + 3.0 * wrong + 2.0 * (0.3 + 0.9)
    np.testing.assert_allclose(array(gan.encoder_loss(a, b, labels, code_a, code_b)), wanted, rtol=1e-5)
    assert float(gan.means()["target_accuracy"]) == 0.5


def test_minimax_moves_the_encoders_as_a_reversed_gradient_does():
    gan = game(parts=("classifier",))
    gan.compile(class_weight=0.0, run_eagerly=True)
    a, b = tensors([images(4, (4, 4, 1), seed=seed) for seed in (0, 1)])
    from kgan.engine.backend import gradient

    labels, weights = {"a": tensors(np.zeros(4, "int32"))}, gan.shared_encoder.trainable_variables

    def mean(loss):
        return gradient(lambda: keras.ops.mean(loss(*gan.codes(a, b))), weights)[1]

    reversed_ = mean(gan.discriminator_loss)
    moved_by = mean(lambda *codes: gan.encoder_loss(a, b, labels, *codes))
    for one, other in zip(reversed_, moved_by):
        np.testing.assert_allclose(array(one), -array(other), atol=1e-6)


def test_labels_follow_their_samples_and_those_of_b_move_nobody():
    def trained(labels):
        gan = game()
        keras.utils.set_random_seed(0)
        for network in (name for names in gan.players.values() for name in names):
            for weight in getattr(gan, network).trainable_variables:
                weight.assign(keras.random.normal(weight.shape, seed=1) * 0.3)
        gan.compile(run_eagerly=BACKEND == "tensorflow")
        found = gan.fit(domains(), labels, batch_size=4, epochs=2, verbose=0).history
        return found, [array(weight) for weight in gan.weights]

    alone, weights = trained({"a": CLASSES})
    both, same = trained({"a": CLASSES, "b": np.arange(7) % 2})
    assert "target_accuracy" in both and "target_accuracy" not in alone
    assert all(np.array_equal(*pair) for pair in zip(weights, same, strict=True))
    assert not all(np.array_equal(*pair) for pair in zip(weights, trained({"a": 1 - CLASSES})[1]))


def test_batches_of_labelled_domains():
    data = {"a": np.arange(10.0)[:, None], "b": np.arange(7.0)[:, None]}
    batches = Batches(data, {"b": np.arange(7)}, batch_size=4, aligned=False)
    for batch in (batches[0], batches[2]):
        streams, labels = batch
        np.testing.assert_array_equal(streams["b"][:, 0], labels["b"])
        assert list(labels) == ["b"]
    for labels, said in (
        (np.arange(10), r"given by stream, `labels=\{'a': ...\}`"),
        ({"b": np.arange(10)}, "There are 7 of 'b' but 10 labels of them"),
        ({"c": np.arange(10)}, "There are labels of 'c', but only a and b to be labelled"),
    ):
        with pytest.raises(ValueError, match=said):
            Batches(data, labels, aligned=False)


def test_a_shared_encoder_alone_classifies_and_is_exported(tmp_path):
    shared = chain((4, 4, 1), layers.Flatten(), layers.Dense(3))
    gan = game(parts=("classifier",), encoder_a=None, encoder_b=None, shared_encoder=shared, domains=("x", "y"))
    gan.compile()
    data = dict(zip("xy", domains().values()))
    gan.fit(data, {"x": CLASSES}, batch_size=4, verbose=0)
    assert gan.encode(data["x"], "x").shape == (10, 3)
    classes = gan.classify(data["y"], "y")
    np.testing.assert_array_equal(classes, gan.predict(data["y"], verbose=0).argmax(-1))
    with pytest.raises(ValueError, match="has no decoders and translates nothing"):
        gan.translate(data["x"], to="y")
    gan.save(tmp_path / "game.keras")
    loaded = keras.saving.load_model(tmp_path / "game.keras")
    np.testing.assert_array_equal(loaded.classify(data["y"], "y"), classes)
    if BACKEND == "tensorflow":
        import tensorflow as tf

        gan.export(tmp_path / "served")
        served = tf.saved_model.load(str(tmp_path / "served"))
        np.testing.assert_array_equal(np.argmax(served.serve(data["y"]), -1), classes)


def test_decoders_without_labels_translate_and_are_measured():
    gan, data = game(shape_b=(4, 6, 3), parts=("decoder_a", "decoder_b")), domains(shape_b=(4, 6, 3))
    gan.compile(metrics={domain: [kgan.metrics.SlicedWasserstein(samples=7)] for domain in "ab"})
    found = gan.fit(data, batch_size=4, verbose=0, validation_data=data).history
    assert sum(name.startswith(("val_a_", "val_b_")) for name in found) == 2 and "class_loss" not in found
    assert gan.translate(data["a"], to="b").shape == (10, 4, 6, 3)
    with pytest.raises(ValueError, match="has no classifier"):
        gan.classify(data["a"], "a")


@pytest.mark.parametrize(
    "labels, said",
    [
        (None, r"learns the labels of 'a', but the data have none of it: `fit\(.*, \{'a': labels\}\)`"),
        ({"b": np.zeros(7, int)}, "learns the labels of 'a'"),
        (CLASSES, "learns the labels of 'a'"),
        ({"a": CLASSES, "c": CLASSES}, "has the domains a and b, not 'c'"),
        ({"a": CLASSES[:9]}, "There are 10 of 'a' but 9 labels of them"),
        ({"a": CLASSES + 1}, "Of 'labels of a': Labels must lie in 0..1"),
        ({"a": 0 * CLASSES}, "You declared 2 classes, but the data have 1"),
        ({"a": np.eye(2)[CLASSES]}, "Of 'labels of a': There must be one label for each"),
    ],
)
def test_bad_labels_are_refused(labels, said):
    gan = game()
    gan.compile()
    with pytest.raises(ValueError, match=said):
        gan.fit(domains(), labels, batch_size=4, verbose=0)
    assert gan.epochs_trained == 0


def test_labels_that_nobody_learns_are_refused():
    gan = game(parts=("decoder_a", "decoder_b"))
    gan.compile()
    with pytest.raises(ValueError, match="learns without labels, but the data have some: leave them out"):
        gan.fit(domains(), {"a": CLASSES}, batch_size=4, verbose=0)


def test_networks_that_do_not_fit_are_refused():
    for options, said in (
        ({"encoder_b": None}, "Give both, encoder_a and encoder_b, or neither"),
        ({"encoder_a": None, "encoder_b": None, "shared_encoder": None}, "Nothing leads to a code"),
        ({"parts": ()}, "Nothing holds a code to what is in its sample"),
        ({"parts": ("decoder_a",)}, "Give both, decoder_a and decoder_b, or neither"),
        ({"discriminator": chain((5,), layers.Dense(1))}, r"must take inputs of shape \(None, 3\)"),
        ({"encoder_b": chain((4, 4, 1), layers.Flatten(), layers.Dense(5))}, r"of shape \(None, 5\), not \(None, 6\)"),
        ({"classifier": chain((3,), layers.Dense(2, "softmax"))}, "ends in a softmax"),
        ({"decoder_a": chain((3,), layers.Dense(5))}, "The decoder of 'a' makes samples of shape"),
        ({"loss": "least_squares"}, "`loss` is 'minimax' or 'non_saturating' here"),
    ):
        with pytest.raises(ValueError, match=said):
            game(**options)
    with pytest.raises(ValueError, match="`confusion_weight` must be at least 0"):
        game().compile(confusion_weight=-1)
