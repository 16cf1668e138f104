"""SeqGAN: a generator of words that is paid by what a discriminator thinks of its sentences."""

from keras import ops

from kgan.kinds import SequenceModel
from kgan.kinds.guards import check_counts, check_ends, check_pretraining, check_takes, shape_of


class SeqGAN(SequenceModel):
    """Sentences by policy gradient: words cannot be moved a little, so no gradient comes from the discriminator to the
    generator; what it thinks of a sentence is the reward of the words that were chosen.

    With sentences `y` of the generator `G`, `V` the discriminator's logits, `D = sigmoid(V)`, and `y_1:t` the first t
    words of T:

        L_D = E[-log D(x)] + E[-log(1 - D(y))]
        L_G = -E[ sum over t of (Q_t - b_t) log G(y_t | y_1:t-1) ]

    `Q_t` is the reward of word t. A discriminator of whole sentences knows none before the end: `Q_t` is the mean of
    `D` over `rollouts` sentences that `G` makes of `y_1:t`, and `Q_T = D(y)`. One that scores each beginning, logits
    `(batch, T, 1)` of which the t-th has seen `y_1:t` alone, says `Q_t = D(y_1:t)` in one pass, and its loss is the
    mean over beginnings. `b_t` is the mean of `Q_t` over the batch, which leaves the gradient's mean as it is.

    Before the game come two phases: maximum likelihood, and the discriminator alone.

    Departs from the paper: without a baseline there, `b = 0`; its sentences are gone on with by a delayed copy of `G`,
    here by `G`; its discriminator has moves by the hundred for each of the generator's, here `critic_steps`, each on
    sentences of its own.

    Args:
        generator: `kgan.layers.LanguageModel`.
        discriminator: network of int tokens `(batch, T)` to logits `(batch, 1)`, such as
            `kgan.networks.text_discriminator`, or of each beginning `(batch, T, 1)`, such as
            `kgan.networks.prefix_discriminator`; no sigmoid.
        vocabulary: `kgan.data.Vocabulary` of the sentences; None for such without an end.
        seed: integer that fixes sentences and the order of arrays.
        name: name of the model.

    Raises:
        ValueError: a generator that is no language model, networks that do not fit each other, are not built, share
            layers, or end in a sigmoid; a vocabulary of another size.

    Example:

    >>> train = kgan.data.oracle(words=20, length=6, count=500)
    >>> gan = kgan.SeqGAN(
    ...     generator=kgan.layers.LanguageModel(20, 6), discriminator=kgan.networks.prefix_discriminator(20, 6)
    ... )
    >>> gan.compile(pretraining_epochs=(1, 1))
    >>> gan.fit(train, epochs=3)
    >>> gan.generate(4, seed=0).shape
    (4, 6)

    Reference: Yu et al., SeqGAN: Sequence Generative Adversarial Nets with Policy Gradient, 2017,
        https://arxiv.org/abs/1609.05473
    """

    players = {"discriminator": ("discriminator",), "generator": ("generator",)}
    quantities = ("negative_log_likelihood", "reward")

    def __init__(self, generator, discriminator, vocabulary=None, seed=None, name=None):
        networks = {"generator": generator, "discriminator": discriminator}
        super().__init__(networks, vocabulary=vocabulary, seed=seed, name=name)
        check_takes(discriminator, (None, self.length))
        check_ends(discriminator)
        made = shape_of(discriminator, "output")
        if tuple(made) not in ((None, 1), (None, self.length, 1)):
            raise ValueError(
                f"The discriminator gives a logit a sentence, (batch, 1), or one for each beginning of it, (batch, "
                f"{self.length}, 1), but this one makes {made}: `kgan.networks.text_discriminator` and "
                "`kgan.networks.prefix_discriminator` do."
            )
        self.of_beginnings = len(made) == 3

    def compile(
        self,
        generator_optimizer=None,
        discriminator_optimizer=None,
        pretraining_epochs=(0, 0),
        rollouts=16,
        critic_steps=1,
        baseline=True,
        **kwargs,
    ):
        """Set the optimizers and the game's hyper-parameters.

        Args:
            generator_optimizer, discriminator_optimizer: default `Adam(2e-4, beta_1=0.5)`; the paper's generator has
                Adam at 1e-2.
            pretraining_epochs: how many of the run's first epochs are maximum likelihood, and how many then the
                discriminator's alone (default none; the paper's are 120 and 50).
            rollouts: how many sentences are made of each beginning, at least 1 (default the paper's 16); of no use to a
                discriminator of beginnings.
            critic_steps: moves of the discriminator a step, at least 1 (default 1).
            baseline: whether the batch's mean is taken off the rewards. Default True.
            **kwargs: `metrics`, `run_eagerly`, `steps_per_execution`, `jit_compile`, as in `AdversarialModel.compile`.
        """
        check_counts(rollouts=rollouts, critic_steps=critic_steps)
        self.pretraining_epochs = check_pretraining(pretraining_epochs, 2)
        self.rollouts, self.critic_steps, self.baseline = int(rollouts), int(critic_steps), bool(baseline)
        super().compile({"discriminator": discriminator_optimizer, "generator": generator_optimizer}, **kwargs)

    def train_step(self, data):
        real = self.samples(data)
        if self.pretraining and self.phase == 0:
            self.minimize("generator", lambda: self.likelihood_loss(real))
            return self.logs()
        for _ in self.turns(self.critic_steps):
            drawn = self.draw(real)
            self.minimize("discriminator", lambda: self.discriminator_loss(real, drawn))
        if not self.pretraining:
            rewards = self.rewards(drawn)
            self.minimize("generator", lambda: self.generator_loss(drawn, rewards))
        if not self.learning:
            self.likelihood_loss(real)
        self.present(real=real, generated=drawn)
        return self.logs()

    def likelihood_loss(self, real):
        """What the generator minimises before the game, one value per sample."""
        loss = self.negative_log_likelihood(real)
        self.log(negative_log_likelihood=loss)
        return loss

    def discriminator_loss(self, real, drawn):
        """What the discriminator minimises, one value per sample."""
        of_real, of_drawn = map(self.nets("discriminator"), (real, drawn))
        return self.mean(real, ops.softplus(-float32(of_real))) + self.mean(drawn, ops.softplus(float32(of_drawn)))

    def mean(self, tokens, values):
        """One value per sentence, of one, `(batch, 1)`, or of one for each beginning, `(batch, T, 1)`."""
        if not self.of_beginnings:
            return values[:, 0]
        counted = self.counted(tokens)
        return ops.sum(counted * values[..., 0], axis=1) / ops.sum(counted, axis=1)

    def generator_loss(self, drawn, rewards):
        """What the generator minimises, one value per sample."""
        return -ops.sum(rewards * self.log_probabilities(drawn), axis=1)

    def rewards(self, drawn):
        """`Q - b` above of each word, `(batch, length)`."""
        found, counted = ops.stop_gradient(self.worth(drawn)), self.counted(drawn)
        self.log(reward=ops.sum(found * counted, axis=1) / ops.sum(counted, axis=1))
        if self.baseline:
            mean = ops.sum(found * counted, axis=0) / ops.maximum(ops.sum(counted, axis=0), 1.0)
            found = found - mean
        return found * counted

    def worth(self, drawn):
        """`Q` above of each word, `(batch, length)`."""
        D = self.discriminator
        whole = ops.sigmoid(float32(D(drawn, training=False)))
        if self.of_beginnings:
            return whole[..., 0]
        count, length = ops.shape(drawn)[0], self.length
        given = ops.repeat(drawn, self.rollouts * (length - 1), axis=0)
        keep = ops.tile(ops.tril(ops.ones((length - 1, length))), (count * self.rollouts, 1))
        made = self.writer.draw(self.uniforms(given), given, keep)
        found = ops.sigmoid(float32(D(made, training=False)))
        found = ops.mean(ops.reshape(found, (count, self.rollouts, length - 1)), axis=1)
        return ops.concatenate([found, whole], axis=1)


def float32(logits):
    """Logits of a network that may compute in half precision."""
    return ops.cast(logits, "float32")
