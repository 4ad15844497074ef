# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The command line of `sumac quantize`."""

import argparse
import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from sumac.quantize import activations, report
from sumac.quantize.coding import FLOAT, Settings, check_specs, registry, say
from sumac.quantize.errors import QuantizeError
from sumac.quantize.graph import Graph
from sumac.quantize.pipeline import Options, load_model, quantize
from sumac.quantize.samples import load


def _number(low, high, kind=float):
    """An argparse type: numbers in [low, high]."""

    def parse(text):
        value = kind(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text} is not in the range of {low} to {high}")
        return value

    parse.__name__ = kind.__name__
    return parse


def _layer_spec(text):
    name, equals, spec = text.rpartition("=")
    if not equals or not name or not spec:
        raise argparse.ArgumentTypeError(f"'{text}' is not NAME=SPEC")
    return name, spec


def _parser():
    summaries = {}
    for spec, entry in registry().items():
        summaries.setdefault(entry.summary, []).append(spec)
    specs = "\n".join(f"  {', '.join(names)}\n      {summary}" for summary, names in summaries.items())
    parser = argparse.ArgumentParser(
        prog=os.environ.get("SUMAC_PROGRAM", "python -m sumac.quantize"),
        description="Quantize a float ONNX network without training: its weights and, with --calibrate, activations.",
        epilog=f"SPEC is one of\n{specs}\n  {FLOAT}\n      left as it is\n\n"
        "example: sumac quantize float.onnx --weights basis4 --layer fc3=uniform8 --calibrate x.npy -o q.onnx",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("model", metavar="FLOAT.onnx", help="the float network")
    parser.add_argument(
        "--weights", metavar="SPEC", required=True, help="the coding of all layers but those of --layer"
    )
    parser.add_argument(
        "--layer", metavar="NAME=SPEC", action="append", default=[], type=_layer_spec, help="the coding of one layer"
    )
    parser.add_argument(
        "-o", "--output", metavar="Q.onnx", required=True, help="where the quantized network is written"
    )
    parser.add_argument("--report-json", metavar="FILE", help="write the report as JSON too")
    parser.add_argument("--seed", type=_number(0, 2**32 - 1, int), default=0, help="of pools (default: %(default)s)")
    _add_calibration(parser.add_argument_group("activations"))
    _add_codings(parser.add_argument_group("codings"))
    return parser


def _add_calibration(group):
    group.add_argument("--calibrate", metavar="X.npy|X.npz", help="samples of the inputs; quantizes activations")
    group.add_argument(
        "--activations", choices=activations.CHOICES, help="their type; signed where negative (default: uint8)"
    )
    group.add_argument(
        "--calibration", choices=activations.METHODS, default="mse", help="how scales are found (default: %(default)s)"
    )
    group.add_argument("--percentile", metavar="P", type=_number(50, 100), default=99.9, help="default: %(default)s")
    group.add_argument("--bias-correction", action="store_true", help="take the mean output error from the biases")


def _add_codings(group):
    default = Settings()
    group.add_argument(
        "--fit",
        choices=("unbiased", "least-error"),
        default="unbiased",
        help="coded weights that do not shrink a layer's outputs on average, or those of least squared error, "
        "which do (default: %(default)s); shifts are of least error always",
    )
    group.add_argument(
        "--coefficient-bits",
        metavar="N",
        type=_number(2, 20, int),
        default=default.coefficient_bits,
        help="of basis coefficients and codebook256 values, sign included (default: %(default)s)",
    )
    group.add_argument(
        "--gamma",
        metavar="G",
        type=_number(0, 1),
        default=default.gamma,
        help="basis: 0 for the least error, more for more zeros and less entropy (default: %(default)s)",
    )
    group.add_argument(
        "--scales",
        choices=("channel", "layer"),
        default="channel",
        help="uniform, ternary, bipolar: one scale an output, or one a layer (default: %(default)s)",
    )
    group.add_argument(
        "--pool-scale", choices=("network", "layer"), default=default.pool_scale, help="default: %(default)s"
    )
    group.add_argument(
        "--pool-distance", choices=("cosine", "euclidean"), default=default.pool_distance, help="default: %(default)s"
    )
    group.add_argument(
        "--flight-prune",
        metavar="PART",
        type=_number(0, 10),
        default=default.flight_prune,
        help="prune filters whose norm is below PART of the layer's rms norm (default: %(default)s)",
    )
    group.add_argument(
        "--flight-twice",
        metavar="PART",
        type=_number(0, 1),
        default=default.flight_twice,
        help="the part of the filters left that keep two shifts (default: %(default)s)",
    )


def _options(parser, arguments):
    """Options from parsed arguments; ends with status 2 on wrong usage."""
    layer_weights = dict(arguments.layer)
    if len(layer_weights) < len(arguments.layer):
        parser.error("--layer names one layer twice")
    if arguments.report_json and Path(arguments.report_json).resolve() == Path(arguments.output).resolve():
        parser.error("--report-json and --output name one file")
    if not arguments.calibrate:
        if arguments.activations not in (None, activations.NONE):
            parser.error("--activations needs --calibrate")
        if arguments.bias_correction:
            parser.error("--bias-correction needs --calibrate")
    settings = Settings(
        seed=arguments.seed,
        unbiased=arguments.fit == "unbiased",
        coefficient_bits=arguments.coefficient_bits,
        gamma=arguments.gamma,
        per_channel=arguments.scales == "channel",
        pool_scale=arguments.pool_scale,
        pool_distance=arguments.pool_distance,
        flight_prune=arguments.flight_prune,
        flight_twice=arguments.flight_twice,
    )
    return Options(
        arguments.weights,
        layer_weights,
        settings,
        arguments.activations or "uint8",
        arguments.calibration,
        arguments.percentile,
        arguments.bias_correction,
    )


def write_files(contents):
    """Writes files, bytes by path: all aside first, then all moved into place, so that a failure leaves nothing.

    Links are followed; devices and pipes, which nothing can replace, are written to as they are."""
    aside, in_place = {}, {}
    with ExitStack() as stack:
        for path, content in contents.items():
            path = Path(path)
            if path.is_dir():
                raise QuantizeError(f"{path}: is a directory")
            try:
                if path.exists() and not path.is_file():
                    in_place[path] = content
                    continue
                path = Path(os.path.realpath(path))
                handle, name = tempfile.mkstemp(prefix=".sumac-quantize.", dir=path.parent)
                stack.callback(lambda name=name: Path(name).unlink(missing_ok=True))
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
            except OSError as error:
                raise QuantizeError(f"{path}: {error.strerror.lower()}") from error
            umask = os.umask(0)
            os.umask(umask)
            os.chmod(name, 0o666 & ~umask)
            aside[name] = path
        for path, content in in_place.items():
            try:
                path.write_bytes(content)
            except OSError as error:
                raise QuantizeError(f"{path}: {error.strerror.lower()}") from error
        for name, path in aside.items():
            os.replace(name, path)


def main(argv=None):
    """Runs the command; the exit status is 0, 1 for bad input (after one line of error), or 2 for wrong usage."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    options = _options(parser, arguments)
    try:
        check_specs([options.weights, *options.layer_weights.values()])
        model = load_model(arguments.model)
        samples = load(arguments.calibrate, Graph(model)) if arguments.calibrate else None
        result, made = quantize(model, options, samples)
        contents = {arguments.output: result.SerializeToString()}
        if arguments.report_json:
            contents[arguments.report_json] = made.to_json().encode()
        write_files(contents)
    except QuantizeError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"error: {error.filename or arguments.output}: {(error.strerror or str(error)).lower()}", file=sys.stderr)
        return 1
    except MemoryError:
        print("error: not enough memory", file=sys.stderr)
        return 1
    say(f"wrote {arguments.output}")
    try:
        print(report.to_text(made), end="", flush=True)
    except BrokenPipeError:  # whoever read has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(f"error: cannot write to the standard output: {error.strerror}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left cannot be written at the end either
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
