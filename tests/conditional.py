"""What conditional variants need beside the harness: labels, and players that take them."""

import keras
import numpy as np
from harness import VariantTests

layers = keras.layers


class ConditionalTests(VariantTests):
    """Labels 0, 1, 2 beside the samples, for both players."""

    def data(self, samples, seed=0):
        return samples, np.arange(len(samples)) % 3

    def inputs(self, count, shape=(8, 8, 1)):
        return [*super().inputs(count, shape), np.arange(count, dtype="int32") % 3]

    def players(self, shape, dropout=0.0):
        players = super().players(shape, dropout)
        return {
            "generator": self.conditional(players["generator"]),
            "discriminator": self.judge(players["discriminator"], shape),
        }

    def toy_players(self):
        players = super().toy_players()
        return {
            "generator": self.conditional(players["generator"]),
            "discriminator": self.judge(players["discriminator"], (2,)),
        }

    def conditional(self, network):
        latents, labels = keras.Input((4,)), keras.Input((), dtype="int32")
        return keras.Model([latents, labels], network(layers.Add()([latents, layers.Embedding(3, 4)(labels)])))

    def judge(self, network, shape):
        images, labels = keras.Input(shape), keras.Input((), dtype="int32")
        projected = layers.Dot(1)([layers.Embedding(3, 4)(labels), layers.Dense(4)(layers.Flatten()(images))])
        return keras.Model([images, labels], layers.Add()([network(images), projected]))


def with_heads(network, shape, *widths):
    """A network of samples to its own output and further ones."""
    samples = keras.Input(shape)
    return keras.Model(
        samples, [network(samples), *(layers.Dense(width)(layers.Flatten()(samples)) for width in widths)]
    )
