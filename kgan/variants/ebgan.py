"""EBGAN: a discriminator that is an auto-encoder."""

import keras
from keras import ops

from kgan.kinds import LatentModel
from kgan.kinds.guards import check_pretraining, check_weights


class EBGAN(LatentModel):
    """Energy-based GAN: the discriminator is an auto-encoder whose error is the energy of a sample, low for real ones
    and at least a margin for generated ones.

    With the energy `D(x) = ||Dec(Enc(x)) - x||` (root of the mean square over a sample's elements), margin `m`, and `S
    = Enc(x~)`, the codes of the generated samples `x~ = G(z)`:

        L_D = E[D(x)] + E[max(0, m - D(x~))]
        L_G = E[D(x~)] + w PT,   PT = mean over pairs i != j of cos(S_i, S_j)^2

    Departs from the paper: the energy is a root of a mean square, not an L2 norm, so that a margin means the same for
    images of any size; the paper's margin of 10 belongs to its norm.

    The auto-encoder can be trained on real samples before there is a generator worth the name:
    `compile(pretraining_epochs=...)`.

    Args:
        generator: network of latents `(batch, latent_dim)` to samples; images in [-1, 1].
        discriminator: network of samples to `[reconstruction, code]`, of the samples' shape and `(batch, d)`:
            `kgan.networks.autoencoder`.
        prior: as in `GAN`.
        seed: integer that fixes latents, noise and the order of arrays.
        name: name of the model.

    Raises:
        ValueError: a discriminator that does not return a reconstruction and a code, or takes something else than the
            generator makes.

    Example:

    >>> gan = kgan.EBGAN(kgan.networks.dcgan_generator((28, 28, 1)), kgan.networks.autoencoder((28, 28, 1)))
    >>> gan.compile(pretraining_epochs=1)
    >>> gan.fit(kgan.data.digits(28), epochs=2)

    Reference: Zhao, Mathieu, LeCun, Energy-based Generative Adversarial Network, 2017, https://arxiv.org/abs/1609.03126
    """

    players = {"discriminator": ("discriminator",), "generator": ("generator",)}
    quantities = ("real_energy", "fake_energy")

    def __init__(self, generator, discriminator, prior="normal", seed=None, name=None):
        super().__init__({"generator": generator, "discriminator": discriminator}, prior=prior, seed=seed, name=name)
        made, shapes = generator.output_shape, discriminator.output_shape
        if (
            not isinstance(shapes, list)
            or len(shapes) != 2
            or shapes[0] != made
            or discriminator.input_shape != made
            or len(shapes[1]) != 2
        ):
            raise ValueError(
                f"The discriminator must turn samples {made} into [reconstruction {made}, code (batch, d)]; it turns "
                f"{discriminator.input_shape} into {shapes}."
            )

    def compile(
        self,
        generator_optimizer=None,
        discriminator_optimizer=None,
        margin=1.0,
        pulling_away=0.1,
        pretraining_epochs=0,
        **kwargs,
    ):
        """Set the optimizers and the game's hyper-parameters.

        Args:
            generator_optimizer, discriminator_optimizer: default `Adam(1e-3)`, the paper's for MNIST.
            margin: m above, in units of the energy: pixels of [-1, 1]. Default 1. The paper's 10 belongs to another
                scale: no root of a mean square of such pixels exceeds 2.
            pulling_away: w above, at least 0 (default the paper's 0.1).
            pretraining_epochs: how many of the run's first epochs train the auto-encoder alone, on real samples; the
                generator does not move, and logged is the `discriminator_loss`, the energy of real samples. Default 0.
            **kwargs: `metrics`, `run_eagerly`, `steps_per_execution`, `jit_compile`, as in `AdversarialModel.compile`.
        """
        if margin <= 0:
            raise ValueError(f"`margin` must be above 0, not {margin}.")
        check_weights(pulling_away=pulling_away)
        self.pretraining_epochs = check_pretraining(pretraining_epochs)
        self.margin, self.pulling_away = margin, pulling_away
        optimizers = {
            "discriminator": discriminator_optimizer or keras.optimizers.Adam(1e-3),
            "generator": generator_optimizer or keras.optimizers.Adam(1e-3),
        }
        super().compile(optimizers, **kwargs)

    def train_step(self, data):
        real = self.samples(data)
        if self.pretraining:
            self.minimize("discriminator", lambda: self.energy(real)[0])
            return self.logs()
        latents, G = self.latents(real), self.nets("generator")
        fake = self.record("generator", lambda: G(latents))
        self.minimize("discriminator", lambda: self.discriminator_loss(real, fake.outputs))
        self.minimize("generator", self.generator_loss, through=fake)
        self.present(real=real, generated=fake.outputs)
        return self.logs()

    def energy(self, samples):
        """Energies `(batch,)` and codes `(batch, d)` of samples."""
        reconstruction, code = (ops.cast(output, "float32") for output in self.nets("discriminator")(samples))
        squares = ops.mean(ops.square(reconstruction - samples), axis=tuple(range(1, len(samples.shape))))
        return ops.sqrt(squares + 1e-12), code

    def discriminator_loss(self, real, fake):
        """What the discriminator minimises, one value per sample."""
        (real_energy, _), (fake_energy, _) = self.energy(real), self.energy(fake)
        self.log(real_energy=real_energy, fake_energy=fake_energy)
        return real_energy + ops.relu(self.margin - fake_energy)

    def generator_loss(self, fake):
        """What the generator minimises, one value per sample."""
        energy, code = self.energy(fake)
        return energy + self.pulling_away * pulling_away(code)

    def check_batch(self, batch):
        self.check_unlabelled(batch, self.discriminator.input_shape)


def pulling_away(codes):
    """Mean squared cosine of each code `(batch, d)` with the others of the batch, `(batch,)`; 0 for a batch of one."""
    directions = codes / ops.sqrt(ops.sum(ops.square(codes), axis=-1, keepdims=True) + 1e-12)
    cosines = ops.square(ops.matmul(directions, ops.transpose(directions)))
    others = ops.maximum(ops.cast(ops.shape(codes)[0], "float32") - 1.0, 1.0)
    return (
        ops.sum(cosines, axis=-1)
        - ops.sum(ops.square(ops.sum(ops.square(directions), axis=-1, keepdims=True)), axis=-1)
    ) / others
