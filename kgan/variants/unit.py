"""UNIT: translation by way of a code that both domains share, learned without pairs."""

import keras
from keras import ops

from kgan.engine.backend import own_share
from kgan.kinds import DomainModel
from kgan.kinds.guards import check_domains, check_shared_code, check_weights, unpaired_loss
from kgan.losses import mean_absolute_error, mean_squared_error


class UNIT(DomainModel):
    """Unsupervised image-to-image translation: a variational auto-encoder of each domain, which share the layers around
    the code, so that a sample of either is decoded in both; a discriminator in each domain judges the translations.

    With means `E(x)`, codes `z ~ q(z|x) = N(E(x), I)`, translations `a->b = G_b(z_a)`, `z_ab ~ q(z|a->b)`, and
    `KL(x) = KL(q(z|x) || N(0, I))` in proportion to `E(x)^2`, for domain a, and the same for b:

        L_G = l0 E[-log D_b(a->b)] + l1 E[KL(a)] + l2 E[|G_a(z_a) - a|]
            + l3 E[KL(a) + KL(a->b)] + l4 E[|G_a(z_ab) - a|]
        L_D = l0 (E[-log D_a(a)] + E[-log(1 - D_a(b->a))])

    Means are over pixels and over the elements of a code, squares without the factor 1/2, as in the authors' code.

    Args:
        encoder_a, encoder_b: networks of samples of a domain to features; images in [-1, 1].
        shared_encoder: network of features to means of codes, which both domains share.
        shared_decoder: network of codes to features, which both domains share.
        decoder_a, decoder_b: networks of these features to samples of a domain. The domains may differ in their shapes.
        discriminator_a, discriminator_b: networks of samples of a domain to logits `(batch, 1)` or a map of them; no
            sigmoid.
        loss: `"non_saturating"` (default, the paper's; the authors' later code has `"least_squares"`), or any other of
            `kgan.GAN` that looks at one sample at a time.
        domains: names of the domains a and b in the data and in `translate`.
        seed: integer that fixes noise and the order of arrays.
        name: name of the model.

    `kgan.networks.coupled_translators` has the first six.

    Raises:
        ValueError: networks that do not fit each other, are not built, share layers, or end in a sigmoid; a loss of
            pairs.

    Example:

    >>> shape = (28, 28, 1)
    >>> translators = kgan.networks.coupled_translators(shape, shape, filters=8, blocks=1)
    >>> judges = [kgan.networks.patch_discriminator(shape, filters=8, receptive_field=16) for _ in "ab"]
    >>> gan = kgan.UNIT(**translators, discriminator_a=judges[0], discriminator_b=judges[1])
    >>> gan.compile()
    >>> a, b = np.zeros((8, 28, 28, 1), "float32") - 1, np.ones((6, 28, 28, 1), "float32")
    >>> gan.fit({"a": a, "b": b}, batch_size=4, epochs=1)
    >>> gan.translate(a, to="b").shape, gan.encode(a, "a").shape
    ((8, 28, 28, 1), (8, 7, 7, 32))

    Reference: Liu, Breuel, Kautz, Unsupervised Image-to-Image Translation Networks, 2017,
    https://arxiv.org/abs/1703.00848
    """

    players = {
        "discriminator": ("discriminator_a", "discriminator_b"),
        "generator": ("encoder_a", "encoder_b", "shared_encoder", "shared_decoder", "decoder_a", "decoder_b"),
    }
    quantities = ("reconstruction_loss", "cycle_loss", "kl_divergence")
    averaged = players["generator"]

    def __init__(
        self,
        encoder_a,
        encoder_b,
        shared_encoder,
        shared_decoder,
        decoder_a,
        decoder_b,
        discriminator_a,
        discriminator_b,
        loss="non_saturating",
        domains=("a", "b"),
        seed=None,
        name=None,
    ):
        networks = {"encoder_a": encoder_a, "encoder_b": encoder_b, "shared_encoder": shared_encoder}
        networks |= {"shared_decoder": shared_decoder, "decoder_a": decoder_a, "decoder_b": decoder_b}
        judges = {"discriminator_a": discriminator_a, "discriminator_b": discriminator_b}
        super().__init__({**networks, **judges}, seed=seed, name=name)
        self.domains = check_domains(domains, 2)
        check_shared_code(
            shared_encoder, shared_decoder, (encoder_a, encoder_b), (decoder_a, decoder_b), judges.values()
        )
        self.adversarial_loss = unpaired_loss(loss)

    def compile(
        self,
        generator_optimizer=None,
        discriminator_optimizer=None,
        adversarial_weight=10.0,
        kl_weight=0.1,
        reconstruction_weight=100.0,
        cycle_kl_weight=0.1,
        cycle_weight=100.0,
        **kwargs,
    ):
        """Set the optimizers and the game's hyper-parameters.

        Args:
            generator_optimizer, discriminator_optimizer: of all encoders and decoders, and of both discriminators;
                default `Adam(1e-4, beta_1=0.5)`, the paper's rate.
            adversarial_weight, kl_weight, reconstruction_weight, cycle_kl_weight, cycle_weight: l0 to l4 above, at
                least 0 (defaults the paper's, section 5: 10, 0.1, 100, 0.1, 100; in the authors' code all are a tenth).
            **kwargs: `metrics`, `run_eagerly`, `steps_per_execution`, `jit_compile`, as in `AdversarialModel.compile`.
        """
        weights = {"adversarial_weight": adversarial_weight, "kl_weight": kl_weight, "cycle_weight": cycle_weight}
        weights |= {"reconstruction_weight": reconstruction_weight, "cycle_kl_weight": cycle_kl_weight}
        check_weights(**weights)
        for argument, weight in weights.items():
            setattr(self, argument, weight)
        optimizers = {"generator": generator_optimizer, "discriminator": discriminator_optimizer}
        adam = keras.optimizers.Adam
        super().compile({player: one or adam(1e-4, beta_1=0.5) for player, one in optimizers.items()}, **kwargs)

    def train_step(self, data):
        a, b = self.parts(data)
        made = self.record("generator", lambda: self.passes(a, b))
        fake_a, fake_b = made.outputs[:2]
        self.minimize("discriminator", lambda: self.discriminator_loss(a, b, fake_a, fake_b))
        self.minimize("generator", lambda *made: self.generator_loss(a, b, *made), through=made)
        in_a, in_b = self.domains
        self.present(in_a, source=b, real=a, generated=fake_a)
        self.present(in_b, source=a, real=b, generated=fake_b)
        return self.logs()

    def passes(self, a, b):
        """Translations, reconstructions, samples that went there and back, each of a and of b, and the means of all
        codes: of a, of b, of their translations.
        """
        E_a, E_b, E = self.nets("encoder_a", "encoder_b", "shared_encoder")
        G_a, G_b, G = self.nets("decoder_a", "decoder_b", "shared_decoder")
        mean_a, mean_b = E(E_a(a)), E(E_b(b))
        features_a, features_b = G(self.code(mean_a)), G(self.code(mean_b))
        fake_a, fake_b = G_a(features_b), G_b(features_a)
        mean_fake_a, mean_fake_b = E(E_a(fake_a)), E(E_b(fake_b))
        back_a, back_b = G_a(G(self.code(mean_fake_b))), G_b(G(self.code(mean_fake_a)))
        means = mean_a, mean_b, mean_fake_a, mean_fake_b
        return fake_a, fake_b, G_a(features_a), G_b(features_b), back_a, back_b, *means

    def code(self, mean):
        """Codes of these means, with noise of variance 1; in an evaluation the means."""
        if not self.learning:
            return mean
        shape = ops.shape(mean)[1:]
        noise = own_share(mean, lambda count: keras.random.normal((count, *shape), seed=self.random, dtype="float32"))
        return mean + ops.cast(noise, mean.dtype)

    def discriminator_loss(self, a, b, fake_a, fake_b):
        """What both discriminators minimise, one value per sample."""
        V_a, V_b = self.nets("discriminator_a", "discriminator_b")
        loss = self.adversarial_loss.discriminator
        return self.adversarial_weight * (loss(V_a(a), V_a(fake_a)) + loss(V_b(b), V_b(fake_b)))

    def generator_loss(self, a, b, fake_a, fake_b, same_a, same_b, back_a, back_b, *means):
        """What encoders and decoders minimise, one value per sample."""
        V_a, V_b = self.nets("discriminator_a", "discriminator_b")
        fooled = self.adversarial_loss.generator(V_a(fake_a)) + self.adversarial_loss.generator(V_b(fake_b))
        same = mean_absolute_error(same_a, a) + mean_absolute_error(same_b, b)
        back = mean_absolute_error(back_a, a) + mean_absolute_error(back_b, b)
        of_a, of_b, of_fake_a, of_fake_b = (mean_squared_error(mean, 0.0) for mean in means)
        self.log(reconstruction_loss=same, cycle_loss=back, kl_divergence=of_a + of_b)
        return (
            self.adversarial_weight * fooled
            + self.kl_weight * (of_a + of_b)
            + self.reconstruction_weight * same
            + self.cycle_kl_weight * (of_a + of_b + of_fake_a + of_fake_b)
            + self.cycle_weight * back
        )

    def encoding(self, domain):
        return "encoder_a" if domain == self.domains[0] else "encoder_b", "shared_encoder"

    def decoding(self, domain):
        return "shared_decoder", "decoder_a" if domain == self.domains[0] else "decoder_b"
