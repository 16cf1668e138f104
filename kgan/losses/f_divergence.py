import math

from keras import ops

from kgan.losses.adversarial_loss import AdversarialLoss
from kgan.losses.lookup import resolve


class FDivergence(AdversarialLoss):
    """The game of f-GAN: the discriminator tightens a lower bound on an f-divergence of data and model, the generator
    lowers it.

    D_f(P||Q) = E_Q[f(p/q)] >= E_P[T(x)] - E_Q[f*(T(x~))], with T = g_f(V(x)), where V is the raw output of the network,
    g_f maps it into the domain of the conjugate f*(t) = sup_u (u t - f(u)), and the bound is tight at T*(x) =
    f'(p(x)/q(x)). Per sample:

        L_D = -g_f(V(x)) + f*(g_f(V(x~)))
        L_G = -f*(g_f(V(x~))),   or with `alternative`   -g_f(V(x~))

    Minus the mean of L_D is the estimated bound. Values and gradients are finite for logits of +-100 in float32; to
    that end every exponential is exact up to e^40 and goes on as its tangent. Subclasses are the rows of the paper's
    table; each defines `f`, `conjugate`, `activation`, and `conjugate_of_activation` where f*(g_f(v)) has a stable
    form. Shapes, dtypes and errors: see `AdversarialLoss`.

    Args:
        alternative: bool. Whether the generator maximises g_f(V(x~)) instead of minimising the bound: the paper's
            remedy for weak gradients early in training, which no longer minimises D_f. Default False, the paper's
            algorithm 1.

    Attributes:
        domain: `(low, high)`, the interval on which f* is finite.
        threshold: f'(1). T(x) above it says "more likely real than generated".

    Example:

    >>> divergence = kgan.losses.Pearson()
    >>> keras.ops.convert_to_numpy(divergence.discriminator(np.array([[2.0], [0.0]]), np.array([[0.0], [2.0]])))
    array([-2.,  3.], dtype=float32)
    >>> float(divergence.f(3.0))
    4.0

    Reference:
        Nowozin et al., "f-GAN: Training Generative Neural Samplers using Variational Divergence Minimization", 2016.
        https://arxiv.org/abs/1606.00709
    """

    domain = (-math.inf, math.inf)
    threshold = 0.0

    def __init__(self, alternative=False):
        self.alternative = alternative

    def f(self, u):
        """f(u), for u = p/q > 0."""
        raise NotImplementedError(f"{type(self).__name__} must define f(u).")

    def conjugate(self, t):
        """f*(t), for t inside `domain`."""
        raise NotImplementedError(f"{type(self).__name__} must define conjugate(t).")

    def activation(self, v):
        """g_f(v): any logit to a t inside `domain`."""
        raise NotImplementedError(f"{type(self).__name__} must define activation(v).")

    def conjugate_of_activation(self, v):
        """f*(g_f(v)), for any logit."""
        return self.conjugate(self.activation(v))

    def _real(self, real):
        return -self.activation(real)

    def _generated(self, fake):
        return self.conjugate_of_activation(fake)

    def _generator(self, fake, real):
        return -self.activation(fake) if self.alternative else -self.conjugate_of_activation(fake)


class KL(FDivergence):
    """Kullback-Leibler, KL(P||Q): f(u) = u log u, f*(t) = exp(t - 1) on R, g_f(v) = v, T* = 1 + log(p/q). See
    `FDivergence`.
    """

    threshold = 1.0

    def f(self, u):
        return u * ops.log(u)

    def conjugate(self, t):
        return _exp(t - 1.0)

    def activation(self, v):
        return v


class ReverseKL(FDivergence):
    """Reverse KL, KL(Q||P): f(u) = -log u, f*(t) = -1 - log(-t) for t < 0, g_f(v) = -exp(-v), T* = -q/p. See
    `FDivergence`.
    """

    domain = (-math.inf, 0.0)
    threshold = -1.0

    def f(self, u):
        return -ops.log(u)

    def conjugate(self, t):
        return -1.0 - ops.log(-t)

    def activation(self, v):
        return -_exp(-v)

    def conjugate_of_activation(self, v):
        return v - 1.0


class Pearson(FDivergence):
    """Pearson chi-square: f(u) = (u - 1)^2, f*(t) = t^2/4 + t on R, g_f(v) = v, T* = 2(p/q - 1). See `FDivergence`.

    As in the paper f is taken on all of R. With u >= 0 alone, f*(t) would be -1 below t = -2; the paper's form lies
    above, so the bound holds.
    """

    def f(self, u):
        return ops.square(u - 1.0)

    def conjugate(self, t):
        return 0.25 * ops.square(t) + t

    def activation(self, v):
        return v


class Neyman(FDivergence):
    """Neyman chi-square: f(u) = (1 - u)^2/u, f*(t) = 2 - 2 sqrt(1 - t) for t < 1, g_f(v) = 1 - exp(-v), T* = 1 -
    (q/p)^2. See `FDivergence`.
    """

    domain = (-math.inf, 1.0)

    def f(self, u):
        return ops.square(1.0 - u) / u

    def conjugate(self, t):
        return 2.0 - 2.0 * ops.sqrt(1.0 - t)

    def activation(self, v):
        return -_expm1(-v)

    def conjugate_of_activation(self, v):
        return -2.0 * _expm1(-0.5 * v)


class SquaredHellinger(FDivergence):
    """Squared Hellinger: f(u) = (sqrt u - 1)^2, f*(t) = t/(1 - t) for t < 1, g_f(v) = 1 - exp(-v), T* = 1 - sqrt(q/p).
    See `FDivergence`.
    """

    domain = (-math.inf, 1.0)

    def f(self, u):
        return ops.square(ops.sqrt(u) - 1.0)

    def conjugate(self, t):
        return t / (1.0 - t)

    def activation(self, v):
        return -_expm1(-v)

    def conjugate_of_activation(self, v):
        return _expm1(v)


class Jeffrey(FDivergence):
    """Jeffrey, KL(P||Q) + KL(Q||P): f(u) = (u - 1) log u, g_f(v) = v, T* = 1 + log(p/q) - q/p. See `FDivergence`.

    f*(t) = W + 1/W + t - 2 on R, where W = W(exp(1 - t)) is Lambert's function.
    """

    def f(self, u):
        return (u - 1.0) * ops.log(u)

    def conjugate(self, t):
        # W e^W = e^(1-t) says s = log W solves e^s + s = 1 - t, which no t overflows; put into f*, it leaves 1/W - s -
        # 1.
        s = _log_lambert_w_of_exp(1.0 - t)
        return _expm1(-s) - s

    def activation(self, v):
        return v


class JensenShannon(FDivergence):
    """Jensen-Shannon: f(u) = u log u - (u + 1) log((u + 1)/2), f*(t) = -log(2 - exp t) for t < log 2, g_f(v) = log 2 -
    log(1 + exp(-v)), T* = log(2p/(p + q)). See `FDivergence`.

    D_f is *twice* the usual Jensen-Shannon divergence, as in the paper's table.
    """

    domain = (-math.inf, math.log(2.0))

    def f(self, u):
        return u * ops.log(u) - (u + 1.0) * ops.log(0.5 * (u + 1.0))

    def conjugate(self, t):
        return -ops.log(2.0 - ops.exp(t))

    def activation(self, v):
        return math.log(2.0) - ops.softplus(-v)

    def conjugate_of_activation(self, v):
        return ops.softplus(v) - math.log(2.0)


class GANDivergence(FDivergence):
    """The GAN objective: f(u) = u log u - (u + 1) log(u + 1), f*(t) = -log(1 - exp t) for t < 0, g_f(v) = -log(1 +
    exp(-v)), T* = log(p/(p + q)). See `FDivergence`.

    D_f is twice the Jensen-Shannon divergence less log 4. The losses are those of `Minimax`, and with `alternative` of
    `NonSaturating`.
    """

    domain = (-math.inf, 0.0)
    threshold = -math.log(2.0)

    def f(self, u):
        return u * ops.log(u) - (u + 1.0) * ops.log(u + 1.0)

    def conjugate(self, t):
        return -ops.log(-ops.expm1(t))

    def activation(self, v):
        return -ops.softplus(-v)

    def conjugate_of_activation(self, v):
        return ops.softplus(v)


class TotalVariation(FDivergence):
    """Total variation: f(u) = |u - 1|/2, f*(t) = t for -1/2 <= t <= 1/2, g_f(v) = tanh(v)/2, T* = sign(p/q - 1)/2. See
    `FDivergence`.
    """

    domain = (-0.5, 0.5)

    def f(self, u):
        return 0.5 * ops.abs(u - 1.0)

    def conjugate(self, t):
        return t

    def activation(self, v):
        return 0.5 * ops.tanh(v)


class Alpha(FDivergence):
    """The alpha-divergence, of which KL (1), reverse KL (0), Pearson (2), Neyman (-1) and squared Hellinger (1/2) are,
    up to a factor, members.

    f(u) = (u^a - 1 - a(u - 1)) / (a(a - 1)), f*(t) = (t(a - 1) + 1)^(a/(a - 1))/a - 1/a, T* = ((p/q)^(a - 1) - 1)/(a -
    1). For a < 1, t < 1/(1 - a) and g_f(v) = (1 - exp(-v))/(1 - a), which is the map of the table's rows among them.
    For a > 1, t is any real number, g_f(v) = v, and f* is constant at -1/a where t(a - 1) + 1 is negative. See
    `FDivergence`.

    Args:
        alpha: float other than 0 and 1, where the formula has no value. Default 0.5: D_f is then twice the squared
            Hellinger divergence.
        alternative: bool. See `FDivergence`.

    Raises:
        ValueError: if `alpha` is 0, 1 or not finite.

    Example:

    >>> kgan.losses.Alpha(alpha=-1.0).domain
    (-inf, 0.5)
    """

    def __init__(self, alpha=0.5, alternative=False):
        super().__init__(alternative=alternative)
        if alpha in (0, 1):
            limit = "ReverseKL" if alpha == 0 else "KL"
            raise ValueError(
                f"Alpha is not defined at alpha={alpha}: its limit there is kgan.losses.{limit}(), use that."
            )
        if not math.isfinite(alpha):
            raise ValueError(f"alpha must be a finite number other than 0 and 1: got {alpha}.")
        self.alpha = alpha
        self.domain = (-math.inf, 1.0 / (1.0 - alpha) if alpha < 1 else math.inf)

    def f(self, u):
        a = self.alpha
        return (ops.power(u, a) - 1.0 - a * (u - 1.0)) / (a * (a - 1.0))

    def conjugate(self, t):
        # The floor stands for 0, of which the logarithm cannot be taken.
        log_base = ops.log(ops.maximum(t * (self.alpha - 1.0) + 1.0, 1e-30))
        return _expm1(self.alpha / (self.alpha - 1.0) * log_base) / self.alpha

    def activation(self, v):
        return -_expm1(-v) / (1.0 - self.alpha) if self.alpha < 1 else v

    def conjugate_of_activation(self, v):
        return _expm1(self.alpha / (1.0 - self.alpha) * v) / self.alpha if self.alpha < 1 else self.conjugate(v)


def get_divergence(identifier):
    """An f-divergence by its name.

    Args:
        identifier: "kl", "reverse_kl", "pearson", "neyman", "squared_hellinger", "jeffrey", "jensen_shannon", "gan",
            "total_variation" or "alpha"; or an `FDivergence`, which is returned as it is; or a subclass of it, which is
            called without arguments.

    Returns:
        An `FDivergence`.

    Raises:
        ValueError: for anything else.

    Example:

    >>> type(kgan.losses.get_divergence("kl")).__name__
    'KL'
    """
    choices = {
        "kl": KL,
        "reverse_kl": ReverseKL,
        "pearson": Pearson,
        "neyman": Neyman,
        "squared_hellinger": SquaredHellinger,
        "jeffrey": Jeffrey,
        "jensen_shannon": JensenShannon,
        "gan": GANDivergence,
        "total_variation": TotalVariation,
        "alpha": Alpha,
    }
    return resolve(identifier, choices, FDivergence, "f-divergence")


# Beyond it an exponential goes on as its tangent. exp(x) alone leaves float32 at 88, and its square, which Adam keeps,
# at 44.
_LARGEST_EXPONENT = 40.0


def _expm1(x):
    beyond = math.exp(_LARGEST_EXPONENT) * ops.relu(x - _LARGEST_EXPONENT)
    return ops.expm1(ops.minimum(x, _LARGEST_EXPONENT)) + beyond


def _exp(x):
    beyond = math.exp(_LARGEST_EXPONENT) * ops.relu(x - _LARGEST_EXPONENT)
    return ops.exp(ops.minimum(x, _LARGEST_EXPONENT)) + beyond


def _log_lambert_w_of_exp(c):
    """log W(e^c): the root s of e^s + s = c, by Newton's method from a start at or above it, from where it converges
    for every c.

    Every step is differentiable, and near the root each one squares the error of the derivatives too.
    """
    s = ops.log(ops.maximum(c, 1.0)) + ops.minimum(c, 0.0)
    for _ in range(5):
        exp_s = ops.exp(s)
        s = s - (exp_s + s - c) / (exp_s + 1.0)
    return s
