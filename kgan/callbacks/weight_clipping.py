"""Clipping a player's weights."""

import keras


class WeightClipping(keras.callbacks.Callback):
    """Clip a player's weights to [-limit, limit] after every single one of its moves.

    The bound is a constraint that the player's optimizer applies inside the compiled step, so it holds after each of
    several critic steps, under `steps_per_execution` and under XLA. All trainable weights are clipped, biases and the
    scales of normalisation layers too, as in the authors' code.

    The bound outlives `fit`; `model.clip_weights(player, None)` ends it. `WGAN.compile(clip=...)` does the same without
    a callback.

    Args:
        limit: positive float; WGAN's is 0.01.
        player: whose weights.
        spare: layer classes whose weights are left alone, such as `(keras.layers.BatchNormalization,)`. Default none: a
            kernel before a normalisation layer may be scaled at will, so that clipping it alone bounds nothing.

    Raises:
        ValueError: a limit that is not positive, or, when `fit` starts, a player that the game does not have.

    Example:

    >>> gan = kgan.GAN(generator=kgan.networks.mlp(2, 2), discriminator=kgan.networks.mlp(2, 1), loss="wasserstein")
    >>> gan.compile(critic_steps=5)
    >>> gan.fit(kgan.data.mixture("ring"), callbacks=[kgan.callbacks.WeightClipping(0.01)])

    Reference: Arjovsky, Chintala, Bottou, Wasserstein GAN, 2017, https://arxiv.org/abs/1701.07875
    """

    def __init__(self, limit, player="discriminator", spare=()):
        super().__init__()
        if not limit > 0:
            raise ValueError(f"Weights are clipped to [-limit, limit], so `limit` must be positive, not {limit}.")
        self.limit, self.player, self.spare = limit, player, tuple(spare)

    def set_model(self, model):
        super().set_model(model)
        if self.player not in model.players:
            raise ValueError(
                f"There is no player {self.player!r} whose weights to clip; this game has {', '.join(model.players)}."
            )
        # Not later: `fit` builds its compiled step between this call and `on_train_begin`.
        model.clip_weights(self.player, self.limit, self.spare)
