"""Pix2Pix: from one picture to its other, learned from pairs."""

from kgan import losses
from kgan.kinds import TranslationModel
from kgan.kinds.guards import check_conditional, check_ends, check_weights


class Pix2Pix(TranslationModel):
    """Paired translation: a discriminator judges patches of pairs `(x, y)` of a source and its target, a generator `G`
    makes targets that pass and stay near the true ones.

    With `V` the discriminator's logits, `D = sigmoid(V)`:

        L_D = E[-log D(x, y) - log(1 - D(x, G(x)))] / 2
        L_G = a E[-log D(x, G(x))] + lambda E[|y - G(x)|]

    A discriminator of one input is unconditional, `D(y)`: the paper's "GAN" in place of "cGAN". Noise is the
    generator's own: dropout in its inner layers, as in `kgan.networks.unet`.

    Departs from the paper: at test time its dropout and its batch statistics stay on; here inference is
    deterministic, as everywhere in Keras, unless the generator's layers say otherwise.

    Args:
        generator: network of sources `(batch, h, w, c)` to targets, both images in [-1, 1]; the two may differ in their
            channels. `kgan.networks.unet` is the paper's.
        discriminator: network of `[source, target]`, or of targets alone, to logits `(batch, 1)` or a map of them
            `(batch, h, w, 1)`; no sigmoid. `kgan.networks.patch_discriminator` is the paper's.
        loss: `"non_saturating"` (default, the paper's), or any other of `kgan.GAN`.
        seed: integer that fixes noise and the order of arrays.
        name: name of the model.

    Raises:
        ValueError: networks that do not fit each other, are not built, share layers, or end in a sigmoid; an unknown
            loss.

    Example:

    >>> pairs = kgan.data.Batches(np.zeros((8, 28, 28, 1), "uint8"), np.zeros((8, 28, 28, 1), "uint8"), batch_size=4)
    >>> unet = kgan.networks.unet((28, 28, 1), filters=8)
    >>> shape = (28, 28, 1)
    >>> patches = kgan.networks.patch_discriminator(shape, filters=8, receptive_field=16, condition=shape)
    >>> gan = kgan.Pix2Pix(generator=unet, discriminator=patches)
    >>> gan.compile()
    >>> gan.fit(pairs, epochs=1)
    >>> gan.translate(pairs[0][0]).shape
    (4, 28, 28, 1)

    Reference: Isola et al., Image-to-Image Translation with Conditional Adversarial Networks, 2017,
    https://arxiv.org/abs/1611.07004
    """

    players = {"discriminator": ("discriminator",), "generator": ("generator",)}
    quantities = ("l1",)

    def __init__(self, generator, discriminator, loss="non_saturating", seed=None, name=None):
        super().__init__({"generator": generator, "discriminator": discriminator}, seed=seed, name=name)
        check_ends(discriminator)
        self.conditional = check_conditional(discriminator, generator.input_shape, generator.output_shape)
        self.adversarial_loss = losses.get(loss)

    def compile(
        self,
        generator_optimizer=None,
        discriminator_optimizer=None,
        l1_weight=100.0,
        adversarial_weight=1.0,
        **kwargs,
    ):
        """Set the optimizers and the game's hyper-parameters.

        Args:
            generator_optimizer, discriminator_optimizer: default `Adam(2e-4, beta_1=0.5)`, the paper's.
            l1_weight: lambda above, at least 0 (default the paper's 100).
            adversarial_weight: a above, at least 0 (default the paper's 1). 0 leaves L1 alone, the paper's baseline.
            **kwargs: `metrics`, `run_eagerly`, `steps_per_execution`, `jit_compile`, as in `AdversarialModel.compile`.
        """
        check_weights(l1_weight=l1_weight, adversarial_weight=adversarial_weight)
        self.l1_weight, self.adversarial_weight = l1_weight, adversarial_weight
        super().compile({"discriminator": discriminator_optimizer, "generator": generator_optimizer}, **kwargs)

    def train_step(self, data):
        source, target = self.pair(data)
        G = self.nets("generator")
        made = self.record("generator", lambda: G(source))
        self.minimize("discriminator", lambda: self.discriminator_loss(source, target, made.outputs))
        self.minimize("generator", lambda image: self.generator_loss(source, target, image), through=made)
        self.present(source=source, target=target, real=target, generated=made.outputs)
        return self.logs()

    def discriminator_loss(self, source, target, made):
        """What the discriminator minimises, one value per sample."""
        return self.adversarial_loss.discriminator(self.judge(source, target), self.judge(source, made)) / 2

    def generator_loss(self, source, target, made):
        """What the generator minimises, one value per sample."""
        distance = losses.mean_absolute_error(target, made)
        self.log(l1=distance)
        real_logits = self.judge(source, target) if self.adversarial_loss.paired else None
        fooled = self.adversarial_loss.generator(self.judge(source, made), real_logits)
        return self.adversarial_weight * fooled + self.l1_weight * distance

    def judge(self, source, image):
        """The discriminator's logits of images, beside their sources where it is conditional."""
        return self.nets("discriminator")([source, image] if self.conditional else image)
