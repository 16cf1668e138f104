"""A judge: the small classifier whose features and classes stand for InceptionV3's where images are small. Minutes on 2
cores.

    python recipes/tools/judge.py digits                                # scikit-learn's, at 28x28
    python recipes/tools/judge.py mnist --data-dir ~/tensorflow_datasets
    python recipes/tools/judge.py fashion_mnist

Four convolutions with BatchNorm and a mean over positions: 128 features, 10 classes. It trains on the training split
alone and never sees a generated image. The last epoch is kept, whatever its score; accuracy on the test split, the
command and the file's SHA-256 go to kgan/metrics/judges/judges.json, the network beside it. `kgan.metrics.Judge(name)`
loads it.
"""

import argparse
import hashlib
import json
import os
import shlex
import sys
import time
from pathlib import Path

from kgan.runs import silence
from kgan.runs.judges import classifier

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
JUDGES = Path(__file__).resolve().parents[2] / "kgan" / "metrics" / "judges"
# Epochs, and whether a mirrored image is still one of its class.
SETTINGS = {"digits": (60, False), "mnist": (8, False), "fashion_mnist": (14, True)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", choices=SETTINGS)
    parser.add_argument("--data-dir", help="where TFDS data lie")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=JUDGES)
    options = parser.parse_args()

    with silence():
        import keras

        import kgan

    epochs, mirror = SETTINGS[options.dataset]
    keras.utils.set_random_seed(options.seed)

    def read(split):
        common = {"split": split, "labels": True, "seed": options.seed}
        return (
            kgan.data.digits(size=28, **common)
            if options.dataset == "digits"
            else kgan.data.load(options.dataset, data_dir=options.data_dir, **common)
        )

    train, test = read("train"), read("test")
    judge, training = classifier((28, 28, 1), len(train.class_names), mirror=mirror)
    rate = keras.optimizers.schedules.CosineDecay(2e-3, epochs * len(train))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    training.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"], jit_compile=False)
    began = time.perf_counter()
    training.fit(train, epochs=epochs, shuffle=False, verbose=2)
    seconds = time.perf_counter() - began

    judge.compile(loss=loss, metrics=["accuracy"], jit_compile=False)
    accuracy = judge.evaluate(test, verbose=0)[1]
    keep(options, judge, {"accuracy": round(accuracy, 4), "test_samples": len(test.images), "seconds": round(seconds)})
    print(
        f"{options.dataset}: {accuracy:.2%} of {len(test.images):,} test images in {seconds:.0f} s, "
        f"{judge.count_params():,} parameters"
    )


def keep(options, judge, facts):
    """Save the network without its training state, and what is known of it."""
    import keras

    from kgan.callbacks.directories import UNFINISHED, replace_text

    options.out.mkdir(parents=True, exist_ok=True)
    path, table = options.out / f"{options.dataset}.keras", options.out / "judges.json"
    plain = keras.Sequential.from_config(judge.get_config())
    plain.set_weights(judge.get_weights())
    unfinished = path.with_name(f".{path.stem}{UNFINISHED}.keras")
    plain.save(unfinished)
    os.replace(unfinished, path)
    records = json.loads(table.read_text()) if table.exists() else {}
    command = shlex.join(["python", "recipes/tools/judge.py", options.dataset, "--seed", str(options.seed)])
    records[options.dataset] = {**facts, "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "command": command}
    replace_text(table, json.dumps(dict(sorted(records.items())), indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
