"""A GAN as a loss: any model from samples to samples, trained by its own loss and against a discriminator."""

import keras
from keras import ops

from kgan import losses
from kgan.kinds import TranslationModel
from kgan.kinds.guards import check_conditional, check_ends, check_pretraining, check_weights


class AdversariallyTrained(TranslationModel):
    """An adversarial term beside the loss that a model has already: a denoiser, a super-resolution network, a
    segmenter, whatever makes samples `G(x)` that should be like its targets `y` and also look like them.

    With the content loss `l`, any of Keras, and `D` the sigmoid of the discriminator's logits:

        L_G = c l(y, G(x)) + a E[-log D(G(x))]        L_D = E[-log D(y) - log(1 - D(G(x)))]

    A discriminator of two inputs judges `[x, y]` against `[x, G(x)]`. What the model's regularizers and `add_loss` ask
    for is added to `L_G`, as in its own `fit`. Trained, the model is used as it is; `translate`, `evaluate` and
    `export` take its moving average where one is kept.

    That is a game, not a `keras.losses.Loss` for `model.compile(loss=...)`, since its discriminator learns: such a loss
    would have to move another network inside the gradient of somebody else's train step, where JAX loses what a loss
    assigns, and could not tell training from validation, whose data the discriminator would learn by heart.

    Args:
        generator: the model: one input, one output, both samples; images in [-1, 1]. Its own `compile` is asked for its
            loss alone, and its `train_step` is not called.
        discriminator: network of targets, or of `[source, target]`, to logits `(batch, 1)` or a map of them; no
            sigmoid.
        loss: of the game: `"non_saturating"` (default), or any other of `kgan.GAN`.
        seed: integer that fixes noise and the order of arrays.
        name: name of the model.

    Raises:
        ValueError: networks that do not fit each other, are not built, share layers, or end in a sigmoid; an unknown
            loss.

    Example, of a denoiser:

    >>> clean = kgan.data.digits(28).images / 127.5 - 1
    >>> noisy = np.clip(clean + np.random.default_rng(0).normal(0, 0.5, clean.shape), -1, 1)
    >>> denoiser = kgan.networks.unet((28, 28, 1), filters=8)
    >>> discriminator = kgan.networks.patch_discriminator((28, 28, 1), filters=8, receptive_field=16)
    >>> game = kgan.AdversariallyTrained(denoiser, discriminator)
    >>> game.compile(content_loss="mae", adversarial_weight=0.01)
    >>> game.fit(noisy, clean, epochs=1)
    >>> denoiser.predict(noisy[:4], verbose=0).shape
    (4, 28, 28, 1)

    References: `kgan.Pix2Pix` is this game with a discriminator of pairs and L1, in its paper's settings (Isola et al.,
    2017); `kgan.SRGAN` is it in super-resolution (Ledig et al., 2017, https://arxiv.org/abs/1609.04802), where the
    words are from.
    """

    players = {"discriminator": ("discriminator",), "generator": ("generator",)}
    quantities = ("content_loss",)

    def __init__(self, generator, discriminator, loss="non_saturating", seed=None, name=None):
        super().__init__({"generator": generator, "discriminator": discriminator}, seed=seed, name=name)
        check_ends(discriminator)
        self.conditional = check_conditional(discriminator, generator.input_shape, generator.output_shape)
        self.adversarial_loss = losses.get(loss)

    def compile(
        self,
        generator_optimizer=None,
        discriminator_optimizer=None,
        content_loss=None,
        content_weight=1.0,
        adversarial_weight=1e-3,
        pretraining_epochs=0,
        **kwargs,
    ):
        """Set the optimizers and the game's hyper-parameters.

        Args:
            generator_optimizer, discriminator_optimizer: default `Adam(2e-4, beta_1=0.5)` (Radford et al., 2016).
            content_loss: l above: a name such as `"mse"`, a `keras.losses.Loss`, or a function of `(y_true, y_pred)`
                that returns `(batch, ...)`, the mean of which counts for each sample. Default: the loss that the model
                itself was compiled with.
            content_weight: c above, at least 0 (default 1).
            adversarial_weight: a above, at least 0 (default SRGAN's 1e-3).
            pretraining_epochs: how many of the run's first epochs train the model by its content loss alone; the
                discriminator does not move, and logged is the `generator_loss`. Default 0.
            **kwargs: `metrics`, `run_eagerly`, `steps_per_execution`, `jit_compile`, as in `AdversarialModel.compile`.
                Metrics of Keras compare targets with what is made of the sources.

        Raises:
            ValueError: no `content_loss`, and none that the model was compiled with; what is no loss, or has a
                reduction of its own; a negative weight; `pretraining_epochs` that are no number of epochs.
        """
        check_weights(content_weight=content_weight, adversarial_weight=adversarial_weight)
        self.pretraining_epochs = check_pretraining(pretraining_epochs)
        self.content_loss = own_loss(self.generator) if content_loss is None else content_loss
        self.content_function = per_sample(self.content_loss)
        self.content_weight, self.adversarial_weight = content_weight, adversarial_weight
        super().compile({"discriminator": discriminator_optimizer, "generator": generator_optimizer}, **kwargs)

    def train_step(self, data):
        source, target = self.pair(data)
        G = self.nets("generator")
        if self.pretraining:
            self.minimize("generator", lambda: self.content_function(target, G(source)))
            return self.logs()
        made = self.record("generator", lambda: G(source))
        self.minimize("discriminator", lambda: self.discriminator_loss(source, target, made.outputs))
        self.minimize("generator", lambda sample: self.generator_loss(source, target, sample), through=made)
        self.present(source=source, target=target, real=target, generated=made.outputs)
        return self.logs()

    def discriminator_loss(self, source, target, made):
        """What the discriminator minimises, one value per sample."""
        return self.adversarial_loss.discriminator(self.judge(source, target), self.judge(source, made))

    def generator_loss(self, source, target, made):
        """What the model minimises, one value per sample."""
        content = self.content_function(target, made)
        self.log(content_loss=content)
        real_logits = self.judge(source, target) if self.adversarial_loss.paired else None
        fooled = self.adversarial_loss.generator(self.judge(source, made), real_logits)
        return self.content_weight * content + self.adversarial_weight * fooled

    def judge(self, source, sample):
        """The discriminator's logits of samples, beside their sources where it is conditional."""
        return self.nets("discriminator")([source, sample] if self.conditional else sample)


def own_loss(network):
    """The loss that a model was compiled with."""
    loss = network.loss if isinstance(network, keras.Model) and network.compiled else None
    if loss is None:
        raise ValueError(
            f"{network.name!r} was not compiled with a loss that could be taken: say what is wanted of it, "
            "`compile(content_loss='mse')`."
        )
    return loss


def per_sample(loss):
    """A function of targets and samples made to one value per sample, float32, of whatever Keras takes as a loss."""
    try:
        function = keras.losses.get(loss)
    except ValueError:
        function = None
    if not callable(function):
        raise ValueError(
            f"`content_loss` is a name such as 'mse', a `keras.losses.Loss`, or a function of (y_true, y_pred), not "
            f"{loss!r}."
        )
    if isinstance(function, keras.losses.Loss):
        if function.reduction == "sum":
            raise ValueError(
                f"{function.name!r} adds samples up, but every loss here is a mean over samples: leave its `reduction` "
                "out, and say in `content_weight` how much it counts."
            )
        function = function.call

    def content(target, made):
        values = ops.cast(function(target, ops.cast(made, "float32")), "float32")
        if not len(values.shape):
            raise ValueError(
                "`content_loss` gives one number for the whole batch, but is to give one for each sample: "
                "leave the first axis out of its mean, `keras.ops.mean(..., axis=-1)`."
            )
        return ops.mean(values, axis=tuple(range(1, len(values.shape))))

    return content
