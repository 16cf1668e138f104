"""The games of recipes/tools/benchmark.py as PyTorch's users write them: the same players, batch and update rule, one
generator pass a step.
"""

import math

import torch
from torch import nn
from torch.nn.functional import softplus
from torch.nn.utils.parametrizations import spectral_norm


def halvings(side):
    return max(1, min(4, round(math.log2(side / 4))))


class Crop(nn.Module):
    """The middle of an image of that many pixels a side."""

    def __init__(self, side):
        super().__init__()
        self.side = side

    def forward(self, images):
        start = (images.shape[2] - self.side) // 2
        return images[:, :, start : start + self.side, start : start + self.side]


def generator(shape, latent_dim, filters):
    side, _, channels = shape
    levels = halvings(side)
    rows = math.ceil(side / 2**levels)
    widths = [filters * 2**level for level in reversed(range(levels))]
    stack = [
        nn.Linear(latent_dim, rows * rows * widths[0], bias=False),
        nn.Unflatten(1, (widths[0], rows, rows)),
        nn.BatchNorm2d(widths[0]),
        nn.ReLU(True),
    ]
    for before, after in zip(widths, widths[1:]):
        stack += [nn.ConvTranspose2d(before, after, 4, 2, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU(True)]
    stack += [nn.ConvTranspose2d(widths[-1], channels, 4, 2, 1), nn.Tanh()]
    stack += [Crop(side)] if rows * 2**levels != side else []
    return nn.Sequential(*stack)


def discriminator(shape, filters, normalization):
    side, _, channels = shape
    wrap = spectral_norm if normalization == "spectral" else lambda layer: layer
    stack = []
    for level in range(halvings(side)):
        width = filters * 2**level
        # An odd side is padded by one more, as "same" does.
        stack += [nn.ZeroPad2d((0, 1, 0, 1))] if side % 2 else []
        stack += [wrap(nn.Conv2d(channels, width, 4, 2, 1))]
        stack += [nn.BatchNorm2d(width)] if level and normalization == "batch" else []
        stack += [nn.LeakyReLU(0.2, True)]
        channels, side = width, math.ceil(side / 2)
    return nn.Sequential(*stack, nn.Flatten(), wrap(nn.Linear(channels * side * side, 1)))


def mlp(inputs, outputs, width, depth):
    sizes = [inputs, *depth * [width]]
    stack = [
        module
        for before, after in zip(sizes, sizes[1:])
        for module in (nn.Linear(before, after), nn.LeakyReLU(0.2, True))
    ]
    return nn.Sequential(*stack, nn.Linear(width, outputs))


class Game:
    """Players, optimizers and a step on one batch, a float32 array with channels last."""

    def __init__(self, case, channels_last, bfloat16):
        torch.manual_seed(0)
        self.case, self.bfloat16 = case, bfloat16
        self.format = torch.channels_last if channels_last else torch.contiguous_format
        if case.game == "toy":
            players = mlp(case.latent_dim, 2, 128, 3), mlp(2, 1, 128, 3)
        else:
            players = (
                generator(case.shape, case.latent_dim, case.filters),
                discriminator(case.shape, case.filters, case.normalization),
            )
        self.generator, self.discriminator = (player.to(memory_format=self.format) for player in players)
        self.generator_optimizer, self.discriminator_optimizer = (
            torch.optim.Adam(player.parameters(), 2e-4, (0.5, 0.999)) for player in (self.generator, self.discriminator)
        )

    def step(self, batch):
        real = torch.from_numpy(batch)
        if real.ndim == 4:
            real = real.permute(0, 3, 1, 2).contiguous(memory_format=self.format)
        for move in range(self.case.critic_steps):
            last = move == self.case.critic_steps - 1
            latents = torch.randn(len(real), self.case.latent_dim)
            with torch.set_grad_enabled(last), self.autocast():  # the generator moves through its last pass
                fake = self.generator(latents)
            self.move(self.discriminator_optimizer, self.discriminator_loss, real, fake.detach().float())
        # Nothing of the discriminator moves here, the power iteration of its spectral norm included.
        self.discriminator.requires_grad_(False).train(self.case.normalization != "spectral")
        self.move(self.generator_optimizer, self.generator_loss, real, fake)
        self.discriminator.requires_grad_(True).train()

    def autocast(self):
        """What runs in bfloat16; one block a move, since it keeps the cast weights to its end."""
        return torch.autocast("cpu", torch.bfloat16, enabled=self.bfloat16)

    def move(self, optimizer, loss, real, fake):
        optimizer.zero_grad(set_to_none=True)
        with self.autocast():
            value = loss(real, fake)
        value.backward()
        optimizer.step()

    def discriminator_loss(self, real, fake):
        game = self.case.game
        if game == "r3gan":
            real, fake = real.requires_grad_(), fake.requires_grad_()
        if game == "sngan":  # one pass, and so one power iteration
            on_real, on_fake = self.discriminator(torch.cat([real, fake])).chunk(2)
            return torch.relu(1 - on_real).mean() + torch.relu(1 + on_fake).mean()
        on_real, on_fake = self.discriminator(real), self.discriminator(fake)
        if game == "wgan_gp":
            share = torch.rand(len(real), 1, 1, 1)
            between = (share * real + (1 - share) * fake).requires_grad_()
            norm = self.slope(self.discriminator(between), between).sqrt()
            return (on_fake - on_real).mean() + 10 * (norm - 1).square().mean()
        if game == "r3gan":
            penalty = self.slope(on_real, real) + self.slope(on_fake, fake)
            return softplus(on_fake - on_real).mean() + 0.5 * penalty.mean()
        return (softplus(-on_real) + softplus(on_fake)).mean()

    def generator_loss(self, real, fake):
        game, on_fake = self.case.game, self.discriminator(fake)
        if game == "r3gan":
            return softplus(self.discriminator(real.detach()) - on_fake).mean()
        return -on_fake.mean() if game in ("wgan_gp", "sngan") else softplus(-on_fake).mean()

    def slope(self, logits, inputs):
        """Squared norm of the gradient at each input, which can be differentiated again."""
        (gradient,) = torch.autograd.grad(logits.sum(), inputs, create_graph=True)
        return gradient.flatten(1).square().sum(1)
