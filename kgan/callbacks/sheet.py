"""A sheet of translations or completions, epoch by epoch."""

from kgan.callbacks.film import Film
from kgan.pictures import draw_sheet


class Sheet(Film):
    """Draw what becomes of the same samples each time, a row a sample: what goes in, what the game makes of it, and
    what should have come out or what comes back; and a film of all sheets at the end.

    For games that translate (`Pix2Pix`, `CycleGAN`) or complete (`ContextEncoder`). Sheets are
    `<directory>/epoch-0000.png` (before training), `epoch-0001.png`, ...; the film is `film.gif`. With an average kept
    (`EMA`), it is the average that is drawn.

    Args:
        directory: where the pictures go; created if need be.
        data: what to translate: sources, or a pair of sources and targets, of a game of pairs; a dict of domain to
            samples, equally many, of a game between domains; whole images, or a pair of them and masks, of a game that
            completes them; latents, of a game that makes a sample in each domain. Images are float32 in [-1, 1].
        every: epochs between pictures. The last epoch is drawn in any case.
        gif: whether to make the film.

    Raises:
        OSError: when `fit` starts: the directory cannot be created or written.
        ValueError: `every` below 1; or, when `fit` starts, a game that does not translate, or images of neither 1 nor
            3 channels.

    Example:

    >>> pairs = kgan.data.glyph_pairs(64, split="test")
    >>> sources, targets = pairs[0]
    >>> sheet = kgan.callbacks.Sheet("samples", (sources[:8], targets[:8]))
    """

    def __init__(self, directory, data, every=1, gif=True):
        super().__init__(directory, every, gif)
        self.data = data

    def on_train_begin(self, logs=None):
        super().on_train_begin(logs)
        if not hasattr(self.model, "sheet"):
            raise ValueError(f"Sheet draws translations, and {type(self.model).__name__} makes none: use SampleGrid.")
        self.draw(0)

    def draw(self, epoch):
        return draw_sheet(self.model.sheet(self.data))
