# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a coding of weights is: the interface that every module in `codings` implements, and their registry."""

import importlib
import pkgutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from sumac.quantize.errors import QuantizeError

#: The SPEC of a layer that is left as it is.
FLOAT = "float"
LONG_WORK = 1 << 20  # weights


@dataclass(frozen=True)
class Settings:
    """The options of the codings; each coding reads its own."""

    seed: int = 0
    unbiased: bool = True  # coded weights as long as `lengthening` says, or those of least squared error
    coefficient_bits: int = 12  # signed integers that basis coefficients and codebook256 values are, times a power of 2
    gamma: float = 0.01  # basis: the weight of entropy against error, 0 to 1 (papers: EC4T)
    per_channel: bool = True  # uniform, ternary, bipolar: one scale an output, or one a layer
    pool_scale: str = "network"  # pool: one scale for the "network", or one a "layer"
    pool_distance: str = "cosine"  # pool: which entry is nearest, "cosine" or "euclidean"
    flight_prune: float = 0.1  # flight: t_0, a part of the layer's rms filter norm; filters below are pruned
    flight_twice: float = 0.5  # flight: the part of the other filters that keep two shifts, which gives t_1


@dataclass(frozen=True)
class Coded:
    """A layer's coded weights.

    values:   float32 [outputs, inputs], what the layer computes with from now on.
    codes:    int64 [outputs, groups], the symbol of each weight (or group of weights): what an entropy coder would see.
    bits:     of a code as stored densely.
    overhead: bits beside the codes: scales, coefficients, numbers of terms.
    integers: int8 [outputs, inputs] with values = integers * scale (QDQ), or None: values are written as they are.
    scale:    float32, a scalar or [outputs]; None without integers.
    details:  what the structure is made of, for the report and the model's metadata (values that JSON can hold).
    stored_bits: of all codes, where that is not bits * codes.
    spec:     of the coding; encode() fills it in.
    """

    values: np.ndarray
    codes: np.ndarray
    bits: int
    overhead: int
    integers: np.ndarray | None = None
    scale: np.ndarray | None = None
    integer_bits: int = 8
    details: dict = field(default_factory=dict)
    stored_bits: int | None = None
    spec: str = ""


def lengthening(weights, values):
    """The factor g with <g values, weights> = <weights, weights>; 1 if there is none.

    Values of least squared error are too short, by <values, weights> / <weights, weights> = 1 - error^2. That shrinks a
    layer's outputs, and the layers' factors multiply until biases outweigh products.
    """
    product = float(np.sum(weights * values))
    return float(np.sum(weights * weights)) / product if product > 0 else 1.0


#: A coding: (spec, [W float64 [outputs, inputs], ...], settings) -> [Coded, ...]: all layers of that SPEC at once.
Coder = Callable[[str, list[np.ndarray], Settings], list[Coded]]


@dataclass(frozen=True)
class Entry:
    """A line of the registry."""

    coder: Coder
    summary: str
    network_wide: str | None  # what the network has only one of, so that no other SPEC of it may occur


_REGISTRY: dict[str, Entry] = {}


def coding(*specs, summary, network_wide=None):
    """Registers the decorated Coder under the SPECs."""

    def register(coder):
        _REGISTRY.update(dict.fromkeys(specs, Entry(coder, summary, network_wide)))
        return coder

    return register


def registry():
    """All SPECs with their entries, by name and number. Every module of the package `codings` is imported first."""
    package = importlib.import_module("sumac.quantize.codings")
    for module in sorted(info.name for info in pkgutil.iter_modules(package.__path__)):
        importlib.import_module(f"{package.__name__}.{module}")
    return {spec: _REGISTRY[spec] for spec in sorted(_REGISTRY, key=_name_and_number)}


def _name_and_number(spec):
    name = spec.rstrip("0123456789")
    return name, int(spec[len(name) :] or 0)


def check_specs(specs):
    """Refuses a SPEC that does not exist, and two that share what a network has only one of."""
    known = registry()
    seen = {}
    for spec in specs:
        if spec == FLOAT:
            continue
        if spec not in known:
            raise QuantizeError(f"unknown coding '{spec}'; there are {', '.join([*known, FLOAT])}")
        if (what := known[spec].network_wide) and seen.setdefault(what, spec) != spec:
            raise QuantizeError(f"{seen[what]} and {spec} in one network, which has only one {what}")


def encode(matrices, specs, settings, progress=None):
    """Codes matrices [outputs, inputs] by name with the SPECs of the same names: Coded by name.

    Layers of one SPEC are coded together. `progress(text)` is called before each coding.
    """
    check_specs(specs.values())
    result = {}
    for spec in dict.fromkeys(specs.values()):
        names = [name for name in matrices if specs[name] == spec]
        if spec == FLOAT or not names:
            continue
        if progress:
            weights = sum(matrices[name].size for name in names)
            progress(f"coding {len(names)} layers with {weights} weights as {spec}")
        group = [matrices[name].astype(np.float64) for name in names]
        try:
            coded = registry()[spec].coder(spec, group, settings)
        except QuantizeError as error:
            raise QuantizeError(f"{spec} of {', '.join(names)}: {error}") from error
        result.update((name, replace(c, spec=spec)) for name, c in zip(names, coded, strict=True))
    return result


def each(matrices):
    """The matrices one after the other, with lines of progress where that takes a while."""
    total, done = sum(w.size for w in matrices), 0
    for weights in matrices:
        yield weights
        done += weights.size
        if total > LONG_WORK:
            say(f"{100 * done // total} % of {total} weights coded")


def say(text):
    """A line of progress on the standard error."""
    print(f"quantize: {text}", file=sys.stderr, flush=True)
