import keras
import numpy as np
import pytest
from harness import EngineTests, array, stand_in, tensors
from translation import TranslationTests, moved, patches, translator

import kgan

layers, mlp = keras.layers, kgan.networks.mlp


def judge_of_pairs(source, target, dropout=0.0):
    """A patch discriminator of two pictures side by side."""
    pair = [keras.Input(source), keras.Input(target)]
    network = patches((*source[:2], source[2] + target[2]), dropout)
    return keras.Model(pair, network(layers.Concatenate()(pair)))


class TestPix2Pix(EngineTests, TranslationTests):
    variant = kgan.Pix2Pix

    def players(self, shape, dropout=0.0):
        discriminator = judge_of_pairs(shape, (*shape[:2], 2), dropout)
        return {"generator": translator(shape, 2, dropout), "discriminator": discriminator}

    def toy_players(self):
        pair = [keras.Input((2,)), keras.Input((2,))]
        judge = keras.Model(pair, mlp(4, 1, units=(32, 32))(layers.Concatenate()(pair)))
        return {"generator": mlp(2, 2, units=(32, 32)), "discriminator": judge}

    def data(self, samples, seed=0):
        return samples, self.target(samples)

    def assert_toy_is_learned(self, model):
        assert self.error(model) < 0.1


class TestUnconditional(TranslationTests):
    variant = kgan.Pix2Pix
    toy_options = {"l1_weight": 1.0}

    def players(self, shape, dropout=0.0):
        return {"generator": translator(shape, 2, dropout), "discriminator": patches((*shape[:2], 2), dropout)}

    def toy_players(self):
        return {"generator": mlp(2, 2, units=(32, 32)), "discriminator": mlp(2, 1, units=(32, 32))}

    def data(self, samples, seed=0):
        return samples, self.target(samples)

    def assert_toy_is_learned(self, model):
        assert self.error(model) < 0.2


def game(**options):
    shape = (4, 4, 1)
    gan = kgan.Pix2Pix(translator(shape, 1), judge_of_pairs(shape, shape), seed=0)
    gan.compile(**options)
    return gan


def test_losses_by_hand():
    gan, logits = game(l1_weight=3.0, adversarial_weight=0.5), {0.5: 2.0, -0.25: -1.0}

    def judge(inputs, training):
        _, image = (array(part) for part in inputs)
        return np.array([[logits[float(one.flat[0])]] for one in image], "float32")

    stand_in(gan, discriminator=judge)
    source, target, made = tensors([np.full((2, 4, 4, 1), value, "float32") for value in (0.0, 0.5, -0.25)])
    real, fake = np.log1p(np.exp(-2.0)), np.log1p(np.exp(-1.0))
    np.testing.assert_allclose(array(gan.discriminator_loss(source, target, made)), 2 * [(real + fake) / 2], rtol=1e-5)
    wanted = 0.5 * np.log1p(np.exp(1.0)) + 3.0 * 0.75
    np.testing.assert_allclose(array(gan.generator_loss(source, target, made)), 2 * [wanted], rtol=1e-5)


def test_l1_alone_is_regression():
    """Of targets that a source leaves open, L1 alone makes the median."""
    random = np.random.default_rng(0)
    source = np.ones((512, 1), "float32")
    target = np.where(random.uniform(size=(512, 1)) < 0.7, 0.5, -1.0).astype("float32")
    pair = [keras.Input((1,)), keras.Input((1,))]
    judge = keras.Model(pair, mlp(2, 1, units=(8,))(layers.Concatenate()(pair)))
    gan = kgan.Pix2Pix(mlp(1, 1, units=(8,)), judge, seed=0)
    gan.compile(keras.optimizers.Adam(1e-2), l1_weight=1.0, adversarial_weight=0.0)
    gan.fit(source, target, batch_size=64, epochs=30, verbose=0)
    np.testing.assert_allclose(gan.translate(source[:1]), 0.5, atol=0.05)


def test_networks_that_do_not_fit_are_refused():
    shape, other = (4, 4, 1), (4, 4, 3)
    with pytest.raises(ValueError, match="must take inputs of shape"):
        kgan.Pix2Pix(translator(shape, 1), judge_of_pairs(shape, other))
    with pytest.raises(ValueError, match="must take inputs of shape"):
        kgan.Pix2Pix(translator(shape, 3), patches(shape))
    with pytest.raises(ValueError, match="sigmoid"):
        kgan.Pix2Pix(translator(shape, 1), keras.Sequential([patches(shape), layers.Activation("sigmoid")]))


@pytest.mark.parametrize(
    "source, target, said",
    [
        (np.zeros((4, 4, 4, 1)), None, "learns from pairs of sources and targets"),
        (np.zeros((4, 4, 4, 1)), np.zeros((3, 4, 4, 1)), "There are 4 images but 3 labels"),
        (np.zeros((4, 4, 4, 1)), np.zeros((4, 5, 5, 1)), "Of 'targets': The discriminator takes samples of shape"),
        (np.zeros((4, 4, 4, 1)), np.full((4, 4, 4, 1), np.nan), "Of 'targets': The data hold 64 non-finite"),
        (np.zeros((4, 4, 4, 1)), np.full((4, 4, 4, 1), 200.0), r"Of 'targets': Images must lie in \[-1, 1\]"),
        (np.zeros((4, 4, 4, 1)), np.zeros((4, 4, 4, 1), "uint8"), "Of 'targets': Images must be float32"),
        ({"a": np.zeros((4, 4, 4, 1)), "b": np.zeros((4, 4, 4, 1))}, None, r"`fit\(data\['a'\], data\['b'\]\)`"),
    ],
)
def test_bad_pairs_are_refused(source, target, said):
    gan = game()
    with pytest.raises(ValueError, match=said):
        gan.fit(source, target, verbose=0)
    assert gan.epochs_trained == 0


def test_the_toy_knows_its_own_targets():
    np.testing.assert_allclose(moved(np.array([[1.0, 2.0]], "float32")), [[-0.5, 0.0]])


def test_what_is_no_batch_of_sources_is_refused_with_its_cure():
    gan = game()
    with pytest.raises(ValueError, match=r"The generator takes samples .* not a batch.*`images\[None\]`"):
        gan.translate(np.zeros((4, 4, 1), "float32"))
    with pytest.raises(ValueError, match="empty"):
        gan.translate(np.zeros((0, 4, 4, 1), "float32"))
    assert gan.translate(np.zeros((4, 4, 1), "float32")[None]).shape == (1, 4, 4, 1)
    assert gan.translate(np.zeros((1, 4, 4, 1)).tolist()).shape == (1, 4, 4, 1)
