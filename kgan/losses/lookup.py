import difflib


def resolve(identifier, choices, base, kind):
    """The instance that `identifier` means: an instance or a subclass of `base`, or one of the names in `choices` (name
    -> class).

    Raises:
        ValueError: naming the nearest name and all the others, for anything else.
    """
    if isinstance(identifier, base):
        return identifier
    if isinstance(identifier, type) and issubclass(identifier, base):
        return identifier()
    if isinstance(identifier, str) and identifier in choices:
        return choices[identifier]()
    nearest = difflib.get_close_matches(str(identifier), choices, n=1, cutoff=0.0)[0]
    names = ", ".join(repr(name) for name in choices)
    raise ValueError(
        f"Unknown {kind} {identifier!r}; did you mean {nearest!r}? Give one of {names}, or an instance of "
        f"kgan.losses.{base.__name__}."
    )
