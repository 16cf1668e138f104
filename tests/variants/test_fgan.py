import pytest
from harness import VariantTests

import kgan


class TestFGAN(VariantTests):
    variant = kgan.FGAN
    options = {"divergence": "jensen_shannon"}


def test_unknown_divergence_names_the_nearest():
    with pytest.raises(ValueError, match="reverse_kl"):
        kgan.FGAN(kgan.networks.mlp(2, 2), kgan.networks.mlp(2, 1), divergence="revers_kl")
