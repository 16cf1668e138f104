"""kgan: generative adversarial networks for Keras 3."""

import importlib
from typing import TYPE_CHECKING

from kgan.on_demand import ROOMS, wait_for_keras

if TYPE_CHECKING:
    from kgan import callbacks, data, layers, losses, metrics, networks, runs  # noqa: F401
    from kgan.variants import *  # noqa: F403

__version__ = "0.1.0"


def __getattr__(name):
    """A room, or a game by its name, imported when it is first asked for: with it comes Keras."""
    if name in (*ROOMS, "runs"):
        return importlib.import_module(f"{__name__}.{name}")
    if name.startswith("_") and name != "__all__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from kgan import variants

    if name == "__all__":
        return sorted([*variants.__all__, "callbacks", "data", "layers", "losses", "metrics", "networks", "runs"])
    if name not in variants.__all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return globals().setdefault(name, getattr(variants, name))


def __dir__():
    return sorted({*globals(), *__getattr__("__all__"), *ROOMS})


wait_for_keras()
