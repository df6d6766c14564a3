"""Prints convolutions and poolings of drawn geometries with all gradients, computed by PyTorch in float64, a JSON object
a line: python3 geometries.py COUNT"""
import json, random, sys
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(1)
draw = random.Random(1)


def numbers(*shape):  # that a float32 holds exactly
    return torch.randn(*shape).float().double().requires_grad_()


def flat(x):
    return x.detach().reshape(-1).tolist()


def conv():
    two = lambda most: [draw.randint(1, most), draw.randint(1, most)]
    n, c, k, size, kernel = draw.randint(1, 9), draw.randint(1, 24), draw.randint(1, 24), two(20), two(5)
    stride, dilation, pad = two(3), two(3), [draw.randint(0, 4) for _ in range(4)]
    if draw.random() < 0.5:
        kernel, stride, dilation = [3, 3], [1, 1], [1, 1]
    if any(s + pad[2 * i] + pad[2 * i + 1] < (kernel[i] - 1) * dilation[i] + 1 for i, s in enumerate(size)):
        return None
    x, w, b = numbers(n, c, *size), numbers(k, c, *kernel), numbers(k)
    y = F.conv2d(F.pad(x, (pad[2], pad[3], pad[0], pad[1])), w, b, stride, 0, dilation)
    return dict(kernel=kernel, stride=stride, dilation=dilation, pad=pad), [x, w, b], y


def pool():
    two = lambda most: [draw.randint(1, most), draw.randint(1, most)]
    n, c, size, kernel, stride = draw.randint(1, 9), draw.randint(1, 9), two(20), two(5), two(4)
    pad = [draw.randint(0, kernel[i // 2] - 1) for i in range(4)]
    if any(s + pad[2 * i] + pad[2 * i + 1] < kernel[i] for i, s in enumerate(size)):
        return None
    x = numbers(n, c, *size)
    y = F.max_pool2d(F.pad(x, (pad[2], pad[3], pad[0], pad[1]), value=float("-inf")), kernel, stride)
    return dict(kernel=kernel, stride=stride, pad=pad), [x], y


left = int(sys.argv[1])
while left:
    drawn = draw.choice([conv, conv, conv, pool])()
    if drawn is None:
        continue
    left -= 1
    geometry, inputs, y = drawn
    up = numbers(*y.shape)
    grads = torch.autograd.grad(y, inputs, up.detach())
    geometry |= dict(shapes=[list(x.shape) for x in inputs], inputs=[flat(x) for x in inputs], shape=list(y.shape), y=flat(y), up=flat(up), grads=[flat(g) for g in grads])
    print(json.dumps(geometry))
