# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Virtual environments and the machine. Standard library only: it runs outside the environments."""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parents[1]
REPOSITORY = BENCHMARKS.parent


def install(venv, pins):
    """Installs the packages of a requirements file; makes the environment first if it is not there."""
    python = venv / "bin" / "python"
    name = venv.relative_to(REPOSITORY)
    if not python.exists() and subprocess.call([sys.executable, "-m", "venv", venv]) != 0:
        sys.exit(f"error: cannot make {name}: apt-get install python3-venv")
    if subprocess.call([python, "-m", "pip", "install", "--quiet", "--requirement", pins]) != 0:
        sys.exit(f"error: cannot install {pins.relative_to(REPOSITORY)}")
    return python


def environment():
    """The interpreter of benchmarks/.venv, made anew when the pins change."""
    venv, pins = BENCHMARKS / ".venv", BENCHMARKS / "requirements.txt"
    stamp = venv / "pins.sha256"
    digest = hashlib.sha256(pins.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return venv / "bin" / "python"
    print("making benchmarks/.venv ...", file=sys.stderr, flush=True)
    shutil.rmtree(venv, ignore_errors=True)
    python = install(venv, pins)
    stamp.write_text(digest)
    return python


def start(module, *folders):
    """Becomes `python -m module` in benchmarks/.venv, with this program's arguments; `folders` hold more packages."""
    python = str(environment())
    path = [str(BENCHMARKS), *map(str, folders), os.environ.get("PYTHONPATH")]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, path))
    os.execv(python, [python, "-m", module, *sys.argv[1:]])


def processor():
    """Model name and the vector extensions that decide the kernels."""
    name, flags = platform.processor(), []
    with open("/proc/cpuinfo") as stream:
        for line in stream:
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                name = value.strip()
            if key.strip() == "flags":
                flags = value.split()
                break
    wanted = ("avx2", "avx_vnni", "avx512f", "avx512_vnni", "avx512_vpopcntdq", "avx512vbmi")
    return name, [flag for flag in wanted if flag in flags]
