"""Everything that comes before networks: a Keras that starts in silence, the seed, the precision, the devices."""

import contextlib
import json
import logging
import os
import shlex
import sys
import tempfile
import warnings

from kgan.runs.command_line import STRATEGIES
from kgan.runs.data_sets import is_embedded, is_folder
from kgan.runs.endings import Mistake
from kgan.runs.folder import ROOT
from kgan.runs.machine import slow_in_bfloat16


def set_up(options, brought=()):
    """Import Keras and set seed and precision; writes the backend into the options.

    Args:
        options: those of a run.
        brought: names of the data sets that the recipe brings itself.

    Raises:
        Mistake: something is not installed, or the run that is resumed is on another backend.
    """
    import_libraries(options, brought)
    import keras

    backend = keras.config.backend()
    if getattr(options, "backend", backend) != backend:
        raise Mistake(
            f"the run in {str(options.out)!r} is on Keras' backend {options.backend!r}, not {backend!r}: set "
            f"KERAS_BACKEND={options.backend}"
        )
    options.backend = backend
    if options.precision == "mixed_bfloat16" and not keras.distribution.list_devices("gpu") and slow_in_bfloat16():
        sentence = "this processor has no instructions for bfloat16: float32 is faster, on one of its kind three times"
        warnings.warn(sentence, stacklevel=2)
    keras.config.set_dtype_policy(options.precision)
    keras.utils.set_random_seed(options.seed)


def import_libraries(options, brought):
    """Import what speaks when it is imported, in silence."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # A game of many networks predicts by many functions, which TensorFlow warns of as one that is traced many times.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    try:
        with silence():
            import keras

            if keras.config.backend() != "tensorflow":
                # Keras imports it during `fit` wherever it is installed.
                with contextlib.suppress(ImportError):
                    import tensorflow  # noqa: F401
            if not (options.dataset in brought or is_embedded(options.dataset) or is_folder(options.dataset)):
                import tensorflow_datasets  # noqa: F401
    except ImportError as error:
        raise Mistake(f"{error}: `pip install -e {shlex.quote(str(ROOT))}` installs kgan and what it needs") from error


def strategy_scope(options):
    """The context in which a game is built that `--strategy` shares out; none without it."""
    if options.strategy is None:
        return contextlib.nullcontext()
    if STRATEGIES[options.strategy] != options.backend:
        raise Mistake(
            f"--strategy {options.strategy} needs KERAS_BACKEND={STRATEGIES[options.strategy]}, not {options.backend}"
        )
    import keras

    if options.strategy == "data_parallel":
        if "KERAS_DISTRIBUTION_NUM_PROCESSES" in os.environ:
            keras.distribution.initialize()
        # kgan hands each process its share itself.
        keras.distribution.set_distribution(keras.distribution.DataParallel(auto_shard_dataset=False))
        return contextlib.nullcontext()
    import tensorflow as tf

    if options.strategy == "mirrored":
        return tf.distribute.MirroredStrategy().scope()
    check_workers()
    return tf.distribute.MultiWorkerMirroredStrategy().scope()


def check_workers():
    """Raise where TF_CONFIG does not say who the workers are."""
    try:
        config = json.loads(os.environ.get("TF_CONFIG", ""))
        config["cluster"][config["task"]["type"]][config["task"]["index"]]
    except (ValueError, LookupError, TypeError) as error:
        raise Mistake(
            "--strategy multiworker reads from the environment variable TF_CONFIG who the workers are, and which this "
            "one is: see recipes/README.md, `Several devices`"
        ) from error


@contextlib.contextmanager
def silence():
    """Hold back what libraries write to stderr, below Python too, while they are imported; it is shown if that fails
    otherwise than by an ImportError.
    """
    sys.stderr.flush()
    shown = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(shown, 2)
            os.close(shown)
            if not isinstance(sys.exc_info()[1], (ImportError, type(None))):
                held.seek(0)
                os.write(2, held.read())
