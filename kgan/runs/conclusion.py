"""The end of a run: its scores, its models, its page, and where everything is."""

from kgan.runs.card import train_on_words
from kgan.runs.endings import Mistake, or_warn
from kgan.runs.export import export, save_game
from kgan.runs.history import duration, read_history
from kgan.runs.page import write_page
from kgan.runs.pictures import sample_pictures
from kgan.runs.scores import in_words, score


def conclude(task, gan, watcher):
    """Score and save the game, export the generator with its card, write the page and say where everything is.

    Args:
        task, gan: the run and its trained game.
        watcher: its diagnosis, or None.

    Raises:
        Mistake: the model could not be written.
    """
    game, rows = save_game(gan, task.out / "model.keras"), read_history(task)
    found = or_warn(score, task, gan, rows) or {"scores": {}, "floors": {}}
    facts = in_words(found)
    try:
        exported = export(task, gan, facts, rows)
    except OSError as error:
        raise Mistake(
            f"trained, but the model could not be written to {str(task.saved_model)!r} ({error}): make room and write "
            f"it with `{task.resume_command()}`"
        ) from error
    page = or_warn(write_page, task, watcher, found)
    frames = sample_pictures(task)
    print(f"\nTrained for {duration(sum(row['seconds'] for row in rows))}.")
    for name, value in facts.items():
        print(f"  {name:39} {value}")
    print(f"  page          {page}")
    print(f"  samples       {frames[-1] if frames else None}, {task.out / 'samples' / 'film.gif'}")
    print(f"  losses        {task.out / 'losses.png'}, {task.out / 'history.csv'}")
    print(f"  model         {exported}")
    if game is not None:
        print(f"  whole game    {game}  (keras.saving.load_model)")
        print(f"                {train_on_words(gan).rstrip(':')}: see {task.saved_model / 'README.md'}")
