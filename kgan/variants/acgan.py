"""ACGAN: a discriminator that also names the class."""

from keras import ops

from kgan import losses
from kgan.engine.guards import check_samples
from kgan.kinds import ConditionalModel
from kgan.kinds.guards import check_logits, check_takes, check_weights
from kgan.losses import cross_entropy, exclusion


class ACGAN(ConditionalModel):
    """Auxiliary classifier GAN: the discriminator tells real from generated and, by a second head, which class a sample
    is of; the generator wants both right.

    With `D` and `C` the two heads, real pairs `(x, c)`, generated `x~ = G(z, c)` and, with `mismatched=True`, `x^`,
    real samples of another class than `c`:

        L_D = E[-log D(x) - log(1 - D(x~))] + w E[-log C(c|x) - log C(c|x~) - log(1 - C(c|x^))]
        L_G = E[-log D(x~) - w log C(c|x~)]

    The last term of L_D bounds what study notes write as `-c log C(x^)`; the published game has none.

    Args:
        generator: network of `[latents (batch, latent_dim), labels (batch,)]` to samples; images in [-1, 1].
        discriminator: network of samples to `[logit (batch, 1), class logits (batch, classes)]`; no sigmoid, no
            softmax.
        classes: how many classes the labels tell, at least 2.
        mismatched: whether C also learns from real samples what they are not (default True, the notes' form); False is
            the paper's.
        loss: as in `GAN`, of a kind that is not paired.
        prior: as in `GAN`.
        seed: integer that fixes latents, mismatches and the order of arrays.
        name: name of the model.

    Raises:
        ValueError: networks that do not fit each other or `classes`; labels that are vectors; a paired loss.

    Example:

    >>> shape = (28, 28, 1)
    >>> generator = kgan.networks.dcgan_generator(shape, classes=10)
    >>> gan = kgan.ACGAN(generator, kgan.networks.dcgan_discriminator(shape, heads=(10,)), classes=10)
    >>> gan.compile()
    >>> gan.fit(kgan.data.digits(28, labels=True), epochs=1)
    >>> gan.generate(labels=[3, 3, 7]).shape
    (3, 28, 28, 1)

    Reference: Odena, Olah, Shlens, Conditional Image Synthesis with Auxiliary Classifier GANs, 2017,
    https://arxiv.org/abs/1610.09585
    """

    players = {"discriminator": ("discriminator",), "generator": ("generator",)}
    quantities = ("class_accuracy",)
    averaged = ("generator", "discriminator")

    def __init__(
        self,
        generator,
        discriminator,
        classes,
        mismatched=True,
        loss="non_saturating",
        prior="normal",
        seed=None,
        name=None,
    ):
        networks = {"generator": generator, "discriminator": discriminator}
        super().__init__(networks, classes=classes, prior=prior, seed=seed, name=name)
        if self.vector_labels:
            raise ValueError(
                "ACGAN names classes: its generator takes integer labels, `keras.Input((), dtype='int32')`."
            )
        check_takes(discriminator, self.generator.output_shape)
        check_logits(discriminator, {"logit": 1, "class logits": classes})
        self.mismatched_term, self.adversarial_loss = bool(mismatched), losses.get(loss)
        if self.adversarial_loss.paired:
            raise ValueError(
                "ACGAN's losses judge one sample at a time: a paired loss such as 'relativistic' does not fit."
            )

    def compile(self, generator_optimizer=None, discriminator_optimizer=None, class_weight=1.0, **kwargs):
        """Set the optimizers and the game's hyper-parameters.

        Args:
            generator_optimizer, discriminator_optimizer: default `Adam(2e-4, beta_1=0.5)`, the paper's.
            class_weight: w above, at least 0 (default the paper's 1).
            **kwargs: `metrics`, `run_eagerly`, `steps_per_execution`, `jit_compile`, as in `AdversarialModel.compile`.
        """
        check_weights(class_weight=class_weight)
        self.class_weight = class_weight
        super().compile({"discriminator": discriminator_optimizer, "generator": generator_optimizer}, **kwargs)

    def train_step(self, data):
        real, labels = self.samples_and_labels(data)
        latents, G = self.latents(real), self.nets("generator")
        fake = self.record("generator", lambda: G([latents, labels]))
        others, differs = self.mismatched(labels)
        wrong = ops.take(labels, others, axis=0)
        self.minimize("discriminator", lambda: self.discriminator_loss(real, labels, fake.outputs, wrong, differs))
        self.minimize("generator", lambda images: self.generator_loss(images, labels), through=fake)
        self.present(real=real, generated=fake.outputs, labels=labels)
        return self.logs()

    def discriminator_loss(self, real, labels, fake, wrong_labels, differs):
        """What the discriminator minimises, one value per sample; `differs` is
        1 where `wrong_labels` really are wrong.
        """
        D = self.nets("discriminator")
        (real_logit, real_class), (fake_logit, fake_class) = D(real), D(fake)
        self.log(class_accuracy=ops.cast(ops.cast(ops.argmax(real_class, axis=-1), "int32") == labels, "float32"))
        named = cross_entropy(real_class, labels) + cross_entropy(fake_class, labels)
        if self.mismatched_term:
            named = named + differs * exclusion(real_class, wrong_labels)
        return self.adversarial_loss.discriminator(real_logit, fake_logit) + self.class_weight * named

    def generator_loss(self, fake, labels):
        """What the generator minimises, one value per sample."""
        logit, named = self.nets("discriminator")(fake)
        return self.adversarial_loss.generator(logit) + self.class_weight * cross_entropy(named, labels)

    def check_batch(self, batch):
        check_samples(self.check_labelled(batch), self.discriminator.input_shape)

    def classify(self, samples, batch_size=256):
        """Classes, numpy int64 `(n,)`, that the discriminator, its average where one is kept, sees in samples `(n,
        ...)`.
        """
        return self.infer("discriminator", samples, batch_size=batch_size)[1].argmax(-1)
