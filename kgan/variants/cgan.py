"""CGAN: a generator that makes what it is asked for."""

from keras import ops

from kgan import losses
from kgan.engine.guards import check_samples
from kgan.kinds import ConditionalModel
from kgan.kinds.guards import check_logits, check_takes, check_weights


class CGAN(ConditionalModel):
    """Conditional GAN, matching-aware: the discriminator judges pairs of a sample and a label, and learns from real
    samples under wrong labels too.

    With real pairs `(x, c)`, generated `x~ = G(z, c)` and `x^`, real samples of the batch whose label is not `c`, drawn
    anew each step, in the default, `design="joint"`, `D(x, c)` is one logit:

        L_D = E[-log D(x, c)] + E[-log(1 - D(x~, c)) - w log(1 - D(x^, c))] / (1 + w)        L_G = E[-log D(x~, c)]

    With `design="two_branch"` the discriminator returns two logits, `R(x)` (is it real?) and `M(x, c)` (does it
    match?), and M sees real samples only:

        L_D = E[-log R(x) - log(1 - R(x~))] + w E[-log M(x, c) - log(1 - M(x^, c))]
        L_G = E[-log R(x~)] + w E[-log M(x~, c)]

    M is asked about generated samples, which it never learned from: keep to a loss whose generator's part is bounded
    below, such as the default.

    With `compile(equal_terms=True)` the joint design weighs real, generated and mismatched pairs alike, as study notes
    do:

        L_D = E[-log D(x, c)] + E[-log(1 - D(x~, c))] + w E[-log(1 - D(x^, c))]

    In a batch of a single class nothing can be mismatched, and those terms are left out.

    Where classes overlap, the matching-aware game does not end in p(x|c): mismatched pairs are real samples that
    another label could have had too, and D refuses them. Of N(-1, 1) and N(1, 1) the first comes out with mean -1.40
    and deviation 0.78 (closed form). `compile(mismatch_weight=0)` is Mirza's game, which ends in p(x|c).

    Args:
        generator: network of `[latents (batch, latent_dim), labels]` to samples `(batch, ...)`; images in [-1, 1].
            Labels are integers `(batch,)` or vectors `(batch, d)`, as its second input says.
        discriminator: network of `[samples, labels]` to logits `(batch, 1)`, or to two such outputs, `[R, M]`, for
            `"two_branch"`; no sigmoid.
        classes: how many classes integer labels tell; None for vectors.
        design: `"joint"` (default) or `"two_branch"`.
        loss: as in `GAN`, of a kind that is not paired.
        prior: as in `GAN`.
        seed: integer that fixes latents, mismatches and the order of arrays.
        name: name of the model.

    Raises:
        ValueError: networks that do not fit each other or the design; a paired loss.

    Example:

    >>> shape = (28, 28, 1)
    >>> generator = kgan.networks.dcgan_generator(shape, classes=10)
    >>> gan = kgan.CGAN(generator, kgan.networks.dcgan_discriminator(shape, classes=10), classes=10)
    >>> gan.compile()
    >>> gan.fit(kgan.data.digits(28, labels=True), epochs=1)
    >>> gan.generate(labels=[3, 3, 7]).shape
    (3, 28, 28, 1)

    References:
        Mirza, Osindero, Conditional Generative Adversarial Nets, 2014, https://arxiv.org/abs/1411.1784
        Reed et al., Generative Adversarial Text to Image Synthesis, 2016, https://arxiv.org/abs/1605.05396 (mismatched
            pairs)
    """

    players = {"discriminator": ("discriminator",), "generator": ("generator",)}

    def __init__(
        self,
        generator,
        discriminator,
        classes=None,
        design="joint",
        loss="non_saturating",
        prior="normal",
        seed=None,
        name=None,
    ):
        networks = {"generator": generator, "discriminator": discriminator}
        super().__init__(networks, classes=classes, prior=prior, seed=seed, name=name)
        if design not in ("joint", "two_branch"):
            raise ValueError(f"`design` is 'joint' or 'two_branch', not {design!r}.")
        check_takes(discriminator, self.generator.output_shape, self.generator.input_shape[1])
        check_logits(discriminator, {"logit": 1} if design == "joint" else {"real logit": 1, "match logit": 1})
        self.design, self.adversarial_loss = design, losses.get(loss)
        if self.adversarial_loss.paired:
            raise ValueError(
                "CGAN's losses judge one sample at a time: a paired loss such as 'relativistic' does not fit."
            )

    def compile(
        self, generator_optimizer=None, discriminator_optimizer=None, mismatch_weight=1.0, equal_terms=False, **kwargs
    ):
        """Set the optimizers and the game's hyper-parameters.

        Args:
            generator_optimizer, discriminator_optimizer: default `Adam(2e-4, beta_1=0.5)` (Reed et al., 2016).
            mismatch_weight: w above, at least 0. Default 1: mismatched pairs count as much as generated ones (Reed et
                al., 2016); 0 is Mirza's game.
            equal_terms: whether in the joint design real pairs weigh 1 as generated ones do, and not as much as
                generated and mismatched ones together (default, Reed's).
            **kwargs: `metrics`, `run_eagerly`, `steps_per_execution`, `jit_compile`, as in `AdversarialModel.compile`.
        """
        check_weights(mismatch_weight=mismatch_weight)
        if equal_terms and not self.adversarial_loss.in_parts:
            name = type(self.adversarial_loss).__name__
            raise ValueError(
                f"`equal_terms` takes apart what the loss says of real and of generated samples: {name} must define "
                "`_real(real)` and `_generated(fake)`."
            )
        self.mismatch_weight, self.equal_terms = mismatch_weight, bool(equal_terms)
        super().compile({"discriminator": discriminator_optimizer, "generator": generator_optimizer}, **kwargs)

    def train_step(self, data):
        real, labels = self.samples_and_labels(data)
        latents, G = self.latents(real), self.nets("generator")
        others, differs = self.mismatched(labels)
        wrong = ops.take(real, others, axis=0)
        fake = self.record("generator", lambda: G([latents, labels]))
        self.minimize("discriminator", lambda: self.discriminator_loss(real, labels, fake.outputs, wrong, differs))
        self.minimize("generator", lambda images: self.generator_loss(images, labels), through=fake)
        self.present(real=real, generated=fake.outputs, labels=labels)
        return self.logs()

    def discriminator_loss(self, real, labels, fake, mismatched, differs):
        """What the discriminator minimises, one value per sample; `differs` is
        1 where `mismatched` samples really are.
        """
        pair, weight = self.adversarial_loss.discriminator, self.mismatch_weight * differs
        D = self.nets("discriminator")
        judge = [D([samples, labels]) for samples in (real, fake, mismatched)]
        if self.design == "joint":
            on_real, on_fake, on_mismatched = judge
            if self.equal_terms:
                return pair(on_real, on_fake) + weight * self.adversarial_loss.generated(on_mismatched)
            return (pair(on_real, on_fake) + weight * pair(on_real, on_mismatched)) / (1.0 + weight)
        (real_logit, match), (fake_logit, _), (_, mismatch) = judge
        return pair(real_logit, fake_logit) + weight * pair(match, mismatch)

    def generator_loss(self, fake, labels):
        """What the generator minimises, one value per sample."""
        logits = self.nets("discriminator")([fake, labels])
        if self.design == "joint":
            return self.adversarial_loss.generator(logits)
        real_logit, match = logits
        return self.adversarial_loss.generator(real_logit) + self.mismatch_weight * self.adversarial_loss.generator(
            match
        )

    def check_batch(self, batch):
        samples = self.check_labelled(batch)
        check_samples(samples, self.discriminator.input_shape[0])
