"""Context encoder: what is missing in an image, made from what is there."""

import numbers

import keras
from keras import ops

from kgan import losses
from kgan.kinds import CompletionModel
from kgan.kinds.guards import check_ends, check_takes, check_weights


class ContextEncoder(CompletionModel):
    """Completion (inpainting): a generator fills a hole so that it is near to what was there, a discriminator that sees
    whole images tells the filled ones. Learned from images alone.

    With the mask `M` of a hole, 1 where pixels are missing, `G` what the generator makes of the rest of `x` and of `M`,
    the completed image `x~ = M G + (1 - M) x`, `V` the discriminator's logits and `D = sigmoid(V)`:

        L_D = E[-log D(x) - log(1 - D(x~))]
        L_G = r L_rec + a E[-log D(x~)],   L_rec = E[ sum of w (x - G)^2 / number of values ]

    over the hole, where `w` is 1, and a band of given pixels around it, where `w` is 10: what is made must meet what is
    there.

    Departs from the paper: the discriminator judges the completed image, not what is in the hole, for holes of any
    shape and place make no images of their own (Iizuka et al., 2017, judge the whole, too). Holes are filled with 0,
    the middle of the range, not with the data's mean; the generator, which is told the mask, can put any value there.
    It makes all of the image, not the hole's part, so that one network serves any hole.

    Args:
        generator: network of images in [-1, 1] with the mask as one channel more, `(batch, h, w, c + 1)`, to images
            `(batch, h, w, c)`. `kgan.networks.unet((h, w, c + 1), channels=c)` is one; the paper's has no connections
            past its bottleneck.
        discriminator: network of images to logits `(batch, 1)` or a map of them; no sigmoid.
        hole: what is missing in training: `(height, width)` of a rectangle, at a place of its own in each image; or a
            law, such as `kgan.kinds.Rectangle(14, 14, place="center")` or `kgan.kinds.Masks(masks)` of any shapes.
            Default: half of each side, as in the paper.
        loss: `"non_saturating"` (default, the paper's), or any other of `kgan.GAN`.
        seed: integer that fixes holes, noise and the order of arrays.
        name: name of the model.

    Raises:
        ValueError: networks that do not fit each other, are not built, share layers, or end in a sigmoid; holes that do
            not fit; an unknown loss.

    Example:

    >>> generator = kgan.networks.unet((28, 28, 2), channels=1, filters=8, dropout=0.0)
    >>> gan = kgan.ContextEncoder(generator, kgan.networks.dcgan_discriminator((28, 28, 1), 8), hole=(14, 14))
    >>> gan.compile(overlap=2)
    >>> train = kgan.data.digits(28)
    >>> gan.fit(train, epochs=1)
    >>> images, masks = train[0][:8], np.zeros((28, 28), bool)
    >>> masks[7:21, 7:21] = True
    >>> gan.inpaint(images, masks, blend=2).shape
    (8, 28, 28, 1)

    Reference: Pathak et al., Context Encoders: Feature Learning by Inpainting, 2016, https://arxiv.org/abs/1604.07379
    """

    players = {"discriminator": ("discriminator",), "generator": ("generator",)}
    quantities = ("reconstruction_loss",)

    def __init__(self, generator, discriminator, hole=None, loss="non_saturating", seed=None, name=None):
        super().__init__({"generator": generator, "discriminator": discriminator}, hole=hole, seed=seed, name=name)
        check_takes(discriminator, generator.output_shape)
        check_ends(discriminator)
        self.adversarial_loss = losses.get(loss)

    def compile(
        self,
        generator_optimizer=None,
        discriminator_optimizer=None,
        reconstruction_weight=0.999,
        adversarial_weight=0.001,
        overlap=4,
        overlap_weight=10.0,
        **kwargs,
    ):
        """Set the optimizers and the game's hyper-parameters.

        Args:
            generator_optimizer, discriminator_optimizer: default `Adam(2e-3, beta_1=0.5)` and `Adam(2e-4,
                beta_1=0.5)`, the paper's: a rate ten times the discriminator's for the generator.
            reconstruction_weight: r above, at least 0 (default the paper's 0.999).
            adversarial_weight: a above, at least 0 (default the paper's 0.001). 0 leaves the reconstruction alone.
            overlap: pixels of the band around a hole, a whole number of at least 0; default 4, that of the authors'
                code for images of 128x128.
            overlap_weight: w in the band, at least 0 (default the paper's 10).
            **kwargs: `metrics`, `run_eagerly`, `steps_per_execution`, `jit_compile`, as in `AdversarialModel.compile`.
                Metrics of pairs, such as `kgan.metrics.PSNR`, compare whole images, what is given included.

        Raises:
            ValueError: a negative weight; an `overlap` that is no whole number of at least 0.
        """
        check_weights(
            reconstruction_weight=reconstruction_weight,
            adversarial_weight=adversarial_weight,
            overlap_weight=overlap_weight,
        )
        if not isinstance(overlap, numbers.Integral) or overlap < 0:
            raise ValueError(f"`overlap` is a number of pixels, whole and at least 0, not {overlap!r}.")
        self.reconstruction_weight, self.adversarial_weight = reconstruction_weight, adversarial_weight
        self.overlap, self.overlap_weight = int(overlap), overlap_weight
        optimizers = {
            "discriminator": discriminator_optimizer or keras.optimizers.Adam(2e-4, beta_1=0.5),
            "generator": generator_optimizer or keras.optimizers.Adam(2e-3, beta_1=0.5),
        }
        super().compile(optimizers, **kwargs)

    def train_step(self, data):
        images, G = self.samples(data), self.nets("generator")
        masks = self.masks(images)
        seen = self.seen(images, masks)
        made = self.record("generator", lambda: G(seen))
        completed = self.completed(images, masks, made.outputs)
        self.minimize("discriminator", lambda: self.discriminator_loss(images, completed))
        self.minimize("generator", lambda image: self.generator_loss(images, masks, image), through=made)
        self.present(source=seen[..., :-1], target=images, real=images, generated=completed)
        return self.logs()

    def discriminator_loss(self, images, completed):
        """What the discriminator minimises, one value per sample."""
        D = self.nets("discriminator")
        return self.adversarial_loss.discriminator(D(images), D(completed))

    def generator_loss(self, images, masks, made):
        """What the generator minimises, one value per sample."""
        error, D = self.reconstruction_loss(images, masks, made), self.nets("discriminator")
        self.log(reconstruction_loss=error)
        real_logits = D(images) if self.adversarial_loss.paired else None
        fooled = self.adversarial_loss.generator(D(self.completed(images, masks, made)), real_logits)
        return self.reconstruction_weight * error + self.adversarial_weight * fooled

    def reconstruction_loss(self, images, masks, made):
        """L_rec above, one value per sample."""
        wide, side = masks, 2 * self.overlap + 1
        if self.overlap:
            wide = ops.max_pool(masks, side, strides=1, padding="same", data_format="channels_last")
        squares = ops.mean(ops.square(images - made), axis=-1, keepdims=True)
        weights = masks + self.overlap_weight * (wide - masks)
        return ops.sum(weights * squares, axis=(1, 2, 3)) / ops.sum(wide, axis=(1, 2, 3))
