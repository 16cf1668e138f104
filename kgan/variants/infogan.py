"""InfoGAN: a generator some of whose latents can be read back off what it makes."""

import math

import keras
import numpy as np
from keras import ops

from kgan import losses
from kgan.engine import LatentModel, own_share
from kgan.engine.guards import check_logits, check_takes
from kgan.engine.latent_model import great_circle


@keras.saving.register_keras_serializable(package="kgan")
class InfoGAN(LatentModel):
    """Information maximising GAN: part of the latent is a code `c`, of categories and of numbers, and a head Q of the discriminator guesses it from the sample;
    both players want the guess right, which makes each code mean something.

        L_D = E[-log D(x) - log(1 - D(G(z, c)))] - l L_I        L_G = E[-log D(G(z, c))] - l L_I
        L_I = H(c) + E[log Q(c | G(z, c))],   a lower bound on the mutual information I(c; G(z, c))

    A latent is the noise `z ~ N(0, I)`, then each categorical code one-hot, then the continuous ones, uniform in [-1, 1]. Q's output for a category is its
    logits; for a continuous code it is the mean of a normal density of variance 1.

    Args:
        generator: network of latents `(batch, noise + sum(categorical) + continuous)` to samples; images in [-1, 1].
        discriminator: network of samples to `[logit (batch, 1), logits (batch, k) of each categorical code, means (batch, continuous)]`; no sigmoid or softmax.
        categorical: numbers of categories, one per code (default `(10,)`, the paper's for MNIST).
        continuous: how many continuous codes (default the paper's 2).
        seed: integer that fixes latents, codes and the order of arrays.
        name: name of the model.

    Raises:
        ValueError: networks that do not fit each other; codes that do not fit the latent or the discriminator's outputs; no code at all.

    Example:

    >>> shape = (28, 28, 1)
    >>> gan = kgan.InfoGAN(kgan.networks.dcgan_generator(shape, 62 + 10 + 2), kgan.networks.dcgan_discriminator(shape, heads=(10, 2)))
    >>> gan.compile()
    >>> gan.fit(kgan.data.digits(28), epochs=1)
    >>> gan.traverse(0, columns=10).shape                             # the first code's ten categories, the rest of the latent held
    (1, 10, 28, 28, 1)

    Reference: Chen et al., InfoGAN: Interpretable Representation Learning by Information Maximizing Generative Adversarial Nets, 2016,
    https://arxiv.org/abs/1606.03657
    """

    players = {"discriminator": ("discriminator",), "generator": ("generator",)}
    quantities = ("information", "categorical_information")
    averaged = ("generator", "discriminator")

    def __init__(self, generator, discriminator, categorical=(10,), continuous=2, seed=None, name=None):
        super().__init__({"generator": generator, "discriminator": discriminator}, seed=seed, name=name)
        if isinstance(categorical, int):
            raise ValueError(f"`categorical` names the number of categories of each code: ({categorical},), not {categorical}.")
        self.categorical, self.continuous = tuple(int(k) for k in categorical), int(continuous)
        if not self.categorical and not self.continuous:
            raise ValueError("InfoGAN needs a code: give `categorical`, `continuous` or both.")
        if min(self.categorical, default=2) < 2 or self.continuous < 0:
            raise ValueError(f"A categorical code has at least 2 categories, and `continuous` is at least 0: not {self.categorical} and {self.continuous}.")
        heads = {f"categorical code {index}": k for index, k in enumerate(self.categorical)}
        heads |= {"continuous codes": self.continuous} if self.continuous else {}
        self.noise_dim = self.latent_dim - sum(heads.values())
        if self.noise_dim < 0:
            raise ValueError(f"The codes take {sum(heads.values())} of a latent that has {self.latent_dim}.")
        check_takes(discriminator, generator.output_shape)
        check_logits(discriminator, {"logit": 1, **heads})
        # Where in a latent each head's code stands.
        ends = np.cumsum([self.noise_dim, *heads.values()]).tolist()
        self.places = [slice(start, end) for start, end in zip(ends, ends[1:])]
        self.adversarial_loss = losses.NonSaturating()

    def compile(self, generator_optimizer=None, discriminator_optimizer=None, information_weight=1.0, continuous_weight=0.1, **kwargs):
        """Set the optimizers and the game's hyper-parameters.

        Args:
            generator_optimizer: default `Adam(1e-3, beta_1=0.5)`, the paper's.
            discriminator_optimizer: default `Adam(2e-4, beta_1=0.5)`, the paper's.
            information_weight: l above, for categorical codes (default the paper's 1).
            continuous_weight: l above, for continuous codes (default the paper's 0.1).
            **kwargs: `metrics`, `run_eagerly`, `steps_per_execution`, `jit_compile`, as in `AdversarialModel.compile`.
        """
        self.information_weight, self.continuous_weight = information_weight, continuous_weight
        optimizers = {
            "discriminator": discriminator_optimizer or keras.optimizers.Adam(2e-4, beta_1=0.5),
            "generator": generator_optimizer or keras.optimizers.Adam(1e-3, beta_1=0.5),
        }
        super().compile(optimizers, **kwargs)

    def latents(self, like, seed_generator=None):
        """As many latents as `like` has samples: noise, one-hot categories, continuous codes."""
        seed = seed_generator or self.seed_generator

        def draw(count):
            parts = [keras.random.normal((count, self.noise_dim), seed=seed, dtype="float32")]
            for categories in self.categorical:
                drawn = ops.floor(keras.random.uniform((count,), 0.0, float(categories), seed=seed, dtype="float32"))
                parts.append(ops.one_hot(ops.cast(drawn, "int32"), categories, dtype="float32"))
            parts.append(keras.random.uniform((count, self.continuous), -1.0, 1.0, seed=seed, dtype="float32"))
            return ops.concatenate(parts, axis=-1)

        return own_share(like, draw)

    def train_step(self, data):
        real = self.samples(data)
        latents = self.latents(real)
        fake = self.record("generator", lambda: self.generator(latents, training=True))
        self.minimize("discriminator", lambda: self.discriminator_loss(real, fake.outputs, latents))
        self.minimize("generator", lambda images: self.generator_loss(images, latents), through=fake)
        return self.logs()

    def discriminator_loss(self, real, fake, latents, training=True):
        """What discriminator and Q minimise, one value per sample."""
        logit, (fake_logit, *guesses) = self.discriminator(real, training=training)[0], self.discriminator(fake, training=training)
        return self.adversarial_loss.discriminator(logit, fake_logit) - self.gain(guesses, latents)

    def generator_loss(self, fake, latents, training=True):
        """What the generator minimises, one value per sample."""
        logit, *guesses = self.discriminator(fake, training=training)
        return self.adversarial_loss.generator(logit) - self.gain(guesses, latents)

    def gain(self, guesses, latents):
        """l L_I, one value per sample."""
        codes, guesses = [latents[:, place] for place in self.places], [ops.cast(guess, "float32") for guess in guesses]
        categorical = continuous = ops.zeros_like(latents[:, 0])
        for categories, code, logits in zip(self.categorical, codes, guesses):
            categorical = categorical + (math.log(categories) + ops.sum(code * ops.log_softmax(logits, axis=-1), axis=-1))
        if self.continuous:
            # The entropy of a uniform number in [-1, 1] is log 2; the constant of the normal density is left in.
            error = ops.square(codes[-1] - guesses[-1])
            continuous = ops.sum(math.log(2) - 0.5 * math.log(2 * math.pi) - 0.5 * error, axis=-1)
        self.log(information=categorical + continuous, categorical_information=categorical)
        return self.information_weight * categorical + self.continuous_weight * continuous

    def test_step(self, data):
        real = self.samples(data)
        latents = self.latents(real, self.evaluation_seed_generator)
        fake = self(latents, training=False)
        self.log(
            discriminator_loss=self.discriminator_loss(real, fake, latents, training=False),
            generator_loss=self.generator_loss(fake, latents, training=False),
        )
        self.feed_metrics(real, fake)
        return self.logs()

    # ---- codes -----------------------------------------------------------------------------------------------------------------------------

    def codes(self, samples, batch_size=256):
        """What Q reads off samples `(n, ...)`: numpy, one array `(n, k)` of probabilities per categorical code, then the means `(n, continuous)`."""

        def read(batch):
            guesses = [ops.cast(guess, "float32") for guess in self.served("discriminator")(batch, training=False)[1:]]
            count = len(self.categorical)
            return ops.concatenate([*(ops.softmax(guess) for guess in guesses[:count]), *guesses[count:]], axis=-1)

        guessed = self.in_batches(read, samples, batch_size)
        return np.split(guessed, [place.start - self.noise_dim for place in self.places[1:]], axis=-1)

    def random_latents(self, n, random):
        """Latents `(n, latent_dim)` as the game draws them, from a numpy generator."""
        parts = [random.standard_normal((n, self.noise_dim), "float32")]
        parts += [np.eye(categories, dtype="float32")[random.integers(categories, size=n)] for categories in self.categorical]
        return np.concatenate([*parts, random.uniform(-1, 1, (n, self.continuous)).astype("float32")], axis=1)

    def walk(self, steps=8, start=None, end=None, seed=None):
        """The latents of `interpolate`, `(steps, latent_dim)`: the noise goes along the great circle, the codes straight, which keeps them in their range."""
        walk = super().walk(steps, start, end, seed)
        (start, end), shares = walk[[0, -1]], np.linspace(0, 1, steps, dtype="float32")[:, None]
        noise = great_circle(start[: self.noise_dim], end[: self.noise_dim], steps)
        return np.concatenate([noise, (1 - shares) * start[self.noise_dim :] + shares * end[self.noise_dim :]], axis=1)

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
        latents = self.random_latents(rows, np.random.default_rng(seed)).repeat(columns, axis=0).reshape(rows, columns, -1)
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

    def get_config(self):
        networks = {"generator": self.generator, "discriminator": self.discriminator}
        codes = {"categorical": self.categorical, "continuous": self.continuous}
        return {**keras.saving.serialize_keras_object(networks), **codes, "seed": self.seed, "name": self.name}
