"""What a callback can watch: of a game of another kind it says so before training, and what to use there."""

from kgan.kinds import CompletionModel, CoupledModel, DomainModel, TranslationModel

# Games that make something of samples, and say in `sheet` what to show of it.
OF_SAMPLES = (CompletionModel, DomainModel, TranslationModel)


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
    sheet = "draw what it makes of samples, `kgan.callbacks.Sheet(directory, data)`"
    instead = sheet if isinstance(game, OF_SAMPLES) else "leave it out"
    raise ValueError(f"{type(callback).__name__} draws from latents, and {type(game).__name__} has none: {instead}.")
