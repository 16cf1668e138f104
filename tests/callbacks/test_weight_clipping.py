import keras
import numpy as np
import pytest
from callback_games import points_gan

from kgan.callbacks import WeightClipping


def weights(model, kind, trainable_only=True):
    layers = [layer for layer in model.layers if isinstance(layer, kind)]
    return [keras.ops.convert_to_numpy(v.value) for layer in layers for v in layer.trainable_variables]


@pytest.mark.parametrize("spare", [(), (keras.layers.BatchNormalization,)], ids=["all", "spared"])
@pytest.mark.parametrize(
    "compile_arguments", [dict(), dict(steps_per_execution=5)], ids=["graph", "steps_per_execution"]
)
def test_holds_after_the_last_step(points, compile_arguments, spare):
    if compile_arguments and keras.config.backend() == "torch":
        pytest.skip("Keras has no steps_per_execution on PyTorch")
    gan = points_gan(
        critic_steps=2, optimizer=keras.optimizers.SGD(0.5), dropout=False, run_eagerly=False, **compile_arguments
    )
    gan.fit(points, epochs=2, batch_size=8, verbose=0, callbacks=[WeightClipping(0.01, spare=spare)])
    dense = np.concatenate([w.ravel() for w in weights(gan.discriminator, keras.layers.Dense)])
    assert np.abs(dense).max() == pytest.approx(0.01) and np.abs(dense).max() <= np.float32(0.01)
    scale, _ = weights(gan.discriminator, keras.layers.BatchNormalization)
    assert (scale > 0.5).all() if spare else (np.abs(scale) <= np.float32(0.01)).all()
    assert max(np.abs(w).max() for w in weights(gan.generator, keras.layers.Dense)) > 0.05


def test_every_critic_move_is_clipped_not_only_the_last(points):
    gan = points_gan(critic_steps=3, optimizer=keras.optimizers.SGD(0.5), dropout=False, run_eagerly=True)
    seen, loss = [], gan.discriminator_loss

    def watch(*args, **kwargs):
        seen.append(max(np.abs(w).max() for w in weights(gan.discriminator, keras.layers.Dense)))
        return loss(*args, **kwargs)

    gan.discriminator_loss = watch
    if keras.config.backend() == "jax":
        pytest.skip("JAX traces the loss: there is nothing to look at between moves")
    gan.fit(points, epochs=1, batch_size=20, verbose=0, callbacks=[WeightClipping(0.01)])
    assert len(seen) == 6 and seen[0] > 0.01 and max(seen[1:]) <= np.float32(0.01)


def test_the_generator_can_be_clipped_instead(points):
    gan = points_gan(dropout=False)
    gan.fit(points, verbose=0, callbacks=[WeightClipping(0.02, player="generator")])
    assert max(np.abs(w).max() for w in weights(gan.generator, keras.layers.Dense)) <= np.float32(0.02)
    assert max(np.abs(w).max() for w in weights(gan.discriminator, keras.layers.Dense)) > 0.05


def test_refusals(points):
    with pytest.raises(ValueError, match="must be positive, not -1"):
        WeightClipping(-1)
    with pytest.raises(ValueError, match="no player 'critic'.*discriminator, generator"):
        points_gan().fit(points, verbose=0, callbacks=[WeightClipping(0.01, "critic")])
