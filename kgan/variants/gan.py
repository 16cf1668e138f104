"""GAN: a generator against a discriminator."""

from keras import ops

from kgan import losses
from kgan.kinds import LatentModel
from kgan.kinds.guards import check_counts, check_fit_together


class GAN(LatentModel):
    """Generative adversarial network: a discriminator learns to tell real samples from generated ones, a generator
    learns to be mistaken for real.

    With `V` the discriminator's logit, `D = sigmoid(V)`, real samples `x` and latents `z ~ N(0, I)`, the default,
    non-saturating game is

        L_D = E[-log D(x)] + E[-log(1 - D(G(z)))]        L_G = E[-log D(G(z))]

    A train step moves the discriminator `critic_steps` times, each time on latents of its own, then the generator
    `generator_steps` times, first through the very pass that the discriminator's last samples came from.

    Departs from the paper: its Algorithm 1 draws real samples anew for each of the discriminator's moves, and latents
    anew for the generator's; here both moves share them, which is one pass of the generator less.
    `compile(fresh_batches=True, fresh_latents=True)` is the paper's. Its latents are uniform (`prior="uniform"`).

    Args:
        generator: network of latents `(batch, latent_dim)` to samples `(batch, ...)`; images in [-1, 1], channels last,
            end in a tanh.
        discriminator: network of samples to logits `(batch, 1)` or a map of them `(batch, h, w, 1)`; no sigmoid.
        loss: `"non_saturating"` (default, the paper's practical choice), `"minimax"`, `"least_squares"`, `"hinge"`,
            `"wasserstein"`, `"relativistic"`, or a `kgan.losses.AdversarialLoss`.
        packing: how many samples the discriminator judges at once (PacGAN; default 1): they lie side by side in the
            last axis, so that its input has `packing` times the channels (or coordinates) of a sample. A generator that
            drops modes then shows in each pack. The last pack of a batch that is no multiple of `packing` is filled up
            with the batch's first samples.
        prior: law of the latents, `"normal"` (default; standard normal) or `"uniform"` (in [-1, 1]).
        seed: integer that fixes latents, noise and the order of arrays.
        name: name of the model.

    Raises:
        ValueError: networks that do not fit each other, are not built, share layers, or end in a sigmoid; a generator
            that does not turn one vector into one sample; an unknown loss or prior; `packing` below 1.

    Example:

    >>> gan = kgan.GAN(generator=kgan.networks.mlp(2, 2), discriminator=kgan.networks.mlp(2, 1))
    >>> gan.compile()
    >>> gan.fit(kgan.data.mixture("ring"), epochs=5)
    >>> gan.generate(64, seed=0).shape
    (64, 2)

    References:
        Goodfellow et al., Generative Adversarial Networks, 2014, https://arxiv.org/abs/1406.2661
        Lin et al., PacGAN: The power of two samples in generative adversarial networks, 2018,
            https://arxiv.org/abs/1712.04086
    """

    players = {"discriminator": ("discriminator",), "generator": ("generator",)}

    def __init__(
        self, generator, discriminator, loss="non_saturating", packing=1, prior="normal", seed=None, name=None
    ):
        super().__init__({"generator": generator, "discriminator": discriminator}, prior=prior, seed=seed, name=name)
        if int(packing) < 1:
            raise ValueError(f"`packing` must be at least 1, not {packing}.")
        self.packing = int(packing)
        check_fit_together(generator, discriminator, self.packing)
        self.adversarial_loss = losses.get(loss)

    def compile(
        self,
        generator_optimizer=None,
        discriminator_optimizer=None,
        critic_steps=1,
        generator_steps=1,
        fresh_batches=False,
        fresh_latents=False,
        **kwargs,
    ):
        """Set the optimizers and the game's hyper-parameters.

        Args:
            generator_optimizer, discriminator_optimizer: default `Adam(2e-4, beta_1=0.5)` (Radford et al., 2016).
            critic_steps: moves of the discriminator a step, at least 1 (the paper's `k`; default its 1).
            generator_steps: moves of the generator a step, at least 1 (default the paper's 1; PacGAN takes 2 on stacked
                MNIST). Each but the first has latents of its own.
            fresh_batches: whether each move of the discriminator has real samples of its own: a batch is then dealt out
                among its `critic_steps` moves, so give `fit` a batch size that many times as large. Default False: all
                see the whole batch.
            fresh_latents: whether the generator's first move, too, has latents of its own. Default False.
            **kwargs: `metrics`, `run_eagerly`, `steps_per_execution`, `jit_compile`, as in `AdversarialModel.compile`.
        """
        check_counts(critic_steps=critic_steps, generator_steps=generator_steps)
        self.critic_steps, self.generator_steps = int(critic_steps), int(generator_steps)
        self.fresh_batches, self.fresh_latents = bool(fresh_batches), bool(fresh_latents)
        super().compile({"discriminator": discriminator_optimizer, "generator": generator_optimizer}, **kwargs)

    def train_step(self, data):
        real, G = self.samples(data), self.nets("generator")
        for turn in self.turns(self.critic_steps):
            batch = self.share(real, turn)
            latents = self.latents(batch)
            fake = self.record("generator", lambda: G(latents))
            self.minimize("discriminator", lambda: self.discriminator_loss(batch, fake.outputs))
        for turn in self.turns(self.generator_steps):
            if turn or self.fresh_latents:
                latents = self.latents(batch)
                fake = self.record("generator", lambda: G(latents))
            self.minimize("generator", lambda images: self.generator_loss(batch, images), through=fake)
        self.present(real=batch, generated=fake.outputs)
        return self.logs()

    def share(self, real, turn):
        """The real samples of the discriminator's move `turn`: the whole batch, or with `fresh_batches` its share of
        it.
        """
        if not self.fresh_batches or not self.learning or self.critic_steps == 1:
            return real
        size = -(-ops.shape(real)[0] // self.critic_steps)
        # A batch that is no multiple of the moves begins again for the last of them.
        return ops.take(real, (turn * size + ops.arange(size)) % ops.shape(real)[0], axis=0)

    def discriminator_loss(self, real, fake):
        """What the discriminator minimises, one value per sample."""
        return self.adversarial_loss.discriminator(*self.judge(real, fake))

    def generator_loss(self, real, fake):
        """What the generator minimises, one value per sample."""
        if not self.adversarial_loss.paired:
            return self.adversarial_loss.generator(self.nets("discriminator")(self.packed(fake)))
        real_logits, fake_logits = self.judge(real, fake)
        return self.adversarial_loss.generator(fake_logits, real_logits)

    def judge(self, real, fake):
        """Logits of real and of generated samples, each batch judged by itself,
        so that BatchNorm never mixes the two.
        """
        D = self.nets("discriminator")
        return D(self.packed(real)), D(self.packed(fake))

    def packed(self, samples):
        """Samples `(batch, ..., c)` as packs `(ceil(batch / packing), ..., packing * c)`."""
        if self.packing == 1:
            return samples
        batch, packs = ops.shape(samples)[0], -(-ops.shape(samples)[0] // self.packing)
        members = [
            ops.take(samples, (packs * member + ops.arange(packs)) % batch, axis=0) for member in range(self.packing)
        ]
        return ops.concatenate(members, axis=-1)

    def check_batch(self, batch):
        expected = self.discriminator.input_shape
        if self.packing > 1 and expected[-1] is not None:
            expected = (*expected[:-1], expected[-1] // self.packing)
        self.check_unlabelled(batch, expected)
