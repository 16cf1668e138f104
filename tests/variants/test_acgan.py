import keras
import numpy as np
import pytest
from conditional import ConditionalTests, with_heads
from harness import array, stand_in, tensors

import kgan


class TestACGAN(ConditionalTests):
    variant = kgan.ACGAN
    options = {"classes": 3}
    toy_options = {"class_weight": 0.0}  # the toy's labels mean nothing

    def judge(self, network, shape):
        return with_heads(network, shape, 3)


def build(**options):
    return kgan.ACGAN(**TestACGAN().toy_players(), classes=3, seed=0, **options)


@pytest.mark.parametrize("mismatched", [True, False])
def test_losses_by_hand(mismatched):
    gan = build(mismatched=mismatched)
    gan.compile(class_weight=0.5)
    outputs = {0: ([[1.0]], [[2.0, 0.0, -1.0]]), 1: ([[-0.5]], [[0.0, 1.0, 1.0]])}
    stand_in(
        gan,
        discriminator=lambda samples, training: [
            np.array(part, "float32") for part in outputs[int(array(samples)[0, 0])]
        ],
    )
    real, fake = tensors((np.zeros((1, 2), "float32"), np.ones((1, 2), "float32")))
    labels, wrong, differs = tensors((np.array([0], "int32"), np.array([2], "int32"), np.ones(1, "float32")))

    def shares(logits):
        return np.exp(logits) / np.exp(logits).sum()

    on_real, on_fake = (shares(np.array(outputs[index][1][0])) for index in (0, 1))
    named = -np.log(on_real[0]) - np.log(on_fake[0]) - (np.log(1 - on_real[2]) if mismatched else 0)
    expected = np.log1p(np.exp(-1.0)) + np.log1p(np.exp(-0.5)) + 0.5 * named
    np.testing.assert_allclose(array(gan.discriminator_loss(real, labels, fake, wrong, differs)), [expected], rtol=1e-5)
    np.testing.assert_allclose(
        array(gan.generator_loss(fake, labels)), [np.log1p(np.exp(0.5)) - 0.5 * np.log(on_fake[0])], rtol=1e-5
    )


def test_its_classifier_learns_and_is_asked_by_name():
    random = np.random.default_rng(0)
    labels = random.integers(3, size=600)
    points = (np.array([[0, 0], [3, 0], [0, 3]])[labels] + 0.1 * random.normal(size=(600, 2))).astype("float32")
    latents, label = keras.Input((4,)), keras.Input((), dtype="int32")
    hidden = keras.layers.Concatenate()([latents, keras.layers.Embedding(3, 4)(label)])
    generator = keras.Model([latents, label], kgan.networks.mlp(8, 2, units=(32, 32))(hidden))
    gan = kgan.ACGAN(generator, kgan.networks.heads(kgan.networks.mlp(2, 32, units=(32,)), (1, 3)), classes=3, seed=0)
    gan.compile(keras.optimizers.Adam(1e-3, beta_1=0.5), keras.optimizers.Adam(1e-3, beta_1=0.5))
    history = gan.fit(points, labels, batch_size=50, epochs=40, verbose=0).history
    assert (gan.classify(points) == labels).mean() > 0.95 and history["class_accuracy"][-1] > 0.95
    assert (gan.classify(gan.generate(labels=np.arange(300) % 3, seed=0)) == np.arange(300) % 3).mean() > 0.8


def test_a_discriminator_that_does_not_fit_is_refused():
    players = TestACGAN().toy_players()
    with pytest.raises(ValueError, match=r"must take inputs of shape \(None, 2\)"):
        kgan.ACGAN(players["generator"], with_heads(kgan.networks.mlp(3, 1), (3,), 3), classes=3)
    points = keras.Input((2,))
    shares = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3), keras.layers.Softmax()])
    with pytest.raises(ValueError, match="ends in a softmax"):
        kgan.ACGAN(
            players["generator"], keras.Model(points, [keras.layers.Dense(1)(points), shares(points)]), classes=3
        )
    with pytest.raises(ValueError, match="`class_weight` must be"):
        build().compile(class_weight=-1)
    with pytest.raises(ValueError, match="class logits"):
        kgan.ACGAN(players["generator"], with_heads(kgan.networks.mlp(2, 1), (2,), 4), classes=3)
