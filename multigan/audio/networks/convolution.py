"""Convolution of signals [N, L, C], channels last, whose second derivative costs what the first does.

A kernel is [O, J, C] with an odd number of taps J and zeros at both ends ("same"):

    y[n, t, o] = bias[o] + sum_{j, c} kernel[o, j, c] x[n, t + j - (J - 1)/2, c].

In this layout splitting time into blocks, [N, L, C] -> [N, L/b, b*C], and joining it again are views. So a stride, an
upsampling and a long filter of one channel all become this one convolution of blocks (``multigan.audio.networks.layers``).

torch's own second derivative slides whole signals over each other as kernels, and takes gradients of kernels and of
activations through a penalty on slopes that are not wanted or are zero. Here a convolution and its two gradients are
each other's derivatives, and nothing else is computed.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional


def convolve(inputs: Tensor, kernel: Tensor, bias: Tensor | None = None, slope: float = 1.0) -> Tensor:
    """The "same" convolution above, then max(y, slope*y): inputs [N, L, C], kernel [O, J, C], bias [O] -> [N, L, O].

    The slope is 0 for a ReLU, 1 for none. Under autocast all are taken in its precision, and so is the output.
    """
    inputs, kernel, bias = _cast(inputs), _cast(kernel), None if bias is None else _cast(bias)
    if torch.is_grad_enabled() and not torch.compiler.is_compiling():
        image = _OfInputs.apply(inputs, _OfWeights.apply(kernel, bias, (inputs,)), (kernel, bias))
        return _as_signal(image if slope == 1 else _LeakyReLU.apply(image, slope))
    image = _convolution(inputs, kernel, bias)
    return _as_signal(image if slope == 1 else functional.leaky_relu_(image, slope))


class _OfInputs(Function):
    """The convolution, an image, as a function of its inputs; ``weights`` stands for kernel and bias in the graph.

    A Function is asked for the gradients of all its arguments at once. A penalty on the slope at the inputs would pay for
    gradients of kernels that nobody wants, so the kernel's is left to a node of its own, which torch then leaves out.
    """

    @staticmethod
    def forward(ctx: Any, inputs: Tensor, weights: Tensor, held: tuple[Tensor, Tensor | None]) -> Tensor:
        kernel, bias = held
        ctx.save_for_backward(kernel)
        return _convolution(inputs, kernel, bias)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor, None]:
        gradient = _as_signal(gradients[0])
        (kernel,) = ctx.saved_tensors
        return _InputGradient.apply(gradient, kernel) if ctx.needs_input_grad[0] else None, gradient, None


class _OfWeights(Function):
    """Kernel and bias in the graph of ``_OfInputs``: zeros that take no memory, whose gradient is the output's."""

    @staticmethod
    def forward(ctx: Any, kernel: Tensor, bias: Tensor | None, held: tuple[Tensor]) -> Tensor:
        (inputs,) = held
        ctx.save_for_backward(inputs)
        ctx.n_taps = kernel.shape[1]
        return inputs.new_zeros(()).expand(*inputs.shape[:2], len(kernel))

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor | None, None]:
        (gradient,) = gradients
        (inputs,) = ctx.saved_tensors
        of_kernel, of_bias = ctx.needs_input_grad[:2]
        return (
            _KernelGradient.apply(gradient, inputs, ctx.n_taps) if of_kernel else None,
            gradient.sum((0, 1)) if of_bias else None,
            None,
        )


class _InputGradient(Function):
    """[N, L, C] for the gradient of outputs [N, L, O] and the kernel [O, J, C]; linear in both."""

    @staticmethod
    def forward(ctx: Any, gradient: Tensor, kernel: Tensor) -> Tensor:
        ctx.save_for_backward(gradient, kernel)
        inputs = gradient.new_empty(1).expand(*gradient.shape[:2], kernel.shape[2])
        return _gradients(gradient, inputs, kernel, True)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor | None]:
        (inputs,) = gradients
        gradient, kernel = ctx.saved_tensors
        of_gradient, of_kernel = ctx.needs_input_grad
        return (
            convolve(inputs, kernel) if of_gradient else None,
            _KernelGradient.apply(gradient, inputs, kernel.shape[1]) if of_kernel else None,
        )


class _KernelGradient(Function):
    """[O, J, C] for the gradient of outputs [N, L, O] and inputs [N, L, C]; linear in both."""

    @staticmethod
    def forward(ctx: Any, gradient: Tensor, inputs: Tensor, n_taps: int) -> Tensor:
        ctx.save_for_backward(gradient, inputs)
        kernel = inputs.new_empty(gradient.shape[2], n_taps, inputs.shape[2])
        return _gradients(gradient, inputs, kernel, False)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor | None, None]:
        (kernel,) = gradients
        gradient, inputs = ctx.saved_tensors
        of_gradient, of_inputs = ctx.needs_input_grad[:2]
        return (
            convolve(inputs, kernel) if of_gradient else None,
            _InputGradient.apply(gradient, kernel) if of_inputs else None,
            None,
        )


class _LeakyReLU(Function):
    """In place. In the second derivative it is what it is almost everywhere: linear."""

    @staticmethod
    def forward(ctx: Any, image: Tensor, slope: float) -> Tensor:
        ctx.mark_dirty(image)
        ctx.slope = slope
        outputs = functional.leaky_relu_(image, slope)
        ctx.save_for_backward(outputs)
        return outputs

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (outputs,) = ctx.saved_tensors
        return _Slopes.apply(gradients[0], outputs.detach(), ctx.slope), None


class _Slopes(Function):
    """The gradient times 1 or ``slope``, by the sign of the outputs."""

    @staticmethod
    def forward(ctx: Any, gradient: Tensor, outputs: Tensor, slope: float) -> Tensor:
        ctx.save_for_backward(outputs)
        ctx.slope = slope
        return torch.ops.aten.leaky_relu_backward(gradient, outputs, slope, True)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        (outputs,) = ctx.saved_tensors
        return _Slopes.apply(gradients[0], outputs, ctx.slope), None, None


def _convolution(inputs: Tensor, kernel: Tensor, bias: Tensor | None) -> Tensor:
    padding = (0, kernel.shape[1] // 2)
    return functional.conv2d(_as_image(inputs), _as_image(kernel), bias, padding=padding)


def _gradients(gradient: Tensor, inputs: Tensor, kernel: Tensor, of_inputs: bool) -> Tensor:
    """That of the inputs, or of the kernel; only the shape of what it is for is read."""
    padding, once = [0, kernel.shape[1] // 2], [1, 1]
    operands = _as_image(gradient), _as_image(inputs), _as_image(kernel)
    found = torch.ops.aten.convolution_backward(
        *operands, None, once, padding, once, False, [0, 0], 1, [of_inputs, not of_inputs, False]
    )
    return _as_signal(found[0 if of_inputs else 1])


def _as_image(signal: Tensor) -> Tensor:
    """[N, L, C] -> [N, C, 1, L], channels last."""
    return signal.contiguous().transpose(1, 2).unsqueeze(2)


def _as_signal(image: Tensor) -> Tensor:
    """[N, C, 1, L] -> [N, L, C]."""
    return image.squeeze(2).transpose(1, 2).contiguous()


def _cast(tensor: Tensor) -> Tensor:
    kind = tensor.device.type
    if not torch.is_autocast_enabled(kind) or tensor.dtype == torch.float64:
        return tensor
    return tensor.to(torch.get_autocast_dtype(kind))
