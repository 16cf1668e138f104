"""Training that can be stopped and resumed."""

from kgan.runs.endings import Ended, Mistake, Stopped, or_warn
from kgan.runs.history import draw_curves
from kgan.runs.stopping import asked_to_stop

VALIDATION_POINTS = 2500


def built(task, build):
    """The game, compiled."""
    try:
        with task.scope:
            return build(task)
    except ValueError as error:
        raise Mistake(error) from error


def train(task, gan):
    """Train the game, write down what came of it, and return it.

    Raises:
        Mistake: something that the user can mend.
        Ended: the run was stopped, and saved; or its players diverged.
    """
    # These need Keras.
    from kgan.runs.conclusion import conclude
    from kgan.runs.page import write_page
    from kgan.runs.progress import Progress
    from kgan.runs.watching import Page, make_callbacks

    with asked_to_stop() as request:
        progress = Progress(task, request)
        watching = make_callbacks(task, gan)
        try:
            fit(task, gan, [progress, *watching])
        except Stopped:
            save(watching[-1])
        finally:
            progress.close()
    or_warn(draw_curves, task)
    watcher = next(callback.watcher for callback in watching if isinstance(callback, Page))
    ended = early_end(task, gan, request, progress, watching[-1])
    if ended is not None:
        or_warn(write_page, task, watcher)
        raise ended
    conclude(task, gan, watcher)
    return gan


def early_end(task, gan, request, progress, checkpoint):
    """How the run ended before its last epoch, as `Ended`; None where it did not."""
    if request.signal:
        return Ended(
            f"Stopped in epoch {progress.epoch + 1} of {task.options.epochs} and saved. Go on with\n  "
            f"{task.resume_command()}",
            128 + request.signal,
        )
    if gan.stop_training:
        return Ended(
            f"The players diverged. The last good state is in {checkpoint.directory}; try another --seed, or lower "
            "learning rates.",
            1,
        )
    return None


def fit(task, gan, callbacks):
    """Train; what the user can mend becomes a `Mistake`. A recipe that compiles with metrics gets them after each
    epoch, for points on fresh ones.
    """
    from kgan.data import mixture

    unseen = task.validation
    if unseen is None and gan.evaluation_metrics and task.points:
        unseen = mixture(task.options.dataset, VALIDATION_POINTS, seed=task.options.seed + 1)
    try:
        gan.fit(task.data, epochs=task.options.epochs, verbose=0, callbacks=callbacks, validation_data=unseen)
    except OSError as error:
        raise Mistake(error) from error
    except lost_worker(task.options) as error:
        raise Mistake("another worker is gone; this one stops: start all of them again with --resume") from error
    except ValueError as error:
        # kgan's own refusals are one sentence; anything else is a bug and keeps its traceback.
        if "\n" in str(error):
            raise
        raise Mistake(error) from error


def lost_worker(options):
    """What TensorFlow raises when another worker no longer answers."""
    if options.strategy != "multiworker":
        return ()
    from tensorflow import errors

    return errors.UnavailableError, errors.AbortedError


def save(checkpoint):
    """Save a run that was asked to stop, as it was at the end of its last whole epoch: the one that is cut short runs
    again.
    """
    try:
        checkpoint.save_boundary()
    except (OSError, ValueError) as error:
        raise Mistake(
            f"stopped, but this state could not be saved ({error}); earlier checkpoints in "
            f"{str(checkpoint.directory)!r} are whole"
        ) from error
