"""Two domains of one set of images: the images, and what becomes of others of them."""

import numpy as np

from kgan.engine.batches import Batches


def edges(images):
    """What a dilation by 3x3 pixels adds to uint8 images `(n, height, width, channels)`: the outlines of strokes."""
    height, width = images.shape[1:3]
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    shifts = [(y, x) for y in range(3) for x in range(3)]
    return np.max([padded[:, y : y + height, x : x + width] for y, x in shifts], axis=0) - images


def negatives(images):
    """Uint8 images with dark and bright exchanged."""
    return 255 - images


def colours(images, random):
    """Grey uint8 images as RGB ones, each in a pure hue of its own."""
    hues = random.uniform(0, 6, (len(images), 1, 1, 1))
    rgb = np.clip(np.abs((hues + [0, 4, 2]) % 6 - 3) - 1, 0, 1)
    return np.rint(images * rgb).astype("uint8")


KINDS = {"edges": edges, "negatives": negatives, "colours": colours}
DRAWN = ("colours",)  # of which one image has many


def derived_domains(data, kind="edges", batch_size=None, seed=0, labels=False):
    """Two domains of one set of images: one half of it, shuffled, and what becomes of the other half.

    No image of one domain is the counterpart of one of the other; what each would be there is known, to measure by.

    Args:
        data: images uint8 `(n, height, width, channels)`, at least two, or what `kgan.data`'s functions return of such;
            its labels are kept as in `domains`.
        kind: `"edges"`, the dilation of an image by 3x3 pixels less the image, or `"negatives"`, both CoGAN's; or
            `"colours"`, grey images in RGB, each in a random pure hue, of which grey keeps nothing.
        batch_size: images of each domain a batch; by default that of `data`, else 32.
        seed: fixes the halves, the hues and the orders of the batches.
        labels: whether a batch is a pair of dicts, images and classes, as in `domains`.

    Returns:
        Unaligned `Batches` of a dict of `images` and `edges` (or as `kind` says) to uint8 images; a batch is float32 in
        [-1, 1]. It has `labels_by_domain`, and by domain `counterparts`, a dict of the other domain to uint8 images:
        what each image is there; none of `colours`, of which an image could have any. `derive` is the function of uint8
        images that makes the second domain's of the first one's, None where that is a draw.

    Raises:
        ValueError: another `kind`, images that are not uint8 of rank 4, or fewer than two; colours of images that are
            not grey; `labels` of images without them.

    Example:

    >>> train = kgan.data.derived_domains(kgan.data.digits(28, labels=True), kind="negatives")
    >>> {name: part.shape for name, part in train.images.items()}
    {'images': (750, 28, 28, 1), 'negatives': (750, 28, 28, 1)}

    Reference: Liu, Tuzel, Coupled Generative Adversarial Networks, 2016, section 4, https://arxiv.org/abs/1606.07536
    """
    if kind not in KINDS:
        raise ValueError(f"`kind` must be one of {', '.join(map(repr, KINDS))}, not {kind!r}.")
    images = data.images if isinstance(data, Batches) else np.asarray(data)
    if isinstance(images, dict) or images.ndim != 4 or images.dtype != np.uint8 or len(images) < 2:
        found = "several sets" if isinstance(images, dict) else f"{images.dtype} of shape {images.shape}"
        raise ValueError(f"Domains are derived of two uint8 images (n, height, width, channels) or more, not {found}.")
    told = data.labels if isinstance(data, Batches) else None
    if labels and told is None:
        raise ValueError("These images have no labels: read them with some, such as `kgan.data.digits(labels=True)`.")
    if kind in DRAWN and images.shape[-1] != 1:
        raise ValueError(f"Colours are given to grey images, not to ones of {images.shape[-1]} channels.")
    order, half = np.random.default_rng((seed, 3)).permutation(len(images)), len(images) // 2
    rows = {"images": order[: len(images) - half], kind: order[len(images) - half :]}
    classes = {} if told is None else {name: told[chosen] for name, chosen in rows.items()}
    kept, sources = images[rows["images"]], images[rows[kind]]
    if kind in DRAWN:
        derive, changed = None, KINDS[kind](sources, np.random.default_rng((seed, 4)))
    else:
        derive, changed = KINDS[kind], KINDS[kind](sources)
    size = batch_size or (data.batch_size if isinstance(data, Batches) else 32)
    streams = {"images": kept, kind: changed}
    batches = Batches(streams, classes if labels else None, batch_size=size, seed=seed, aligned=False)
    batches.labels_by_domain, batches.derive = classes, derive
    batches.counterparts = {"images": {kind: derive(kept)} if derive else {}, kind: {"images": sources}}
    return batches
