"""Scores the test images with weights.safetensors: python3 pytorch_score.py FILE DATA [RUNS.CSV]

DATA has the folder of the data set that the weights were trained on: mnist, fashion-mnist or
cifar-10. With RUNS.CSV, the accuracy must be that of the run there within two images.
"""
import csv, gzip, json, pathlib, sys, tarfile
import torch
from safetensors import safe_open

file, root, *runs = sys.argv[1:]
with safe_open(file, "pt") as f:
    card, w = json.loads(f.metadata()["cnnlab"]), {name: f.get_tensor(name) for name in f.keys()}
config, root = card["config"], pathlib.Path(root, card["config"]["dataset"])
if config["dataset"] == "cifar-10":
    with tarfile.open(root / "cifar-10-binary.tar.gz") as t:
        raw = torch.tensor(bytearray(t.extractfile("cifar-10-batches-bin/test_batch.bin").read())).view(-1, 3073)
    labels, images = raw[:, 0], raw[:, 1:].view(-1, 3, 32, 32)
else:
    read = lambda name, skip: torch.tensor(bytearray(gzip.open(root / name).read()[skip:]))
    labels, images = read("t10k-labels-idx1-ubyte.gz", 8), read("t10k-images-idx3-ubyte.gz", 16).view(-1, 1, 28, 28)
mean, std = torch.tensor(card["mean"]).view(-1, 1, 1), torch.tensor(card["std"]).view(-1, 1, 1)


def probabilities(x):
    block = 1 + config.get("extra_convs", 0)
    for i in range(1, block * len(config["channels"]) + 1):
        x = torch.conv2d(x, w[f"conv{i}.weight"], w[f"conv{i}.bias"], padding=(config["kernel"] - 1) // 2).relu()
        if i % block == 0:
            x = torch.max_pool2d(x, 2)
    x = torch.nn.functional.linear(x.flatten(1), w["fc1.weight"], w["fc1.bias"]).relu()
    return torch.nn.functional.linear(x, w["fc2.weight"], w["fc2.bias"]).softmax(1)


correct = 0
for x, y in zip(images.split(500), labels.split(500)):
    x = (x / 255 - mean) / std
    p = probabilities(x)
    if config.get("tta"):
        p += probabilities(x.flip(3))
    correct += (p.argmax(1) == y).sum().item()
accuracy = correct / len(labels)
print(accuracy)
if runs:
    claimed = next(float(row["test_accuracy"]) for row in csv.DictReader(open(runs[0])) if row["run"] == card["run"])
    sys.exit(f"{card['run']} claims {claimed}" if abs(accuracy - claimed) > 2.5 / len(labels) else 0)
