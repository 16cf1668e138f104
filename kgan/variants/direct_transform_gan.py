"""Direct transformation: one generator between two domains, held to its source by being shallow or by what an encoder
sees."""

from kgan.engine.guards import alike
from kgan.kinds import DomainModel
from kgan.kinds.guards import (
    check_domains,
    check_ends,
    check_frozen,
    check_takes,
    check_weights,
    shape_of,
    unpaired_loss,
)
from kgan.losses import mean_absolute_error, mean_squared_error


class DirectTransformGAN(DomainModel):
    """Unpaired translation by one generator from domain a to domain b. It keeps what it is given because it is too
    shallow to do else, or, deeper, because a frozen encoder `f` must see the same in both, `f(a) = f(G(a))`.

    With `V` the discriminator's logits, `D = sigmoid(V)`:

        L_D = E[-log D(b) - log(1 - D(G(a)))]
        L_G = E[-log D(G(a))] + alpha E[|f(a) - f(G(a))|^2] + beta E[|G(b) - b|]

    The middle term is L_CONST of the Domain Transfer Network, the last one its L_TID.

    Departs from the paper: its generator works on the codes of f, `G = g(f(x))`, its discriminator tells three kinds
    apart, what was made of a, what was made of b, and b; here, as in the study notes, the generator is any network of
    images, and the discriminator has two kinds.

    Args:
        generator: network of samples of a to samples of b; images in [-1, 1].
        discriminator: network of samples of b to logits `(batch, 1)` or a map of them; no sigmoid.
        encoder: f, a frozen network (`encoder.trainable = False`) of samples of either domain to features; None for a
            shallow generator.
        loss: `"non_saturating"` (default), or any other of `kgan.GAN` that looks at one sample at a time.
        domains: names of the domains a and b in the data and in `translate`.
        seed: integer that fixes the order of arrays.
        name: name of the model.

    Raises:
        ValueError: networks that do not fit each other, are not built, share layers, or end in a sigmoid; an encoder
            that is trainable or does not take what the generator takes and makes; a loss of pairs.

    Example:

    >>> shallow = keras.Sequential([keras.Input((16, 16, 1)), keras.layers.Conv2D(1, 3, padding="same")])
    >>> judge = kgan.networks.patch_discriminator((16, 16, 1), filters=4, receptive_field=16)
    >>> gan = kgan.DirectTransformGAN(generator=shallow, discriminator=judge)
    >>> gan.compile()
    >>> images = np.zeros((8, 16, 16, 1), "float32") - 1
    >>> gan.fit({"a": images, "b": -images}, batch_size=4, epochs=1)
    >>> gan.translate(images, to="b").shape
    (8, 16, 16, 1)

    Reference: Taigman, Polyak, Wolf, Unsupervised Cross-Domain Image Generation, 2017,
    https://arxiv.org/abs/1611.02200
    """

    players = {"discriminator": ("discriminator",), "generator": ("generator",)}
    quantities = ("consistency_loss", "identity_loss")

    def __init__(
        self,
        generator,
        discriminator,
        encoder=None,
        loss="non_saturating",
        domains=("a", "b"),
        seed=None,
        name=None,
    ):
        networks = {"generator": generator, "discriminator": discriminator}
        super().__init__(networks | ({} if encoder is None else {"encoder": encoder}), seed=seed, name=name)
        self.domains, self.encoder = check_domains(domains, 2), encoder
        check_takes(discriminator, shape_of(generator, "output"))
        check_ends(discriminator)
        if encoder is not None:
            check_frozen("encoder", encoder, generator.input_shape, generator.output_shape)
        self.adversarial_loss = unpaired_loss(loss)

    @property
    def shapes(self):
        ends = self.generator.input_shape, self.generator.output_shape
        return {domain: shape[1:] for domain, shape in zip(self.domains, ends)}

    def compile(
        self,
        generator_optimizer=None,
        discriminator_optimizer=None,
        consistency_weight=15.0,
        identity_weight=0.0,
        **kwargs,
    ):
        """Set the optimizers and the game's hyper-parameters.

        Args:
            generator_optimizer, discriminator_optimizer: default `Adam(2e-4, beta_1=0.5)`.
            consistency_weight: alpha above, at least 0 (default the paper's 15); without an encoder there is no such
                term.
            identity_weight: beta above, at least 0 (the paper's 15; default 0, the notes' game).
            **kwargs: `metrics`, `run_eagerly`, `steps_per_execution`, `jit_compile`, as in `AdversarialModel.compile`.

        Raises:
            ValueError: a negative weight, or an `identity_weight` between domains of different shapes.
        """
        check_weights(consistency_weight=consistency_weight, identity_weight=identity_weight)
        of_a, of_b = self.shapes.values()
        if identity_weight and not alike(of_a, of_b):
            raise ValueError(
                f"Samples of shape {of_a} and {of_b} cannot be their own translations: leave `identity_weight` out."
            )
        self.consistency_weight, self.identity_weight = consistency_weight, identity_weight
        super().compile({"discriminator": discriminator_optimizer, "generator": generator_optimizer}, **kwargs)

    def train_step(self, data):
        a, b = self.parts(data)
        G = self.nets("generator")
        trip = self.record("generator", lambda: (G(a), G(b)) if self.identity_weight else (G(a),))
        made = trip.outputs[0]
        self.minimize("discriminator", lambda: self.discriminator_loss(b, made))
        self.minimize("generator", lambda *images: self.generator_loss(a, b, *images), through=trip)
        self.present(source=a, real=b, generated=made)
        return self.logs()

    def discriminator_loss(self, b, made):
        """What the discriminator minimises, one value per sample."""
        judge = self.nets("discriminator")
        return self.adversarial_loss.discriminator(judge(b), judge(made))

    def generator_loss(self, a, b, made, same=None):
        """What the generator minimises, one value per sample."""
        total = self.adversarial_loss.generator(self.nets("discriminator")(made))
        if self.encoder is not None:
            seen, wanted = (self.encoder(images, training=False) for images in (made, a))
            consistency = mean_squared_error(seen, wanted)
            self.log(consistency_loss=consistency)
            total = total + self.consistency_weight * consistency
        if same is not None:
            identity = mean_absolute_error(same, b)
            self.log(identity_loss=identity)
            total = total + self.identity_weight * identity
        return total

    @property
    def directions(self):
        return (self.domains,)

    def route(self, source, to):
        if to != self.domains[1]:
            raise ValueError(
                f"A DirectTransformGAN leads from {self.domains[0]!r} to {self.domains[1]!r} alone: train another one, "
                "its domains swapped, for the way back."
            )
        return ("generator",)
