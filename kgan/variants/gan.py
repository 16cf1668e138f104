"""GAN: a generator against a discriminator."""

import keras
from keras import ops

from kgan import losses
from kgan.engine import LatentModel
from kgan.engine.guards import check_fit_together


@keras.saving.register_keras_serializable(package="kgan")
class GAN(LatentModel):
    """Generative adversarial network: a discriminator learns to tell real samples from generated ones, a generator learns to be mistaken for real.

    With `V` the discriminator's logit, `D = sigmoid(V)`, real samples `x` and latents `z ~ N(0, I)`, the default, non-saturating game is

        L_D = E[-log D(x)] + E[-log(1 - D(G(z)))]        L_G = E[-log D(G(z))]

    A train step moves the discriminator `critic_steps` times, each time on latents of its own and on the same real batch (Algorithm 1 of the paper
    draws a real batch for each), then the generator once, through the very pass that the discriminator's last samples came from.

    Args:
        generator: network of latents `(batch, latent_dim)` to samples `(batch, ...)`; images in [-1, 1], channels last, end in a tanh.
        discriminator: network of samples to logits `(batch, 1)` or a map of them `(batch, h, w, 1)`; no sigmoid.
        loss: `"non_saturating"` (default, the paper's practical choice), `"minimax"`, `"least_squares"`, `"hinge"`, `"wasserstein"`,
            `"relativistic"`, or a `kgan.losses.AdversarialLoss`.
        packing: how many samples the discriminator judges at once (PacGAN; default 1): they lie side by side in the last axis, so that its input has `packing`
            times the channels (or coordinates) of a sample. A generator that drops modes then shows in each pack. The last pack of a batch that is no multiple
            of `packing` is filled up with the batch's first samples.
        seed: integer that fixes latents, noise and the order of arrays.
        name: name of the model.

    Raises:
        ValueError: networks that do not fit each other, are not built, or end in a sigmoid; an unknown loss; `packing` below 1.

    Example:

    >>> gan = kgan.GAN(generator=kgan.networks.mlp(2, 2), discriminator=kgan.networks.mlp(2, 1))
    >>> gan.compile()
    >>> gan.fit(kgan.data.mixture("ring"), epochs=5)
    >>> gan.generate(64, seed=0).shape
    (64, 2)

    References:
        Goodfellow et al., Generative Adversarial Networks, 2014, https://arxiv.org/abs/1406.2661
        Lin et al., PacGAN: The power of two samples in generative adversarial networks, 2018, https://arxiv.org/abs/1712.04086
    """

    players = {"discriminator": ("discriminator",), "generator": ("generator",)}

    def __init__(self, generator, discriminator, loss="non_saturating", packing=1, seed=None, name=None):
        super().__init__({"generator": generator, "discriminator": discriminator}, seed=seed, name=name)
        if int(packing) < 1:
            raise ValueError(f"`packing` must be at least 1, not {packing}.")
        self.packing = int(packing)
        check_fit_together(generator, discriminator, self.packing)
        self.adversarial_loss = losses.get(loss)

    def compile(self, generator_optimizer=None, discriminator_optimizer=None, critic_steps=1, **kwargs):
        """Set the optimizers and the game's hyper-parameters.

        Args:
            generator_optimizer, discriminator_optimizer: default `Adam(2e-4, beta_1=0.5)` (Radford et al., 2016).
            critic_steps: moves of the discriminator per move of the generator, at least 1 (the paper's `k`; default its 1).
            **kwargs: `metrics`, `run_eagerly`, `steps_per_execution`, `jit_compile`, as in `AdversarialModel.compile`.
        """
        if int(critic_steps) < 1:
            raise ValueError(f"`critic_steps` must be at least 1, not {critic_steps}.")
        self.critic_steps = int(critic_steps)
        super().compile({"discriminator": discriminator_optimizer, "generator": generator_optimizer}, **kwargs)

    def train_step(self, data):
        real = self.samples(data)
        for _ in range(self.critic_steps):
            latents = self.latents(real)
            fake = self.record("generator", lambda: self.generator(latents, training=True))
            self.minimize("discriminator", lambda: self.discriminator_loss(real, fake.outputs))
        self.minimize("generator", lambda images: self.generator_loss(real, images), through=fake)
        return self.logs()

    def discriminator_loss(self, real, fake, training=True):
        """What the discriminator minimises, one value per sample."""
        return self.adversarial_loss.discriminator(*self.judge(real, fake, training))

    def generator_loss(self, real, fake, training=True):
        """What the generator minimises, one value per sample."""
        if not self.adversarial_loss.paired:
            return self.adversarial_loss.generator(self.discriminator(self.packed(fake), training=training))
        real_logits, fake_logits = self.judge(real, fake, training)
        return self.adversarial_loss.generator(fake_logits, real_logits)

    def judge(self, real, fake, training=True):
        """Logits of real and of generated samples, each batch judged by itself, so that BatchNorm never mixes the two."""
        return self.discriminator(self.packed(real), training=training), self.discriminator(self.packed(fake), training=training)

    def packed(self, samples):
        """Samples `(batch, ..., c)` as packs `(ceil(batch / packing), ..., packing * c)`."""
        if self.packing == 1:
            return samples
        batch, packs = ops.shape(samples)[0], -(-ops.shape(samples)[0] // self.packing)
        members = [ops.take(samples, (packs * member + ops.arange(packs)) % batch, axis=0) for member in range(self.packing)]
        return ops.concatenate(members, axis=-1)

    def test_step(self, data):
        real = self.samples(data)
        fake = self(self.latents(real, self.evaluation_seed_generator), training=False)
        # The bare game: a variant's penalties regularise training and say nothing about unseen data.
        self.log(
            discriminator_loss=GAN.discriminator_loss(self, real, fake, training=False),
            generator_loss=GAN.generator_loss(self, real, fake, training=False),
        )
        self.feed_metrics(real, fake)
        return {name: value for name, value in self.logs().items() if name not in self.quantities}

    def check_batch(self, batch):
        expected = getattr(self.discriminator, "input_shape", None)
        if self.packing > 1 and expected is not None:
            expected = (*expected[:-1], expected[-1] // self.packing)
        self.check_unlabelled(batch, expected)

    def get_config(self):
        config = {"generator": self.generator, "discriminator": self.discriminator, "loss": self.adversarial_loss}
        config |= {"packing": self.packing} if self.packing > 1 else {}
        return {**keras.saving.serialize_keras_object(config), "seed": self.seed, "name": self.name}
