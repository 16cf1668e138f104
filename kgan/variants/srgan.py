"""SRGAN: small images enlarged, with details that a discriminator takes for true ones."""

import keras

from kgan.engine.guards import check_networks
from kgan.kinds.guards import check_frozen, check_weights
from kgan.losses import mean_squared_error
from kgan.variants.adversarially_trained import AdversariallyTrained

SIDE = 24  # of an image whose height and width are free, the paper's


class SRGAN(AdversariallyTrained):
    """Super-resolution: mean squared error alone makes the mean of all large images that a small one may come from, and
    blurs; an adversarial term asks for one of them.

    With small images `x`, large ones `y`, frozen features `phi` and `D` the sigmoid of the discriminator's logits:

        L_G = c E[(y - G(x))^2] + f E[(phi(y) - phi(G(x)))^2] + a E[-log D(G(x))]
        L_D = E[-log D(y) - log(1 - D(G(x)))]

    First comes SRResNet, the generator trained by squared error alone: `compile(pretraining_epochs=...)`.

    Departs from the paper: its features are of VGG19, trained on ImageNet, of which kgan has no copy: bring a network
    of your own, or none. Squares are means over all pixels and features, so that weights mean the same at any size.

    Args:
        generator: network of small images `(batch, h, w, c)` to large ones `(batch, s h, s w, c)`, both in [-1, 1], by
            a whole number s of at least 2. `kgan.networks.srresnet` is the paper's; with free sides it enlarges images
            of any size.
        discriminator: network of large images to logits `(batch, 1)` or a map of them; no sigmoid.
            `kgan.networks.dcgan_discriminator` is of the paper's kind, strided convolutions with BatchNorm and leaky
            ReLU; of images of any size `kgan.networks.patch_discriminator`.
        features: network of large images to what is compared in place of pixels, one output or several, that is not
            trainable: `features.trainable = False`, or a `kgan.metrics.Judge`. None (default): pixels alone.
        loss, seed, name: as in `AdversariallyTrained`.

    Raises:
        ValueError: a generator that does not enlarge; features that are trainable, share layers with a player or do not
            take what the generator makes; and as in `AdversariallyTrained`.

    Example:

    >>> pairs = kgan.data.downscaled(kgan.data.digits(size=28), scale=4)
    >>> generator = kgan.networks.srresnet((None, None, 1), scale=4, filters=8, blocks=2)
    >>> gan = kgan.SRGAN(generator, kgan.networks.dcgan_discriminator((28, 28, 1), filters=8))
    >>> gan.compile(pretraining_epochs=1)
    >>> gan.fit(pairs, epochs=2)
    >>> gan.translate(pairs[0][0]).shape
    (64, 28, 28, 1)

    Reference: Ledig et al., Photo-Realistic Single Image Super-Resolution Using a Generative Adversarial Network, 2017,
    https://arxiv.org/abs/1609.04802
    """

    quantities = ("content_loss", "feature_loss")

    def __init__(self, generator, discriminator, features=None, loss="non_saturating", seed=None, name=None):
        super().__init__(generator, discriminator, loss=loss, seed=seed, name=name)
        self.scale = scale_of(generator)
        if features is not None:
            check_features(features, {"generator": generator, "discriminator": discriminator})
        self.features = features

    def compile(
        self,
        generator_optimizer=None,
        discriminator_optimizer=None,
        content_loss="mean_squared_error",
        content_weight=None,
        feature_weight=None,
        adversarial_weight=1e-3,
        **kwargs,
    ):
        """Set the optimizers and the game's hyper-parameters.

        Args:
            generator_optimizer, discriminator_optimizer: default `Adam(1e-4)`, the paper's.
            content_loss: of pixels, in the pretraining and in the game: default the paper's mean squared error; others
                as in `AdversariallyTrained.compile`.
            content_weight: c above, at least 0. Default as in the paper: 1, or 0 with `features`.
            feature_weight: f above, at least 0, of a game with `features`. Default 1.
            adversarial_weight: a above, at least 0 (default the paper's 1e-3). 0 is SRResNet alone.
            **kwargs: `pretraining_epochs`, default 0, and what else `AdversariallyTrained.compile` takes.

        Raises:
            ValueError: a `feature_weight` without `features`; and as in `AdversariallyTrained.compile`.
        """
        if feature_weight is not None and self.features is None:
            raise ValueError("This game has no `features` that a `feature_weight` could weigh: leave it out.")
        check_weights(content_weight=content_weight or 0, feature_weight=feature_weight or 0)
        self.feature_weight = feature_weight
        super().compile(
            generator_optimizer or keras.optimizers.Adam(1e-4),
            discriminator_optimizer or keras.optimizers.Adam(1e-4),
            content_loss=content_loss,
            content_weight=float(self.features is None) if content_weight is None else content_weight,
            adversarial_weight=adversarial_weight,
            **kwargs,
        )

    def generator_loss(self, source, target, made):
        perceptual = super().generator_loss(source, target, made)
        if self.features is None:
            return perceptual
        distance = self.feature_loss(target, made)
        self.log(feature_loss=distance)
        return perceptual + (1.0 if self.feature_weight is None else self.feature_weight) * distance

    def feature_loss(self, target, made):
        """Mean squared difference of the features, one value per sample."""
        pairs = zip(*(keras.tree.flatten(self.features(images, training=False)) for images in (target, made)))
        errors = [mean_squared_error(one, other) for one, other in pairs]
        return sum(errors) / len(errors)


def scale_of(generator):
    """How many times as high and as wide images become; raise where a generator does not enlarge them."""
    taken, made = generator.input_shape, generator.output_shape
    if len(taken) == len(made) == 4:
        small = [SIDE if side is None else side for side in taken[1:3]]
        large = generator.compute_output_shape((1, *small, taken[3]))[1:3]
        scale = large[0] // small[0]
        if scale >= 2 and tuple(large) == tuple(scale * side for side in small):
            return scale
    raise ValueError(
        f"The generator must enlarge images by a whole number of at least 2, both sides alike, but makes samples of "
        f"shape {made} of {taken}: `kgan.networks.srresnet(shape, scale=4)` does; for images that keep their size "
        f"there is `kgan.AdversariallyTrained`."
    )


def check_features(features, players):
    """Raise where `features` are not frozen, share a layer with a player, or do not take what the generator makes."""
    shape = players["generator"].output_shape
    if isinstance(features, keras.Layer) and not features.built:
        features.build(shape)
    check_networks({**players, "features": features})
    check_frozen("features", features, shape)
