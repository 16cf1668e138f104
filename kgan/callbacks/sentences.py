"""What callbacks say while `fit` shows its progress."""


def say(callback, sentence):
    """Print a sentence on a line of its own, below Keras' progress bar where there is one."""
    bar = (callback.params or {}).get("verbose", 0) not in (0, 2)
    print(f"\n{sentence}" if bar else sentence, flush=True)
