"""Whether translations hide what they came from, epoch by epoch."""

from kgan.callbacks.film import Film
from kgan.kinds import DomainModel
from kgan.metrics.cycle_robustness import NOISES, QUALITIES, cycle_robustness
from kgan.pictures import draw_robustness


class CycleRobustness(Film):
    """Draw how much of the way back a disturbance of the picture in between leaves, in both directions, as
    `kgan.metrics.cycle_robustness` measures it; and a film of all pictures.

    A curve that is flat at first is honest; one that jumps with the first noise has hidden what it came from in a
    pattern that no eye sees. The cure is noise in training, `CycleGAN.compile(hiding_noise=0.05)`.

    Args:
        directory: where the pictures go; created if need be.
        data: dict of the game's two domains to samples, float32 in [-1, 1]; a hundred are enough.
        every: epochs between pictures. The last epoch is drawn in any case.
        noises, qualities: as in `kgan.metrics.cycle_robustness`.
        gif: whether to make the film.

    Attributes:
        found: dict of direction to what was measured last.

    Raises:
        OSError: when `fit` starts: the directory cannot be created or written.
        ValueError: `every` below 1; or, when `fit` starts, a game that is not between two domains and back.

    Example:

    >>> test = kgan.data.glyph_domains(64, split="test")
    >>> samples = {name: test.scale(images) for name, images in test.images.items()}
    >>> watcher = kgan.callbacks.CycleRobustness("hiding", samples, every=5)
    """

    def __init__(self, directory, data, every=1, noises=NOISES, qualities=QUALITIES, gif=True):
        super().__init__(directory, every, gif)
        self.data, self.noises, self.qualities, self.found = data, noises, qualities, None

    def on_train_begin(self, logs=None):
        super().on_train_begin(logs)
        game = self.model
        if not isinstance(game, DomainModel) or len(game.directions) != 2:
            raise ValueError(
                f"CycleRobustness follows a way there and back between two domains, which {type(game).__name__} does "
                "not have: leave it out."
            )

    def draw(self, epoch):
        self.found = {
            f"{source} to {to} and back": cycle_robustness(
                self.model, self.data[source], source, to, self.noises, self.qualities
            )
            for source, to in self.model.directions
        }
        return draw_robustness(self.found, f"epoch {epoch}")
