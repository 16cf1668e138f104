import keras
import numpy as np
import pytest
from harness import array, images, stand_in, tensors
from translation import TranslationTests, moved, patches, translator

import kgan

layers, mlp = keras.layers, kgan.networks.mlp


def frozen(network):
    network.trainable = False
    return network


class TestShallow(TranslationTests):
    variant = kgan.DirectTransformGAN
    toy_rate = 1e-2  # a line has few numbers to learn

    def players(self, shape, dropout=0.0):
        return {"generator": translator(shape, 2, dropout), "discriminator": patches((*shape[:2], 2), dropout)}

    def toy_players(self):
        # A shallow generator: it moves and stretches, and can do nothing else.
        return {"generator": mlp(2, 2, units=()), "discriminator": mlp(2, 1, (32, 32), "leaky_relu")}

    def data(self, samples, seed=0):
        return {"a": samples, "b": self.target(samples)[::-1][: -(-len(samples) * 3 // 4)]}

    def assert_toy_is_learned(self, model):
        points = self.toy()
        made, wanted = model.translate(points), moved(points)
        np.testing.assert_allclose(made.mean(0), wanted.mean(0), atol=0.15)
        np.testing.assert_allclose(made.std(0), wanted.std(0), atol=0.15)


class TestDeep(TestShallow):
    """A deep generator: the encoder sees the first coordinate turned into the second, as the target has it."""

    def players(self, shape, dropout=0.0):
        free = keras.Sequential([keras.Input((*shape[:2], None)), Mean(), layers.Conv2D(2, 3, padding="same")])
        return {**super().players(shape, dropout), "encoder": frozen(free)}


@keras.saving.register_keras_serializable(package="tests")
class Mean(layers.Layer):
    """The mean over channels, as one channel."""

    def call(self, samples):
        return keras.ops.mean(samples, axis=-1, keepdims=True)

    def compute_output_shape(self, shape):
        return (*shape[:-1], 1)


def game(encoder=None, seed=0, **options):
    shape = (4, 4, 1)
    return kgan.DirectTransformGAN(translator(shape, 1), patches(shape), encoder, seed=seed, **options)


def test_losses_by_hand():
    gan = game(frozen(keras.Sequential([keras.Input((4, 4, 1)), layers.Flatten()])))
    gan.compile(consistency_weight=3.0, identity_weight=2.0)
    a, b, made, same = tensors([np.full((2, 4, 4, 1), value, "float32") for value in (0.0, 1.0, 0.5, 0.75)])
    stand_in(gan, discriminator=lambda inputs, training: array(inputs)[:, :1, :1, 0])
    judged = np.log1p(np.exp(-1.0)) + np.log1p(np.exp(0.5))
    np.testing.assert_allclose(array(gan.discriminator_loss(b, made)), 2 * [judged], rtol=1e-5)
    wanted = np.log1p(np.exp(-0.5)) + 3 * 0.25 + 2 * 0.25
    np.testing.assert_allclose(array(gan.generator_loss(a, b, made, same)), 2 * [wanted], rtol=1e-5)


class Turned(layers.Layer):
    """Leaves what is -1 alone, and turns all else round."""

    def build(self, shape):
        self.offset = self.add_weight(shape=(), initializer="zeros")

    def call(self, samples):
        return keras.ops.where(samples == -1, samples, -samples) + self.offset


def test_identity_is_of_the_second_domain():
    shape = (4, 4, 1)
    gan = kgan.DirectTransformGAN(keras.Sequential([keras.Input(shape), Turned()]), patches(shape))
    gan.compile(identity_weight=1.0)
    data = {"a": np.full((2, 4, 4, 1), -0.5, "float32"), "b": -np.ones((2, 4, 4, 1), "float32")}
    assert gan.evaluate(data, return_dict=True, verbose=0)["identity_loss"] == 0


def test_what_an_encoder_sees_is_kept():
    # Two peaks become two further out. The generator starts as the one that swaps them, which no discriminator can tell
    # from the one that does not; the encoder can.
    a = np.random.default_rng(0).choice([-1.0, 1.0], (512, 1)).astype("float32")
    slope = {}
    for weight in (0.0, 15.0):
        generator = mlp(1, 1, units=())
        generator.set_weights([np.array([[-2.0]]), np.zeros(1)])
        sees = keras.Sequential([keras.Input((1,)), layers.Activation("softsign")])
        gan = kgan.DirectTransformGAN(generator, mlp(1, 1, (16,), "leaky_relu"), frozen(sees), seed=0)
        adam = {f"{player}_optimizer": keras.optimizers.Adam(2e-2, beta_1=0.5) for player in gan.players}
        gan.compile(**adam, consistency_weight=weight)
        gan.fit({"a": a, "b": 2 * a}, batch_size=64, epochs=40, verbose=0)
        slope[weight] = float(gan.translate(np.ones((1, 1), "float32"))[0, 0])
    assert slope[0.0] < -1 and slope[15.0] > 1, slope


@pytest.mark.parametrize(
    "encoder, said",
    [
        (keras.Sequential([keras.Input((4, 4, 1)), layers.Conv2D(2, 3)]), "set `encoder.trainable = False`"),
        (frozen(keras.Sequential([keras.Input((4, 4, 3)), layers.Conv2D(2, 3)])), "must take inputs of shape"),
        (frozen(keras.Sequential([layers.Conv2D(2, 3)])), "`encoder` is not built: start it with a `keras.Input`"),
    ],
)
def test_an_encoder_that_does_not_fit_is_refused(encoder, said):
    with pytest.raises(ValueError, match=said):
        game(encoder)


def test_the_way_back_and_what_cannot_be_are_refused():
    gan, data = game(), {"a": images(2, (4, 4, 1)), "b": images(2, (4, 4, 1))}
    with pytest.raises(ValueError, match="leads from 'a' to 'b' alone"):
        gan.translate(data["b"], to="a")
    with pytest.raises(ValueError, match="leads straight from domain to domain and has no code"):
        gan.encode(data["a"], "a")
    assert list(gan.sheet(data)) == ["a", "a to b"]
    other = kgan.DirectTransformGAN(translator((4, 4, 1), 3), patches((4, 4, 3)))
    with pytest.raises(ValueError, match="leave `identity_weight` out"):
        other.compile(identity_weight=1.0)
