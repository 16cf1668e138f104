"""Sets of images that know nothing of each other, as one data set."""

import numpy as np

from kgan.engine.batches import Batches


def domains(*unnamed, batch_size=32, seed=0, jitter=0, flip=False, labels=False, **sets):
    """Named domains for games that translate without pairs: each with an order of its own, the longest makes the epoch.

    Labels of a set play no part in most games and are left out of the batches; they stay in `labels_by_domain`, for
    measuring whether a translation keeps the class. With `labels` a batch has them.

    Args:
        *unnamed: none; a domain is given by name.
        batch_size: samples of each domain a batch.
        seed: fixes the orders of the batches.
        jitter, flip: as in `Batches`; what the sets given have of their own is not taken over.
        labels: whether a batch is a pair of dicts, samples and labels, for a game that learns those of its first domain
            (`DomainConfusionGAN`). Labels of the domains that have some; default False.
        **sets: two domains or more: arrays `(n, ...)` or what `kgan.data`'s functions return, of any lengths, and of
            shapes that may differ from domain to domain.

    Returns:
        `Batches` of a dict of domain to samples, scaled as `Batches` scales them. Its `labels_by_domain` has the labels
        `(n,)` of each domain that had some, in the order of `images[domain]`.

    Raises:
        ValueError: a domain without a name or without a sample, fewer than two, or one that is no single array;
            `labels` where no domain has any.

    Example:

    >>> digits, letters = kgan.data.digits(16, labels=True), kgan.data.glyphs(100, size=16)
    >>> train = kgan.data.domains(digits=digits, letters=letters)
    >>> {name: part.shape for name, part in train[0].items()}
    {'digits': (32, 16, 16, 1), 'letters': (32, 16, 16, 1)}
    >>> train.labels_by_domain["digits"].shape
    (1500,)
    """
    if unnamed:
        raise ValueError(
            "Each domain needs a name: write `domains(a=horses, b=zebras)`, or `domains(**sets)` for a dict."
        )
    arrays, told = arrays_of(sets)
    if labels and not told:
        raise ValueError("No domain has labels: read one with them, such as `kgan.data.digits(labels=True)`.")
    options = {"batch_size": batch_size, "seed": seed, "aligned": False, "jitter": jitter, "flip": flip}
    batches = Batches(arrays, told if labels else None, **options)
    batches.labels_by_domain = told
    return batches


def arrays_of(sets):
    """Dicts of domain to its samples and, where it has some, to its labels."""
    if len(sets) < 2:
        known = f", not {', '.join(map(repr, sets))} alone" if sets else ""
        raise ValueError(f"A translation needs two domains or more{known}: write `domains(a=horses, b=zebras)`.")
    for name, one in sets.items():
        if not name.strip():
            raise ValueError("A domain has an empty name: give each one a name that says what is in it.")
        if isinstance(one, (str, bytes)) or hasattr(one, "__fspath__"):
            raise ValueError(
                f"The domain {name!r} is a path: read it first, `{name}=kgan.data.image_folder({one!r}, size)`."
            )
        images = one.images if isinstance(one, Batches) else one
        if isinstance(images, (dict, tuple)):
            raise ValueError(f"The domain {name!r} has several arrays: give each domain one array of samples.")
        if np.ndim(images) == 0 or not len(images):
            raise ValueError(f"The domain {name!r} is empty: give it one sample or more, or leave it out.")
    arrays = {name: one.images if isinstance(one, Batches) else np.asarray(one) for name, one in sets.items()}
    labelled = {name: one.labels for name, one in sets.items() if isinstance(one, Batches) and one.labels is not None}
    return arrays, labelled
