"""Stacked MNIST: how many of 1000 modes a game keeps when its discriminator is small, in minutes on 2 cores. Reads
MNIST from TFDS.

    python recipes/studies/stacked_mnist.py                       # DCGAN
    python recipes/studies/stacked_mnist.py --game pacgan         # the same, judging two samples at once
    python recipes/studies/stacked_mnist.py --game wgan_gp --epochs 10
    python recipes/studies/stacked_mnist.py --game r3gan

The protocol of the Unrolled GAN's paper with its quarter-size discriminator (2, 4 and 8 channels), which drops modes on
purpose, cut from 500,000 iterations to as many as fit into minutes. 26,000 samples are judged channel by channel by the
MNIST judge: modes of 1000, and the KL divergence of their histogram from the uniform one. 26,000 true stacks have all
modes and a KL of 0.024.

Metz et al., Unrolled Generative Adversarial Networks, 2017, https://arxiv.org/abs/1611.02163
Lin et al., PacGAN: The power of two samples in generative adversarial networks, 2018, https://arxiv.org/abs/1712.04086
"""

from kgan.runs import Reported, run

UNROLLED = "Lin 2018 after Metz 2017: 25,600 samples, 50 runs ± standard error, 500,000 iterations"
REPORTED = Reported(
    None,
    place=180,
    variations={
        "stacked_dcgan": ("DCGAN", "--game", "dcgan"),
        "stacked_pacgan": ("DCGAN, packing 2", "--game", "pacgan"),
        "stacked_wgan_gp": ("WGANGP", "--game", "wgan_gp", "--epochs", "10"),
        "stacked_r3gan": ("R3GAN", "--game", "r3gan"),
    },
    published_rows={
        "stacked_mnist": [
            ("DCGAN", "78.5 ± 17.6", "5.21 ± 0.19", UNROLLED),
            ("PacDCGAN2", "484.5 ± 33.0", "2.61 ± 0.22", UNROLLED),
            ("PacDCGAN4", "667.4 ± 29.0", "1.81 ± 0.15", UNROLLED),
        ]
    },
)
SETTINGS = {"stacked_mnist": {"epochs": 20, "batch_size": 128}}
GAMES = ("dcgan", "pacgan", "wgan_gp", "r3gan")


def arguments(parser):
    parser.add_argument("--game", choices=GAMES, default="dcgan", help="default dcgan")


def stacked_mnist(task):
    import keras

    import kgan

    game = task.options.game
    generator, discriminator = small_generator(), small_discriminator(6 if game == "pacgan" else 3)
    decay = keras.optimizers.schedules.CosineDecay
    # Rates are five times the paper's or more, for a fiftieth of its iterations. So small a discriminator must learn
    # faster than the generator to keep up.
    if game == "wgan_gp":
        gan, options, rates, momenta = (
            kgan.WGANGP(generator, discriminator),
            {"critic_steps": 5},
            (5e-4, 2e-3),
            (0.5, 0.9),
        )
    elif game == "r3gan":
        gan, options, rates, momenta = kgan.R3GAN(generator, discriminator), {"gamma": 0.02}, (1e-3, 8e-3), (0.0, 0.99)
    else:
        gan, options, rates, momenta = (
            kgan.GAN(generator, discriminator, packing=2 if game == "pacgan" else 1),
            {},
            (5e-4, 4e-3),
            (0.5, 0.99),
        )

    def adam(rate, moves):
        return keras.optimizers.Adam(decay(rate, moves * task.steps), *momenta)

    # Keras runs one step per execution on PyTorch.
    execution = 1 if keras.config.backend() == "torch" else 10
    gan.compile(
        adam(rates[0], 1), adam(rates[1], options.get("critic_steps", 1)), **options, steps_per_execution=execution
    )
    gan.keep_average(0.999)
    return gan


def small_generator():
    """The paper's: latents (256,) to images (28, 28, 3)."""
    import keras
    from keras import layers

    stack = [
        keras.Input((256,)),
        layers.Dense(4 * 4 * 64, use_bias=False),
        layers.Reshape((4, 4, 64)),
        layers.BatchNormalization(momentum=0.9),
        layers.ReLU(),
    ]
    for width in (32, 16, 8):
        stack += [
            layers.Conv2DTranspose(width, 3, 2, "same", use_bias=False),
            layers.BatchNormalization(momentum=0.9),
            layers.ReLU(),
        ]
        stack += [layers.Cropping2D(((0, 1), (0, 1)))] if width == 32 else []  # 8x8 to 7x7
    return keras.Sequential([*stack, layers.Conv2D(3, 3, padding="same", activation="tanh")], name="generator")


def small_discriminator(channels):
    """The paper's at a quarter of its size, without BatchNorm: with it, trial runs of minutes kept a pattern in the
    background and one mode.
    """
    import keras
    from keras import layers

    stack = [keras.Input((28, 28, channels))]
    for width in (2, 4, 8):
        stack += [layers.Conv2D(width, 3, 2, "same"), layers.LeakyReLU(0.3)]
    return keras.Sequential([*stack, layers.Flatten(), layers.Dense(1)], name="discriminator")


if __name__ == "__main__":
    run(stacked_mnist, __doc__, SETTINGS, arguments)
