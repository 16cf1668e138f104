"""XGAN: two domains with one code that must mean the same in both."""

from kgan import losses
from kgan.kinds import DomainModel
from kgan.kinds.guards import (
    check_domains,
    check_ends,
    check_frozen,
    check_shared_code,
    check_takes,
    check_weights,
    unpaired_loss,
)
from kgan.losses import mean_absolute_error


class XGAN(DomainModel):
    """Unpaired translation between two domains by auto-encoders that share the middle of the way. What a sample means,
    its code, has to come back from the other domain, where CycleGAN asks for its pixels.

    With `e_a, e_b` the encoders, each with the shared one behind it, `d_a, d_b` the decoders, each with the shared one
    before it, `a_b = d_b(e_a(a))`, the domain discriminator `C`, image discriminators `D_a, D_b` and a teacher `T`:

        L_rec  = E|d_a(e_a(a)) - a| + E|d_b(e_b(b)) - b|
        L_dann = E[-log C(e_a(a)) - log(1 - C(e_b(b)))],    which C minimises and the encoders maximise
        L_sem  = E|e_a(a) - e_b(a_b)| + E|e_b(b) - e_a(b_a)|
        L_gan  = E[-log D_b(a_b)] + E[-log D_a(b_a)],       and the discriminators' side of it
        L_teach = E|T(a) - e_a(a)|
        L_G = w_rec L_rec - w_dann L_dann + w_sem L_sem + w_gan L_gan + w_teach L_teach

    Departs from the paper: the paper reverses the gradient of C, which is this maximisation but for the move of C,
    which comes first here. The paper prints no weights: here that of pixels is CycleGAN's, that of C is small, for at
    first C tears codes about, and the others are 1.

    Args:
        encoder_a, encoder_b: networks of samples of a domain to what the shared encoder takes.
        shared_encoder: network of that to the code.
        shared_decoder: network of the code to what the decoders take.
        decoder_a, decoder_b: networks of that to samples of a domain; images in [-1, 1].
        discriminator_a, discriminator_b: networks of samples of a domain to logits `(batch, 1)` or a map of them; no
            sigmoid.
        domain_discriminator: network of codes to a logit `(batch, 1)`.
        teacher: T, a frozen network of samples of domain a to what the code should be; None for none.
        loss: of the image discriminators: `"non_saturating"` (default), or any other of `kgan.GAN` that looks at one
            sample at a time.
        domains: names of the domains a and b in the data and in `translate`.
        seed: integer that fixes the order of arrays.
        name: name of the model.

    Raises:
        ValueError: networks that do not fit each other, are not built, share layers, or end in a sigmoid; a teacher
            that is trainable or does not return codes; a loss of pairs.

    Example:

    >>> shape, mlp = (8, 8, 1), kgan.networks.mlp
    >>> encoder = lambda: kgan.networks.dcgan_encoder(shape, 16, filters=4, variational=False)
    >>> decoder = lambda: kgan.networks.dcgan_generator(shape, 16, filters=4)
    >>> judge = lambda: kgan.networks.dcgan_discriminator(shape, filters=4)
    >>> shared = mlp(16, 8, ()), mlp(8, 16, ())
    >>> gan = kgan.XGAN(
    ...     encoder(), encoder(), *shared, decoder(), decoder(), judge(), judge(), domain_discriminator=mlp(8, 1, (16,))
    ... )
    >>> gan.compile()
    >>> images = np.zeros((8, 8, 8, 1), "float32") - 1
    >>> gan.fit({"a": images, "b": -images}, batch_size=4, epochs=1)
    >>> gan.translate(images, to="b").shape, gan.encode(images, "a").shape
    ((8, 8, 8, 1), (8, 8))

    Reference: Royer et al., XGAN: Unsupervised Image-to-Image Translation for Many-to-Many Mappings, 2017,
    https://arxiv.org/abs/1711.05139
    """

    players = {
        "discriminator": ("discriminator_a", "discriminator_b"),
        "domain_discriminator": ("domain_discriminator",),
        "generator": ("encoder_a", "encoder_b", "shared_encoder", "shared_decoder", "decoder_a", "decoder_b"),
    }
    quantities = ("reconstruction_loss", "semantic_loss", "teacher_loss")
    averaged = players["generator"]

    def __init__(
        self,
        encoder_a,
        encoder_b,
        shared_encoder,
        shared_decoder,
        decoder_a,
        decoder_b,
        discriminator_a,
        discriminator_b,
        domain_discriminator,
        teacher=None,
        loss="non_saturating",
        domains=("a", "b"),
        seed=None,
        name=None,
    ):
        encoders = {"encoder_a": encoder_a, "encoder_b": encoder_b, "shared_encoder": shared_encoder}
        decoders = {"shared_decoder": shared_decoder, "decoder_a": decoder_a, "decoder_b": decoder_b}
        judges = {"discriminator_a": discriminator_a, "discriminator_b": discriminator_b}
        networks = {**encoders, **decoders, **judges, "domain_discriminator": domain_discriminator}
        super().__init__(networks | ({} if teacher is None else {"teacher": teacher}), seed=seed, name=name)
        self.domains, self.teacher = check_domains(domains, 2), teacher
        check_shared_code(
            shared_encoder, shared_decoder, (encoder_a, encoder_b), (decoder_a, decoder_b), judges.values()
        )
        check_takes(domain_discriminator, shared_encoder.output_shape)
        check_ends(domain_discriminator)
        if teacher is not None:
            check_frozen("teacher", teacher, encoder_a.input_shape)
            taught = tuple(teacher.compute_output_shape(encoder_a.input_shape))
            if taught[1:] != tuple(shared_encoder.output_shape[1:]):
                raise ValueError(
                    f"The teacher returns {taught}, but a code is {tuple(shared_encoder.output_shape)}: end the shared "
                    "encoder in as many units, or the teacher in a layer of as many."
                )
        self.adversarial_loss = unpaired_loss(loss)
        self.confusion_loss = losses.Minimax()

    def compile(
        self,
        generator_optimizer=None,
        discriminator_optimizer=None,
        domain_discriminator_optimizer=None,
        reconstruction_weight=10.0,
        confusion_weight=0.1,
        semantic_weight=1.0,
        adversarial_weight=1.0,
        teacher_weight=1.0,
        **kwargs,
    ):
        """Set the optimizers and the game's hyper-parameters.

        Args:
            generator_optimizer, discriminator_optimizer, domain_discriminator_optimizer: of all encoders and decoders,
                of both image discriminators, and of C; default `Adam(2e-4, beta_1=0.5)`.
            reconstruction_weight, confusion_weight, semantic_weight, adversarial_weight, teacher_weight: w_rec, w_dann,
                w_sem, w_gan and w_teach above, at least 0; 0 leaves a term out. Without a teacher there is no such
                term.
            **kwargs: `metrics`, `run_eagerly`, `steps_per_execution`, `jit_compile`, as in `AdversarialModel.compile`.
        """
        check_weights(
            reconstruction_weight=reconstruction_weight,
            confusion_weight=confusion_weight,
            semantic_weight=semantic_weight,
            adversarial_weight=adversarial_weight,
            teacher_weight=teacher_weight,
        )
        self.reconstruction_weight, self.confusion_weight = reconstruction_weight, confusion_weight
        self.semantic_weight, self.adversarial_weight = semantic_weight, adversarial_weight
        self.teacher_weight = teacher_weight
        optimizers = {
            "discriminator": discriminator_optimizer,
            "domain_discriminator": domain_discriminator_optimizer,
            "generator": generator_optimizer,
        }
        super().compile(optimizers, **kwargs)

    def train_step(self, data):
        a, b = self.parts(data)
        trip = self.record("generator", lambda: self.trips(a, b))
        code_a, code_b, _, _, fake_b, fake_a, *_ = trip.outputs
        self.minimize("discriminator", lambda: self.discriminator_loss(a, b, fake_a, fake_b))
        self.minimize("domain_discriminator", lambda: self.domain_discriminator_loss(code_a, code_b))
        self.minimize("generator", lambda *made: self.generator_loss(a, b, *made), through=trip)
        self.present(self.domains[1], source=a, real=b, generated=fake_b)
        self.present(self.domains[0], source=b, real=a, generated=fake_a)
        return self.logs()

    def trips(self, a, b):
        """Codes, what they are at home and in the other domain, and the codes of the latter."""
        encoder_a, encoder_b, shared_encoder = self.nets("encoder_a", "encoder_b", "shared_encoder")
        shared_decoder, decoder_a, decoder_b = self.nets("shared_decoder", "decoder_a", "decoder_b")
        code_a, code_b = shared_encoder(encoder_a(a)), shared_encoder(encoder_b(b))
        of_a, of_b = shared_decoder(code_a), shared_decoder(code_b)
        fake_b, fake_a = decoder_b(of_a), decoder_a(of_b)
        again_a, again_b = shared_encoder(encoder_b(fake_b)), shared_encoder(encoder_a(fake_a))
        return code_a, code_b, decoder_a(of_a), decoder_b(of_b), fake_b, fake_a, again_a, again_b

    def discriminator_loss(self, a, b, fake_a, fake_b):
        """What both image discriminators minimise, one value per sample."""
        judge_a, judge_b = self.nets("discriminator_a", "discriminator_b")
        in_a = self.adversarial_loss.discriminator(judge_a(a), judge_a(fake_a))
        return in_a + self.adversarial_loss.discriminator(judge_b(b), judge_b(fake_b))

    def domain_discriminator_loss(self, code_a, code_b):
        """What C minimises, one value per sample."""
        C = self.nets("domain_discriminator")
        return self.confusion_loss.discriminator(C(code_a), C(code_b))

    def generator_loss(self, a, b, code_a, code_b, same_a, same_b, fake_b, fake_a, again_a, again_b):
        """What all encoders and decoders minimise, one value per sample."""
        judge_a, judge_b = self.nets("discriminator_a", "discriminator_b")
        fooled = self.adversarial_loss.generator(judge_b(fake_b)) + self.adversarial_loss.generator(judge_a(fake_a))
        reconstruction = mean_absolute_error(same_a, a) + mean_absolute_error(same_b, b)
        semantic = mean_absolute_error(again_a, code_a) + mean_absolute_error(again_b, code_b)
        self.log(reconstruction_loss=reconstruction, semantic_loss=semantic)
        total = self.adversarial_weight * fooled + self.reconstruction_weight * reconstruction
        total = total + self.semantic_weight * semantic
        total = total - self.confusion_weight * self.domain_discriminator_loss(code_a, code_b)
        if self.teacher is not None:
            taught = mean_absolute_error(code_a, self.teacher(a, training=False))
            self.log(teacher_loss=taught)
            total = total + self.teacher_weight * taught
        return total

    def encoding(self, domain):
        return (f"encoder_{'ab'[self.domains.index(domain)]}", "shared_encoder")

    def decoding(self, domain):
        return ("shared_decoder", f"decoder_{'ab'[self.domains.index(domain)]}")
