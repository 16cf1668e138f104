"""The GAN that Keras' documentation teaches, between the players of recipes/r3gan.py: the row that kgan's games are
measured against.

    python recipes/studies/keras_pattern.py --dataset mnist --minutes 5

Real and generated images go through the discriminator as one batch, with noise on their labels; the generator runs
twice a step; `jit_compile="auto"`; Adam with 1e-4 for both and no average. The documented code calls its networks
without `training=True`, which switches BatchNorm off; here they get it, so that the generator can learn. As in the
documentation the discriminator has no BatchNorm: the mixed batch would go through it with statistics that no batch of
the generator's step has, and with recipes/dcgan.py's discriminator this game collapsed. It trains for a wall time, not
for epochs, and needs TensorFlow. It is scored as the other recipes are.

François Chollet, DCGAN to generate face images, 2019, https://keras.io/examples/generative/dcgan_overriding_train_step/
"""

import argparse
import os
import time
from pathlib import Path

from kgan.runs import Reported, save_grid, silence

REPORTED = Reported("Keras' documented pattern", place=0)
LATENT_DIM = 64


def keras_gan(generator, discriminator, latent_dim=LATENT_DIM):
    """The documented pattern as its users write it."""
    import keras
    import tensorflow as tf

    class KerasGAN(keras.Model):
        def compile(self, generator_optimizer, discriminator_optimizer, loss):
            super().compile()
            self.generator_optimizer, self.discriminator_optimizer, self.game_loss = (
                generator_optimizer,
                discriminator_optimizer,
                loss,
            )
            self.seed_generator = keras.random.SeedGenerator(0)

        def train_step(self, real):
            batch = tf.shape(real)[0]
            latents = keras.random.normal((batch, latent_dim), seed=self.seed_generator)
            both = tf.concat([generator(latents, training=True), real], axis=0)
            labels = tf.concat([tf.ones((batch, 1)), tf.zeros((batch, 1))], axis=0)
            labels += 0.05 * keras.random.uniform((2 * batch, 1), seed=self.seed_generator)
            with tf.GradientTape() as tape:
                discriminator_loss = self.game_loss(labels, discriminator(both, training=True))
            self.discriminator_optimizer.apply_gradients(
                zip(tape.gradient(discriminator_loss, discriminator.trainable_weights), discriminator.trainable_weights)
            )
            latents = keras.random.normal((batch, latent_dim), seed=self.seed_generator)
            with tf.GradientTape() as tape:
                generator_loss = self.game_loss(
                    tf.zeros((batch, 1)), discriminator(generator(latents, training=True), training=True)
                )
            self.generator_optimizer.apply_gradients(
                zip(tape.gradient(generator_loss, generator.trainable_weights), generator.trainable_weights)
            )
            return {"discriminator_loss": discriminator_loss, "generator_loss": generator_loss}

    model = KerasGAN()
    model.generator, model.discriminator = generator, discriminator
    return model


def compiled(shape):
    """The pattern, compiled, between the players of recipes/r3gan.py for images of `shape`."""
    import keras

    import kgan

    generator = kgan.networks.dcgan_generator(shape, latent_dim=LATENT_DIM, filters=32)
    discriminator = kgan.networks.dcgan_discriminator(shape, filters=32, normalization=None)
    model = keras_gan(generator, discriminator)
    model.compile(
        keras.optimizers.Adam(1e-4), keras.optimizers.Adam(1e-4), keras.losses.BinaryCrossentropy(from_logits=True)
    )
    model.built = True
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", default="mnist", choices=("mnist", "fashion_mnist"))
    parser.add_argument("--data-dir", help="where TFDS data lie")
    parser.add_argument("--minutes", type=float, default=6.5, help="default 6.5, about what R3GAN takes on MNIST")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    options.out = options.out or Path("runs") / f"keras_pattern-{options.dataset}"
    options.out.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with silence():
        import keras
        import numpy as np

        import kgan
        from kgan.runs.scores import in_words, score

    keras.utils.set_random_seed(options.seed)
    data = kgan.data.load(options.dataset, data_dir=options.data_dir, seed=options.seed)
    model, end = compiled(data.images.shape[1:]), time.monotonic() + 60 * options.minutes
    images = data.scale(data.images)

    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = time.monotonic() > end

    began = time.perf_counter()
    model.fit(images, batch_size=64, epochs=1000, verbose=2, callbacks=[Stop()])
    seconds = time.perf_counter() - began

    def generate(count, seed):
        latents = np.random.default_rng(seed).standard_normal((count, LATENT_DIM), "float32")
        return model.generator.predict(latents, batch_size=256, verbose=0)

    save_grid(generate(64, 0), options.out / "samples.png", 8, 8)
    task = argparse.Namespace(
        recipe="keras_pattern", options=options, data=data, out=options.out, rows=None, measure=None
    )
    found = score(task, argparse.Namespace(generate=generate), [{"seconds": seconds}])
    for name, value in in_words(found).items():
        print(f"  {name:39} {value}")


if __name__ == "__main__":
    main()
