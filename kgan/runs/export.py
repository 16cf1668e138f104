"""What a run leaves to be used: the whole game as a file, and the generator alone with its card."""

import os
import shutil
import warnings

import keras

from kgan.callbacks.directories import UNFINISHED, replace_text
from kgan.runs.card import card
from kgan.runs.endings import or_warn
from kgan.runs.lock import Lock
from kgan.runs.model_folder import put_model
from kgan.runs.pictures import own_pictures, sample_pictures


def save_game(gan, path):
    """Save the whole game, from which training goes on, at once and whole; returns the path,
    or None where that failed.
    """
    unfinished = path.with_name(f".{path.stem}{UNFINISHED}.keras")
    try:
        gan.save(unfinished)
        with open(unfinished, "rb") as file:
            os.fsync(file.fileno())
        os.replace(unfinished, path)
        return path
    except (OSError, NotImplementedError, TypeError, ValueError) as error:
        warnings.warn(f"The whole game could not be saved as {path}: {error}", RuntimeWarning, stacklevel=2)
        return None
    finally:
        unfinished.unlink(missing_ok=True)


def export(task, gan, facts, rows):
    """Put the generator with its card where trained models are, in place of an earlier one; what was put there in
    words.
    """
    target = task.saved_model
    target.parent.mkdir(parents=True, exist_ok=True)
    with Lock(target.with_name(f".{target.name}.kgan-lock"), wait=True):
        unfinished = target.with_name(f".{target.name}{UNFINISHED}")
        shutil.rmtree(unfinished, ignore_errors=True)
        try:
            form, words = export_generator(gan, unfinished, target.name)
            pictures = copy_pictures(task, unfinished)
            replace_text(unfinished / "README.md", card(task, gan, facts, rows, form, pictures))
            older = put_model(unfinished, target)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    if older is not None:
        print(f"What was in {target} is now in {older}.")
    return f"{target if form == 'SavedModel' else target / form}  ({words})"


def export_generator(gan, folder, name):
    """Export a SavedModel, or where that cannot be done the whole game: "SavedModel" or the name of a file, and what it
    is in words.
    """
    backend = keras.config.backend()
    try:
        gan.export(folder)
        return "SavedModel", "SavedModel"
    except OSError:
        raise
    except Exception as error:  # of TensorFlow, or of what takes a backend's model there
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        if backend == "tensorflow":
            raise (OSError(reason) if is_of_the_disk(error) else error) from None
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    file = f"{name}.keras"
    gan.save(folder / file)
    return file, f"no SavedModel from {backend}: {reason}"


def is_of_the_disk(error):
    """Whether an error is one that TensorFlow raises where it cannot write."""
    from tensorflow import errors

    return isinstance(error, errors.OpError)


def copy_pictures(task, folder):
    """Put the last samples and what the recipe drew of its own beside the card; the names of all."""
    frames, own = sample_pictures(task), own_pictures(task)
    chosen = ({"samples.png": frames[-1]} if frames else {}) | {path.name: path for path in own}
    for name, path in chosen.items():
        or_warn(shutil.copyfile, path, folder / name)
    return [name for name in chosen if (folder / name).exists()]
