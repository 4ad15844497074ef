# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""python -m sumac.quantize: files, reports, and one clear error for everything that is wrong."""

import json
import os
import subprocess
import sys
import threading

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from sumac.quantize.__main__ import main
from sumac.testing.float_nets import FloatNet


@pytest.fixture
def folder(tmp_path):
    """A folder with a model, f.onnx, and samples, x.npy."""
    net = FloatNet((7, 13, 5), 1)
    onnx.save(net.model(), tmp_path / "f.onnx")
    np.save(tmp_path / "x.npy", net.samples(20))
    return tmp_path


def call(folder, *arguments, model="f.onnx", output="q.onnx"):
    """Runs the command in this process, options given as they are: its exit status."""
    before = os.getcwd()
    os.chdir(folder)
    try:
        return main([str(model), "-o", str(output), *map(str, arguments)])
    except SystemExit as end:
        return end.code
    finally:
        os.chdir(before)


def test_writes_a_model_and_a_report(folder, capsys):
    assert call(folder, "--weights", "basis4", "--calibrate", "x.npy", "--report-json", "r.json") == 0
    printed = capsys.readouterr()
    onnx.checker.check_model(onnx.load(folder / "q.onnx"), full_check=True)
    made = json.loads((folder / "r.json").read_text())
    assert [layer["coding"] for layer in made["layers"]] == ["basis4"] * 2
    assert "times smaller" in printed.out and "SQNR" in printed.out
    assert all(line.startswith("quantize: ") for line in printed.err.splitlines())
    assert sorted(os.listdir(folder)) == ["f.onnx", "q.onnx", "r.json", "x.npy"]


def test_a_model_may_replace_itself(folder):
    assert call(folder, "--weights", "shift1", output="f.onnx") == 0
    assert call(folder, "--weights", "shift1", output="f.onnx") == 0


def test_two_processes_write_the_same_bytes(folder, python_environment):
    command = [sys.executable, "-m", "sumac.quantize", "f.onnx", "--weights", "uniform4", "--calibrate", "x.npy"]
    for name, seed in (("a.onnx", "1"), ("b.onnx", "2")):
        environment = {**python_environment, "PYTHONHASHSEED": seed, "PYTHONWARNINGS": "error"}
        subprocess.run([*command, "-o", name], cwd=folder, env=environment, check=True, capture_output=True)
    assert (folder / "a.onnx").read_bytes() == (folder / "b.onnx").read_bytes()


def test_inputs_by_name(folder):
    np.savez(folder / "x.npz", x=np.load(folder / "x.npy"))
    assert call(folder, "--weights", "uniform8", "--calibrate", "x.npz") == 0


def change_weights(folder, change):
    """Replaces the model's first weights by change(array)."""
    model = onnx.load(folder / "f.onnx")
    tensor = next(t for t in model.graph.initializer if len(t.dims) == 2)
    tensor.CopyFrom(numpy_helper.from_array(change(numpy_helper.to_array(tensor)), tensor.name))
    onnx.save(model, folder / "f.onnx")


def with_value(value):
    def change(array):
        array = array.copy()
        array[0, 0] = value
        return array

    return change


DATA = {
    "of another width": (np.zeros((5, 6), np.float32), "has shape [?, 7], the data [5, 6]"),
    "of another rank": (np.zeros((5, 7, 1), np.float32), "has shape [?, 7], the data [5, 7, 1]"),
    "of another type": (np.zeros((5, 7)), "takes float32, the calibration data are float64"),
    "empty": (np.zeros((0, 7), np.float32), "are empty"),
    "a scalar": (np.float32(3), "are empty"),
    "NaN": (np.full((5, 7), np.nan, np.float32), "hold NaN or infinity"),
    "infinite": (np.full((5, 7), np.inf, np.float32), "hold NaN or infinity"),
    "objects": (np.array([None, 3], object), "object arrays cannot be loaded"),
}


def check_error(folder, capsys, message, *arguments, status=1, **names):
    """The command ends with the status and one line of error that holds the message, and writes nothing."""
    before = sorted(os.listdir(folder))
    assert call(folder, *arguments, **names) == status
    errors = [line for line in capsys.readouterr().err.splitlines() if not line.startswith("quantize: ")]
    assert len(errors) == 1 or status == 2, errors
    assert (errors[-1].startswith("error: ") or status == 2) and message in errors[-1]
    assert sorted(os.listdir(folder)) == before


@pytest.mark.parametrize("data, message", DATA.values(), ids=DATA)
def test_bad_calibration_data(folder, capsys, data, message):
    np.save(folder / "bad.npy", data, allow_pickle=True)
    check_error(folder, capsys, message, "--weights", "basis4", "--calibrate", "bad.npy")


@pytest.mark.parametrize("content", (b"", b"hello", b"PK\3\4 broken"))
def test_calibration_data_that_is_no_array(folder, capsys, content):
    (folder / "bad.npy").write_bytes(content)
    check_error(folder, capsys, "bad.npy: ", "--weights", "basis4", "--calibrate", "bad.npy")


def test_calibration_data_of_other_names(folder, capsys):
    np.savez(folder / "bad.npz", y=np.zeros((5, 7), np.float32))
    check_error(folder, capsys, "holds y; the inputs are x", "--weights", "basis4", "--calibrate", "bad.npz")
    check_error(folder, capsys, "missing.npy: no such file", "--weights", "basis4", "--calibrate", "missing.npy")


def test_bad_weights(folder, capsys):
    change_weights(folder, with_value(np.nan))
    check_error(folder, capsys, "the weights hold NaN or infinity", "--weights", "basis4")
    change_weights(folder, with_value(-np.inf))
    check_error(folder, capsys, "the weights hold NaN or infinity", "--weights", "uniform4")


def test_weights_of_another_type(folder, capsys):
    model = onnx.load(folder / "f.onnx")
    for tensor in model.graph.initializer:
        tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float64), tensor.name))
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.elem_type = onnx.TensorProto.DOUBLE
    onnx.save(model, folder / "f.onnx")
    check_error(folder, capsys, "no fully connected layers with float32", "--weights", "basis4")


def test_bad_models(folder, capsys):
    check_error(folder, capsys, "nothing.onnx: no such file", "--weights", "basis4", model="nothing.onnx")
    check_error(folder, capsys, "is a directory", "--weights", "basis4", model=".")
    for name, content in {"empty": b"", "text": b"not a model", "cut": (folder / "f.onnx").read_bytes()[:-9]}.items():
        (folder / f"{name}.onnx").write_bytes(content)
        check_error(folder, capsys, "is not a valid ONNX model", "--weights", "basis4", model=f"{name}.onnx")


def test_bad_names(folder, capsys):
    check_error(folder, capsys, "unknown coding 'basis5'; there are basis2, basis3", "--weights", "basis5")
    check_error(folder, capsys, "unknown coding 'Basis4'", "--weights", "basis4", "--layer", "x=Basis4")
    check_error(folder, capsys, "there is no layer 'fc1'", "--weights", "basis4", "--layer", "fc1=shift1")


def test_output_that_cannot_be_written(folder, capsys):
    check_error(folder, capsys, "no such file", "--weights", "shift1", output="missing/q.onnx")
    (folder / "folder").mkdir()
    check_error(folder, capsys, "folder: is a directory", "--weights", "shift1", output="folder")
    check_error(folder, capsys, "no such file", "--weights", "shift1", "--report-json", "missing/r.json")


def test_links_and_pipes_stay_what_they_are(folder):
    (folder / "link.onnx").symlink_to("q.onnx")
    (folder / "q.onnx").write_text("old")
    os.mkfifo(folder / "pipe")
    got = []
    reader = threading.Thread(target=lambda: got.append((folder / "pipe").read_bytes()))
    reader.start()
    assert call(folder, "--weights", "shift1", "--report-json", "pipe", output="link.onnx") == 0
    reader.join()
    assert (folder / "link.onnx").is_symlink() and (folder / "pipe").is_fifo()
    onnx.checker.check_model(onnx.load(folder / "q.onnx"), full_check=True)
    assert len(json.loads(got[0])["layers"]) == 2


def test_standard_output_that_cannot_be_written(folder, python_environment):
    command = [sys.executable, "-m", "sumac.quantize", "f.onnx", "--weights", "shift1", "-o", "q.onnx"]
    with open("/dev/full", "w", encoding="ascii") as full:
        result = subprocess.run(
            command, cwd=folder, env=python_environment, check=False, stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1] == "error: cannot write to the standard output: No space left on device"


@pytest.mark.parametrize(
    "arguments",
    (
        [],
        ["--weights", "basis4", "--layer", "basis4"],
        ["--weights", "basis4", "--layer", "a=basis4", "--layer", "a=shift1"],
        ["--weights", "basis4", "--coefficient-bits", "1"],
        ["--weights", "basis4", "--gamma", "nan"],
        ["--weights", "basis4", "--activations", "uint8"],
        ["--weights", "basis4", "--activations", "uint9", "--calibrate", "x.npy"],
        ["--weights", "basis4", "--bias-correction"],
        ["--weights", "basis4", "--percentile", "101"],
        ["--weights", "basis4", "--what"],
        ["--weights", "basis4", "--report-json", "q.onnx"],
    ),
)
def test_wrong_usage(folder, capsys, arguments):
    check_error(folder, capsys, "error: ", *arguments, status=2)


def test_overflow_in_the_float_model(folder, capsys):
    change_weights(folder, lambda array: np.full_like(array, 3e38))
    message = "is NaN or infinite on the calibration data"
    check_error(folder, capsys, message, "--weights", "uniform8", "--calibrate", "x.npy")
    assert call(folder, "--weights", "uniform8") == 0


@pytest.mark.filterwarnings("error")
def test_overflow_of_the_outputs(folder, capsys):
    model = onnx.load(folder / "f.onnx")
    tensor = [t for t in model.graph.initializer if len(t.dims) == 2][-1]
    tensor.CopyFrom(numpy_helper.from_array(np.full(tuple(tensor.dims), 3e38, np.float32), tensor.name))
    onnx.save(model, folder / "f.onnx")
    arguments = ["--weights", "uniform8", "--calibrate", "x.npy", "--report-json", "r.json"]
    check_error(folder, capsys, "its outputs on the calibration data are NaN", *arguments, "--bias-correction")
    assert call(folder, *arguments) == 0
    assert json.loads((folder / "r.json").read_text())["outputs"][0]["largest_error"] is None


def test_help_lists_every_coding(folder, capsys):
    assert call(folder, "--help") == 0
    text = capsys.readouterr().out
    assert all(spec in text for spec in ("basis4", "flight", "pool128", "codebook256", "uniform3", "ternary", "float"))
