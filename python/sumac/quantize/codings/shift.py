# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""shift1, shift2, flight: a weight is the sum of at most k signed powers of two (LightNN and FLightNN, section FL).

A term is a sign and a 3-bit exponent: a layer's exponents lie in a window of 8. A filter of one term uses seven of
them, the eighth code being zero; a filter of two terms needs no code for zero, nor for a single power of two, as
2^e - 2^e = 0 and 2^(e-1) + 2^(e-1) = 2^e. Sums of two terms are those whose exponents are not neighbours, since
2^e + 2^(e-1) is 2^(e+1) - 2^(e-1) too: so the form with the fewest terms, which the compiler looks for, stays within
the window.

Each weight becomes the nearest such sum, where the papers round log2 |w| greedily. In `flight` filter i has
k_i = [|w_i| > t_0] + [|r_i| > t_1] terms, with r_i what one term leaves: 0 prunes the filter, its weights are all zero.
"""

import numpy as np

from sumac.quantize.coding import Coded, coding, each
from sumac.quantize.dyadic import LARGEST_EXPONENT, SMALLEST_EXPONENT
from sumac.quantize.levels import assign

WINDOW = 8  # exponents of three bits
TERM_BITS = 4


def sums_of_terms(largest, terms):
    """All values of up to 1 or 2 terms with exponents up to `largest`: ascending float64."""
    count = WINDOW - 1 if terms == 1 else WINDOW
    exponents = np.arange(max(largest - count + 1, SMALLEST_EXPONENT), largest + 1)
    signed = np.ldexp(np.array([[1.0], [-1.0]]), exponents).ravel()
    values = np.append(signed, 0.0)
    if terms == 2:
        apart = abs(np.subtract.outer(np.tile(exponents, 2), np.tile(exponents, 2))) >= 2
        values = np.append(values, np.add.outer(signed, signed)[apart])
    return np.unique(values)


def _nearest(weights, largest, terms):
    levels = sums_of_terms(largest, terms)
    return levels[assign(weights, levels)]


def _window(weights, terms):
    """The largest exponent of the window in which the squared error is least."""
    extreme = abs(weights).max()
    if extreme == 0:
        return 0
    top = int(np.frexp(extreme)[1])  # 2^(top - 1) <= extreme < 2^top
    allowed = [min(max(e, SMALLEST_EXPONENT), LARGEST_EXPONENT) for e in range(top, top - 4, -1)]
    return min(allowed, key=lambda e: float(np.sum((weights - _nearest(weights, e, terms)) ** 2)))


def _terms_of_filters(weights, once, settings):
    """FL: k for each filter, int64 [outputs], and the thresholds t_0 and t_1."""
    norms, residuals = np.linalg.norm(weights, axis=1), np.linalg.norm(weights - once, axis=1)
    prune = settings.flight_prune * float(np.sqrt(np.mean(norms**2)))
    kept = np.sort(residuals[norms > prune])[::-1]
    twice = int(np.ceil(settings.flight_twice * len(kept)))
    threshold = float(kept[twice]) if twice < len(kept) else 0.0
    return np.where(norms > prune, 1 + (residuals > threshold), 0), (prune, threshold)


@coding("shift1", "shift2", "flight", summary="sums of at most k signed powers of two; flight: k by filter (FLightNN)")
def encode(spec, matrices, settings):
    return [_encode_layer(spec, w, settings) for w in each(matrices)]


def _encode_layer(spec, weights, settings):
    largest = _window(weights, 1 if spec == "shift1" else 2)
    details = {"largest_exponent": largest}
    if spec == "flight":
        once = _nearest(weights, largest, 1)
        terms, thresholds = _terms_of_filters(weights, once, settings)
        values = np.where((terms == 2)[:, None], _nearest(weights, largest, 2), once)
        values[terms == 0] = 0.0
        details |= {"thresholds": thresholds, "filters_by_terms": np.bincount(terms, minlength=3).tolist()}
    else:
        terms = np.full(len(weights), int(spec[-1]))
        values = _nearest(weights, largest, int(spec[-1]))
    values = values.astype(np.float32)
    return Coded(
        values=values,
        codes=np.unique(values, return_inverse=True)[1].reshape(values.shape),
        bits=TERM_BITS * int(terms.max(initial=1)),
        overhead=8 + (2 * len(weights) if spec == "flight" else 0),
        details=details | {"terms": terms.tolist()} if spec == "flight" else details,
        stored_bits=TERM_BITS * int(terms.sum()) * weights.shape[1],
    )
