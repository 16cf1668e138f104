"""BiGAN: an encoder and a generator that become each other's inverse."""

from kgan import losses
from kgan.kinds import LatentModel
from kgan.kinds.guards import check_logits


class BiGAN(LatentModel):
    """Bidirectional GAN: the discriminator tells pairs `(x, E(x))` of a real sample and its code from pairs `(G(z), z)`
    of a latent and what is made of it.

    Encoder and generator move together and want the two kinds mistaken for each other; where they succeed, each is the
    inverse of the other:

        L_D   = E[-log D(x, E(x))] + E[-log(1 - D(G(z), z))]
        L_E,G = E[-log(1 - D(x, E(x)))] + E[-log D(G(z), z)]

    Departs from the paper: latents are standard normal (its are uniform, `prior="uniform"`).

    Args:
        encoder: network of samples to codes `(batch, latent_dim)`. Codes that are much narrower than latents give pairs
            away by themselves, and the generator learns little: where samples have a small spread, end in
            `keras.layers.BatchNormalization(center=False, scale=False)`.
        generator: network of latents `(batch, latent_dim)` to samples; images in [-1, 1].
        discriminator: network of `[samples, latents]` to logits `(batch, 1)`; no sigmoid.
        prior: as in `GAN`.
        seed: integer that fixes latents, noise and the order of arrays.
        name: name of the model.

    Raises:
        ValueError: networks that do not fit each other.

    Example:

    >>> networks = kgan.networks
    >>> gan = kgan.BiGAN(networks.mlp(2, 2), networks.mlp(2, 2), networks.pair_discriminator((2,), 2))
    >>> gan.compile()
    >>> gan.fit(kgan.data.mixture("ring"), epochs=1)
    >>> gan.reconstruct(kgan.data.mixture("ring").images[:8]).shape
    (8, 2)

    References:
        Donahue, Krähenbühl, Darrell, Adversarial Feature Learning, 2017, https://arxiv.org/abs/1605.09782
        Dumoulin et al., Adversarially Learned Inference, 2017, https://arxiv.org/abs/1606.00704
    """

    players = {"discriminator": ("discriminator",), "generator": ("generator", "encoder")}
    averaged = ("generator", "encoder")

    def __init__(self, encoder, generator, discriminator, prior="normal", seed=None, name=None):
        networks = {"encoder": encoder, "generator": generator, "discriminator": discriminator}
        super().__init__(networks, prior=prior, seed=seed, name=name)
        if encoder.output_shape != generator.input_shape or encoder.input_shape != generator.output_shape:
            raise ValueError(
                f"Encoder and generator must turn samples into latents and back, but the encoder turns "
                f"{encoder.input_shape} into {encoder.output_shape} and the generator {generator.input_shape} into "
                f"{generator.output_shape}."
            )
        if list(discriminator.input_shape) != [encoder.input_shape, encoder.output_shape]:
            raise ValueError(
                f"The discriminator must take [samples, latents] of {encoder.input_shape} and {encoder.output_shape}, "
                f"not {discriminator.input_shape}."
            )
        check_logits(discriminator, {"logit": 1})
        self.adversarial_loss = losses.NonSaturating()

    def compile(self, generator_optimizer=None, discriminator_optimizer=None, **kwargs):
        """Set the optimizers.

        Args:
            generator_optimizer: of generator and encoder. Default `Adam(2e-4, beta_1=0.5)`, the paper's.
            discriminator_optimizer: default the same.
            **kwargs: `metrics`, `run_eagerly`, `steps_per_execution`, `jit_compile`, as in `AdversarialModel.compile`.
        """
        super().compile({"discriminator": discriminator_optimizer, "generator": generator_optimizer}, **kwargs)

    def train_step(self, data):
        real = self.samples(data)
        latents, (G, E) = self.latents(real), self.nets("generator", "encoder")
        pass_both = self.record("generator", lambda: (G(latents), E(real)))
        self.minimize("discriminator", lambda: self.discriminator_loss(real, latents, *pass_both.outputs))
        self.minimize(
            "generator", lambda fake, codes: self.generator_loss(real, latents, fake, codes), through=pass_both
        )
        self.present(real=real, generated=pass_both.outputs[0])
        return self.logs()

    def discriminator_loss(self, real, latents, fake, codes):
        """What the discriminator minimises, one value per sample."""
        return self.adversarial_loss.discriminator(*self.judge(real, latents, fake, codes))

    def generator_loss(self, real, latents, fake, codes):
        """What generator and encoder minimise together, one value per sample: the discriminator's loss with the two
        kinds of pairs exchanged.
        """
        return self.adversarial_loss.discriminator(*reversed(self.judge(real, latents, fake, codes)))

    def judge(self, real, latents, fake, codes):
        """Logits of the encoder's pairs and of the generator's."""
        D = self.nets("discriminator")
        return D([real, codes]), D([fake, latents])

    def encode(self, samples, batch_size=256):
        """Codes, numpy float32 `(n, latent_dim)`, of samples `(n, ...)`."""
        return self.infer("encoder", samples, batch_size=batch_size)

    def reconstruct(self, samples, batch_size=256):
        """`G(E(x))`, numpy float32, of samples `(n, ...)`: nothing in the game asks for it to be `x`, only its optimum
        does.
        """
        return self.generate(latents=self.encode(samples, batch_size), batch_size=batch_size)

    def check_batch(self, batch):
        self.check_unlabelled(batch, self.encoder.input_shape)
