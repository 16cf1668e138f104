"""What tables say of a recipe."""

import dataclasses
import statistics
from collections.abc import Callable


@dataclasses.dataclass(frozen=True)
class Reported:
    """What the tables of results say of a recipe, beside what its runs measured.

    Args:
        title: what its rows are called; None where variations alone have rows.
        place: number by which rows are ordered.
        variations: dict of further variants, each with runs of its own: name to title and the recipe's arguments, one
            after the other.
        published_fid: dict of data set to the Fréchet distance that the literature has for this game, as text.
        published_rows: dict of data set to rows of other people's results that stand below ours: game, one text a
            score, source.
        figures: dict of the beginning of a score's name to what tables call it.
        less: beginnings of the names of those of which less is better.
        published_figures: dict of a score's whole name to what the literature has for it, as text.
        sentences: function of this recipe's lines of results to sentences for what has no table.
    """

    title: str | None
    place: int
    variations: dict = dataclasses.field(default_factory=dict)
    published_fid: dict = dataclasses.field(default_factory=dict)
    published_rows: dict = dataclasses.field(default_factory=dict)
    figures: dict = dataclasses.field(default_factory=dict)
    less: tuple = ()
    published_figures: dict = dataclasses.field(default_factory=dict)
    sentences: Callable | None = None


def spread(values, form):
    """Mean and, of several values, their standard deviation, as text: `spread([1.0, 2.0], ".1f")` is "1.5 ± 0.7"."""
    deviation = f" ± {statistics.stdev(values):{form}}" if len(values) > 1 else ""
    return f"{statistics.mean(values):{form}}{deviation}"
