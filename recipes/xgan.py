"""XGAN: characters of many fonts as a plain one has them, and plain ones varied, in minutes on 2 cores.

    python recipes/xgan.py                                 # 5,000 characters of each kind, drawn in seconds
    python recipes/xgan.py --semantic 0                    # the floor: what a code means need not come back
    python recipes/xgan.py --dataset faces --target cartoons    # two folders of images

What is plain has lost the font: no cycle brings the pixels back, but the code, what the character is, can come back.
runs/xgan/samples shows a sample of each domain, its translation and the way back. Printed and kept on the card: whether
the class is kept and the style is as asked, both by classifiers of the training images, and the mean absolute error of
a pixel against what each character is in the plain font; as floors what the untranslated images get.

Royer et al., XGAN: Unsupervised Image-to-Image Translation for Many-to-Many Mappings, 2017,
https://arxiv.org/abs/1711.05139
"""

from kgan.runs import TRANSLATION_FIGURES, TRANSLATION_LESS, Reported, run, translation_scores

REPORTED = Reported(
    "XGAN",
    place=260,
    variations={"xgan_0": ("XGAN, no semantic consistency", "--semantic", "0")},
    figures=TRANSLATION_FIGURES,
    less=TRANSLATION_LESS,
)
SETTINGS = {
    "glyph_domains": {"kind": "print", "epochs": 40, "batch_size": 32},
    "images": {"epochs": 100, "batch_size": 16},
}
CODE, BETWEEN = 32, 128


def arguments(parser):
    parser.add_argument("--semantic", type=float, default=1.0, help="weight of a code that comes back (default 1)")
    parser.add_argument("--confusion", type=float, default=0.1, help="weight of what confuses C (default 0.1)")


def xgan(task):
    import keras
    from keras import layers

    import kgan

    networks, shapes, filters = kgan.networks, list(task.shape.values()), 16
    height, width = (side // 4 for side in shapes[0][:2])
    # No BatchNorm: it would know samples at home and guests apart in training, and not afterwards.
    readers = [networks.dcgan_discriminator(shape, filters, normalization="layer", outputs=BETWEEN) for shape in shapes]
    (encoder_a, rest), (encoder_b, _) = (networks.cut(reader, 1) for reader in readers)
    # Codes of one length: of longer ones the encoders would make what C does not follow.
    bounded = layers.LayerNormalization(center=False, scale=False)
    end = [layers.LeakyReLU(0.2), layers.Dense(CODE), bounded]
    shared_encoder = keras.Sequential([keras.Input(rest.input_shape[1:]), *rest.layers, *end])
    decoders = [networks.resnet_decoder(shape, filters // 2, blocks=1) for shape in shapes]
    if shapes[0] == shapes[1]:
        # Both domains begin alike, so that what looks alike means the same: else classes are permuted.
        encoder_b.set_weights(encoder_a.get_weights())
        decoders[1].set_weights(decoders[0].get_weights())
    judges = [networks.dcgan_discriminator(shape, 2 * filters, normalization="spectral") for shape in shapes]
    spread = height * width * 2 * filters
    shared_decoder = [keras.Input((CODE,)), layers.Dense(spread), layers.Reshape((height, width, 2 * filters))]
    gan = kgan.XGAN(
        encoder_a,
        encoder_b,
        shared_encoder,
        keras.Sequential(shared_decoder),
        *decoders,
        *judges,
        domain_discriminator=networks.mlp(CODE, 1, units=(64, 64)),
        domains=tuple(task.shape),
    )
    rate = keras.optimizers.schedules.PolynomialDecay(5e-4, task.steps, end_learning_rate=0.0)
    gan.compile(
        **{f"{player}_optimizer": keras.optimizers.Adam(rate, beta_1=0.5) for player in gan.players},
        # Less of it, and the codes are all one before the decoders have learned to read them.
        reconstruction_weight=50.0,
        semantic_weight=task.options.semantic,
        confusion_weight=task.options.confusion,
    )
    gan.keep_average(0.999)  # not in the paper: steadier translations
    return gan


if __name__ == "__main__":
    run(xgan, __doc__, SETTINGS, arguments, takes="domains", measure=translation_scores)
