"""The experiments recipe and, with --plain, baseline in PyTorch, to compare with ours.

    python3 recipe.py DATA mnist --lr 0.05 --dropout 0.25 --conv-dropout 0.1 --epochs 40 --seed 1 >> recipe.csv
    python3 recipe.py DATA mnist --plain --adam --batch 32 --lr 0.002 --conv-dropout 0.1 --epochs 1

DATA has the folders mnist, fashion-mnist and cifar-10 with the original files. Needs torch and numpy.
It prints a line: data set, epochs, seed, accuracy on val (the last 5,000 training images) and on test, and the
seconds of training.
"""
import argparse, gzip, math, tarfile, time
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

p = argparse.ArgumentParser()
p.add_argument("data")
p.add_argument("dataset", choices=["mnist", "fashion-mnist", "cifar-10"])
p.add_argument("--channels", default="32,64")
p.add_argument("--lr", type=float, required=True)
p.add_argument("--dropout", type=float, default=0)
p.add_argument("--conv-dropout", type=float, default=0)
p.add_argument("--plain", action="store_true", help="no augmentation, weight decay or averaged weights")
p.add_argument("--adam", action="store_true")
p.add_argument("--epochs", type=int, required=True)
p.add_argument("--seed", type=int, default=1)
p.add_argument("--batch", type=int, default=100)
a = p.parse_args()
torch.manual_seed(a.seed)


def idx(name, header):
    return np.frombuffer(gzip.open(f"{a.data}/{a.dataset}/{name}.gz").read(), np.uint8, offset=header)


def cifar(names):
    with tarfile.open(f"{a.data}/cifar-10/cifar-10-binary.tar.gz") as t:
        raw = np.concatenate([np.frombuffer(t.extractfile(f"cifar-10-batches-bin/{n}.bin").read(), np.uint8) for n in names])
    raw = raw.reshape(-1, 3073)
    return raw[:, 1:].reshape(-1, 3, 32, 32), raw[:, 0]


if a.dataset == "cifar-10":
    x, y = cifar([f"data_batch_{i}" for i in range(1, 6)])
    test_x, test_y = cifar(["test_batch"])
else:
    x, y = idx("train-images-idx3-ubyte", 16).reshape(-1, 1, 28, 28), idx("train-labels-idx1-ubyte", 8)
    test_x, test_y = idx("t10k-images-idx3-ubyte", 16).reshape(-1, 1, 28, 28), idx("t10k-labels-idx1-ubyte", 8)
train = len(x) - 5000
mean = (x[:train] / 255.0).mean(axis=(0, 2, 3), keepdims=True)
std = (x[:train] / 255.0).std(axis=(0, 2, 3), keepdims=True)


def tensors(x, y):
    return torch.tensor((x / 255.0 - mean) / std, dtype=torch.float32), torch.tensor(y, dtype=torch.long)


x, y, test_x, test_y = *tensors(x, y), *tensors(test_x, test_y)
border = torch.tensor(0.0 if x.shape[1] == 3 else (0 - mean.item()) / std.item())  # the mean, or black
shift = 4 if a.dataset == "cifar-10" else 2


def augment(x):
    n, side = len(x), x.shape[3]
    angle = torch.zeros(n)
    if a.dataset == "mnist":
        angle = (torch.rand(n) * 2 - 1) * math.radians(10)
    sign = torch.ones(n)
    if a.dataset != "mnist":
        sign = torch.randint(0, 2, (n,)) * 2.0 - 1
    dx, dy = torch.randint(-shift, shift + 1, (2, n)) * 2 / side
    cos, sin = angle.cos(), angle.sin()
    theta = torch.stack([sign * cos, sign * sin, dx, -sin, cos, dy], 1).view(n, 2, 3)
    grid = F.affine_grid(theta, x.shape, align_corners=False)
    return F.grid_sample(x - border, grid, align_corners=False) + border


def he(layer, sd=None):
    nn.init.normal_(layer.weight, 0, sd or math.sqrt(2 / layer.weight[0].numel()))
    nn.init.zeros_(layer.bias)
    return layer


layers, maps, side = [], x.shape[1], x.shape[3]
for k in map(int, a.channels.split(",")):
    layers += [he(nn.Conv2d(maps, k, 3, padding=1)), nn.ReLU(), nn.MaxPool2d(2)]
    maps, side = k, side // 2
layers += [nn.Flatten(), nn.Dropout(a.conv_dropout), he(nn.Linear(maps * side * side, 128)), nn.ReLU(),
           nn.Dropout(a.dropout), he(nn.Linear(128, 10), 0.01)]
net = nn.Sequential(*layers).to(memory_format=torch.channels_last)
weights = [w for w in net.parameters() if w.ndim > 1]
biases = [w for w in net.parameters() if w.ndim == 1]
groups = [{"params": weights, "weight_decay": 0 if a.plain else 5e-4}, {"params": biases}]
solver = torch.optim.Adam(groups, a.lr) if a.adam else torch.optim.SGD(groups, a.lr, momentum=0.9)
schedule = torch.optim.lr_scheduler.OneCycleLR(solver, a.lr, total_steps=a.epochs * -(-train // a.batch), cycle_momentum=False)
average = [w.detach().clone() for w in net.parameters()]
decay, step, begin = 0 if a.plain else 0.999, 0, time.time()
for epoch in range(a.epochs):
    for batch in torch.randperm(train).split(a.batch):
        net.train()
        loss = F.cross_entropy(net(x[batch] if a.plain else augment(x[batch])), y[batch])
        solver.zero_grad()
        loss.backward()
        solver.step()
        schedule.step()
        step += 1
        with torch.no_grad():
            for m, w in zip(average, net.parameters()) if decay else ():
                m.lerp_(w, 1 - min(decay, (1 + step) / (10 + step)))
seconds = time.time() - begin

with torch.no_grad():
    for m, w in zip(average, net.parameters()) if decay else ():
        w.copy_(m)


def accuracy(x, y):
    net.eval()
    with torch.no_grad():
        return sum((net(x[i:i + 500]).argmax(1) == y[i:i + 500]).sum().item() for i in range(0, len(x), 500)) / len(x)


print(f"{a.dataset},{a.epochs},{a.seed},{accuracy(x[train:], y[train:]):.4f},{accuracy(test_x, test_y):.4f},{seconds:.2f}", flush=True)
