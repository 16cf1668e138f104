"""MGAN: several generators, each made to differ from the others."""

import keras
from keras import ops

from kgan import losses
from kgan.engine import own_share
from kgan.kinds import ConditionalModel
from kgan.kinds.guards import check_logits, check_takes, check_weights
from kgan.layers import Ensemble
from kgan.losses import cross_entropy


class MGAN(ConditionalModel):
    """Mixture of generators: one of k is drawn for each sample, a second head of the discriminator guesses which, and
    the generators want the guess right.

    Where one generator settles on some modes, being told apart from it drives the others to the rest. With `i` uniform
    in 0..k - 1, `x~ = G(z, i)` and the heads `D` and `C`:

        L_D = E[-log D(x) - log(1 - D(x~))] + E[-log C(i|x~)]        L_G = E[-log D(x~)] + b E[-log C(i|x~)]

    Departs from the paper: latents are standard normal (its are uniform, `prior="uniform"`).

    With b = 0 it is the plain ensemble, whose generators differ by chance alone.

    Args:
        generator: network of `[latents (batch, latent_dim), index (batch,)]` to samples, such as
            `kgan.networks.ensemble` builds from k networks.
        discriminator: network of samples to `[logit (batch, 1), generator logits (batch, k)]`; no sigmoid, no softmax.
        generators: k, at least 2.
        prior: as in `GAN`.
        seed: integer that fixes latents, indices and the order of arrays.
        name: name of the model.

    Raises:
        ValueError: networks that do not fit each other or k.

    Example:

    >>> mlp, ensemble = kgan.networks.mlp, kgan.networks.ensemble
    >>> generator = ensemble([mlp(2, 32, units=()) for _ in range(4)], trunk=mlp(32, 2))  # first layers of their own
    >>> gan = kgan.MGAN(generator, kgan.networks.heads(mlp(2, 64), (1, 4)), generators=4)
    >>> gan.compile()
    >>> gan.fit(kgan.data.mixture("grid"), epochs=1)
    >>> gan.generate(100, generator=2).shape
    (100, 2)

    Reference: Hoang et al., MGAN: Training Generative Adversarial Nets with Multiple Generators, 2018,
    https://openreview.net/forum?id=rkmu5b0a-
    """

    players = {"discriminator": ("discriminator",), "generator": ("generator",)}
    quantities = ("generator_accuracy",)
    pairs = False

    def __init__(self, generator, discriminator, generators, prior="normal", seed=None, name=None):
        if generators < 2:
            raise ValueError(f"`generators` must be at least 2, not {generators}.")
        networks = {"generator": generator, "discriminator": discriminator}
        super().__init__(networks, classes=generators, prior=prior, seed=seed, name=name)
        check_takes(discriminator, generator.output_shape)
        check_logits(discriminator, {"logit": 1, "generator logits": generators})
        for layer in generator._flatten_layers():
            # An index that names none of its networks would make it return zeros.
            if isinstance(layer, Ensemble) and len(layer.networks) != generators:
                raise ValueError(
                    f"The generator is an ensemble of {len(layer.networks)} networks, but `generators` is {generators}."
                )
        self.generators, self.adversarial_loss = generators, losses.NonSaturating()

    def compile(self, generator_optimizer=None, discriminator_optimizer=None, diversity_weight=0.125, **kwargs):
        """Set the optimizers and the game's hyper-parameters.

        Args:
            generator_optimizer, discriminator_optimizer: default `Adam(2e-4, beta_1=0.5)`, the paper's.
            diversity_weight: b above, at least 0. Default 0.125, the paper's for 2-D points; its 0.01 is for CIFAR-10.
                Too much drives generators off.
            **kwargs: `metrics`, `run_eagerly`, `steps_per_execution`, `jit_compile`, as in `AdversarialModel.compile`.
        """
        check_weights(diversity_weight=diversity_weight)
        self.diversity_weight = diversity_weight
        super().compile({"discriminator": discriminator_optimizer, "generator": generator_optimizer}, **kwargs)

    def indices(self, like):
        """A generator for each sample, int32 `(batch,)`, all equally likely."""
        k = float(self.generators)
        drawn = own_share(like, lambda count: keras.random.uniform((count,), 0.0, k, seed=self.random, dtype="float32"))
        return ops.cast(ops.floor(drawn), "int32")

    def train_step(self, data):
        real = self.samples(data)
        latents, index, G = self.latents(real), self.indices(real), self.nets("generator")
        fake = self.record("generator", lambda: G([latents, index]))
        self.minimize("discriminator", lambda: self.discriminator_loss(real, fake.outputs, index))
        self.minimize("generator", lambda images: self.generator_loss(images, index), through=fake)
        self.present(real=real, generated=fake.outputs)
        return self.logs()

    def discriminator_loss(self, real, fake, index):
        """What the discriminator minimises, one value per sample."""
        D = self.nets("discriminator")
        (real_logit, _), (fake_logit, guess) = D(real), D(fake)
        self.log(generator_accuracy=ops.cast(ops.cast(ops.argmax(guess, axis=-1), "int32") == index, "float32"))
        return self.adversarial_loss.discriminator(real_logit, fake_logit) + cross_entropy(guess, index)

    def generator_loss(self, fake, index):
        """What the generators minimise, one value per sample."""
        logit, guess = self.nets("discriminator")(fake)
        return self.adversarial_loss.generator(logit) + self.diversity_weight * cross_entropy(guess, index)

    def generate(self, n=None, labels=None, latents=None, seed=None, batch_size=256, generator=None):
        """As `ConditionalModel.generate`; `generator`, another name of `labels`, is the index of the generator to use,
        or one for each sample, by default each drawn at random."""
        return super().generate(n, labels if generator is None else generator, latents, seed, batch_size)

    def check_batch(self, batch):
        self.check_unlabelled(batch, self.discriminator.input_shape)
