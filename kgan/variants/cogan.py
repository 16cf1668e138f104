"""CoGAN: pairs of pictures, learned without ever seeing one."""

from kgan import losses
from kgan.kinds import CoupledModel
from kgan.kinds.guards import check_domains, check_ends, check_takes, shape_of


class CoGAN(CoupledModel):
    """Coupled GANs: two generators share the layers next to the latent, two discriminators those next to the logit, so
    that one latent becomes a sample in each domain, and the two belong together.

    With `G_a = generator_a after generator_trunk`, `V_a` the logits of `discriminator_trunk after discriminator_a`,
    `D = sigmoid(V)`, and the same in domain b, of samples `a` and `b` that do not belong together and of one latent
    `z`:

        L_D = E[-log D_a(a) - log(1 - D_a(G_a(z)))] + E[-log D_b(b) - log(1 - D_b(G_b(z)))]
        L_G = E[-log D_a(G_a(z))] + E[-log D_b(G_b(z))]

    All layers of a player are moved by one optimizer, those that are shared by what both domains ask of them.

    Args:
        generator_trunk: network of latents `(batch, latent_dim)` to features, which both domains share.
        generator_a, generator_b: networks of these features to samples; images in [-1, 1]. The domains may differ in
            their shapes.
        discriminator_a, discriminator_b: networks of samples to features of one shape.
        discriminator_trunk: network of these features to logits `(batch, 1)`, or a map of them, which both domains
            share; no sigmoid.
        loss: `"non_saturating"` (default, the paper's), or any other of `kgan.GAN`.
        prior: as in `GAN`.
        domains: names of the domains a and b in the data and in `generate`.
        seed: integer that fixes latents, noise and the order of arrays.
        name: name of the model.

    Departs from the paper: its authors' code decays weights by 5e-4; here a network has the regularizers that it
    brings.

    Raises:
        ValueError: networks that do not fit each other, are not built, share layers, or end in a sigmoid; an unknown
            loss.

    Example, with all but the last layer of a generator, and all but the first of a discriminator, shared:

    >>> shape, cut = (28, 28, 1), kgan.networks.cut
    >>> generators = [cut(kgan.networks.dcgan_generator(shape, filters=8), -1) for _ in "ab"]
    >>> discriminators = [cut(kgan.networks.dcgan_discriminator(shape, filters=8), 1) for _ in "ab"]
    >>> gan = kgan.CoGAN(
    ...     generator_trunk=generators[0][0],
    ...     generator_a=generators[0][1],
    ...     generator_b=generators[1][1],
    ...     discriminator_a=discriminators[0][0],
    ...     discriminator_b=discriminators[1][0],
    ...     discriminator_trunk=discriminators[0][1],
    ...     domains=("images", "negatives"),
    ... )
    >>> gan.compile()
    >>> gan.fit(kgan.data.derived_domains(kgan.data.digits(28), "negatives"), epochs=1)
    >>> {domain: images.shape for domain, images in gan.generate(4, seed=0).items()}
    {'images': (4, 28, 28, 1), 'negatives': (4, 28, 28, 1)}

    Reference: Liu, Tuzel, Coupled Generative Adversarial Networks, 2016, https://arxiv.org/abs/1606.07536
    """

    players = {
        "discriminator": ("discriminator_a", "discriminator_b", "discriminator_trunk"),
        "generator": ("generator_trunk", "generator_a", "generator_b"),
    }
    averaged = players["generator"]
    entrance = "generator_trunk"

    def __init__(
        self,
        generator_trunk,
        generator_a,
        generator_b,
        discriminator_a,
        discriminator_b,
        discriminator_trunk,
        loss="non_saturating",
        prior="normal",
        domains=("a", "b"),
        seed=None,
        name=None,
    ):
        generators = {"generator_trunk": generator_trunk, "generator_a": generator_a, "generator_b": generator_b}
        judges = {"discriminator_a": discriminator_a, "discriminator_b": discriminator_b}
        networks = {**generators, **judges, "discriminator_trunk": discriminator_trunk}
        super().__init__(networks, prior=prior, domains=check_domains(domains, 2), seed=seed, name=name)
        for generator, judge in ((generator_a, discriminator_a), (generator_b, discriminator_b)):
            check_takes(generator, shape_of(generator_trunk, "output"))
            check_takes(judge, shape_of(generator, "output"))
            check_takes(discriminator_trunk, shape_of(judge, "output"))
        check_ends(discriminator_trunk)
        if not generator_a.weights and not generator_b.weights:
            raise ValueError(
                "Neither `generator_a` nor `generator_b` has weights: both domains would be the same. Leave each one "
                "layer of its own, as `kgan.networks.cut(generator, -1)` does."
            )
        self.adversarial_loss = losses.get(loss)

    def compile(self, generator_optimizer=None, discriminator_optimizer=None, **kwargs):
        """Set the optimizers.

        Args:
            generator_optimizer, discriminator_optimizer: of all layers of both generators and of both discriminators;
                default `Adam(2e-4, beta_1=0.5)`, the paper's.
            **kwargs: `metrics`, `run_eagerly`, `steps_per_execution`, `jit_compile`, as in `AdversarialModel.compile`.
        """
        super().compile({"generator": generator_optimizer, "discriminator": discriminator_optimizer}, **kwargs)

    def train_step(self, data):
        a, b = self.parts(data)
        latents = self.latents(a)
        made = self.record("generator", lambda: self.pair(latents))
        self.minimize("discriminator", lambda: self.discriminator_loss(a, b, *made.outputs))
        self.minimize("generator", lambda *pair: self.generator_loss(a, b, *pair), through=made)
        for domain, real, generated in zip(self.domains, (a, b), made.outputs):
            self.present(domain, real=real, generated=generated)
        return self.logs()

    def pair(self, latents):
        """The sample of each domain that is made of a latent."""
        trunk, G_a, G_b = self.nets("generator_trunk", "generator_a", "generator_b")
        features = trunk(latents)
        return G_a(features), G_b(features)

    def judges(self):
        """Functions of samples of a and of b to logits."""
        D_a, D_b, trunk = self.nets("discriminator_a", "discriminator_b", "discriminator_trunk")
        return lambda samples: trunk(D_a(samples)), lambda samples: trunk(D_b(samples))

    def discriminator_loss(self, a, b, fake_a, fake_b):
        """What both discriminators minimise, one value per sample."""
        V_a, V_b = self.judges()
        loss = self.adversarial_loss.discriminator
        return loss(V_a(a), V_a(fake_a)) + loss(V_b(b), V_b(fake_b))

    def generator_loss(self, a, b, fake_a, fake_b):
        """What both generators minimise, one value per sample."""
        (V_a, V_b), loss = self.judges(), self.adversarial_loss
        real_a, real_b = (V_a(a), V_b(b)) if loss.paired else (None, None)
        return loss.generator(V_a(fake_a), real_a) + loss.generator(V_b(fake_b), real_b)

    def decoding(self, domain):
        return "generator_trunk", "generator_a" if domain == self.domains[0] else "generator_b"
