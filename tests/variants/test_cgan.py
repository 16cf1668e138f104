import keras
import numpy as np
from harness import VariantTests

import kgan

layers = keras.layers


class ConditionalTests(VariantTests):
    """Labels 0, 1, 2 beside the samples, for both players."""

    def data(self, samples, seed=0):
        return samples, np.random.default_rng(seed).integers(3, size=len(samples))

    def inputs(self, count):
        return [*super().inputs(count), np.arange(count, dtype="int32") % 3]

    def players(self, shape, dropout=0.0):
        players = super().players(shape, dropout)
        return {"generator": self.conditional(players["generator"], 4), "discriminator": self.judge(players["discriminator"], shape)}

    def toy_players(self):
        players = super().toy_players()
        return {"generator": self.conditional(players["generator"], 4), "discriminator": self.judge(players["discriminator"], (2,))}

    def conditional(self, network, width):
        latents, labels = keras.Input((width,)), keras.Input((), dtype="int32")
        return keras.Model([latents, labels], network(layers.Add()([latents, layers.Embedding(3, width)(labels)])))

    def judge(self, network, shape):
        images, labels = keras.Input(shape), keras.Input((), dtype="int32")
        projected = layers.Dot(1)([layers.Embedding(3, 4)(labels), layers.Dense(4)(layers.Flatten()(images))])
        return keras.Model([images, labels], layers.Add()([network(images), projected]))


class TestCGAN(ConditionalTests):
    variant = kgan.CGAN
    options = {"classes": 3}


class TestTwoBranches(ConditionalTests):
    variant = kgan.CGAN
    options = {"classes": 3, "design": "two_branch", "loss": "hinge"}

    def judge(self, network, shape):
        pair = super().judge(network, shape)
        match = layers.Dense(1)(layers.Concatenate()([layers.Flatten()(pair.inputs[0]), layers.Embedding(3, 4)(pair.inputs[1])]))
        return keras.Model(pair.inputs, [network(pair.inputs[0]), match])
