"""InfoGAN: categories that come to be the digits, numbers that come to be slant and width, in minutes on 2 cores.

    python recipes/infogan.py                     # scikit-learn's digits at 28x28, no download
    python recipes/infogan.py --dataset mnist     # any TFDS data set of images with classes
    python recipes/infogan.py --dataset glyphs    # rendered letters whose slant, thickness and size are known

runs/infogan/codes-0.png has one category a column, codes-1.png and codes-2.png a continuous code from -2 to 2. Labels
are looked at only afterwards: each category is matched with a class (Hungarian algorithm on the test split), and the
share of test images that Q then names wrongly is printed; the paper has 5 %.

Chen et al., InfoGAN, 2016, https://arxiv.org/abs/1606.03657
"""

from kgan.runs import JUDGED, Reported, run, save_grid, test_split

NOISE_DIM = 62
REPORTED = Reported(
    "InfoGAN",
    place=120,
    figures={
        "class_error": "error of the categories as classes",
        "categorical_information": "information in the categories, of 2.30 nats",
        "correlation_": "correlation of a number with the factor",
    },
    less=("class_error",),
    published_figures={"class_error": "0.05, [Chen 2016](https://arxiv.org/abs/1606.03657)"},
)
SETTINGS = {
    "digits": {"size": 28, "epochs": 100, "batch_size": 32},
    "images": {"size": 28, "epochs": 12, "batch_size": 64},
    "glyphs": {"size": 28, "epochs": 72, "batch_size": 64},
}


def arguments(parser):
    parser.add_argument("--continuous", type=int, default=2, help="how many continuous codes (default the paper's 2)")


def infogan(task):
    import kgan

    categories, continuous = 10, task.options.continuous
    # Ten characters for ten categories, so that none is left for the numbers to tell.
    if task.options.dataset == "glyphs":
        task.data = kgan.data.glyphs(
            size=task.options.size, characters="0123456789", batch_size=task.options.batch_size, seed=task.options.seed
        )
    # The paper's players, half as wide.
    generator = kgan.networks.infogan_generator(task.shape, NOISE_DIM + categories + continuous, filters=32, hidden=512)
    heads = (categories, *((continuous,) if continuous else ()))
    discriminator = kgan.networks.infogan_discriminator(
        task.shape, filters=32, hidden=512, heads=heads, head_hidden=128
    )
    gan = kgan.InfoGAN(generator, discriminator, categorical=(categories,), continuous=continuous)
    gan.compile()
    gan.keep_average(0.999)  # not in the paper: steadier samples
    return gan


def measure(task, gan):
    """Pictures of each code; the bound on the information; the error of Q's categories as classes; correlation of Q's
    numbers with known factors.
    """
    import numpy as np

    for code in range(1 + gan.continuous):
        walk = gan.traverse(code, rows=8, columns=10, limits=(-2, 2))
        names = (
            [f"c{code} = {index}" for index in range(10)]
            if code == 0
            else [f"{value:.1f}" for value in np.linspace(-2, 2, 10)]
        )
        save_grid(walk.reshape(-1, *walk.shape[2:]), task.out / f"codes-{code}.png", 8, 10, column_names=names)
    scores = {
        "categorical_information": gan.evaluate(task.data.scale(task.data.images[:2000]), return_dict=True, verbose=0)[
            "categorical_information"
        ]
    }
    if task.options.dataset in JUDGED:
        test = test_split(task)
        categories = gan.codes(test.scale(test.images))[0].argmax(-1)
        scores["class_error"] = matching_error(categories, test.labels)
    factors = getattr(task.data, "factors", None)
    if factors is not None and gan.continuous:
        numbers = gan.codes(task.data.scale(task.data.images[:2000]))[-1]
        for name in ("slant", "thickness", "size"):
            scores[f"correlation_{name}"] = max(
                abs(np.corrcoef(numbers[:, i], factors[name][:2000])[0, 1]) for i in range(gan.continuous)
            )
    return {"scores": {name: float(value) for name, value in scores.items()}, "floors": {}}


def matching_error(categories, labels):
    """Share of samples that the best one-to-one matching of 10 categories with 10 classes names wrongly."""
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    counts = np.zeros((10, 10))
    np.add.at(counts, (categories, labels), 1)
    rows, columns = linear_sum_assignment(-counts)
    return 1 - counts[rows, columns].sum() / len(labels)


if __name__ == "__main__":
    run(infogan, __doc__, SETTINGS, arguments, measure=measure)
