"""Theory that runs: seven chapters on what GANs minimise, each a picture and the numbers behind it, in one or two
minutes on 2 cores.

    python recipes/studies/divergences.py                      # all chapters
    python recipes/studies/divergences.py distance film        # some of them

    distance      JS is stuck at log 2 where two supports have parted; the earth mover's distance grows with slope 1
    modes         one Gaussian fitted to a mixture of two: KL blurs, reverse KL drops a mode
    likelihood    maximum likelihood is the minimum of KL
    optimal       a trained discriminator becomes D* = p/(p + q)
    value         V(G, D*) = -2 log 2 + 2 JSD, and no other D reaches it
    conjugates    every f of f-GAN's table is the upper edge of the lines that its conjugate describes
    film          uniform noise becomes a normal distribution but for its tails, and D comes near 1/2

Pictures go to runs/divergences. Densities and integrals are in recipes/studies/quadrature.py. f-GAN's own experiment is
recipes/fgan.py.

Goodfellow et al., 2014, https://arxiv.org/abs/1406.2661; Nowozin et al., 2016, https://arxiv.org/abs/1606.00709;
Arjovsky et al., 2017, https://arxiv.org/abs/1701.07875
"""

import argparse
import os
import sys
from pathlib import Path

import numpy as np
import quadrature as on_grid
from matplotlib.figure import Figure

from kgan.runs import Mistake, silence
from kgan.runs.command_line import Parser
from kgan.runs.folder import check_writable

LOG_2 = np.log(2)
MODES = ((0.4, -2.0, 0.5), (0.6, 2.5, 0.5))  # weight, mean, deviation
DIVERGENCES = (
    "kl",
    "reverse_kl",
    "pearson",
    "neyman",
    "squared_hellinger",
    "jeffrey",
    "jensen_shannon",
    "gan",
    "total_variation",
    "alpha",
)
BLUE, RED, GREEN, GREY = "#00607a", "#d1495b", "#3a7d44", "0.85"


def distance(out, seed):
    """P = U(0, 1) and Q = U(shift, shift + 1): they overlap up to a shift of 1."""
    x = np.linspace(-0.5, 5.5, 12_001) + 0.00025  # no point on an edge
    shifts = np.linspace(0, 4, 81)
    box = ((x > 0) & (x < 1)).astype("float64")
    pairs = [(box, ((x > shift) & (x < shift + 1)).astype("float64")) for shift in shifts]
    js = np.array([on_grid.jensen_shannon(x, p, q) for p, q in pairs])
    earth = np.array([on_grid.earth_mover(x, p, q) for p, q in pairs])
    parted = shifts >= 1
    print(
        f"  JSD at a shift of 1, 2 and 4:   {js[20]:.6f} {js[40]:.6f} {js[80]:.6f}    log 2 = {LOG_2:.6f}; slope "
        f"{np.ptp(js[parted]) / 3:.6f}"
    )
    print(
        f"  W_1 at a shift of 1, 2 and 4:   {earth[20]:.6f} {earth[40]:.6f} {earth[80]:.6f}    slope "
        f"{(earth[80] - earth[20]) / 3:.6f}"
    )
    figure, axes = picture(
        "shift between U(0, 1) and U(shift, shift + 1)",
        "distance",
        "Once the supports have parted, JS does not say how far",
    )
    axes.axvspan(1, 4, color="0.95")
    axes.text(2.5, 0.2, "no overlap", ha="center", color="0.4")
    axes.plot(shifts, js, color=RED, label="Jensen-Shannon divergence: log 2 from there on")
    axes.plot(shifts, earth, color=BLUE, label="earth mover's distance: the shift itself")
    return finish(figure, axes, out / "distance.png")


def modes(out, seed):
    """The KL divergence forbids q to be small where p is not, its reverse the opposite."""
    x = np.linspace(-7, 8, 3001)
    p = on_grid.mixture(x, MODES)
    fits = {
        "KL(P || Q)": on_grid.fit_gaussian(x, p, on_grid.kl),
        "KL(Q || P)": on_grid.fit_gaussian(x, p, lambda x, p, q: on_grid.kl(x, q, p)),
    }
    valley, lighter = p < 0.01 * p.max(), np.abs(x + 2) < 1.5
    figure, axes = picture("x", "density", "One Gaussian for two modes: KL blurs, reverse KL drops one")
    axes.fill_between(x, p, color=GREY, label="data P")
    for (name, fit), colour in zip(fits.items(), (BLUE, RED)):
        q = on_grid.normal(x, *fit)
        print(
            f"  least {name}: mean {fit[0]:.4f}, deviation {fit[1]:.4f}; {on_grid.expectation(x, q, valley):.1%} of Q "
            f"lies where p is below 1% of its peak, {on_grid.expectation(x, q, lighter):.1%} at the lighter mode, "
            f"which has {on_grid.expectation(x, p, lighter):.1%} of P"
        )
        axes.plot(x, q, color=colour, label=f"Q of least {name}: N({fit[0]:.2f}, {fit[1]:.2f}²)")
    return finish(figure, axes, out / "modes.png")


def likelihood(out, seed):
    """E_P[-log q] = KL(P || Q) + H(P), and H(P) does not depend on q: the mean log-likelihood of samples is KL upside
    down.
    """
    x = np.linspace(-30, 30, 12_001)
    p, samples = on_grid.mixture(x, MODES), on_grid.mixture_samples(MODES, 100_000, np.random.default_rng(seed))
    entropy = -on_grid.expectation(x, p, np.log(np.maximum(p, 1e-300)))
    best = on_grid.fit_gaussian(x, p, on_grid.kl)
    means = np.linspace(-3, 5, 81)
    divergences = np.array([on_grid.kl(x, p, on_grid.normal(x, mean, best[1])) for mean in means])
    figure, axes = picture(
        "mean of the Gaussian Q (its deviation is the best one)", "nats", "Maximum likelihood is the minimum of KL"
    )
    axes.plot(means, divergences, color=BLUE, label="KL(P || Q)")
    for count, colour in ((100, "0.65"), (len(samples), RED)):
        surprise = np.array([-np.log(on_grid.normal(samples[:count], mean, best[1])).mean() for mean in means])
        axes.plot(
            means, surprise - entropy, "--", color=colour, label=f"-(mean log-likelihood of {count:,} samples) - H(P)"
        )
    difference = np.abs(surprise - entropy - divergences).max()
    print(
        f"  least KL: mean {best[0]:.4f}, deviation {best[1]:.4f}; maximum likelihood of {count:,} samples: "
        f"{samples.mean():.4f}, {samples.std():.4f}"
    )
    print(
        f"  -(mean log-likelihood) - H(P) against KL(P || Q): largest difference {difference:.4f} over {len(means)} "
        f"Gaussians"
    )
    axes.axvline(best[0], color="0.5", linewidth=0.8)
    return finish(figure, axes, out / "likelihood.png")


def optimal(out, seed):
    """A `kgan.GAN` whose generator stands still at N(0.5, 1.5^2): what its discriminator learns."""
    import keras

    import kgan

    keras.utils.set_random_seed(seed)
    data = kgan.data.Batches(
        on_grid.mixture_samples(MODES, 100_000, np.random.default_rng(seed))[:, None], batch_size=1000, seed=seed
    )
    line = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    line.set_weights([np.array([[1.5]]), np.array([0.5])])
    gan = kgan.GAN(
        generator=line,
        discriminator=kgan.networks.mlp(1, 1, units=(64, 64), activation="tanh", kernel_initializer="glorot_uniform"),
    )
    epochs = 15
    gan.compile(
        generator_optimizer=keras.optimizers.SGD(0.0),
        discriminator_optimizer=keras.optimizers.Adam(
            keras.optimizers.schedules.CosineDecay(5e-3, epochs * len(data)), beta_1=0.5
        ),
        steps_per_execution=1 if keras.config.backend() == "torch" else len(data),
    )
    x = np.linspace(-6, 6, 1201)
    p, q = on_grid.mixture(x, MODES), on_grid.normal(x, 0.5, 1.5)
    best, before = p / (p + q), judge(gan, x)
    gan.fit(data, epochs=epochs, verbose=0)
    after = judge(gan, x)
    gaps = [on_grid.expectation(x, (p + q) / 2, np.abs(sigmoid(logits) - best)) for logits in (before, after)]
    print(f"  mean |D - D*| under (p + q)/2: {gaps[0]:.4f} before training, {gaps[1]:.4f} after")
    print(
        f"  V(G, D) = {on_grid.value(x, p, q, after):.4f} learned, V(G, D*) = "
        f"{on_grid.value(x, p, q, np.log(p / q)):.4f}"
    )
    figure, axes = picture("x", "density; D", "Where samples are, a trained discriminator is p/(p + q)")
    axes.fill_between(x, p, color=GREY, label="data p")
    axes.plot(x, q, color=GREEN, label="generator q, which stands still")
    axes.plot(x, best, color=RED, label="D* = p/(p + q)")
    axes.plot(x, sigmoid(after), "--", color=BLUE, label="D, learned from samples")
    return finish(figure, axes, out / "optimal.png", below=True)


def value(out, seed):
    """P = N(0, 1) and Q = N(m, 1); beside D* the discriminators whose logit is half of and twice that of D*."""
    import kgan

    x = np.linspace(-10, 14, 4001)
    gaps = np.linspace(0, 4, 41)
    p, others = on_grid.normal(x, 0, 1), [on_grid.normal(x, gap, 1) for gap in gaps]
    best = np.array([on_grid.value(x, p, q, np.log(p / q)) for q in others])
    identity = np.array([-2 * LOG_2 + 2 * on_grid.jensen_shannon(x, p, q) for q in others])
    divergence = np.array([on_grid.f_divergence(x, p, q, kgan.losses.get_divergence("gan")) for q in others])
    print(
        f"  V(G, D*) at m = 2: {best[20]:.9f}; -2 log 2 + 2 JSD: {identity[20]:.9f}; D_f of the divergence `gan`: "
        f"{divergence[20]:.9f}"
    )
    print(
        f"  largest difference over {len(gaps)} pairs: {np.abs(best - identity).max():.1e} and "
        f"{np.abs(best - divergence).max():.1e}"
    )
    figure, axes = picture(
        "m, for P = N(0, 1) and Q = N(m, 1)", "V(G, D)", "The best D turns V into the Jensen-Shannon divergence"
    )
    axes.plot(gaps, best, color=BLUE, label="V(G, D*) by quadrature")
    axes.plot(gaps[::2], identity[::2], "o", color=RED, markersize=4, label="-2 log 2 + 2 JSD")
    for share, style in ((0.5, "--"), (2.0, ":")):
        values = [on_grid.value(x, p, q, share * np.log(p / q)) for q in others]
        axes.plot(gaps, values, style, color="0.5", label=f"V of a D with {share:g} times the logit of D*")
    axes.axhline(-2 * LOG_2, color="0.8", linewidth=0.8, zorder=0)
    return finish(figure, axes, out / "value.png")


def conjugates(out, seed):
    """f(u) = max over t of u t - f*(t): each t is a line below f, and the highest lines trace it out."""
    import kgan

    x = np.linspace(-12, 12, 4001)
    p, q = on_grid.normal(x, 0, 1), on_grid.normal(x, 0.7, 1.2)
    figure = Figure(figsize=(12, 5.2), layout="constrained")
    figure.suptitle("Every f (blue) is the upper edge of its lines u t - f*(t) (grey, a line for each t)")
    figure.supxlabel("u = p/q")
    print(f"  {'':20}{'f* - sup (u t - f)':>20}{'D_f(P || Q)':>14}{'bound at T*':>14}{'difference':>12}")
    for name, axes in zip(DIVERGENCES, figure.subplots(2, 5, sharex=True).flat):
        divergence, u = kgan.losses.get_divergence(name), np.linspace(0.05, 4, 200)
        t = tangents(divergence)
        gap = np.abs(on_grid.compute(divergence.conjugate, t) - on_grid.conjugate_by_search(divergence.f, t)).max()
        both = on_grid.f_divergence(x, p, q, divergence), on_grid.variational_bound(x, p, q, divergence)
        print(f"  {name:20}{gap:20.1e}{both[0]:14.6f}{both[1]:14.6f}{abs(both[0] - both[1]):12.1e}")
        lines = np.outer(t, u) - on_grid.compute(divergence.conjugate, t)[:, None]
        values = on_grid.compute(divergence.f, u)
        axes.plot(u, lines.T, color="0.75", linewidth=0.8)
        axes.plot(u, values, color=BLUE)
        room = 0.15 * np.ptp(values)
        axes.set(title=name.replace("_", " "), ylim=(values.min() - room, values.max() + room), xlim=(0, 4))
    return finish(figure, None, out / "conjugates.png")


def tangents(divergence):
    """Slopes t = f'(u) at which f* is looked at: those of u from 1/10 to 10, or of nearly the whole domain where it is
    bounded.
    """
    if np.isfinite(divergence.domain).all():
        return 0.99 * np.linspace(*divergence.domain, 13)
    return on_grid.slope(divergence.f, np.geomspace(0.1, 10, 13))


def film(out, seed):
    from uniform_to_normal import film

    film(out, seed)


def judge(gan, x):
    """The discriminator's logits at x, float64."""
    from keras import ops

    return ops.convert_to_numpy(gan.discriminator(x.astype("float32")[:, None], training=False))[:, 0].astype("float64")


def sigmoid(logits):
    return 1 / (1 + np.exp(-logits))


def picture(x, y, title):
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    axes.set(xlabel=x, ylabel=y, title=title)
    return figure, axes


def finish(figure, axes, path, below=False):
    """Write the picture, with a legend where it has one pair of axes: within them, or below."""
    if axes is not None:
        axes.spines[["top", "right"]].set_visible(False)
        if below:
            figure.legend(frameon=False, loc="outside lower center", ncols=2)
        else:
            axes.legend(frameon=False)
    # Beside and renamed, by hand: a chapter of numbers alone starts no TensorFlow.
    unfinished = path.with_name(f".{path.name}")
    figure.savefig(unfinished, format="png", dpi=100)
    os.replace(unfinished, path)


CHAPTERS = {chapter.__name__: chapter for chapter in (distance, modes, likelihood, optimal, value, conjugates, film)}


def main():
    parser = Parser(
        prog="python recipes/studies/divergences.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("chapters", nargs="*", metavar="CHAPTER", help=f"of {', '.join(CHAPTERS)} (default: all)")
    parser.add_argument(
        "--out", metavar="DIR", default="runs/divergences", help="where pictures go (default: runs/divergences)"
    )
    parser.add_argument("--seed", type=int, default=0, help="fixes weights, latents and data (default: 0)")
    try:
        options = parser.parse_args()
        for name in options.chapters:
            if name not in CHAPTERS:
                raise Mistake(f"there is no chapter {name!r}; there are {', '.join(CHAPTERS)}")
        check_writable(Path(options.out))
    except Mistake as mistake:
        print(f"divergences: {mistake}", file=sys.stderr)
        sys.exit(2)
    chosen = options.chapters or list(CHAPTERS)
    if not {"distance", "modes", "likelihood"}.issuperset(chosen):
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        with silence():
            import kgan  # noqa: F401
    for name in chosen:
        print(f"{name}", flush=True)
        CHAPTERS[name](Path(options.out), options.seed)
        print(f"  {Path(options.out) / name}.png", flush=True)


if __name__ == "__main__":
    main()
