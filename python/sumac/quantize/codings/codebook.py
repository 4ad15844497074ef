# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""codebook16, codebook256: at most 16 or 256 values a layer, by k-means, on a dyadic grid.

The values of codebook16 are integers of 8 bits times a power of two, those of codebook256 integers of
`coefficient_bits` bits, so that a table of integers holds them.
"""

import numpy as np

from sumac.quantize.coding import Coded, coding, each, lengthening
from sumac.quantize.dyadic import round_to_grid, to_float32
from sumac.quantize.errors import QuantizeError
from sumac.quantize.levels import assign, kmeans


@coding("codebook16", "codebook256", summary="at most 16 or 256 values a layer, by k-means")
def encode(spec, matrices, settings):
    count = int(spec.removeprefix("codebook"))
    bits = 8 if count == 16 else settings.coefficient_bits
    return [_encode_layer(w, count, bits, settings.unbiased) for w in each(matrices)]


def _encode_layer(weights, count, bits, unbiased):
    integers, exponent = round_to_grid(kmeans(weights, count), bits)
    integers = np.unique(integers)
    table = to_float32(integers, exponent)
    if table is None:
        raise QuantizeError("the weights are too large for a codebook in float32")
    codes = assign(weights, table)
    if unbiased:
        longer = table.astype(np.float64) * lengthening(weights, table[codes])
        integers, exponent = round_to_grid(longer, bits)
        if (rounded := to_float32(integers, exponent)) is not None:
            table = rounded
        else:
            integers, exponent = round_to_grid(table, bits)
    return Coded(
        values=table[codes],
        codes=codes,
        bits=(count - 1).bit_length(),
        overhead=len(table) * bits + 8,
        details={"integers": integers.tolist(), "exponent": exponent},
    )
