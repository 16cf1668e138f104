import pytest
from harness import VariantTests

import kgan


class TestDCGAN(VariantTests):
    variant = kgan.DCGAN


def test_builds_the_players_for_a_shape():
    gan = kgan.DCGAN(image_shape=(12, 8, 3))
    assert gan.generate(2).shape == (2, 12, 8, 3)
    assert gan.discriminator.input_shape == (None, 12, 8, 3)


def test_needs_players_or_a_shape():
    with pytest.raises(ValueError, match="image_shape"):
        kgan.DCGAN(generator=kgan.networks.dcgan_generator((8, 8, 1)))
