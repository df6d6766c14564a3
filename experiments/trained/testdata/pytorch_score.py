"""Scores MNIST's test images with weights.safetensors: python3 pytorch_score.py FILE MNIST"""
import gzip, json, pathlib, sys
import torch
from safetensors import safe_open

file, mnist = sys.argv[1:]
with safe_open(file, "pt") as f:
    card, w = json.loads(f.metadata()["cnnlab"]), {name: f.get_tensor(name) for name in f.keys()}
read = lambda name, skip: torch.tensor(bytearray(gzip.open(pathlib.Path(mnist, name)).read()[skip:]))
x = (read("t10k-images-idx3-ubyte.gz", 16).view(-1, 1, 28, 28) / 255 - card["mean"][0]) / card["std"][0]
for i in range(1, len(card["config"]["channels"]) + 1):
    x = torch.conv2d(x, w[f"conv{i}.weight"], w[f"conv{i}.bias"], padding=(card["config"]["kernel"] - 1) // 2)
    x = torch.max_pool2d(x.relu(), 2)
x = torch.nn.functional.linear(x.flatten(1), w["fc1.weight"], w["fc1.bias"]).relu()
x = torch.nn.functional.linear(x, w["fc2.weight"], w["fc2.bias"])
print((x.argmax(1) == read("t10k-labels-idx1-ubyte.gz", 8)).double().mean().item())
