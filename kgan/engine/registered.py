"""Own classes, a user's too, that `keras.saving.load_model` finds again."""

import sys
from pathlib import Path

import keras


class Registered:
    """A base whose every subclass is registered with Keras, as `keras.saving.register_keras_serializable` would.

    The registered name is the module's and the class's, so that a file written by one program loads in another that
    imports the same module. kgan's own are of the package "kgan". A class that is defined anew, as by a notebook's cell
    that runs twice, takes the place of the former; a decorator of the user's own has the last word.
    """

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        keras.saving.register_keras_serializable(package=package_of(cls))(cls)


def package_of(cls):
    """The package that a class is registered under."""
    if cls.__module__.partition(".")[0] == "kgan":
        return "kgan"
    if cls.__module__ != "__main__":
        return cls.__module__
    # What one program runs another one imports: the same class must have the same name in both.
    program = sys.modules["__main__"]
    if getattr(program, "__spec__", None) is not None:
        return program.__spec__.name
    return Path(program.__file__).stem if hasattr(program, "__file__") else "__main__"
