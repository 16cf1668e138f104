"""InfoGAN: a generator some of whose latents can be read back off what it makes."""

import math

import keras
import numpy as np
from keras import ops

from kgan import losses
from kgan.kinds import LatentModel
from kgan.kinds.guards import check_logits, check_takes, shape_of
from kgan.kinds.prior import Codes


class InfoGAN(LatentModel):
    """Information maximising GAN: part of the latent is a code `c`, of categories and of numbers, and a head Q of the
    discriminator guesses it from the sample; both players want the guess right, which makes each code mean something.

        L_D = E[-log D(x) - log(1 - D(G(z, c)))] - l L_I        L_G = E[-log D(G(z, c))] - l L_I
        L_I = H(c) + E[log Q(c | G(z, c))],   a lower bound on the mutual information I(c; G(z, c))

    A latent is the noise `z ~ N(0, I)`, then each categorical code one-hot, then the continuous ones, uniform in [-1,
    1]. Q's output for a category is its logits; for a continuous code it is the mean of a normal density of variance 1.

    Departs from the authors' code: its noise is uniform, too.

    Args:
        generator: network of latents `(batch, noise + sum(categorical) + continuous)` to samples; images in [-1, 1].
        discriminator: network of samples to `[logit (batch, 1), logits (batch, k) of each categorical code, means
            (batch, continuous)]`; no sigmoid or softmax.
        categorical: numbers of categories, one per code (default `(10,)`, the paper's for MNIST).
        continuous: how many continuous codes (default the paper's 2).
        seed: integer that fixes latents, codes and the order of arrays.
        name: name of the model.

    Raises:
        ValueError: networks that do not fit each other; codes that do not fit the latent or the discriminator's
            outputs; no code at all.

    Example:

    >>> shape = (28, 28, 1)
    >>> generator = kgan.networks.dcgan_generator(shape, 62 + 10 + 2)
    >>> gan = kgan.InfoGAN(generator, kgan.networks.dcgan_discriminator(shape, heads=(10, 2)))
    >>> gan.compile()
    >>> gan.fit(kgan.data.digits(28), epochs=1)
    >>> gan.traverse(0, columns=10).shape  # the first code's ten categories, the rest of the latent held
    (1, 10, 28, 28, 1)

    Reference: Chen et al., InfoGAN: Interpretable Representation Learning by Information Maximizing Generative
    Adversarial Nets, 2016, https://arxiv.org/abs/1606.03657
    """

    players = {"discriminator": ("discriminator",), "generator": ("generator",)}
    quantities = ("information", "categorical_information")
    averaged = ("generator", "discriminator")

    def __init__(self, generator, discriminator, categorical=(10,), continuous=2, seed=None, name=None):
        if isinstance(categorical, int):
            raise ValueError(
                f"`categorical` names the number of categories of each code: ({categorical},), not {categorical}."
            )
        categorical, continuous = tuple(int(k) for k in categorical), int(continuous)
        prior = self._codes(generator, categorical, continuous)
        super().__init__({"generator": generator, "discriminator": discriminator}, prior=prior, seed=seed, name=name)
        self.categorical, self.continuous = categorical, continuous
        heads = {f"categorical code {index}": k for index, k in enumerate(categorical)}
        heads |= {"continuous codes": continuous} if continuous else {}
        self.noise_dim = self.prior.noise
        check_takes(discriminator, generator.output_shape)
        check_logits(discriminator, {"logit": 1, **heads})
        # Where in a latent each head's code stands.
        ends = np.cumsum([self.noise_dim, *heads.values()]).tolist()
        self.places = [slice(start, end) for start, end in zip(ends, ends[1:])]
        self.adversarial_loss = losses.NonSaturating()

    @staticmethod
    def _codes(generator, categorical, continuous):
        """The law of latents: what is left of the generator's input beside the codes is noise."""
        if not categorical and not continuous:
            raise ValueError("InfoGAN needs a code: give `categorical`, `continuous` or both.")
        if min(categorical, default=2) < 2 or continuous < 0:
            raise ValueError(
                f"A categorical code has at least 2 categories, and `continuous` is at least 0: not {categorical} and "
                f"{continuous}."
            )
        width, codes = shape_of(generator, "input")[-1], sum(categorical) + continuous
        if width < codes:
            raise ValueError(f"The codes take {codes} of a latent that has {width}.")
        return Codes(width - codes, categorical, continuous)

    def compile(
        self,
        generator_optimizer=None,
        discriminator_optimizer=None,
        information_weight=1.0,
        continuous_weight=None,
        **kwargs,
    ):
        """Set the optimizers and the game's hyper-parameters.

        Args:
            generator_optimizer: default `Adam(1e-3, beta_1=0.5)`, the paper's.
            discriminator_optimizer: default `Adam(2e-4, beta_1=0.5)`, the paper's.
            information_weight: l above (default the paper's 1, for codes of both kinds).
            continuous_weight: another l for the continuous codes. None (default): the same.
            **kwargs: `metrics`, `run_eagerly`, `steps_per_execution`, `jit_compile`, as in `AdversarialModel.compile`.
        """
        self.information_weight, self.continuous_weight = information_weight, continuous_weight
        optimizers = {
            "discriminator": discriminator_optimizer or keras.optimizers.Adam(2e-4, beta_1=0.5),
            "generator": generator_optimizer or keras.optimizers.Adam(1e-3, beta_1=0.5),
        }
        super().compile(optimizers, **kwargs)

    def train_step(self, data):
        real = self.samples(data)
        latents, G = self.latents(real), self.nets("generator")
        fake = self.record("generator", lambda: G(latents))
        self.minimize("discriminator", lambda: self.discriminator_loss(real, fake.outputs, latents))
        self.minimize("generator", lambda images: self.generator_loss(images, latents), through=fake)
        self.present(real=real, generated=fake.outputs)
        return self.logs()

    def discriminator_loss(self, real, fake, latents):
        """What discriminator and Q minimise, one value per sample."""
        D = self.nets("discriminator")
        logit, (fake_logit, *guesses) = D(real)[0], D(fake)
        return self.adversarial_loss.discriminator(logit, fake_logit) - self.gain(guesses, latents)

    def generator_loss(self, fake, latents):
        """What the generator minimises, one value per sample."""
        logit, *guesses = self.nets("discriminator")(fake)
        return self.adversarial_loss.generator(logit) - self.gain(guesses, latents)

    def gain(self, guesses, latents):
        """l L_I, one value per sample."""
        codes, guesses = [latents[:, place] for place in self.places], [ops.cast(guess, "float32") for guess in guesses]
        categorical = continuous = ops.zeros_like(latents[:, 0])
        for categories, code, logits in zip(self.categorical, codes, guesses):
            categorical = categorical + (
                math.log(categories) + ops.sum(code * ops.log_softmax(logits, axis=-1), axis=-1)
            )
        if self.continuous:
            # The entropy of a uniform number in [-1, 1] is log 2; the constant of the normal density is left in.
            error = ops.square(codes[-1] - guesses[-1])
            continuous = ops.sum(math.log(2) - 0.5 * math.log(2 * math.pi) - 0.5 * error, axis=-1)
        self.log(information=categorical + continuous, categorical_information=categorical)
        other = self.information_weight if self.continuous_weight is None else self.continuous_weight
        return self.information_weight * categorical + other * continuous

    def codes(self, samples, batch_size=256):
        """What Q reads off samples `(n, ...)`: numpy, one array `(n, k)` of probabilities per categorical code, then
        the means `(n, continuous)`.
        """
        _, *guesses = self.infer("discriminator", samples, batch_size=batch_size)
        logits, means = guesses[: len(self.categorical)], guesses[len(self.categorical) :]
        return [*(ops.convert_to_numpy(ops.softmax(code)) for code in logits), *means]

    def traverse(self, code, rows=1, columns=10, seed=0, limits=(-1.0, 1.0)):
        """Samples in which one code goes through its values and the rest of the latent is held.

        Args:
            code: which: categorical codes first, from 0, then continuous ones.
            rows: how many latents are held, one a row.
            columns: how many values of the code: its first categories, or even steps between `limits`.
            seed: fixes the latents.
            limits: of a continuous code. The paper goes beyond the [-1, 1] of training, to (-2, 2).

        Returns:
            numpy float32 array `(rows, columns, ...)`.

        Raises:
            ValueError: no such code, more columns than categories.
        """
        if not 0 <= code < len(self.categorical) + self.continuous:
            raise ValueError(f"There are {len(self.categorical) + self.continuous} codes, from 0, and no {code}.")
        latents = (
            self.random_latents(rows, np.random.default_rng(seed)).repeat(columns, axis=0).reshape(rows, columns, -1)
        )
        if code < len(self.categorical):
            categories = self.categorical[code]
            if columns > categories:
                raise ValueError(f"Code {code} has {categories} categories: `columns` cannot be {columns}.")
            latents[:, :, self.places[code]] = np.eye(categories, dtype="float32")[:columns]
        else:
            latents[:, :, self.places[-1].start + code - len(self.categorical)] = np.linspace(*limits, columns)
        images = self.generate(latents=latents.reshape(rows * columns, -1))
        return images.reshape(rows, columns, *images.shape[1:])

    def check_batch(self, batch):
        self.check_unlabelled(batch, self.discriminator.input_shape)
