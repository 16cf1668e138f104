import keras
import numpy as np
import pytest
from harness import EngineTests, VariantTests

import kgan


class TestGAN(EngineTests, VariantTests):
    variant = kgan.GAN


class TestTwoMovesOfADiscriminatorOfPacks(VariantTests):
    variant = kgan.GAN
    options = {"loss": "least_squares", "packing": 2}
    compile_options = {"critic_steps": 2}
    moves, judged = 2, 3

    def players(self, shape, dropout=0.0):
        return {
            **super().players(shape),
            "discriminator": super().players((*shape[:2], 2 * shape[2]), dropout)["discriminator"],
        }

    def toy_players(self):
        return {
            **super().toy_players(),
            "discriminator": kgan.networks.mlp(4, 1, units=(32, 32), activation="leaky_relu"),
        }


def test_a_pack_holds_different_samples_side_by_side_and_none_is_left_out():
    gan = kgan.GAN(kgan.networks.mlp(2, 2), kgan.networks.mlp(6, 1), packing=3)
    samples = np.arange(14, dtype="float32").reshape(7, 2)
    packs = keras.ops.convert_to_numpy(gan.packed(samples)).reshape(-1, 3, 2)
    assert packs.shape == (3, 3, 2) and {tuple(row) for row in packs.reshape(-1, 2)} == {tuple(row) for row in samples}
    assert all(len({tuple(row) for row in pack}) == 3 for pack in packs)


def test_packing_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="2 x 2, not 2"):
        kgan.GAN(kgan.networks.mlp(2, 2), kgan.networks.mlp(2, 1), packing=2)
    with pytest.raises(ValueError, match="at least 1"):
        kgan.GAN(kgan.networks.mlp(2, 2), kgan.networks.mlp(2, 1), packing=0)
