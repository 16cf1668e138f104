import keras
import numpy as np
import pytest
from harness import BACKEND, VariantTests, array, stand_in

import kgan

layers = keras.layers


class TestSGAN(VariantTests):
    variant = kgan.SGAN

    def data(self, samples, seed=0):
        return samples, np.arange(len(samples)) % 4 - 1  # one in four is unknown

    def players(self, shape, dropout=0.0):
        players = super().players(shape, dropout)
        return {**players, "discriminator": self.classifier(players["discriminator"], shape)}

    def toy_players(self):
        players = super().toy_players()
        return {**players, "discriminator": self.classifier(players["discriminator"], (2,))}

    def classifier(self, network, shape):
        samples = keras.Input(shape)
        classes = layers.Dense(3)(layers.Flatten()(samples))
        return keras.Model(samples, layers.Concatenate()([classes, network(samples)]))


def build():
    return kgan.SGAN(kgan.networks.mlp(4, 2), kgan.networks.mlp(2, 4), seed=0)


def test_losses_by_hand():
    gan = build()
    gan.compile()
    logits = {0.0: [2.0, 0.0, -1.0, 0.5], 1.0: [0.0, 1.0, 1.0, -2.0]}
    stand_in(
        gan,
        discriminator=lambda samples, training: np.array([logits[float(row[0])] for row in array(samples)], "float32"),
    )
    real, fake = np.zeros((2, 2), "float32"), np.ones((2, 2), "float32")
    on_real, on_fake = (np.exp(row) / np.exp(row).sum() for row in (np.array(logits[0.0]), np.array(logits[1.0])))
    both = -np.log(1 - on_real[3]) - np.log(on_fake[3])
    loss = array(gan.discriminator_loss(real, np.array([1, -1], "int32"), fake))
    among_real = on_real[1] / on_real[:3].sum()
    np.testing.assert_allclose(loss, [2 * -np.log(among_real) + both, both], rtol=1e-5)
    # Where all are labelled it is the paper's loss: -log p(c|x) over N + 1 classes.
    loss = array(gan.discriminator_loss(real, np.array([1, 1], "int32"), fake))
    np.testing.assert_allclose(loss, 2 * [-np.log(on_real[1]) - np.log(on_fake[3])], rtol=1e-5)
    np.testing.assert_allclose(array(gan.generator_loss(fake)), 2 * [-np.log(1 - on_fake[3])], rtol=1e-5)


def test_logits_of_any_size_give_finite_losses():
    gan = build()
    gan.compile()
    stand_in(
        gan, discriminator=lambda samples, training: np.array([[1e4, -1e4, 0.0, 1e4], [-1e4, 0.0, 0.0, 1e4]], "float32")
    )
    points = np.zeros((2, 2), "float32")
    assert np.isfinite(array(gan.discriminator_loss(points, np.array([0, -1], "int32"), points))).all()
    assert np.isfinite(array(gan.generator_loss(points))).all()


def test_few_labels_and_many_unlabelled_samples_classify():
    random = np.random.default_rng(0)
    truth = random.integers(3, size=900)
    points = (np.array([[0, 0], [3, 0], [0, 3]])[truth] + 0.2 * random.normal(size=(900, 2))).astype("float32")
    labels = np.where(np.arange(900) < 12, truth, -1)
    often = np.repeat(np.arange(12), 25)
    gan = kgan.SGAN(kgan.networks.mlp(4, 2, units=(32, 32)), kgan.networks.mlp(2, 4, units=(32, 32)), seed=0)
    gan.compile(keras.optimizers.Adam(1e-3, beta_1=0.5), keras.optimizers.Adam(1e-3, beta_1=0.5))
    gan.fit(
        np.concatenate([points, points[often]]),
        np.concatenate([labels, labels[often]]),
        batch_size=50,
        epochs=30,
        verbose=0,
    )
    assert (gan.classify(points) == truth).mean() > 0.9


def test_accuracy_is_that_of_the_labelled_samples():
    gan = build()
    gan.compile()
    points = np.random.default_rng(0).normal(size=(8, 2)).astype("float32")
    labels = gan.classify(points)
    assert gan.evaluate(points, np.where(np.arange(8) < 4, labels, -1), return_dict=True, verbose=0)["accuracy"] == 1
    wrong = np.where(np.arange(8) < 2, (labels + 1) % 3, np.where(np.arange(8) < 4, labels, -1))
    assert gan.evaluate(points, wrong, return_dict=True, verbose=0)["accuracy"] == 0.5


def test_a_weight_of_zero_hides_a_label():
    gan, labels = build(), np.array([0, 1, 2], "int32")
    _, seen = gan.samples_and_labels((np.zeros((3, 2)), labels, np.array([1.0, 0.0, 1.0])))
    np.testing.assert_array_equal(array(seen), [0, -1, 2])


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ([0, 1, 3, 0], "0..2"),
        (np.eye(4, 3, dtype=int), "argmax"),
        ([0.0, 1.0, 0.0, 1.0], "integers"),
        (None, "-1 for an unknown label"),
    ],
)
def test_labels_that_do_not_fit_are_refused(labels, said):
    gan = build()
    gan.compile()
    with pytest.raises(ValueError, match=said):
        gan.fit(np.zeros((4, 2), "float32"), None if labels is None else np.array(labels), verbose=0)


def test_images_that_do_not_fit_are_not_classified():
    gan = kgan.SGAN(
        kgan.networks.dcgan_generator((8, 8, 1), 4, 4),
        kgan.networks.dcgan_discriminator((8, 8, 1), 4, outputs=4),
        seed=0,
    )
    for images, said in ((np.zeros((2, 8, 8, 1), "uint8"), "127.5"), (np.full((2, 8, 8, 1), 9.0), r"\[-1, 1\]")):
        with pytest.raises(ValueError, match=said):
            gan.classify(images)


@pytest.mark.parametrize(
    ("last", "said"),
    [(7, "go from 0 to 7"), (-2, "go from -2 to 2"), (None, "declared 3 classes, but the data have 2: 0, 1")],
)
def test_all_labels_of_an_array_are_looked_at(last, said):
    gan = build()
    gan.compile()
    labels = np.arange(40) % 3 - 1 if last is None else np.append(np.arange(39) % 4 - 1, last)
    with pytest.raises(ValueError, match=said):
        gan.fit(np.zeros((40, 2), "float32"), labels, batch_size=4, shuffle=False, verbose=0)


def test_labelled_samples_attract_the_generator_no_more_than_others():
    """Two classes fill two squares evenly; all labels lie in their left quarters, and an eighth of a batch is labelled.

    A labelled term over N + 1 classes counts labelled samples as real twice: that quarter then gets 0.39 of the samples
    after as many epochs, and in the end half of them.
    """
    random, truth = np.random.default_rng(0), np.arange(2048) % 2
    unit = random.uniform(-0.5, 0.5, (2048, 2)).astype("float32")
    points = unit + np.array([[-1, 0], [1, 0]], "float32")[truth]
    chosen = np.concatenate([np.flatnonzero((unit[:, 0] < -0.25) & (truth == label))[:4] for label in (0, 1)])
    labels, often = np.full(2048, -1), np.resize(chosen, 2048 // 7)
    labels[chosen] = truth[chosen]
    points, labels = np.concatenate([points, points[often]]), np.concatenate([labels, labels[often]])
    hidden = {"units": (64, 64), "activation": "relu"}
    gan = kgan.SGAN(kgan.networks.mlp(4, 2, **hidden), kgan.networks.mlp(2, 3, **hidden), seed=0)
    adam = [keras.optimizers.Adam(1e-3, beta_1=0.5) for _ in range(2)]
    gan.compile(*adam, steps_per_execution=1 if BACKEND == "torch" else 19)
    gan.keep_average(0.999)
    gan.fit(points, labels, batch_size=128, epochs=50, verbose=0)
    made = gan.generate(4000, seed=0)[:, 0]
    assert (np.where(made < 0, made + 1, made - 1) < -0.25).mean() <= 0.32
    assert (gan.classify(points[:2048]) == truth).mean() > 0.98
