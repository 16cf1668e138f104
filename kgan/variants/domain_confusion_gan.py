"""DomainConfusionGAN: codes that do not tell which domain they are of."""

from keras import ops

from kgan import losses
from kgan.kinds import DomainModel
from kgan.kinds.guards import check_domains, check_ends, check_logits, check_takes, check_weights, shape_of


class DomainConfusionGAN(DomainModel):
    """Encoders of two domains against a discriminator that tells from a code which domain it is of; a classifier that
    learns the labels of domain a, or decoders, or both, hold the codes to what is in a sample.

    With codes `E(a)`, `E(b)`, `V` the discriminator's logits, `D = sigmoid(V)` the probability of domain a, `C` the
    classifier's probabilities and `G_a`, `G_b` the decoders:

        L_D = E[-log D(E(a)) - log(1 - D(E(b)))]
        L_E = d M + c E[-log C(E(a))_label] + r E[|G_a(E(a)) - a| + |G_b(E(b)) - b|]

    What confuses, `M`, is `-L_D` for `loss="minimax"`: its gradient is that of a gradient reversal layer (DANN), which
    is a minimization of the negative. For `"non_saturating"` it is `L_D` of inverted labels (ADDA),
    `E[-log(1 - D(E(a))) - log D(E(b))]`, whose gradient does not vanish where the discriminator is sure.

    Codes alike do the rest: the classifier reads those of domain b, which it never learned (`classify`), and a decoder
    takes those of the other domain (`translate`). Labels of domain b, where the data have some, are measured by, as
    `target_accuracy`, and never learned from.

    Departs from the papers: the discriminator moves before the encoders, on the same batch, where DANN moves both at
    once; and ADDA's encoder of domain a is fixed, where here both move. What both domains share sees them as one batch,
    as DANN's, so that BatchNorm trains on what it serves.

    Args:
        discriminator: network of codes to logits `(batch, 1)`, or a map of them; no sigmoid.
        shared_encoder: network to codes that both domains share: of samples, or of what `encoder_a` and `encoder_b`
            make of them. None for encoders that share nothing.
        encoder_a, encoder_b: networks of samples of a domain to what `shared_encoder` takes, or to codes. None, both,
            for domains of one shape that share all.
        classifier: network of codes to logits `(batch, classes)`; no softmax. None for a game without labels.
        decoder_a, decoder_b: networks of codes to samples of a domain; images in [-1, 1]. None for a game that
            translates nothing.
        loss: `"minimax"` (default, DANN's) or `"non_saturating"` (ADDA's).
        domains: names of the domains a and b in the data, in `translate` and in `classify`.
        seed: integer that fixes the order of arrays.
        name: name of the model.

    Raises:
        ValueError: networks that do not fit each other, are not built, share layers, or end in a sigmoid or a softmax;
            no encoder of a domain; neither a classifier nor decoders; another loss.

    Example:

    >>> train = kgan.data.glyph_domains(1000, size=28, labels=True)
    >>> gan = kgan.DomainConfusionGAN(
    ...     discriminator=kgan.networks.mlp(32, 1),
    ...     shared_encoder=kgan.networks.dcgan_encoder((28, 28, 1), 32, filters=8, variational=False),
    ...     classifier=kgan.networks.mlp(32, 10, units=()),
    ...     domains=("upright", "slanted"),
    ... )
    >>> gan.compile()
    >>> gan.fit(train, epochs=1)
    >>> gan.classify(train.scale(train.images["slanted"][:4]), "slanted").shape
    (4,)

    References: Ganin et al., Domain-Adversarial Training of Neural Networks, 2016, https://arxiv.org/abs/1505.07818;
        Tzeng et al., Adversarial Discriminative Domain Adaptation, 2017, https://arxiv.org/abs/1702.05464
    """

    quantities = ("class_loss", "target_accuracy", "autoencoding_loss")

    def __init__(
        self,
        discriminator,
        shared_encoder=None,
        encoder_a=None,
        encoder_b=None,
        classifier=None,
        decoder_a=None,
        decoder_b=None,
        loss="minimax",
        domains=("a", "b"),
        seed=None,
        name=None,
    ):
        given = {"encoder_a": encoder_a, "encoder_b": encoder_b, "shared_encoder": shared_encoder}
        given |= {"classifier": classifier, "decoder_a": decoder_a, "decoder_b": decoder_b}
        moved = {attribute: network for attribute, network in given.items() if network is not None}
        check_given(moved)
        players = {"discriminator": ("discriminator",), "encoder": tuple(moved)}
        super().__init__({"discriminator": discriminator, **moved}, seed=seed, name=name, players=players)
        for attribute in given.keys() - moved.keys():
            setattr(self, attribute, None)
        self.averaged, self.domains = tuple(moved), check_domains(domains, 2)
        self.classes = None if classifier is None else shape_of(classifier, "output")[-1]
        self.adversarial_loss = losses.get(loss)
        if not isinstance(self.adversarial_loss, (losses.Minimax, losses.NonSaturating)):
            raise ValueError(f"`loss` is 'minimax' or 'non_saturating' here, not {loss!r}.")
        self.check_networks_fit()

    def compile(
        self,
        encoder_optimizer=None,
        discriminator_optimizer=None,
        confusion_weight=1.0,
        class_weight=1.0,
        autoencoding_weight=1.0,
        **kwargs,
    ):
        """Set the optimizers and the game's hyper-parameters.

        Args:
            encoder_optimizer: of encoders, classifier and decoders; default `Adam(2e-4, beta_1=0.5)`, as is that of
                `discriminator_optimizer`. The papers have other networks and rates.
            confusion_weight: d above, at least 0, or a Keras schedule of it (default 1; DANN lets it rise from 0 to 1).
                0 is the floor of a domain's adaptation: what is learned from domain a alone.
            class_weight, autoencoding_weight: c and r above, at least 0 (default 1).
            **kwargs: `metrics`, `run_eagerly`, `steps_per_execution`, `jit_compile`, as in `AdversarialModel.compile`.
        """
        weights = {"class_weight": class_weight, "autoencoding_weight": autoencoding_weight}
        weights |= {"confusion_weight": confusion_weight} if isinstance(confusion_weight, (int, float)) else {}
        check_weights(**weights)
        self.confusion_weight = confusion_weight
        self.class_weight, self.autoencoding_weight = class_weight, autoencoding_weight
        super().compile({"discriminator": discriminator_optimizer, "encoder": encoder_optimizer}, **kwargs)

    def train_step(self, data):
        (a, b), labels = self.parts(data), self.labels(data)
        codes = self.record("encoder", lambda: self.codes(a, b))
        self.minimize("discriminator", lambda: self.discriminator_loss(*codes.outputs))
        self.minimize("encoder", lambda *codes: self.encoder_loss(a, b, labels, *codes), through=codes)
        if self.decoder_a is not None and not self.learning:
            self.present_translations(a, b, labels, *codes.outputs)
        return self.logs()

    def codes(self, a, b):
        """Codes of samples of both domains."""
        if self.encoder_a is not None:
            E_a, E_b = self.nets("encoder_a", "encoder_b")
            a, b = E_a(a), E_b(b)
        if self.shared_encoder is None:
            return a, b
        count = ops.shape(a)[0]
        both = self.nets("shared_encoder")(ops.concatenate([a, b], axis=0))
        return both[:count], both[count:]

    def discriminator_loss(self, code_a, code_b):
        """What the discriminator minimises, one value per sample."""
        V = self.nets("discriminator")
        return self.adversarial_loss.discriminator(V(code_a), V(code_b))

    def encoder_loss(self, a, b, labels, code_a, code_b):
        """What encoders, classifier and decoders minimise, one value per sample."""
        V, loss = self.nets("discriminator"), self.adversarial_loss.generator
        # A domain is confused where it is taken for the other one: the logit of a turned round is that of b.
        confusion = loss(V(code_b)) + loss(-V(code_a))
        total = self.scheduled(self.confusion_weight, "encoder") * confusion
        if self.classifier is not None:
            total = total + self.class_weight * self.class_loss(labels, code_a, code_b)
        if self.decoder_a is not None:
            G_a, G_b = self.nets("decoder_a", "decoder_b")
            error = losses.mean_absolute_error(G_a(code_a), a) + losses.mean_absolute_error(G_b(code_b), b)
            self.log(autoencoding_loss=error)
            total = total + self.autoencoding_weight * error
        return total

    def class_loss(self, labels, code_a, code_b):
        """What the classifier owes the labels of domain a; those of b are measured by alone."""
        C, (of_a, of_b) = self.nets("classifier"), self.domains
        wrong = losses.cross_entropy(C(code_a), labels[of_a])
        self.log(class_loss=wrong)
        if of_b in labels:
            found = ops.cast(ops.argmax(C(ops.stop_gradient(code_b)), axis=-1), "int32")
            self.log(target_accuracy=ops.cast(ops.equal(found, labels[of_b]), "float32"))
        return wrong

    def present_translations(self, a, b, labels, code_a, code_b):
        """Show the metrics what decoders make of the other domain's codes."""
        G_a, G_b, (of_a, of_b) = *self.nets("decoder_a", "decoder_b"), self.domains
        for to, source, real, made in ((of_a, of_b, a, G_a(code_b)), (of_b, of_a, b, G_b(code_a))):
            told = {"labels": labels[source]} if source in labels else {}
            self.present(to, source=b if to == of_a else a, real=real, generated=ops.cast(made, "float32"), **told)

    def classify(self, images, domain, batch_size=32):
        """The classes of samples of a domain, in inference mode; the state of training does not change.

        Args:
            images: array `(n, ...)` of `domain`; images float32 in [-1, 1].
            domain: name of the domain that they come from.
            batch_size: how many are computed at a time.

        Returns:
            numpy int64 array `(n,)`, in 0..classes - 1.

        Raises:
            ValueError: a game without a classifier, and as `encode`.
        """
        self.check_domain(domain)
        if self.classifier is None:
            raise ValueError("This game has no classifier: give it one, `classifier=`, and labels of its first domain.")
        return self._along((*self.encoding(domain), "classifier"), images, domain, batch_size).argmax(-1)

    def encoding(self, domain):
        own = "encoder_a" if domain == self.domains[0] else "encoder_b"
        shared = () if self.shared_encoder is None else ("shared_encoder",)
        return shared if self.encoder_a is None else (own, *shared)

    def decoding(self, domain):
        if self.decoder_a is None:
            raise ValueError("This game has no decoders and translates nothing: `encode` and `classify` are its verbs.")
        return ("decoder_a" if domain == self.domains[0] else "decoder_b",)

    def way(self, to=None, source=None):
        """As in `DomainModel`; in a game without decoders from a domain, by default the last, to logits of classes."""
        if self.decoder_a is not None:
            return super().way(to, source)
        domain = self.domains[-1] if source is None else source
        self.check_domain(domain)
        return domain, (*self.encoding(domain), "classifier")

    def check_networks_fit(self):
        """Raise where a network does not take what it is given."""
        code = None
        for domain in self.domains:
            shape = (None, *self.shapes[domain])
            for name in self.encoding(domain):
                check_takes(getattr(self, name), shape)
                shape = shape_of(getattr(self, name), "output")
            check_takes(self.discriminator, shape)
            code = shape
        check_ends(self.discriminator)
        if self.classifier is not None:
            check_takes(self.classifier, code)
            check_logits(self.classifier, {"logits": self.classes})
        for domain in self.domains if self.decoder_a is not None else ():
            decoder = getattr(self, *self.decoding(domain))
            check_takes(decoder, code)
            if tuple(shape_of(decoder, "output")[1:]) != tuple(self.shapes[domain]):
                raise ValueError(
                    f"The decoder of {domain!r} makes samples of shape {decoder.output_shape[1:]}, but the domain has "
                    f"{self.shapes[domain]}."
                )


def check_given(networks):
    """Raise where a dict of the networks given lacks a side, or what holds a code to its sample."""
    for pair in (("encoder_a", "encoder_b"), ("decoder_a", "decoder_b")):
        if len(networks.keys() & set(pair)) == 1:
            raise ValueError(f"Give both, {' and '.join(pair)}, or neither.")
    if not networks.keys() & {"encoder_a", "shared_encoder"}:
        raise ValueError("Nothing leads to a code: give `encoder_a` and `encoder_b`, or a `shared_encoder`, or all.")
    if not networks.keys() & {"classifier", "decoder_a"}:
        raise ValueError(
            "Nothing holds a code to what is in its sample, and a constant would confuse the domains: give a "
            "`classifier`, or `decoder_a` and `decoder_b`."
        )
