"""MOGAN: a generator that also wants a frozen classifier to be sure: do confidence and quality rise together? In minutes on 2 cores.

    python recipes/mogan.py                       # scikit-learn's digits at 28x28
    python recipes/mogan.py --dataset mnist --weight 0      # the same game without that wish

The classifier is trained on the training images first, for a minute, and then frozen. Printed and kept on the card: its confidence in generated images, that
of a judge of the same data that the generator never met, and the Fréchet distance under that judge: where the classifier's confidence rises and the judge's
does not, the generator has learned to please the classifier.
"""

from runner import run

SETTINGS = {
    "digits": {"size": 28, "epochs": 80, "batch_size": 32},
    "images": {"epochs": 8, "batch_size": 64},
}


def arguments(parser):
    parser.add_argument("--weight", type=float, default=1.0, help="of the classifier's confidence in the generator's loss (default the notes' 1)")


def mogan(task):
    import keras

    import kgan

    classifier = trained_classifier(task)
    unlabelled = kgan.data.Batches(task.data.images, batch_size=task.data.batch_size, seed=task.data.seed, class_names=task.data.class_names)
    task.data = unlabelled
    generator = kgan.networks.dcgan_generator(task.shape, latent_dim=64, filters=32)
    discriminator = kgan.networks.dcgan_discriminator(task.shape, filters=32)
    gan = kgan.MOGAN(generator, discriminator, classifier)
    rate = keras.optimizers.schedules.CosineDecay(4e-4, task.steps)
    gan.compile(
        generator_optimizer=keras.optimizers.Adam(rate, beta_1=0.5),
        discriminator_optimizer=keras.optimizers.Adam(rate, beta_1=0.5),
        confidence_weight=task.options.weight,
    )
    gan.keep_average(0.999)
    return gan


def trained_classifier(task):
    """A plain convolutional classifier of the data, frozen."""
    import keras

    import kgan

    classifier = kgan.networks.dcgan_discriminator(task.shape, filters=32, outputs=task.classes, name="classifier")
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    classifier.compile(keras.optimizers.Adam(1e-3), loss, jit_compile=False)
    classifier.fit(task.data, epochs=max(1, 1500 // len(task.data)), shuffle=False, verbose=0)
    classifier.trainable = False
    return classifier


def measure(task, gan):
    """Mean confidence of the classifier and of a judge in 2,000 generated images; the floors are those in as many test images."""
    import numpy as np
    from scores import JUDGED, test_split

    import kgan

    if task.options.dataset not in JUDGED:
        return {"scores": {}, "floors": {}}
    test = test_split(task)
    judge = kgan.metrics.Judge(task.options.dataset, output="probabilities")
    scores = {}
    for kind, images in {"scores": gan.generate(2000, seed=0), "floors": test.scale(test.images[:2000])}.items():
        logits = gan.in_batches(lambda batch: gan.classifier(batch, training=False), images)
        sure = 1 / np.exp(logits - logits.max(-1, keepdims=True)).sum(-1)
        judged = gan.in_batches(judge, images).max(-1)
        scores[kind] = {"confidence_of_the_classifier": float(sure.mean()), "confidence_of_the_judge": float(judged.mean())}
    return scores


if __name__ == "__main__":
    run(mogan, __doc__, SETTINGS, arguments, labels=True, measure=measure)
