"""MOGAN: a generator that also wants a frozen classifier to be sure, in minutes on 2 cores. Do confidence and quality
rise together?

    python recipes/mogan.py                       # scikit-learn's digits at 28x28
    python recipes/mogan.py --dataset mnist --weight 0      # the same game without that wish

The classifier is trained on the training images first, for a minute, and then frozen. Printed and kept on the card: its
confidence in generated images, that of a judge of the same data that the generator never met, and the Fréchet distance
under that judge: where the classifier's confidence rises and the judge's does not, the generator has learned to please
the classifier. runs/mogan/confidence.png has confidence and distance epoch by epoch; of their ranks the correlation is
kept too. Any GAN that learns becomes more convincing as it comes closer: read both beside those of `--weight 0`.
"""

from kgan.runs import JUDGED, Reported, read_history, run, save_figure, test_split

WATCHED = 2000
REPORTED = Reported(
    "MOGAN",
    place=110,
    variations={
        "mogan_0": ("MOGAN, weight 0", "--weight", "0"),
        "mogan_10": ("MOGAN, weight 10", "--weight", "10"),
    },
    figures={
        "confidence_of_the_": "mean confidence",
        "confidence_with_quality": "rank correlation of confidence and quality over a run",
    },
)
SETTINGS = {
    "digits": {"size": 28, "epochs": 80, "batch_size": 32},
    "images": {"epochs": 8, "batch_size": 64},
}


def arguments(parser):
    parser.add_argument(
        "--weight",
        type=float,
        default=1.0,
        help="of the classifier's confidence in the generator's loss (default the notes' 1)",
    )


def mogan(task):
    import keras

    import kgan

    classifier, metrics = trained_classifier(task), []
    if task.options.dataset in JUDGED:
        images = test_split(task).images[:WATCHED]
        task.validation = kgan.data.Batches(images, batch_size=500, shuffle=False)
        metrics = [kgan.metrics.FrechetDistance(kgan.metrics.Judge(task.options.dataset), samples=len(images))]
    unlabelled = kgan.data.Batches(
        task.data.images, batch_size=task.data.batch_size, seed=task.data.seed, class_names=task.data.class_names
    )
    task.data = unlabelled
    generator = kgan.networks.dcgan_generator(task.shape, latent_dim=64, filters=32)
    discriminator = kgan.networks.dcgan_discriminator(task.shape, filters=32)
    gan = kgan.MOGAN(generator, discriminator, classifier)
    rate = keras.optimizers.schedules.CosineDecay(4e-4, task.steps)
    gan.compile(
        generator_optimizer=keras.optimizers.Adam(rate, beta_1=0.5),
        discriminator_optimizer=keras.optimizers.Adam(rate, beta_1=0.5),
        confidence_weight=task.options.weight,
        metrics=metrics,
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
    """Mean confidence of the classifier and of a judge in 2,000 generated images; the floors are those in as many test
    images. And both curves.
    """
    import numpy as np

    import kgan
    from kgan.runs import JUDGED, test_split

    if task.options.dataset not in JUDGED:
        return {"scores": {}, "floors": {}}
    test = test_split(task)
    judge = kgan.metrics.Judge(task.options.dataset, output="probabilities")
    scores = {}
    for kind, images in {"scores": gan.generate(WATCHED, seed=0), "floors": test.scale(test.images[:WATCHED])}.items():
        logits = gan.in_batches(lambda batch: gan.classifier(batch, training=False), images)
        sure = 1 / np.exp(logits - logits.max(-1, keepdims=True)).sum(-1)
        judged = gan.in_batches(judge, images).max(-1)
        scores[kind] = {
            "confidence_of_the_classifier": float(sure.mean()),
            "confidence_of_the_judge": float(judged.mean()),
        }
    scores["scores"] |= curves(read_history(task), task.out / "confidence.png")
    return scores


def curves(rows, path):
    """Draw the classifier's confidence and the distance of each epoch; the rank correlation of confidence and nearness,
    1 where both rise together.
    """
    from matplotlib.figure import Figure
    from scipy.stats import spearmanr

    column = next((name for name in (rows or [{}])[0] if name.startswith("val_fid")), None)
    if column is None or len(rows) < 3:
        return {}
    epochs, confidence, distance = ([row[name] for row in rows] for name in ("epoch", "confidence", column))
    figure = Figure(figsize=(7, 3), layout="constrained")
    axes = figure.subplots()
    lines = [
        *axes.plot(epochs, confidence, label="confidence of the classifier"),
        *axes.twinx().plot(epochs, distance, "C1", label=f"{column[4:]} (right)"),
    ]
    axes.set_xlabel("epoch")
    axes.legend(handles=lines)
    save_figure(figure, path)
    return {"confidence_with_quality": float(-spearmanr(confidence, distance).statistic)}


if __name__ == "__main__":
    run(mogan, __doc__, SETTINGS, arguments, takes="labels", measure=measure)
