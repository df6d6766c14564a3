"""Scores MNIST's test images with an exported model: python3 onnx_check.py MODEL RUN MNIST

It wants the classes of the run's predictions.csv, and probabilities within 1e-5.
"""
import csv, gzip, pathlib, sys
import numpy, onnx, onnxruntime

model, run, mnist = sys.argv[1:]
onnx.checker.check_model(onnx.load(model), full_check=True)
pixels = gzip.open(pathlib.Path(mnist, "t10k-images-idx3-ubyte.gz")).read()[16:]
images = numpy.frombuffer(pixels, numpy.uint8).reshape(-1, 1, 28, 28).astype(numpy.float32) / 255
probabilities, = onnxruntime.InferenceSession(model).run(["probabilities"], {"image": images})
rows = list(csv.DictReader(open(pathlib.Path(run, "predictions.csv"))))
same = sum(int(r["predicted"]) == k for r, k in zip(rows, probabilities.argmax(1)))
apart = max(abs(float(r["confidence"]) - p) for r, p in zip(rows, probabilities.max(1)))
print(f"{same} of {len(rows)} classes are the same, probabilities within {apart:.1e}")
sys.exit(int(same != len(rows) or len(rows) != 10_000 or apart > 1e-5))
