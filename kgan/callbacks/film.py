"""Pictures of a run, epoch by epoch, and the film they make."""

import os
import pathlib
import re
import warnings

import keras
import numpy as np

from kgan.callbacks.directories import move_aside, replace, writable

MARK = b"kgan"


class Film(keras.callbacks.Callback):
    """Draw the model before the first epoch and after every `every`-th and the last one: `<directory>/epoch-0012.png`;
    and at the end `film.gif`.

    A subclass draws. The film takes all frames of this run that lie in the directory, those drawn before it was killed
    and resumed among them (a frame carries its run's name and seed), at most 60, evenly spaced; it has palettes of 32
    colours and at most 600 pixels a side. A picture of that name that no film drew is moved aside, with a warning.

    Attributes:
        frames, side, colours: these bounds.

    Args:
        directory: where the pictures go; created if need be.
        every: epochs between pictures.
        gif: whether to make the film.

    Raises:
        OSError: when `fit` starts: the directory cannot be created or written. A disk that is full later costs a
            warning a picture.
        ValueError: `every` below 1.
    """

    frames, side, colours = 60, 600, 32

    def __init__(self, directory, every=1, gif=True):
        super().__init__()
        if every < 1:
            raise ValueError(f"`every` must be at least 1 epoch, not {every}.")
        self.directory, self.every, self.gif = pathlib.Path(directory), every, gif

    def draw(self, epoch):
        """The model after `epoch` epochs, as a `PIL.Image.Image`. A subclass says how."""
        raise NotImplementedError

    def film(self):
        """Make `film.gif` of what was drawn so far; `fit` does it at its end, but not where it is interrupted.

        Returns:
            its path, or None where nothing was drawn.
        """
        pictures = self._pictures()
        if not pictures:
            return None
        chosen = np.unique(np.linspace(0, len(pictures) - 1, min(self.frames, len(pictures))).round().astype(int))
        first, *rest = (self._small(pictures[index]) for index in chosen)
        durations = [150] * len(rest) + [2000]
        options = {"save_all": True, "append_images": rest, "duration": durations, "loop": 0, "comment": MARK}
        return self._write("film.gif", lambda file: first.save(file, "GIF", **options))

    def on_train_begin(self, logs=None):
        self.directory, self._drawn = writable(self.directory, type(self).__name__), None
        self._done = None

    def on_epoch_begin(self, epoch, logs=None):
        # Not in `on_train_begin`: a checkpoint may be restored there after this callback's turn.
        if epoch == 0:
            self._draw_and_write(0)

    def on_epoch_end(self, epoch, logs=None):
        self._done = epoch + 1
        if self._done % self.every == 0:
            self._draw_and_write(self._done)

    def on_train_end(self, logs=None):
        if self._done is None:
            return
        if self._drawn != self._done:
            self._draw_and_write(self._done)
        if self.gif:
            self._or_warn(self.film)

    def _draw_and_write(self, epoch):
        from PIL import PngImagePlugin

        self._drawn = self._done = epoch
        picture, notes = self.draw(epoch), PngImagePlugin.PngInfo()
        notes.add_text("run", self._run())
        name = f"epoch-{epoch:04d}.png"
        self._or_warn(lambda: self._write(name, lambda file: picture.save(file, "PNG", pnginfo=notes)))

    def _write(self, name, save):
        path = self.directory / name
        if os.path.lexists(path) and not drawn_by_a_film(path):
            aside = move_aside(path)
            warnings.warn(f"{path} was not drawn by {type(self).__name__}; it is kept as {aside}.", stacklevel=4)
        return replace(path, save)

    def _run(self):
        return f"{type(self.model).__name__} {self.model.seed}"

    def _or_warn(self, write):
        try:
            write()
        except OSError as error:
            warnings.warn(
                f"{type(self).__name__} could not write into {str(self.directory)!r}, training goes on: {error}",
                RuntimeWarning,
                stacklevel=3,
            )

    def _pictures(self):
        """This run's frames up to the present, in order; frames of an earlier, other run in the same directory are none
        of it.
        """
        from PIL import Image

        numbered = {
            int(match[1]): path
            for path in self.directory.iterdir()
            if (match := re.fullmatch(r"epoch-(\d+)\.png", path.name))
        }
        pictures = []
        for epoch in sorted(epoch for epoch in numbered if epoch <= (self._done or 0)):
            try:
                with Image.open(numbered[epoch]) as picture:
                    picture.load()
            except OSError as error:
                warnings.warn(f"The film goes without {numbered[epoch]}: {error}", RuntimeWarning, stacklevel=2)
                continue
            if picture.info.get("run") == self._run():
                pictures.append(picture)
        return pictures

    def _small(self, picture):
        from PIL import Image

        share = self.side / max(picture.size)
        if share < 1:
            picture = picture.resize([max(1, round(length * share)) for length in picture.size], Image.Resampling.BOX)
        return picture.quantize(self.colours, dither=Image.Dither.NONE)


def drawn_by_a_film(path):
    """Whether the picture at `path` says that a `Film` drew it."""
    from PIL import Image

    try:
        with Image.open(path) as picture:
            return "run" in picture.info or picture.info.get("comment") == MARK
    except OSError:
        return False
