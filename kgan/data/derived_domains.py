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


KINDS = {"edges": edges, "negatives": negatives}


def derived_domains(data, kind="edges", batch_size=None, seed=0):
    """Two domains for CoGAN: one half of a set of images, shuffled, and what becomes of the other half.

    No image of one domain is the counterpart of one of the other; what each would be there is known, to measure by.

    Args:
        data: images uint8 `(n, height, width, channels)`, at least two, or what `kgan.data`'s functions return of such;
            its labels are kept as in `domains`.
        kind: `"edges"`, the dilation of an image by 3x3 pixels less the image, or `"negatives"`; both the paper's.
        batch_size: images of each domain a batch; by default that of `data`, else 32.
        seed: fixes the halves and the orders of the batches.

    Returns:
        Unaligned `Batches` of a dict of `images` and `edges` (or `negatives`) to uint8 images; a batch is float32 in
        [-1, 1]. It has `labels_by_domain`, and by domain `counterparts`, uint8 images: what each image is in the
        other domain. `derive` is the function of uint8 images that makes one domain's of the other's.

    Raises:
        ValueError: another `kind`, images that are not uint8 of rank 4, or fewer than two.

    Example:

    >>> train = kgan.data.derived_domains(kgan.data.digits(28, labels=True), kind="negatives")
    >>> {name: part.shape for name, part in train.images.items()}
    {'images': (750, 28, 28, 1), 'negatives': (750, 28, 28, 1)}

    Reference: Liu, Tuzel, Coupled Generative Adversarial Networks, 2016, section 4, https://arxiv.org/abs/1606.07536
    """
    if kind not in KINDS:
        raise ValueError(f"`kind` must be {' or '.join(map(repr, KINDS))}, not {kind!r}.")
    images = data.images if isinstance(data, Batches) else np.asarray(data)
    if isinstance(images, dict) or images.ndim != 4 or images.dtype != np.uint8 or len(images) < 2:
        found = "several sets" if isinstance(images, dict) else f"{images.dtype} of shape {images.shape}"
        raise ValueError(f"Domains are derived of two uint8 images (n, height, width, channels) or more, not {found}.")
    order, half, derive = np.random.default_rng((seed, 3)).permutation(len(images)), len(images) // 2, KINDS[kind]
    rows = {"images": order[: len(images) - half], kind: order[len(images) - half :]}
    kept, sources = images[rows["images"]], images[rows[kind]]
    size = batch_size or (data.batch_size if isinstance(data, Batches) else 32)
    batches = Batches({"images": kept, kind: derive(sources)}, batch_size=size, seed=seed, aligned=False)
    labels = data.labels if isinstance(data, Batches) else None
    batches.labels_by_domain = {} if labels is None else {name: labels[chosen] for name, chosen in rows.items()}
    batches.counterparts, batches.derive = {"images": derive(kept), kind: sources}, derive
    return batches
