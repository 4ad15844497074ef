# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How lit finds and runs Sumac's tests.

Substitutions: %python (the checkout's .venv), %oracle_python (.venv-oracles, with
onnxruntime and qonnx), %models (examples/models), %shared_models, %src_root, %obj_root, %host_cc,
%host_cxx, %cmake, %llvm_tools and %aarch64_cc.

Features: the machine's instruction sets (avx2, avx512f, avx512bw, avx512vbmi,
avx512vnni, avx512vpopcntdq), what is installed (qemu, aarch64-gcc, python,
oracles, fashion-mnist, onnx-testdata, shared-models, chromium), and sanitize.

With the parameter `roundtrip`, only tests that run sumac-opt are taken, and it
gets --verify-roundtrip each time. A test that cannot says so in a line with
NO-ROUNDTRIP and the reason.
"""

import os
import platform
import shutil
import sys

import lit.formats
from lit.llvm import llvm_config
from lit.llvm.subst import ToolSubst

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from roundtrip_format import RoundTripTest  # noqa: E402 (lies beside this file)

round_trip = "roundtrip" in lit_config.params

config.name = "Sumac-RoundTrip" if round_trip else "Sumac"
config.test_format = RoundTripTest(True) if round_trip else lit.formats.ShTest(True)
config.suffixes = [".mlir", ".test"]
# Inputs of tests, not tests; Unit has a configuration of its own.
config.excludes = ["Inputs", "Unit", "CMakeLists.txt", "lit.cfg.py"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(
    config.sumac_obj_root, "test", "roundtrip-output" if round_trip else ""
)

llvm_config.with_environment("PYTHONPATH", os.path.join(config.sumac_src_root, "python"))
llvm_config.with_system_environment(
    ["HOME", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "SUMAC_FASHION_MNIST"]
)

# LLVM's allocators poison memory in headers only, if Debian's libraries are not
# built with the sanitizer.
if getattr(config, "sumac_sanitize", False):
    config.environment.setdefault("ASAN_OPTIONS", "allow_user_poisoning=0")

# ---- Tools and substitutions -------------------------------------------------
# Other tools, `sumac` among them, are found through PATH.

sumac_tools_dir = os.path.join(config.sumac_obj_root, "bin")
llvm_config.with_environment("PATH", config.llvm_tools_dir, append_path=True)
llvm_config.with_environment("PATH", sumac_tools_dir, append_path=True)

tools = [
    ToolSubst(
        "sumac-opt",
        "sumac-opt --verify-roundtrip" if round_trip else "sumac-opt",
        unresolved="fatal",
    ),
    ToolSubst("FileCheck", unresolved="fatal"),
    ToolSubst("not", unresolved="fatal"),
    ToolSubst("count", unresolved="fatal"),
    ToolSubst("split-file", unresolved="fatal"),
    ToolSubst("mlir-opt", unresolved="fatal"),
]
llvm_config.add_tool_substitutions(tools, [sumac_tools_dir, config.llvm_tools_dir])

aarch64_cc = shutil.which("aarch64-linux-gnu-gcc")
models = os.path.join(config.sumac_src_root, "examples", "models")
shared_models = os.path.join(config.sumac_src_root, "..", "shared", "models")
config.substitutions += [
    ("%python", config.sumac_python),
    ("%oracle_python", config.sumac_oracle_python),
    ("%models", models),
    ("%shared_models", shared_models),
    ("%src_root", config.sumac_src_root),
    ("%obj_root", config.sumac_obj_root),
    ("%host_cc", config.host_c_compiler),
    ("%host_cxx", config.host_cxx_compiler),
    ("%cmake", config.cmake_program),
    ("%mlir_cmake_dir", config.mlir_cmake_dir),
    ("%llvm_tools", config.llvm_tools_dir),
    ("%aarch64_cc", aarch64_cc or "aarch64-linux-gnu-gcc"),
    ("%qemu_aarch64", "qemu-aarch64 -L /usr/aarch64-linux-gnu"),
]

# ---- Features ----------------------------------------------------------------


def cpu_flags():
    """The processor's flags as Linux names them."""
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
            for line in file:
                if line.startswith("flags"):
                    return set(line.split(":", 1)[1].split())
    except OSError:
        pass
    return set()


flags = cpu_flags()
for feature, flag in [
    ("avx2", "avx2"),
    ("avx512f", "avx512f"),
    ("avx512bw", "avx512bw"),
    ("avx512vbmi", "avx512vbmi"),
    ("avx512vnni", "avx512_vnni"),
    ("avx512vpopcntdq", "avx512_vpopcntdq"),
]:
    if flag in flags:
        config.available_features.add(feature)
if platform.machine() == "x86_64":
    config.available_features.add("x86_64")
for feature, present in [
    ("qemu", shutil.which("qemu-aarch64")),
    ("aarch64-gcc", aarch64_cc),
    ("chromium", shutil.which("chromium")),
    ("verilator", shutil.which("verilator")),
    ("python", os.path.exists(config.sumac_python)),
    ("oracles", os.path.exists(config.sumac_oracle_python)),
    ("fashion-mnist", os.path.isdir("/usr/share/datasets/fashion-mnist")),
    ("onnx-testdata", os.path.isdir("/usr/share/libonnx-testdata")),
    ("shared-models", os.path.isdir(shared_models)),
    ("sanitize", config.sumac_sanitize),
]:
    if present:
        config.available_features.add(feature)
