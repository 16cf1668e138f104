"""ComboGAN: from each of n domains to each other one, with networks that grow as n."""

from keras import ops

from kgan.kinds import PooledDomainModel
from kgan.kinds.guards import check_domains, check_ends, check_takes, check_weights
from kgan.losses import mean_absolute_error


class ComboGAN(PooledDomainModel):
    """Unpaired translation between n domains: an encoder, a decoder and a discriminator of each, a code that all share,
    and whoever goes to another domain and back must come home.

    With the code `e_i(x_i)` of a sample of domain i, `x_ij = d_j(e_i(x_i))` in domain j and `D_j` its discriminator:

        L_D = sum_j E[(D_j(x_j) - 1)^2 + D_j(x_ij)^2] / 2,   of samples that a pool remembers
        L_G = sum_j E[(D_j(x_ij) - 1)^2] + lambda sum_i E[|d_i(e_j(x_ij)) - x_i|] + mu sum_i E[|d_i(e_i(x_i)) - x_i|]

    Departs from the paper: there each step draws one pair of domains. Here each batch is shared out: of the codes of
    domain i one part goes to each other domain, so that every step trains all n (n - 1) directions with as many samples
    a decoder as there are in a batch, and its cost grows as n.

    Args:
        encoders: dict of domain to a network of its samples to codes; all codes of one shape. Its order is that of the
            domains.
        decoders: dict of domain to a network of codes to its samples; images in [-1, 1].
        discriminators: dict of domain to a network of its samples to logits `(batch, 1)` or a map of them; no sigmoid.
        loss: as in `kgan.CycleGAN` (default the paper's `"least_squares"`).
        pool_size: samples that the pool of each domain remembers (default the paper's 50); 0 for none.
        seed: integer that fixes the pools' draws and the order of arrays.
        name: name of the model.

    Raises:
        ValueError: fewer than two domains, dicts of different domains, networks that do not fit each other, are not
            built, share layers, or end in a sigmoid; a loss of pairs; a negative `pool_size`.

    Example:

    >>> shape, names = (16, 16, 1), ("light", "bold", "slanted")
    >>> encoders = {name: kgan.networks.resnet_encoder(shape, filters=4, blocks=1) for name in names}
    >>> decoders = {name: kgan.networks.resnet_decoder(shape, filters=4, blocks=1) for name in names}
    >>> judges = {name: kgan.networks.patch_discriminator(shape, 4, receptive_field=16) for name in names}
    >>> gan = kgan.ComboGAN(encoders, decoders, judges)
    >>> gan.compile()
    >>> images = np.zeros((6, 16, 16, 1), "float32") - 1
    >>> gan.fit({name: images for name in names}, batch_size=3, epochs=1)
    >>> gan.translate(images, to="slanted", source="bold").shape
    (6, 16, 16, 1)

    Reference: Anoosheh et al., ComboGAN: Unrestrained Scalability for Image Domain Translation, 2018,
    https://arxiv.org/abs/1712.06909
    """

    quantities = ("cycle_loss", "autoencoding_loss")

    def __init__(self, encoders, decoders, discriminators, loss="least_squares", pool_size=50, seed=None, name=None):
        domains = check_domains(encoders, len(encoders))
        if len(domains) < 2:
            raise ValueError(
                f"A ComboGAN translates between two domains or more, not within {', '.join(domains) or 'none'}: give "
                "the networks of another domain, too."
            )
        for what, networks in (("decoders", decoders), ("discriminators", discriminators)):
            if set(networks) != set(domains):
                raise ValueError(
                    f"The encoders are of {', '.join(domains)}, the {what} of {', '.join(networks) or 'no domain'}: "
                    "give each domain one of each."
                )
        kinds = {"encoder": encoders, "decoder": decoders, "discriminator": discriminators}
        networks = {f"{kind}_{domain}": of[domain] for kind, of in kinds.items() for domain in domains}
        judges = [name for name in networks if name.startswith("discriminator")]
        players = {"generator": [name for name in networks if name not in judges], "discriminator": judges}
        for domain in domains:
            check_takes(decoders[domain], encoders[domains[0]].output_shape)
            check_takes(decoders[domains[0]], encoders[domain].output_shape)
            check_takes(discriminators[domain], encoders[domain].input_shape)
            check_takes(encoders[domain], decoders[domain].output_shape)
            check_ends(discriminators[domain])
        super().__init__(networks, domains, loss, pool_size, seed=seed, name=name, players=players)

    @property
    def averaged(self):
        return self.players["generator"]

    def compile(
        self,
        generator_optimizer=None,
        discriminator_optimizer=None,
        cycle_weight=10.0,
        autoencoding_weight=0.0,
        **kwargs,
    ):
        """Set the optimizers and the game's hyper-parameters.

        Args:
            generator_optimizer, discriminator_optimizer: of all encoders and decoders, and of all discriminators;
                default `Adam(2e-4, beta_1=0.5)`, the paper's.
            cycle_weight: lambda above, at least 0 (default the paper's 10).
            autoencoding_weight: mu above, at least 0 (default 0, as in the paper).
            **kwargs: `metrics`, `run_eagerly`, `steps_per_execution`, `jit_compile`, as in `AdversarialModel.compile`.
        """
        check_weights(cycle_weight=cycle_weight, autoencoding_weight=autoencoding_weight)
        self.cycle_weight, self.autoencoding_weight = cycle_weight, autoencoding_weight
        super().compile({"generator": generator_optimizer, "discriminator": discriminator_optimizer}, **kwargs)

    def train_step(self, data):
        samples, n = self.parts(data), len(self.domains)
        trip = self.record("generator", lambda: self.trips(samples))
        self.minimize("generator", lambda *made: self.generator_loss(samples, *made), through=trip)
        fakes = trip.outputs[:n]
        shown = self.remembered(fakes)
        self.minimize("discriminator", lambda: self.discriminator_loss(samples, shown))
        for domain, real, fake in zip(self.domains, samples, fakes):
            self.present(domain, real=real, generated=fake)
        return self.logs()

    def trips(self, samples):
        """What all make in the other domains, what of it comes home, and, where it counts, what never left."""
        encoders = self.nets(*(f"encoder_{domain}" for domain in self.domains))
        decoders = self.nets(*(f"decoder_{domain}" for domain in self.domains))
        codes = [encode(part) for encode, part in zip(encoders, samples)]
        fakes = [decode(guests) for decode, guests in zip(decoders, shared_out(codes, -1))]
        abroad = [encode(fake) for encode, fake in zip(encoders, fakes)]
        home = [decode(returned) for decode, returned in zip(decoders, shared_out(abroad, 1))]
        stayed = [decode(code) for decode, code in zip(decoders, codes)] if self.autoencoding_weight else []
        return (*fakes, *home, *stayed)

    def generator_loss(self, samples, *made):
        """What all encoders and decoders minimise, one value per sample."""
        n = len(samples)
        fakes, home, stayed = made[:n], made[n : 2 * n], made[2 * n :]
        # Twice: of the square in `kgan.losses.LeastSquares`, as in CycleGAN.
        fooled = 2 * sum(self.adversarial_loss.generator(judge(fake)) for judge, fake in zip(self.judges, fakes))
        cycle = sum(mean_absolute_error(back, part) for back, part in zip(home, samples))
        self.log(cycle_loss=cycle)
        if not stayed:
            return fooled + self.cycle_weight * cycle
        same = sum(mean_absolute_error(one, part) for one, part in zip(stayed, samples))
        self.log(autoencoding_loss=same)
        return fooled + self.cycle_weight * cycle + self.autoencoding_weight * same

    def discriminator_loss(self, samples, fakes):
        """What all discriminators minimise, one value per sample."""
        judged = zip(self.judges, samples, fakes)
        return sum(self.adversarial_loss.discriminator(judge(real), judge(fake)) for judge, real, fake in judged)

    @property
    def judges(self):
        """The discriminators as this step plays them, in the order of the domains."""
        return self.nets(*self.players["discriminator"])

    def encoding(self, domain):
        return (f"encoder_{domain}",)

    def decoding(self, domain):
        return (f"decoder_{domain}",)


def shared_out(parts, way):
    """Of n batches one for each domain: its k-th section is that of the batch k domains further on, in the direction
    `way`; 1 undoes -1. Sections are as equal as may be, and samples keep their places.
    """
    n, count = len(parts), ops.shape(parts[0])[0]
    ends = [k * count // (n - 1) for k in range(n)]
    return [ops.concatenate([parts[(j + way * k) % n][ends[k - 1] : ends[k]] for k in range(1, n)]) for j in range(n)]
