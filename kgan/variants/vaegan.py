"""VAE-GAN: a variational auto-encoder whose decoder also has to fool a discriminator."""

from keras import ops

from kgan import losses
from kgan.kinds import LatentModel
from kgan.kinds.guards import check_logits, check_takes


class VAEGAN(LatentModel):
    """VAE-GAN: encoder and generator are an auto-encoder with normal codes; the generator learns from a discriminator
    too, which sees what it makes of codes and of latents drawn from the prior.

    With codes `z~ ~ q(z|x) = N(E_mean(x), exp(E_logvar(x)))`, reconstructions `x~ = G(z~)`, latents `z^ ~ N(0, I)`,
    samples `x^ = G(z^)` and the reconstruction error `R = ||x - x~||^2 / 2`, in pixels or between features of the
    discriminator:

        L_E = E[R + k KL(q(z|x) || N(0, I))]
        L_G = E[r R - a (log D(x~) + log D(x^)) / 2]
        L_D = E[-log D(x) - (log(1 - D(x~)) + log(1 - D(x^))) / 2]

    Departs from the paper: the reconstruction error is of pixels by default (its is `"features"`), so that any
    discriminator of one logit serves. The weight r = 0.1 belongs to pixels and has no source in the paper.

    Args:
        encoder: network of samples to `[mean, log variance]`, each `(batch, latent_dim)`.
        generator: network of latents `(batch, latent_dim)` to samples; images in [-1, 1].
        discriminator: network of samples to logits `(batch, 1)`, or, for `reconstruction="features"`, to `[logit,
            features]`; no sigmoid.
        reconstruction: where R is taken: `"pixels"` (default) or `"features"` (the paper's; the discriminator does not
            learn from it).
        seed: integer that fixes latents, noise and the order of arrays.
        name: name of the model.

    Raises:
        ValueError: networks that do not fit each other, another `reconstruction`.

    Example:

    >>> networks = kgan.networks
    >>> shape = (28, 28, 1)
    >>> encoder, generator = networks.dcgan_encoder(shape, 16), networks.dcgan_generator(shape, 16)
    >>> gan = kgan.VAEGAN(encoder, generator, networks.dcgan_discriminator(shape))
    >>> gan.compile()
    >>> train = kgan.data.digits(28)
    >>> gan.fit(train, epochs=1)
    >>> gan.reconstruct(train[0]).shape
    (64, 28, 28, 1)

    Reference: Larsen et al., Autoencoding beyond pixels using a learned similarity metric, 2016,
    https://arxiv.org/abs/1512.09300
    """

    players = {"encoder": ("encoder",), "generator": ("generator",), "discriminator": ("discriminator",)}
    quantities = ("reconstruction_error", "kl_divergence")
    averaged = ("generator", "encoder")

    def __init__(self, encoder, generator, discriminator, reconstruction="pixels", seed=None, name=None):
        super().__init__(
            {"encoder": encoder, "generator": generator, "discriminator": discriminator}, seed=seed, name=name
        )
        if reconstruction not in ("pixels", "features"):
            raise ValueError(f"`reconstruction` is 'pixels' or 'features', not {reconstruction!r}.")
        if encoder.output_shape != [generator.input_shape] * 2 or encoder.input_shape != generator.output_shape:
            raise ValueError(
                f"The encoder must turn samples {generator.output_shape} into [mean, log variance], each "
                f"{generator.input_shape}; it turns {encoder.input_shape} into {encoder.output_shape}."
            )
        check_takes(discriminator, generator.output_shape)
        if reconstruction == "pixels":
            check_logits(discriminator, {"logit": 1})
        elif not isinstance(discriminator.output_shape, list) or len(discriminator.output_shape) != 2:
            raise ValueError(
                f"For reconstruction='features' the discriminator returns [logit, features], not "
                f"{discriminator.output_shape}."
            )
        self.reconstruction, self.adversarial_loss = reconstruction, losses.NonSaturating()

    def compile(
        self,
        encoder_optimizer=None,
        generator_optimizer=None,
        discriminator_optimizer=None,
        kl_weight=1.0,
        reconstruction_weight=0.1,
        adversarial_weight=1.0,
        **kwargs,
    ):
        """Set the optimizers and the game's hyper-parameters.

        Args:
            encoder_optimizer, generator_optimizer, discriminator_optimizer: default `Adam(2e-4, beta_1=0.5)`.
            kl_weight: k above (default 1, the bound on the likelihood under a unit variance of each pixel).
            reconstruction_weight: r above: what the auto-encoder's share is worth to the generator, default 0.1.
            adversarial_weight: a above, default 1. With 0, and r = 1, encoder and generator are a plain VAE.
            **kwargs: `metrics`, `run_eagerly`, `steps_per_execution`, `jit_compile`, as in `AdversarialModel.compile`.
        """
        self.kl_weight, self.reconstruction_weight, self.adversarial_weight = (
            kl_weight,
            reconstruction_weight,
            adversarial_weight,
        )
        super().compile(
            {"encoder": encoder_optimizer, "generator": generator_optimizer, "discriminator": discriminator_optimizer},
            **kwargs,
        )

    def train_step(self, data):
        real = self.samples(data)
        E, G = self.nets("encoder", "generator")
        noise, latents = self.latents(real), self.latents(real)
        if not self.learning:  # reconstructions are of mean codes
            noise = 0.0 * noise
        code = self.record("encoder", lambda: tuple(E(real)))
        codes = drawn(*code.outputs, noise)
        images = self.record("generator", lambda: (G(codes), G(latents)))
        self.minimize("encoder", lambda mean, variance: self.encoder_loss(real, mean, variance, noise), through=code)
        self.minimize("generator", lambda rebuilt, fake: self.generator_loss(real, rebuilt, fake), through=images)
        self.minimize("discriminator", lambda: self.discriminator_loss(real, *images.outputs))
        self.present(real=real, generated=images.outputs[1], reconstructed=images.outputs[0])
        return self.logs()

    def encoder_loss(self, real, mean, log_variance, noise):
        """What the encoder minimises, one value per sample."""
        divergence = 0.5 * ops.sum(ops.square(mean) + ops.exp(log_variance) - 1.0 - log_variance, axis=-1)
        error = self.error(real, self.nets("generator")(drawn(mean, log_variance, noise)))
        self.log(reconstruction_error=error, kl_divergence=divergence)
        return error + self.kl_weight * divergence

    def generator_loss(self, real, rebuilt, fake):
        """What the generator minimises, one value per sample."""
        fooled = self.adversarial_loss.generator(self.score(rebuilt)) + self.adversarial_loss.generator(
            self.score(fake)
        )
        return self.reconstruction_weight * self.error(real, rebuilt) + 0.5 * self.adversarial_weight * fooled

    def discriminator_loss(self, real, rebuilt, fake):
        """What the discriminator minimises, one value per sample."""
        logits = self.score(real)
        return 0.5 * sum(self.adversarial_loss.discriminator(logits, self.score(made)) for made in (rebuilt, fake))

    def score(self, samples):
        """Logits of samples."""
        outputs = self.nets("discriminator")(samples)
        return outputs if self.reconstruction == "pixels" else outputs[0]

    def error(self, real, rebuilt):
        """R above, one value per sample."""
        rebuilt = ops.cast(rebuilt, "float32")
        if self.reconstruction == "features":
            D = self.nets("discriminator")
            real, rebuilt = (ops.cast(D(samples)[1], "float32") for samples in (real, rebuilt))
        return 0.5 * ops.sum(ops.square(real - rebuilt), axis=tuple(range(1, len(real.shape))))

    def encode(self, samples, batch_size=256):
        """Mean codes, numpy float32 `(n, latent_dim)`, of samples `(n, ...)`."""
        return self.infer("encoder", samples, batch_size=batch_size)[0]

    def reconstruct(self, samples, batch_size=256):
        """What the generator makes of the mean codes of samples `(n, ...)`, numpy float32."""
        return self.generate(latents=self.encode(samples, batch_size), batch_size=batch_size)

    def check_batch(self, batch):
        self.check_unlabelled(batch, self.encoder.input_shape)


def drawn(mean, log_variance, noise):
    """Codes of that mean and log variance, by the noise."""
    return mean + ops.exp(0.5 * log_variance) * noise
