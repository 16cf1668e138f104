"""Games between domains whose discriminators are shown samples of earlier, too."""

from kgan import layers
from kgan.kinds.domain_model import DomainModel
from kgan.kinds.domains import streams_of
from kgan.kinds.guards import unpaired_loss


class PooledDomainModel(DomainModel):
    """A game between domains, each with a discriminator that is shown what the generators make now or made earlier:
    with probability 1/2 one of the last samples that the domain's pool remembers (Shrivastava et al., 2017).

    The pools are saved with the model. Where no network says how large samples are, the first batch does.

    Args:
        networks, seed, name, players: as in `AdversarialModel`.
        domains: names of the domains, a tuple.
        loss: what the players want of logits, as in `kgan.losses.get`.
        pool_size: samples that each pool remembers; 0 for none.

    Attributes:
        pools: dict of domain to its `kgan.layers.ImagePool`.
        adversarial_loss: the `kgan.losses.AdversarialLoss`.

    Raises:
        ValueError: a loss of pairs; a negative `pool_size`.
    """

    def __init__(self, networks, domains, loss, pool_size, seed=None, name=None, players=None):
        super().__init__(networks, seed=seed, name=name, players=players)
        self.domains, self.adversarial_loss = domains, unpaired_loss(loss)
        for index in range(len(domains)):
            setattr(self, f"pool_{index}", layers.ImagePool(pool_size, seed=self.seed + 2 + index))
        self.build_pools(self.shapes)

    @property
    def pools(self):
        return {domain: getattr(self, f"pool_{index}") for index, domain in enumerate(self.domains)}

    def remembered(self, made):
        """What the discriminators are shown of what was made in each domain, a list in the order of the domains."""
        return [pool(samples, training=self.learning) for pool, samples in zip(self.pools.values(), made)]

    def build_pools(self, shapes):
        """Make room for samples of these shapes, a dict by domain, where they are known: fully convolutional networks
        do not tell, the first batch and a saved game do.
        """
        for domain, pool in self.pools.items():
            if not pool.built and None not in shapes[domain]:
                pool.build((None, *shapes[domain]))

    def facts(self):
        """The shapes of the samples in the pools."""
        built = [(domain, pool) for domain, pool in self.pools.items() if pool.built and pool.size]
        return {f"pool_{domain}": list(pool.memory.shape[1:]) for domain, pool in built}

    def take_facts(self, facts):
        self.build_pools({domain: facts.get(f"pool_{domain}", [None]) for domain in self.domains})

    def check_batch(self, batch):
        super().check_batch(batch)
        streams = streams_of(batch)
        with self.variables_scope():
            self.build_pools({domain: streams[domain].shape[1:] for domain in self.domains})
        for domain, pool in self.pools.items():
            held, found = tuple(pool.memory.shape[1:]) if pool.size else None, tuple(streams[domain].shape[1:])
            if held not in (None, found):
                raise ValueError(
                    f"The pool of domain {domain!r} remembers samples of shape {held}, but a batch has {found}: train "
                    "on samples of one shape, or without pools, `pool_size=0`."
                )
