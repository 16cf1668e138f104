"""What games between two domains that share a code need beside the harness: players for two domains, and a toy."""

import keras
from harness import VariantTests
from translation import TranslationTests

layers = keras.layers


def normalized():
    return layers.BatchNormalization(momentum=0.9)


def chain(shape, *stack):
    """A network of samples or features of `shape`."""
    return keras.Sequential([keras.Input(shape), *stack])


class CoupledTests(VariantTests):
    """A latent becomes a picture in each of two domains, of which the second has two channels."""

    channels = 2

    def target(self, samples):
        return TranslationTests.target(self, samples)

    def data(self, samples, seed=0):
        # Domains of different sizes, whose samples do not belong together.
        return {"a": samples, "b": self.target(samples)[::-1][: -(-len(samples) * 3 // 4)]}

    def made(self, model, count, shape=(8, 8, 1)):
        return model.generate(count, seed=0)["b"]

    def predicted(self, model, fed):
        return model.predict(fed, verbose=0)["b"]

    def answer(self, model, inputs):
        return model.generate(latents=inputs[0])

    def made_shape(self, shape):
        return (*shape[:2], self.channels)

    def toy(self):
        return TranslationTests.toy(self)
