"""CycleGAN: from one domain to another and back, learned without pairs."""

import keras
from keras import ops

from kgan.engine.backend import own_share
from kgan.engine.guards import alike
from kgan.kinds import PooledDomainModel
from kgan.kinds.guards import check_domains, check_ends, check_takes, check_weights, shape_of
from kgan.losses import mean_absolute_error


class CycleGAN(PooledDomainModel):
    """Unpaired translation between two domains: a generator each way, a discriminator in each domain, and whoever goes
    there and back must come home.

    With `G = generator_ab`, `F = generator_ba` and samples `a`, `b` of the domains:

        L_D = E[(D_b(b) - 1)^2 + D_b(G(a))^2] / 2  and the same in domain a, of samples that a pool remembers
        L_G = E[(D_b(G(a)) - 1)^2] + E[(D_a(F(b)) - 1)^2] + lambda E[|F(G(a)) - a| + |G(F(b)) - b|]
            + lambda i E[|F(a) - a| + |G(b) - b|]

    Both generators move first, then both discriminators, as in the authors' code. Discriminators see samples of now or
    of earlier: with probability 1/2 one of the last `pool_size` (Shrivastava et al., 2017). The pools are saved with
    the model.

    Args:
        generator_ab, generator_ba: networks of samples of one domain to samples of the other; images in [-1, 1].
            `kgan.networks.resnet_translator` is the paper's. The domains may differ in their channels.
        discriminator_a, discriminator_b: networks of samples of a domain to logits `(batch, 1)` or a map of them; no
            sigmoid. `kgan.networks.patch_discriminator` is the paper's.
        loss: `"least_squares"` (default, the paper's), or any other of `kgan.GAN` that looks at one sample at a time;
            what it asks of the generators counts twice, which makes of `kgan.losses.LeastSquares` the squares above.
        pool_size: samples that each pool remembers (default the paper's 50); 0 for none.
        domains: names of the domains a and b in the data and in `translate`.
        seed: integer that fixes the pools' draws and the order of arrays.
        name: name of the model.

    Raises:
        ValueError: networks that do not fit each other, are not built, share layers, or end in a sigmoid; a loss of
            pairs; a negative `pool_size`.

    Example:

    >>> a, b = np.zeros((8, 28, 28, 1), "float32") - 1, np.ones((6, 28, 28, 1), "float32")
    >>> translator = lambda: kgan.networks.unet((28, 28, 1), filters=8)
    >>> judge = lambda: kgan.networks.patch_discriminator((28, 28, 1), filters=8, receptive_field=16)
    >>> gan = kgan.CycleGAN(translator(), translator(), judge(), judge())
    >>> gan.compile()
    >>> gan.fit({"a": a, "b": b}, batch_size=4, epochs=1)
    >>> gan.translate(a, to="b").shape
    (8, 28, 28, 1)

    Reference: Zhu et al., Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks, 2017,
    https://arxiv.org/abs/1703.10593
    """

    players = {
        "generator": ("generator_ab", "generator_ba"),
        "discriminator": ("discriminator_a", "discriminator_b"),
    }
    quantities = ("cycle_loss", "identity_loss")
    averaged = ("generator_ab", "generator_ba")

    def __init__(
        self,
        generator_ab,
        generator_ba,
        discriminator_a,
        discriminator_b,
        loss="least_squares",
        pool_size=50,
        domains=("a", "b"),
        seed=None,
        name=None,
    ):
        generators = {"generator_ab": generator_ab, "generator_ba": generator_ba}
        discriminators = {"discriminator_a": discriminator_a, "discriminator_b": discriminator_b}
        domains = check_domains(domains, 2)
        super().__init__({**generators, **discriminators}, domains, loss, pool_size, seed=seed, name=name)
        of_a, of_b = (shape_of(network, "input")[1:] for network in generators.values())
        for network, made in ((generator_ab, of_b), (generator_ba, of_a)):
            if not alike(shape_of(network, "output")[1:], made):
                raise ValueError(
                    f"The generators lead from {of_a} to {generator_ab.output_shape[1:]} and from {of_b} to "
                    f"{generator_ba.output_shape[1:]}: each must take what the other makes."
                )
        for discriminator, shape in zip(discriminators.values(), (of_a, of_b)):
            check_takes(discriminator, (None, *shape))
            check_ends(discriminator)

    @property
    def shapes(self):
        generators = self.generator_ab, self.generator_ba
        return {domain: generator.input_shape[1:] for domain, generator in zip(self.domains, generators)}

    def compile(
        self,
        generator_optimizer=None,
        discriminator_optimizer=None,
        cycle_weight=10.0,
        identity_weight=None,
        hiding_noise=0.0,
        **kwargs,
    ):
        """Set the optimizers and the game's hyper-parameters.

        Args:
            generator_optimizer, discriminator_optimizer: of both generators and of both discriminators; default
                `Adam(2e-4, beta_1=0.5)`, the paper's.
            cycle_weight: lambda above, at least 0 (default the paper's 10).
            identity_weight: i above, at least 0, as a share of `cycle_weight`. None (default): 0.5, as in the authors'
                code, where both domains have the same shape, else 0: a sample cannot be its own translation there.
            hiding_noise: deviation of Gaussian noise on a translation before its way back, at least 0 (default the
                paper's 0, none). A translation can hide what it came from in a pattern that no eye sees; noise drowns
                it. See `kgan.callbacks.CycleRobustness`.
            **kwargs: `metrics`, `run_eagerly`, `steps_per_execution`, `jit_compile`, as in `AdversarialModel.compile`.

        Raises:
            ValueError: a negative weight, or an `identity_weight` between domains of different shapes.
        """
        of_a, of_b = self.shapes.values()
        same_shape = alike(of_a, of_b)
        if identity_weight and not same_shape:
            raise ValueError(
                f"Samples of shape {of_a} and {of_b} cannot be their own translations: leave `identity_weight` out."
            )
        check_weights(cycle_weight=cycle_weight, identity_weight=identity_weight or 0, hiding_noise=hiding_noise)
        self.cycle_weight, self.identity_weight, self.hiding_noise = cycle_weight, identity_weight, hiding_noise
        self.identity_share = 0.5 * same_shape if identity_weight is None else identity_weight
        super().compile({"generator": generator_optimizer, "discriminator": discriminator_optimizer}, **kwargs)

    def train_step(self, data):
        a, b = self.parts(data)
        noise_a, noise_b = self.hiding(a), self.hiding(b)
        trip = self.record("generator", lambda: self.trips(a, b, noise_a, noise_b))
        self.minimize("generator", lambda *made: self.generator_loss(a, b, *made), through=trip)
        fake_b, fake_a, *_ = trip.outputs
        shown_a, shown_b = self.remembered([fake_a, fake_b])
        self.minimize("discriminator", lambda: self.discriminator_loss(a, b, shown_a, shown_b))
        in_a, in_b = self.domains
        self.present(in_a, source=b, real=a, generated=fake_a)
        self.present(in_b, source=a, real=b, generated=fake_b)
        return self.logs()

    def trips(self, a, b, noise_a=0.0, noise_b=0.0):
        """Where the generators lead: to the other domain, back home, disturbed by noise, and, where identity counts, to
        itself.
        """
        G, F = self.nets("generator_ab", "generator_ba")
        fake_b, fake_a = G(a), F(b)
        there_and_back = fake_b, fake_a, F(fake_b + noise_b), G(fake_a + noise_a)
        return (*there_and_back, F(a), G(b)) if self.identity_share else there_and_back

    def hiding(self, like):
        """Noise for translations that look `like` these samples."""
        if not (self.hiding_noise and self.learning):
            return 0.0
        return own_share(
            like,
            lambda count: self.hiding_noise * keras.random.normal((count, *ops.shape(like)[1:]), seed=self.random),
        )

    def generator_loss(self, a, b, fake_b, fake_a, back_a, back_b, *same):
        """What both generators minimise, one value per sample."""
        judge_a, judge_b = self.nets("discriminator_a", "discriminator_b")
        fooled = self.adversarial_loss.generator(judge_b(fake_b)) + self.adversarial_loss.generator(judge_a(fake_a))
        cycle = mean_absolute_error(back_a, a) + mean_absolute_error(back_b, b)
        self.log(cycle_loss=cycle)
        if not same:
            return 2 * fooled + self.cycle_weight * cycle
        identity = mean_absolute_error(same[0], a) + mean_absolute_error(same[1], b)
        self.log(identity_loss=identity)
        return 2 * fooled + self.cycle_weight * (cycle + self.identity_share * identity)

    def discriminator_loss(self, a, b, fake_a, fake_b):
        """What both discriminators minimise, one value per sample."""
        judge_a, judge_b = self.nets("discriminator_a", "discriminator_b")
        in_a = self.adversarial_loss.discriminator(judge_a(a), judge_a(fake_a))
        return in_a + self.adversarial_loss.discriminator(judge_b(b), judge_b(fake_b))

    def route(self, source, to):
        return ("generator_ab" if source == self.domains[0] else "generator_ba",)
