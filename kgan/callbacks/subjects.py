"""What a callback can watch: of a game of another kind it says so before training, and what to use there."""

from kgan.kinds import CoupledModel, DomainModel, TranslationModel


def check_latents(callback):
    """Raise where a callback that draws from latents is given a game that has none."""
    game = callback.model
    if isinstance(game, CoupledModel):
        raise ValueError(
            f"{type(callback).__name__} draws samples of one domain, and a {type(game).__name__} makes one in each: "
            "draw what belongs together, `kgan.callbacks.Sheet(directory, latents)`."
        )
    if hasattr(game, "random_latents"):  # a game of the user's own may have them, too
        return
    translates = isinstance(game, (DomainModel, TranslationModel))
    instead = "draw its translations, `kgan.callbacks.Sheet(directory, data)`" if translates else "leave it out"
    raise ValueError(f"{type(callback).__name__} draws from latents, and {type(game).__name__} has none: {instead}.")
