"""Speed on the processor: kgan beside hand-written PyTorch, Keras' documented pattern and the machine's own ceiling,
all in one run.

    python recipes/tools/benchmark.py --quick                      # DCGAN at 28x28 and a toy in float32, four minutes
    python recipes/tools/benchmark.py                              # all cases, float32 and bfloat16
    python recipes/tools/benchmark.py --case wgan_gp28 --json runs/speed.json --plot runs/speed.png
    python recipes/tools/benchmark.py --batches                    # does the cost grow linearly in the batch?

Each contender runs in a process of its own, with the same players, batch and update rule. All stay alive and take
turns, so that what else the machine does strikes all alike; a figure is the median of five turns and the spread their
range. Run it on an idle machine; a GPU is not used. The ceiling is the best matrix product of the same run; the share
is what a step's multiplications, counted layer by layer, come to beside it. "Tuned" runs many steps an execution.

Needs TensorFlow; contenders whose framework is not installed are left out: `pip install -e ".[benchmark]"` brings JAX
and PyTorch.
"""

import argparse
import dataclasses
import importlib.util
import itertools
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from catalogue import module

from kgan.runs import silence
from kgan.runs.machine import available_cores

TURNS = 5


@dataclasses.dataclass(frozen=True)
class Case:
    """A game between players of a size."""

    game: str
    shape: tuple
    batch: int
    steps: int  # a turn
    filters: int = 64
    latent_dim: int = 100
    critic_steps: int = 1
    execution: int = 10  # steps an execution of the tuned contender

    @property
    def normalization(self):
        return {"dcgan": "batch", "sngan": "spectral"}.get(self.game)


CASES = {
    "dcgan28": Case("dcgan", (28, 28, 1), 64, 20),
    "dcgan64": Case("dcgan", (64, 64, 3), 64, 4),
    "wgan_gp28": Case("wgan_gp", (28, 28, 1), 64, 6, critic_steps=5),
    "sngan32": Case("sngan", (32, 32, 3), 64, 15),
    "r3gan28": Case("r3gan", (28, 28, 1), 64, 12),
    "toy": Case("toy", (2,), 256, 300, latent_dim=2, execution=100),
}
QUICK = {"dcgan28": dataclasses.replace(CASES["dcgan28"], steps=8), "toy": CASES["toy"]}
BATCHES = (32, 64, 128, 256)
PIPELINE = "kgan's input pipeline alone"
# Contender: its framework, and what its worker is told.
CONTENDERS = {
    "kgan, TensorFlow": ("tensorflow", {"kind": "kgan", "backend": "tensorflow"}),
    "kgan, TensorFlow, tuned": ("tensorflow", {"kind": "kgan", "backend": "tensorflow", "tuned": True}),
    "kgan, TensorFlow, bfloat16": (
        "tensorflow",
        {"kind": "kgan", "backend": "tensorflow", "precision": "mixed_bfloat16"},
    ),
    "kgan, JAX": ("jax", {"kind": "kgan", "backend": "jax"}),
    "kgan, PyTorch": ("torch", {"kind": "kgan", "backend": "torch"}),
    "PyTorch": ("torch", {"kind": "pytorch"}),
    "PyTorch, channels last": ("torch", {"kind": "pytorch", "channels_last": True}),
    "PyTorch, channels last, bfloat16": (
        "torch",
        {"kind": "pytorch", "channels_last": True, "precision": "mixed_bfloat16"},
    ),
    "Keras' pattern": ("tensorflow", {"kind": "keras_pattern", "backend": "tensorflow"}),
    "TensorFlow by hand": ("tensorflow", {"kind": "tensorflow", "backend": "tensorflow"}),
    PIPELINE: ("tensorflow", {"kind": "pipeline", "backend": "tensorflow"}),
}
DCGAN_ONLY = ("Keras' pattern", "TensorFlow by hand")

# ---- a contender, in its own process ---------------------------------------------------------------------------------


def work(told):
    """Answer each line of standard input, a number of steps, with the seconds they took."""
    case = Case(**{**told["case"], "shape": tuple(told["case"]["shape"])})
    if told.get("backend", "torch") == "torch":
        import torch

        torch.set_num_threads(available_cores())
    kinds = {
        "kgan": kgan_game,
        "pytorch": pytorch_game,
        "keras_pattern": keras_pattern,
        "tensorflow": tensorflow_game,
        "pipeline": input_pipeline,
    }
    run = kinds[told["kind"]](case, told)
    answers = {"first_step": run(1)}
    run(2)  # what compiles again for a second length of an epoch does it here
    for line in itertools.chain([None], sys.stdin):
        if line is not None:
            answers["seconds"] = run(int(line))
        print(json.dumps({**answers, "peak_megabytes": peak_megabytes()}), flush=True)


def peak_megabytes():
    """The most memory that this process has held. (What `resource` says begins with that of the process that started
    it.)
    """
    status = Path("/proc/self/status")
    return int(re.search(r"VmHWM:\s+(\d+)", status.read_text())[1]) / 1024 if status.exists() else float("nan")


def batches(case, count):
    """Random samples, float32 in [-1, 1]."""
    import numpy as np

    return np.random.default_rng(0).uniform(-1, 1, (count * case.batch, *case.shape)).astype("float32")


def players(case):
    import kgan

    if case.game == "toy":
        leaky = {"units": (128, 128, 128), "activation": "leaky_relu"}
        return kgan.networks.mlp(case.latent_dim, 2, **leaky), kgan.networks.mlp(2, 1, **leaky)
    generator = kgan.networks.dcgan_generator(case.shape, case.latent_dim, case.filters)
    return generator, kgan.networks.dcgan_discriminator(case.shape, case.filters, normalization=case.normalization)


def kgan_game(case, told):
    import keras

    import kgan

    keras.config.set_dtype_policy(told.get("precision", "float32"))
    variants = {"dcgan": kgan.DCGAN, "wgan_gp": kgan.WGANGP, "sngan": kgan.SNGAN, "r3gan": kgan.R3GAN, "toy": kgan.GAN}
    model = variants[case.game](*players(case), seed=0)
    adam = (keras.optimizers.Adam(2e-4, beta_1=0.5) for _ in range(2))
    moves = {} if case.critic_steps == 1 else {"critic_steps": case.critic_steps}
    model.compile(*adam, **moves, steps_per_execution=case.execution if told.get("tuned") else 1)
    return fit(model, case)


def keras_pattern(case, told):
    import keras

    generator, discriminator = players(case)
    model = module("studies/keras_pattern").keras_gan(generator, discriminator, case.latent_dim)
    model.compile(
        *(keras.optimizers.Adam(2e-4, beta_1=0.5) for _ in range(2)), keras.losses.BinaryCrossentropy(from_logits=True)
    )
    model.built = True
    return fit(model, case)


def fit(model, case):
    """Seconds of the steps of an epoch, by the clock of callbacks: what `fit` does before and after it is no step."""
    import keras

    class Clock(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.began = time.perf_counter()

        def on_epoch_end(self, epoch, logs=None):
            self.seconds = time.perf_counter() - self.began

    def run(steps):
        clock = Clock()
        model.fit(batches(case, steps), batch_size=case.batch, verbose=0, callbacks=[clock])
        return clock.seconds

    return run


def input_pipeline(case, told):
    """What feeds the steps, with no step to feed."""
    import kgan

    model = kgan.GAN(*players(case), seed=0)

    def run(steps):
        data = model.feed(kgan.data.Batches(batches(case, steps), batch_size=case.batch))
        began = time.perf_counter()
        for _ in data:
            pass
        return time.perf_counter() - began

    return run


def pytorch_game(case, told):
    from pytorch_loops import Game

    return loop(Game(case, told.get("channels_last", False), "precision" in told).step, case)


def tensorflow_game(case, told):
    """DCGAN as one writes it without a library: what the time to the first step and the memory are measured against."""
    import keras
    import tensorflow as tf

    generator, discriminator = players(case)
    adams = [keras.optimizers.Adam(2e-4, beta_1=0.5) for _ in range(2)]

    @tf.function
    def step(real):
        latents = tf.random.normal((case.batch, case.latent_dim))
        with tf.GradientTape() as generator_tape:
            fake = generator(latents, training=True)
            with tf.GradientTape() as tape:
                on_real, on_fake = (
                    discriminator(real, training=True),
                    discriminator(tf.stop_gradient(fake), training=True),
                )
                loss = tf.reduce_mean(tf.nn.softplus(-on_real) + tf.nn.softplus(on_fake))
            adams[1].apply_gradients(
                zip(tape.gradient(loss, discriminator.trainable_variables), discriminator.trainable_variables)
            )
            loss = tf.reduce_mean(tf.nn.softplus(-discriminator(fake, training=True)))
        adams[0].apply_gradients(
            zip(generator_tape.gradient(loss, generator.trainable_variables), generator.trainable_variables)
        )

    return loop(lambda batch: step(tf.constant(batch)), case)


def loop(step, case):
    def run(steps):
        samples = batches(case, steps)
        began = time.perf_counter()
        for start in range(0, len(samples), case.batch):
            step(samples[start : start + case.batch])
        return time.perf_counter() - began

    return run


# ---- the ceiling -----------------------------------------------------------------------------------------------------


def ceiling():
    """Best rate of a matrix product in this run, GFLOP/s, in float32 and bfloat16, by TensorFlow."""
    import tensorflow as tf

    rates = {}
    for precision in ("float32", "bfloat16"):
        matrix = tf.cast(tf.random.normal((2048, 2048)), precision)
        product, best = tf.function(tf.matmul), float("inf")
        for _ in range(8):
            began = time.perf_counter()
            product(matrix, matrix).numpy()
            best = min(best, time.perf_counter() - began)
        rates[precision] = 2 * 2048**3 / best / 1e9
    return rates


def gigaflops(case):
    """Multiplications and additions of a step, in units of 1e9: a pass of a network counts once forwards, once for
    gradients at its input and once for those of its weights; a gradient of a gradient costs as much as a pass and its
    backward pass again.
    """
    generator, discriminator = (forward(network) for network in players(case))
    judged = {"wgan_gp": 2 * 3 + 6, "r3gan": 2 * 6}.get(case.game, 2 * 3)  # passes of D a move, real and fake
    asked = 3 if case.game == "r3gan" else 2  # of D for G's move
    return (
        case.batch * ((case.critic_steps + 2) * generator + (case.critic_steps * judged + asked) * discriminator) / 1e9
    )


def forward(network):
    """Multiplications and additions of one sample's way through a network."""
    import keras

    total = 0
    for layer in network.layers:
        kernel = getattr(getattr(layer, "layer", layer), "kernel", None)
        if kernel is None:
            continue
        places = 1
        shape = layer.input.shape if isinstance(layer, keras.layers.Conv2DTranspose) else layer.output.shape
        for size in shape[1:-1]:
            places *= size
        count = 1
        for size in kernel.shape:
            count *= size
        total += 2 * places * count
    return total


# ---- the run ---------------------------------------------------------------------------------------------------------


class Contender:
    """A worker that waits for its turn."""

    def __init__(self, name, told, case):
        self.name, self.case, self.seconds = name, case, []
        alone = {"CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu", "TF_CPP_MIN_LOG_LEVEL": "3"}
        environment = {**os.environ, **alone, "KERAS_BACKEND": told.get("backend", "torch")}
        command = [sys.executable, __file__, "--work", json.dumps({**told, "case": dataclasses.asdict(case)})]
        self.errors, pipe = tempfile.TemporaryFile("w+"), subprocess.PIPE
        self.process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=self.errors, text=True, env=environment
        )
        self.first_step = self.answer()["first_step"]

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            self.errors.seek(0)
            raise RuntimeError(f"{self.name} on {self.case.game} stopped:\n{self.errors.read()[-2000:]}")
        return json.loads(line)

    def turn(self):
        self.process.stdin.write(f"{self.case.steps}\n")
        self.process.stdin.flush()
        answer = self.answer()
        self.seconds.append(answer["seconds"])
        self.peak = answer["peak_megabytes"]

    def figures(self):
        rates = sorted(self.case.batch * self.case.steps / seconds for seconds in self.seconds)
        return {
            "images_per_second": statistics.median(rates),
            "spread": [rates[0], rates[-1]],
            "first_step": self.first_step,
            "peak_megabytes": self.peak,
        }

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def plays(name, told, case):
    """Whether a contender has that case: some are written for DCGAN alone, and points have no channels."""
    if name in DCGAN_ONLY:
        return case.game == "dcgan"
    return case.game != "toy" or not told.get("channels_last")


def timed(case, told):
    """The case as a contender plays it: as many samples a turn in batches of another size; more of them for the
    pipeline, which is faster than a step.
    """
    if told["kind"] == "pipeline":
        return dataclasses.replace(case, steps=20 * case.steps)
    batch = told.get("batch", case.batch)
    return dataclasses.replace(case, batch=batch, steps=case.steps * case.batch // batch)


def compare(case, chosen):
    """All contenders' figures on one case."""
    contenders = [Contender(name, told, timed(case, told)) for name, told in chosen.items() if plays(name, told, case)]
    for _ in range(TURNS):
        for contender in contenders:
            contender.turn()
    for contender in contenders:
        contender.close()
    return {contender.name: contender.figures() for contender in contenders}


def import_seconds(backend):
    """What `import kgan` takes after `import keras`."""
    code = "import time, keras; began = time.perf_counter(); import kgan; print(time.perf_counter() - began)"
    environment = {**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
    return float(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True).stdout
    )


def table(name, case, figures, ceilings):
    """One case as a `rich` table. "kgan is" so many times as fast as the row's: the tuned one, where it plays, else
    that of the first row.
    """
    import rich.table

    flops = gigaflops(case)
    mine = figures.get("kgan, TensorFlow, tuned", next(iter(figures.values())))["images_per_second"]
    result = rich.table.Table(title=f"{name}: {flops:.1f} GFLOP a step of {case.batch}")
    for column in ("contender", "samples/s", "spread", "kgan is", "of the ceiling", "first step", "peak memory"):
        result.add_column(column, justify="left" if column == "contender" else "right")
    for contender, values in figures.items():
        rate, spread = values["images_per_second"], values["spread"]
        most = ceilings["bfloat16" if "bfloat16" in contender else "float32"]
        share = "" if case.game == "toy" or contender == PIPELINE else f"{rate / case.batch * flops / most:.0%}"
        cells = (f"{rate:,.0f}", f"{spread[0]:,.0f}-{spread[1]:,.0f}", f"{mine / rate:.2f}x", share)
        result.add_row(contender, *cells, f"{values['first_step']:.1f} s", f"{values['peak_megabytes']:,.0f} MB")
    return result


def plot(results, path):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 2.6 * len(results)), layout="constrained")
    for axes, (name, figures) in zip(figure.subplots(len(results), squeeze=False)[:, 0], results.items()):
        figures = {contender: values for contender, values in figures.items() if contender != PIPELINE}
        rates = [values["images_per_second"] for values in figures.values()]
        errors = [
            [abs(values["images_per_second"] - values["spread"][end]) for values in figures.values()] for end in (0, 1)
        ]
        axes.barh(
            list(figures),
            rates,
            xerr=errors,
            color=["tab:orange" if contender.startswith("kgan") else "0.6" for contender in figures],
        )
        axes.invert_yaxis()
        axes.set(title=name, xlabel="samples/s")
    figure.savefig(path, dpi=100)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{' and '.join(QUICK)} alone, in float32")
    parser.add_argument("--case", choices=CASES, action="append", help="one case; may be given more than once")
    parser.add_argument(
        "--batches",
        action="store_true",
        help="DCGAN at 28x28 alone, with batches of 32, 64, 128 and 256 that take turns",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw them there too")
    parser.add_argument("--work", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        return work(json.loads(options.work))
    from rich.console import Console

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with silence():
        import tensorflow  # noqa: F401
    console = Console(width=None if sys.stdout.isatty() else 120)
    chosen = {name: told for name, (framework, told) in CONTENDERS.items() if importlib.util.find_spec(framework)}
    cases = {name: CASES[name] for name in options.case or CASES}
    if options.quick:
        cases, chosen = QUICK, {name: told for name, told in chosen.items() if "precision" not in told}
    if options.batches:
        few = {name: chosen[name] for name in ("kgan, TensorFlow", "PyTorch, channels last") if name in chosen}
        cases = {"dcgan28": CASES["dcgan28"]}
        chosen = {f"{name}, batch {batch}": {**told, "batch": batch} for name, told in few.items() for batch in BATCHES}
    for path in filter(None, (options.json, options.plot)):
        path.parent.mkdir(parents=True, exist_ok=True)
    imports = {told["backend"]: import_seconds(told["backend"]) for told in chosen.values() if told["kind"] == "kgan"}
    console.print(
        "import kgan after import keras: "
        + ", ".join(f"{seconds:.2f} s on {backend}" for backend, seconds in imports.items())
        + "."
    )
    ceilings, results = ceiling(), {}
    console.print(
        f"Ceiling: {ceilings['float32']:.0f} GFLOP/s in float32, {ceilings['bfloat16']:.0f} in bfloat16; "
        f"{available_cores()} cores."
    )
    for name, case in cases.items():
        results[name] = compare(case, chosen)
        console.print(table(name, case, results[name], ceilings))
        if options.json:
            found = {
                "results": results,
                "ceiling": ceilings,
                "import_seconds": imports,
                "cores": available_cores(),
                "date": time.strftime("%Y-%m-%d"),
            }
            options.json.write_text(json.dumps(found, indent=2) + "\n")
        if options.plot:
            plot(results, options.plot)


if __name__ == "__main__":
    main()
