from harness import VariantTests

import kgan


class TestGAN(VariantTests):
    variant = kgan.GAN


class TestTwoMovesOfTheDiscriminator(VariantTests):
    variant = kgan.GAN
    options = {"loss": "least_squares"}
    compile_options = {"critic_steps": 2}
    moves = 2
