"""Languages that are known: sentences whose probabilities can be said."""

import numpy as np

from kgan.engine.batches import Batches


def oracle(kind="ngram", words=50, length=10, count=10_000, split="train", batch_size=64, seed=0, **options):
    """Sentences of a language whose probabilities are known, by which a game of sentences can be measured.

    Args:
        kind: `"ngram"`: a word follows from the `order - 1` before it, by a table (`NGramLanguage`); its entropy is
            exact. `"lstm"`: SeqGAN's oracle, an LSTM of weights N(0, 1) (`LSTMLanguage`).
        words: size of the vocabulary; words are their numbers, 0 to `words - 1`. The papers' LSTM has 5000.
        length: words a sentence has; no sentence ends before. The papers have 20 and 40.
        count: sentences.
        split: `"train"` or `"test"`: other sentences of the same language.
        batch_size: sentences a batch.
        seed: fixes the language and, with `split`, its sentences.
        **options: of the language: `order`, `concentration`; `units`.

    Returns:
        `Batches` whose `images` are int32 `(count, length)`. Its attribute `language` has `log_probabilities(tokens)`,
        `sample(n, random)` and `entropy`.

    Raises:
        ValueError: another kind, split, or number than these.

    Example:

    >>> train = kgan.data.oracle(words=20, length=6, count=500)
    >>> known = train.language.log_probabilities(train.images)
    >>> known.shape, bool(abs(-known.mean() - train.language.entropy) < 0.1)
    ((500, 6), True)

    Reference: Yu et al., SeqGAN, 2017, section 5, https://arxiv.org/abs/1609.05473
    """
    if kind not in KINDS:
        raise ValueError(f"`kind` must be {' or '.join(map(repr, KINDS))}, not {kind!r}.")
    if split not in ("train", "test"):
        raise ValueError(f"`split` must be 'train' or 'test', not {split!r}.")
    for name, number in (("words", words), ("length", length), ("count", count)):
        if isinstance(number, bool) or not isinstance(number, (int, np.integer)) or number < 1:
            raise ValueError(f"`{name}` must be a whole number of at least 1, not {number!r}.")
    language = KINDS[kind](words, length, seed, **options)
    tokens = language.sample(count, np.random.default_rng((seed, 1 + (split == "test"))))
    batches = Batches(tokens, batch_size=batch_size, seed=seed)
    batches.language = language
    return batches


class Language:
    """What known languages share: drawing word by word, and what a sentence's words are worth.

    A language says in `start(n)` in which state n sentences begin, in `logits(state)` which word comes how easily, and
    in `after(state, words)` which state follows.
    """

    def sample(self, count, random):
        """Sentences, int32 `(count, length)`, from a numpy generator."""
        tokens, state = np.empty((count, self.length), "int32"), self.start(count)
        for position in range(self.length):
            edges = np.cumsum(softmax(self.logits(state)), axis=1)
            drawn = random.random((count, 1)) * edges[:, -1:]
            tokens[:, position] = np.minimum((edges <= drawn).sum(1), self.words - 1)
            state = self.after(state, tokens[:, position])
        return tokens

    def log_probabilities(self, tokens):
        """Natural logarithms of the probabilities of words, each given those before it: float64 `(n, length)`, of int
        tokens `(n, length)`.
        """
        tokens = np.asarray(tokens)
        if tokens.ndim != 2 or tokens.dtype.kind not in "iu" or tokens.min() < 0 or tokens.max() >= self.words:
            raise ValueError(
                f"Tokens are whole numbers (n, length) from 0 to {self.words - 1}, not {tokens.dtype} of shape "
                f"{tokens.shape} from {tokens.min()} to {tokens.max()}."
            )
        found, state = np.empty(tokens.shape), self.start(len(tokens))
        for position in range(tokens.shape[1]):
            logs = np.log(softmax(self.logits(state)))
            found[:, position] = logs[np.arange(len(tokens)), tokens[:, position]]
            state = self.after(state, tokens[:, position])
        return found


class NGramLanguage(Language):
    """Words that follow from the `order - 1` before them by a table; before the first ones stands word 0.

    Args:
        words, length, seed: as in `oracle`.
        order: of the n-grams, 2 or more; the table has `words ** order` entries.
        concentration: of the Dirichlet law that each row of the table is drawn from; the less, the fewer words follow.

    Attributes:
        table: `(words, ..., words)` probabilities.
        entropy: of a sentence, exact, in nats a word.
    """

    def __init__(self, words, length, seed=0, order=2, concentration=0.1):
        if order < 2:
            raise ValueError(f"`order` must be at least 2, a word and the one before it, not {order!r}.")
        self.words, self.length, self.order = words, length, order
        random = np.random.default_rng((seed, 0))
        rows = random.dirichlet(np.full(words, concentration), words ** (order - 1))
        # A word of probability 0 could be said, and would be worth minus infinity.
        self.table = (0.999 * rows + 0.001 / words).reshape((words,) * order)
        self.entropy = self._entropy()

    def start(self, count):
        return np.zeros((count, self.order - 1), "int64")

    def logits(self, state):
        return np.log(self.table[tuple(state.T)])

    def after(self, state, words):
        return np.concatenate([state[:, 1:], words[:, None]], axis=1)

    def _entropy(self):
        rows = -np.sum(self.table * np.log(self.table), axis=-1)
        contexts, total = np.zeros(rows.shape), 0.0
        contexts[(0,) * (self.order - 1)] = 1.0
        for _ in range(self.length):
            total += np.sum(contexts * rows)
            contexts = (contexts[..., None] * self.table).sum(0)
        return float(total / self.length)


class LSTMLanguage(Language):
    """SeqGAN's oracle: an LSTM whose weights, biases among them, are N(0, 1); before the first word stands word 0.

    Args:
        words, length, seed: as in `oracle`.
        units: of the LSTM and of the words' vectors; default the paper's 32.

    Attributes:
        entropy: of a sentence in nats a word, of 20,000 of them: it is off by about 0.005.
    """

    def __init__(self, words, length, seed=0, units=32):
        self.words, self.length, self.units = words, length, units
        random = np.random.default_rng((seed, 0))
        self.vectors = random.standard_normal((words, units))
        self.kernel, self.bias = random.standard_normal((2 * units, 4 * units)), random.standard_normal(4 * units)
        self.output, self.output_bias = random.standard_normal((units, words)), random.standard_normal(words)
        self._entropy = None

    @property
    def entropy(self):
        if self._entropy is None:
            sentences = self.sample(20_000, np.random.default_rng(0))
            self._entropy = float(-self.log_probabilities(sentences).mean())
        return self._entropy

    def start(self, count):
        nothing = np.zeros((count, self.units))
        return self.after((nothing, nothing), np.zeros(count, "int64"))

    def logits(self, state):
        return state[0] @ self.output + self.output_bias

    def after(self, state, words):
        hidden, cell = state
        gates = np.concatenate([self.vectors[words], hidden], axis=1) @ self.kernel + self.bias
        taken, kept, shown, new = np.split(gates, 4, axis=1)
        cell = sigmoid(kept) * cell + sigmoid(taken) * np.tanh(new)
        return sigmoid(shown) * np.tanh(cell), cell


KINDS = {"ngram": NGramLanguage, "lstm": LSTMLanguage}


def sigmoid(values):
    return 0.5 * (1 + np.tanh(0.5 * values))


def softmax(logits):
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)
