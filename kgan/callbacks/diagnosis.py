"""What is going wrong with a game, in a sentence, while it trains."""

import csv
import io
import math
import pathlib
import warnings

import keras
import numpy as np
from keras import ops

from kgan.callbacks.directories import replace, writable
from kgan.callbacks.distances import mean_pairwise_distance, vectors
from kgan.callbacks.real_samples import RealSamples
from kgan.callbacks.sentences import say
from kgan.callbacks.subjects import check_latents
from kgan.losses import FDivergence
from kgan.losses.adversarial_loss import per_sample
from kgan.metrics import mode_report, precision_recall

COLUMNS = ("epoch", "quality", "recall", "diversity", "modes", "real_accuracy", "generated_accuracy")
NEIGHBOURS = 3
REMEDIES = {
    "non-finite samples": "stop at the first such loss and go back to the last checkpoint (kgan.callbacks.NaNGuard), "
    "then lower the learning rates.",
    "collapse": "relativistic pairs with R1 and R2 penalties (kgan.R3GAN; Huang et al. 2024) or a Wasserstein critic "
    "(kgan.WGANGP; Gulrajani et al. 2017) are what the literature turns to.",
    "dropped modes": "relativistic pairs with R1 and R2 penalties (kgan.R3GAN; Huang et al. 2024) or a Wasserstein "
    "critic (kgan.WGANGP; Gulrajani et al. 2017) cover more; showing the discriminator several samples at once "
    "(PacGAN; Lin et al. 2018) helps as well.",
    "a discriminator that has won": "from there the generator learns little (Arjovsky and Bottou 2017). Spectral "
    "normalisation (kgan.SNGAN; Miyato et al. 2018), a penalty on its gradient (kgan.R3GAN, kgan.WGANGP) or a smaller "
    "learning rate of its own hold it back.",
    "a discriminator that is too weak": "more moves of it (`compile(critic_steps=...)`), a larger learning rate of "
    "its own (TTUR; Heusel et al. 2017) or more units help.",
}


class Diagnosis(keras.callbacks.Callback):
    """Watch a game for collapse, dropped modes and a discriminator that has won or given up; say so in a sentence, with
    what the literature does about it.

    After every `every`-th epoch it generates samples from the same latents in inference mode and measures

    - `diversity`: their mean pairwise distance over that of real samples. Around 1 is right; 0 is one sample
      repeated, a collapse. Dropping some of many modes hardly lowers it: `modes` or `recall` shows that;
    - `quality`: of points whose modes are known, the share within 3 deviations of a mode (`kgan.metrics.mode_report`);
      of anything else the share that lies nearer to some real sample than that one's third nearest real neighbour (the
      improved precision of Kynkäänniemi et al.), in pixels or in `features`. Real samples that are not among those are
      scored too, and drawn as the line to reach. In pixels, smooth images score well and shifted ones do not: compare a
      run with itself and its real line, no more;
    - `modes`: how many the samples cover, where they are known;
    - `recall`, where they are not: the share of real samples that lie nearer to some generated one than that one's
      third nearest generated neighbour (the improved recall of the same paper), with that of the real samples held
      out as the line to reach. It falls where modes are dropped: MNIST of five classes has 0.63 in pixels where all
      of MNIST has 0.88, and a diversity of 1.01;
    - `real_accuracy`, `generated_accuracy`: shares that the discriminator judges rightly in inference mode, by the
      `threshold` of its loss. A relativistic game judges pairs: both are the share of pairs that it orders rightly. A
      Wasserstein critic has no threshold and goes without.

    It speaks when something has been wrong at two looks running and when that has ended, not in between. At 0.5 a
    discriminator's accuracy is wrong only where quality is poor: otherwise it is the game's end. With a directory,
    `diagnosis.csv` holds every figure and `diagnosis.png` draws quality, diversity and recall (or modes) as curves;
    both are rewritten at each look, and a resumed run goes on with its own, sentences included, which it does not say
    again. The state of training does not change.

    Args:
        directory: where the two files go; created if need be. None: sentences alone.
        real: real samples: array `(n, ...)`, images float32 in [-1, 1], or a `kgan.data` set. Half of what is used
            serves as reference, half as held out.
        centres: modes `(k, d)` of the data, of which the samples are points `(n, d)`; by default those of a
            `kgan.data.mixture`.
        deviation: standard deviation of each coordinate about a centre; by default the mixture's.
        features: Keras model of samples to vectors or maps, in whose output distances are taken; None for the samples
            themselves (Euclidean).
        every: epochs between looks. The last epoch is looked at in any case.
        samples: generated samples, and real ones in each half (fewer where there are fewer); at least 8.
        labels: for conditional variants: classes to generate, repeated as often as need be. Their discriminators take
            more than samples, and go without accuracy. None for all others.
        seed: integer that fixes the latents and the choice of real samples.
        picture: whether to draw `diagnosis.png`, which takes longer than a look at small images.

    Attributes:
        history: list of one dict a look; keys `epoch` and the six above, NaN where not measured.
        said: list of every sentence about this run so far, each as `(epoch, sentence)`.
        findings: names of what is wrong now: `"non-finite samples"`, `"collapse"`, `"dropped modes"`, `"a discriminator
            that has won"`, `"a discriminator that is too weak"`.
        collapsed, dropped, won, weak, poor: bounds of our own choice: diversity below 0.5; recall below 0.75 of what
            real samples have, while quality is not poor; both accuracies from 0.98 on; their mean up to 0.55 while
            quality is below 0.5 of what real samples have.

    Raises:
        OSError: when `fit` starts: the directory cannot be created or written. A disk that is full later costs a
            warning a look.
        TypeError: real samples that are neither an array nor a `kgan.data` set.
        ValueError: `every` below 1, `samples` below 8, fewer than 16 real samples, centres without a deviation or of
            another dimension than the samples; or, when `fit` starts, generated samples of another shape than the real
            ones.

    Example:

    >>> train = kgan.data.mixture("ring")
    >>> gan = kgan.GAN(generator=kgan.networks.mlp(2, 2), discriminator=kgan.networks.mlp(2, 1))
    >>> gan.compile()
    >>> gan.fit(train, epochs=20, callbacks=[kgan.callbacks.Diagnosis("diagnosis", train)])

    References:
        Kynkäänniemi et al., Improved Precision and Recall Metric for Assessing Generative Models, 2019,
            https://arxiv.org/abs/1904.06991
        Arjovsky, Bottou, Towards Principled Methods for Training Generative Adversarial Networks, 2017,
            https://arxiv.org/abs/1701.04862
    """

    collapsed, dropped, won, weak, poor = 0.5, 0.75, 0.98, 0.55, 0.5

    def __init__(
        self,
        directory,
        real,
        centres=None,
        deviation=None,
        features=None,
        every=1,
        samples=1000,
        labels=None,
        seed=0,
        picture=True,
    ):
        super().__init__()
        if every < 1 or samples < 8:
            raise ValueError(f"`every` must be at least 1 epoch and `samples` at least 8, not {every} and {samples}.")
        self.directory = None if directory is None else pathlib.Path(directory)
        self.real = RealSamples(real, 16, "Diagnosis")
        if centres is None and deviation is None:
            centres, deviation = getattr(real, "centres", None), getattr(real, "deviation", None)
        if (centres is None) != (deviation is None):
            raise ValueError("Modes are known by their `centres` and their `deviation`: give both, or neither.")
        self.centres, self.deviation = None if centres is None else np.asarray(centres, "float64"), deviation
        chosen = np.random.default_rng(seed).permutation(len(self.real))[: 2 * samples]
        # In this random order: a packed game judges neighbours at once, and those in the data may be of one class.
        self.reference, self.held_out = self.real[chosen[::2]], self.real[chosen[1::2]]
        if centres is not None:
            mode_report(self.held_out, self.centres, deviation)  # refuses what does not fit
        self.features, self.every, self.samples, self.seed, self.picture = features, every, samples, seed, picture
        self.labels = None if labels is None else np.resize(labels, samples)
        self.history, self.findings, self.said = [], [], []

    # ---- when --------------------------------------------------------------------------------------------------------

    def on_train_begin(self, logs=None):
        if self.directory is not None:
            self.directory = writable(self.directory, "Diagnosis")
        check_latents(self)
        self.real.check_like(self._generated(), "Diagnosis")
        self._prepare()
        self._begun, self._done, self._seen, self.findings, self.said = False, None, [], [], []
        without = self._without_accuracy()
        if without:
            say(self, f"Diagnosis: {without}, so its accuracy is not measured.")

    def on_epoch_begin(self, epoch, logs=None):
        if not self._begun:
            # Not in `on_train_begin`: only here is it known at which epoch a resumed run goes on.
            self._recall(epoch)

    def on_epoch_end(self, epoch, logs=None):
        self._done = epoch + 1
        if self._done % self.every == 0:
            self._look(self._done)

    def on_train_end(self, logs=None):
        if not self._begun:  # all epochs were done
            self._recall((self.params or {}).get("epochs"))
        if self._done is None:
            return
        if self._done % self.every:
            self._look(self._done)
        if len(self._seen) == 1:
            self._speak(self._done, self._seen[-1], self._seen[-1])

    def _look(self, epoch):
        measured = {"epoch": epoch, **self.measure()}
        self.history.append(measured)
        self._seen.append(self.judge(measured))
        if len(self._seen) > 1:
            self._speak(epoch, *self._seen[-2:])
        if self.directory is not None:
            self._write()

    def _recall(self, epoch):
        """Take up what was seen and said of this run before `epoch`, where it goes on."""
        self._begun, self.history = True, self._earlier(epoch)
        self._seen = [self.judge(measured) for measured in self.history]
        for measured, before, now in zip(self.history[1:], self._seen, self._seen[1:]):
            self._conclude(measured["epoch"], before, now)

    def _speak(self, epoch, before, now):
        known = len(self.said)
        self._conclude(epoch, before, now)
        for _, sentence in self.said[known:]:
            say(self, f"Diagnosis, epoch {epoch}: {sentence}")

    def _conclude(self, epoch, before, now):
        """Put into words what two looks running have shown to begin or to end."""
        for name in now:
            if name in before and name not in self.findings:
                self.findings.append(name)
                self.said.append((epoch, f"{now[name]}: {REMEDIES[name]}"))
        for name in [name for name in self.findings if name not in before and name not in now]:
            self.findings.remove(name)
            self.said.append((epoch, f"no more sign of {name}."))

    # ---- what --------------------------------------------------------------------------------------------------------

    def measure(self):
        """The six figures of the model as it stands, a dict; NaN where one cannot be measured."""
        generated = self._generated()
        figures = dict.fromkeys(COLUMNS[1:], math.nan)
        embedded = vectors(generated, self.features)
        if not (np.isfinite(generated).all() and np.isfinite(embedded).all()):
            return figures
        figures["diversity"] = mean_pairwise_distance(embedded) / self._real_spread
        if self.centres is None:
            figures["quality"], figures["recall"] = self._precision_and_recall(embedded)
        else:
            report = mode_report(generated, self.centres, self.deviation)
            figures["quality"], figures["modes"] = report["high_quality"], report["modes"]
        if not self._without_accuracy():
            figures["real_accuracy"], figures["generated_accuracy"] = self._accuracies(generated)
        return {name: float(figure) for name, figure in figures.items()}

    def judge(self, measured):
        """Dict of what is wrong by these figures to how it shows; empty where nothing is."""
        found, accuracy = {}, (measured["real_accuracy"] + measured["generated_accuracy"]) / 2
        if math.isnan(measured["diversity"]):
            return {"non-finite samples": "the generator returns NaN or infinity"}
        if measured["diversity"] < self.collapsed:
            found["collapse"] = (
                f"collapse, samples differ from one another by only {measured['diversity']:.2f} of what real ones do"
            )
        elif self.centres is not None and measured["modes"] < len(self.centres):
            found["dropped modes"] = f"{measured['modes']:.0f} of {len(self.centres)} modes are covered"
        elif measured["recall"] < self.dropped * self.real_recall and not self._is_poor(measured):
            found["dropped modes"] = (
                f"dropped modes, the samples are good (quality {measured['quality']:.2f}) and differ from one another, "
                f"but only {measured['recall']:.2f} of the real ones lie among them "
                f"(real samples: {self.real_recall:.2f})"
            )
        rates = f"{measured['real_accuracy']:.0%} of real and {measured['generated_accuracy']:.0%} of generated samples"
        if min(measured["real_accuracy"], measured["generated_accuracy"]) >= self.won:
            found["a discriminator that has won"] = f"the discriminator is right about {rates}"
        if accuracy <= self.weak and self._is_poor(measured):
            found["a discriminator that is too weak"] = (
                f"the discriminator is right about {rates}, as by chance, though the quality of what it judges is "
                f"{measured['quality']:.2f} (real samples: {self.real_quality:.2f})"
            )
        return found

    def _is_poor(self, measured):
        return measured["quality"] < self.poor * self.real_quality

    def _prepare(self):
        reference = vectors(self.reference, self.features)
        self._reference, self._real_spread = reference, mean_pairwise_distance(reference)
        if not self._real_spread:
            raise ValueError("All real samples are the same: there is nothing to compare diversity with.")
        if self.centres is None:
            self.real_quality, self.real_recall = self._precision_and_recall(vectors(self.held_out, self.features))
        else:
            self.real_quality = mode_report(self.held_out, self.centres, self.deviation)["high_quality"]
            self.real_recall = math.nan

    def _precision_and_recall(self, embedded):
        return precision_recall(self._reference, embedded, NEIGHBOURS).values()

    def _generated(self):
        latents = self.model.random_latents(self.samples, np.random.default_rng(self.seed))
        labels = {} if self.labels is None else {"labels": self.labels}
        # Without labels a conditional game draws classes at random here: the same each time.
        return self.model.generate(latents=latents, seed=self.seed, **labels)

    def _without_accuracy(self):
        """Why accuracy cannot be measured, or None."""
        loss, discriminator = getattr(self.model, "adversarial_loss", None), getattr(self.model, "discriminator", None)
        if loss is None or discriminator is None or len(getattr(discriminator, "inputs", None) or [None]) > 1:
            return f"{type(self.model).__name__} has no discriminator of samples alone"
        if loss.threshold is None and not loss.paired:
            return f"the scores of a {type(loss).__name__} critic have no threshold between real and generated"
        return None

    def _accuracies(self, generated):
        loss, real = self.model.adversarial_loss, self._logits(self.held_out)
        fake = self._logits(generated)
        if loss.threshold is None:
            pairs = (real[:, None] > fake).mean()
            return pairs, pairs
        return (real > loss.threshold).mean(), (fake <= loss.threshold).mean()

    def _logits(self, samples):
        """Judgements `(n,)`, or one a pack, on the scale of the loss's `threshold`; a map of them is averaged."""
        parts, loss = [], self.model.adversarial_loss
        for start in range(0, len(samples), 256):
            outputs = self.model.discriminator(self._packed(samples[start : start + 256]), training=False)
            # Of several outputs the first one is the logit: InfoGAN, ACGAN, MGAN.
            logits = ops.cast(outputs[0] if isinstance(outputs, (list, tuple)) else outputs, "float32")
            judged = loss.activation(logits) if isinstance(loss, FDivergence) else logits
            parts.append(ops.convert_to_numpy(per_sample(judged)))
        return np.concatenate(parts)

    def _packed(self, samples):
        """Samples as the discriminator takes them: side by side in a game that packs them (PacGAN)."""
        return samples if getattr(self.model, "packing", 1) == 1 else self.model.packed(samples)

    # ---- files -------------------------------------------------------------------------------------------------------

    def _earlier(self, epoch):
        """Looks of this run up to `epoch`, which a resumed run goes on from."""
        path = None if self.directory is None else self.directory / "diagnosis.csv"
        if not epoch or path is None or not path.exists():
            return []
        with open(path, newline="") as file:
            # A table of before recall was measured has no such column.
            rows = [{name: float(row.get(name) or "nan") for name in COLUMNS} for row in csv.DictReader(file)]
        return [{**row, "epoch": int(row["epoch"])} for row in rows if row["epoch"] <= epoch]

    def _write(self):
        text = io.StringIO()
        table = csv.writer(text)
        table.writerow(COLUMNS)
        table.writerows(
            [["" if math.isnan(row[name]) else f"{row[name]:.6g}" for name in COLUMNS] for row in self.history]
        )
        try:
            replace(self.directory / "diagnosis.csv", lambda file: file.write(text.getvalue().encode()))
            if self.picture:
                replace(self.directory / "diagnosis.png", self._draw)
        except OSError as error:
            warnings.warn(
                f"Diagnosis could not write into {str(self.directory)!r}, training goes on: {error}",
                RuntimeWarning,
                stacklevel=3,
            )

    def _draw(self, file):
        from matplotlib.figure import Figure

        figure = Figure(figsize=(8, 4.5), layout="constrained")
        axes = figure.subplots()
        epochs, mark = [row["epoch"] for row in self.history], "o-" if len(self.history) == 1 else "-"
        quality, diversity = ([row[name] for row in self.history] for name in ("quality", "diversity"))
        axes.plot(epochs, quality, mark, color="#00607a", label="quality: share of samples among the real ones")
        axes.axhline(self.real_quality, color="#00607a", linestyle=":", label="quality of real samples held out")
        axes.plot(epochs, diversity, mark, color="#d1495b", label="diversity: pairwise distance over the real one")
        if self.centres is None:
            recall, grey = [row["recall"] for row in self.history], {"color": "0.6", "zorder": 1}
            axes.plot(epochs, recall, mark, **grey, label="recall: share of real samples among the generated")
            axes.axhline(self.real_recall, **grey, linestyle=":", label="recall of real samples held out")
        else:
            shares = [row["modes"] / len(self.centres) for row in self.history]
            axes.plot(
                epochs, shares, mark, color="0.7", zorder=1, label=f"share of the {len(self.centres)} modes covered"
            )
        axes.set(xlabel="epoch", ylim=(0, None), title="Quality and diversity")
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.spines[["top", "right"]].set_visible(False)
        figure.legend(frameon=False, loc="outside lower center", ncols=2)
        figure.savefig(file, format="png", dpi=100)
