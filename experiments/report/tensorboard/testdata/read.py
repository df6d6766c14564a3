"""Reads event files with TensorBoard's own reader: python3 read.py RESULTS

It wants the scalars of the CSVs, the hyper-parameters of the runs, and pictures.
"""
import csv, pathlib, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

columns = {"step/loss": ("steps.csv", "train_loss"), "step/error": ("steps.csv", "train_error"), "step/learning rate": ("steps.csv", "lr"),
           "train/loss": ("epochs.csv", "train_loss"), "val/accuracy": ("epochs.csv", "val_accuracy")}
root, scalars, pictures = pathlib.Path(sys.argv[1]), 0, 0
for run in sorted(root.glob("*/runs/*")):
    events = EventAccumulator(str(run), size_guidance={"scalars": 0})
    events.Reload()
    for tag, (file, column) in columns.items():
        rows, found = list(csv.DictReader(open(run / file))), events.Scalars(tag)
        assert [s.step for s in found] == [int(r["step"]) for r in rows], (run, tag)
        assert all(abs(s.value - float(r[column])) <= 1e-6 * max(1, abs(s.value)) for s, r in zip(found, rows)), (run, tag)
        scalars += len(rows)
    start = HParamsPluginData.FromString(events.summary_metadata["_hparams_/session_start_info"].plugin_data.content)
    assert f"lr{start.session_start_info.hparams['lr'].number_value:g}-" in run.name and start.session_start_info.hparams["solver"].string_value == "sgd"
for file in root.glob("*/events*"):
    events = EventAccumulator(str(file.parent))
    events.Reload()
    for tag in events.Tags()["images"]:
        assert events.Images(tag)[0].encoded_image_string.startswith(b"\x89PNG"), tag
        pictures += 1
assert scalars > 0 and pictures >= 4, (scalars, pictures)
print(f"TensorBoard reads {scalars} scalars as in the CSVs, and {pictures} pictures")
