# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""pool32, pool64, pool128: groups of 8 inputs' weights come from one table for the whole network (section WP).

The weights of all pooled layers are cut along the inputs into vectors of 8, clustered by cosine distance, and each
replaced by the entry of greatest cosine similarity. Entries are int8 times one scale. The last vector of a row may be
shorter: it is padded with zeros, takes no part in the clustering, and looks for an entry whose first weights are like
it among those that whole vectors of its layer use (or all, if these are few), so that whoever collects the layer's
whole vectors first finds no other entries. What the paper does next, training with the projection in the forward pass,
is not done here: a pool needs it more than other codings, since a vector's length is lost.
"""

import warnings

import numpy as np

from sumac.quantize.coding import Coded, coding, say
from sumac.quantize.codings.uniform import as_scale, quantize_rows, search_scales, single_magnitude

GROUP = 8
ROUNDS = 10  # of reassigning all vectors and moving the entries to their means
LEAST_OWN = 12  # entries that short vectors of a layer choose from
MOST_VECTORS = 1 << 16  # that k-means starts from, and that are compared with the table at once


def to_vectors(weights):
    """[outputs, inputs] as [outputs * groups, 8], row by row, padded with zeros."""
    padded = np.pad(weights, ((0, 0), (0, -weights.shape[1] % GROUP)))
    return padded.reshape(-1, GROUP)


def _unit(vectors):
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)


def _nearest(vectors, entries, distance):
    """The entry of each vector, int64 [vectors]: of greatest cosine similarity, or of least distance."""
    if distance == "cosine":
        directions, offset = _unit(entries).T, 0.0
    else:
        directions, offset = entries.T, (entries**2).sum(1) / 2
    index = np.empty(len(vectors), np.int64)
    for start in range(0, len(vectors), MOST_VECTORS):
        part = slice(start, start + MOST_VECTORS)
        index[part] = np.argmax(vectors[part] @ directions - offset, axis=1)
    return index


def cluster(vectors, count, settings):
    """Entries float64 [<= count, 8] for vectors [V, 8], none of them zero."""
    if not len(vectors):
        return np.zeros((0, GROUP))
    cosine = settings.pool_distance == "cosine"
    entries = _kmeans(_unit(vectors) if cosine else vectors, count, settings.seed)
    index = _nearest(vectors, entries, settings.pool_distance)
    for _ in range(ROUNDS):
        used, index = np.unique(index, return_inverse=True)
        entries = np.zeros((len(used), GROUP))
        np.add.at(entries, index, vectors)
        entries /= np.bincount(index)[:, None]
        index = _nearest(vectors, entries, settings.pool_distance)
    return entries


def _kmeans(points, count, seed):
    """Cluster centers float64 [<= count, 8] of points [V, 8]."""
    if len(points) > MOST_VECTORS:
        chosen = np.random.default_rng(seed).choice(len(points), MOST_VECTORS, replace=False)
        points = points[np.sort(chosen)]
    say(f"clustering {len(points)} vectors of {GROUP}")
    distinct = np.unique(points, axis=0)
    if len(distinct) <= count:
        return distinct
    from sklearn.cluster import KMeans  # slow to import, and needed for pools only
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return KMeans(count, n_init=2, max_iter=100, random_state=seed).fit(points).cluster_centers_


def _lengthening(vectors, entries, settings):
    """As `coding.lengthening`, the factor of each entry for the vectors next to it: float64 [entries]."""
    if not settings.unbiased or not len(vectors):
        return np.ones(len(entries))
    index = _nearest(vectors, entries, settings.pool_distance)
    wanted = np.bincount(index, (vectors**2).sum(1), len(entries))
    given = np.bincount(index, (vectors * entries[index]).sum(1), len(entries))
    return np.divide(wanted, given, out=np.ones_like(wanted), where=given > 0)


def _quantize_table(entries):
    """The table, int8 [N, 8], and its scale, float32."""
    rows = entries.reshape(1, -1)
    if not rows.any():
        return np.zeros(entries.shape, np.int8), np.float32(1)
    single = single_magnitude(rows)
    scale = as_scale(np.where(single > 0, single, search_scales(rows, -127, 127)))
    return quantize_rows(rows, scale, -127, 127).astype(np.int8).reshape(entries.shape), scale[0]


@coding("pool32", "pool64", "pool128", summary="vectors of 8 weights from one table (QDQ)", network_wide="weight pool")
def encode(spec, matrices, settings):
    size = int(spec.removeprefix("pool"))
    lengths = [float(np.sqrt(np.mean(w**2))) or 1.0 for w in matrices]
    factors = lengths if settings.pool_scale == "layer" else [1.0] * len(matrices)
    groups = [to_vectors(w / factor) for w, factor in zip(matrices, factors)]
    table, scale, longer = _make_table(groups, [w.shape[1] for w in matrices], size, settings)
    codes = _choose(
        groups, [w.shape[1] for w in matrices], table * float(scale) / longer[:, None], settings.pool_distance
    )
    return [
        _layer(index, w.shape[1], table, as_scale(float(scale) * factor), size, number == 0)
        for number, (index, w, factor) in enumerate(zip(codes, matrices, factors))
    ]


def _make_table(groups, inputs, size, settings):
    """The table, int8 [<= size, 8], its scale, and the factors by which its entries are longer than their vectors."""
    whole = [_is_whole(vectors, n) for vectors, n in zip(groups, inputs)]
    if not any(mask.any() for mask in whole):
        whole = [np.ones(len(vectors), bool) for vectors in groups]
    vectors = np.concatenate([v[mask] for v, mask in zip(groups, whole)])
    nonzero = vectors[vectors.any(1)]
    has_zeros = not all(v.any(1).all() for v in groups)
    entries = cluster(nonzero, size - has_zeros, settings)
    longer = _lengthening(nonzero, entries, settings)
    if has_zeros:
        entries, longer = np.concatenate((np.zeros((1, GROUP)), entries)), np.append(1.0, longer)
    return *_quantize_table(entries * longer[:, None]), longer


def _is_whole(vectors, inputs):
    """Which of a layer's vectors, bool [V], have 8 weights."""
    whole = np.ones((-(-inputs // GROUP),), bool)
    whole[-1] = inputs % GROUP == 0
    return np.tile(whole, len(vectors) // len(whole))


def _choose(groups, inputs, entries, distance):
    """The entries for the vectors of each layer: int64 [outputs, groups] for each."""
    result = [np.zeros(len(vectors), np.int64) for vectors in groups]
    whole = [_is_whole(vectors, n) for vectors, n in zip(groups, inputs)]
    anywhere = np.zeros(len(entries), bool)
    for index, vectors, mask in zip(result, groups, whole):
        index[mask] = _nearest_nonzero(vectors[mask], entries, np.ones_like(anywhere), distance)
        anywhere[index[mask]] = True
    for index, vectors, mask, n in zip(result, groups, whole, inputs):
        own = np.zeros_like(anywhere)
        own[index[mask]] = True
        short = n % GROUP or GROUP
        allowed = next(a for a in (own, anywhere, np.ones_like(own)) if a.sum() >= LEAST_OWN or a.all())
        index[~mask] = _nearest_nonzero(vectors[~mask, :short], entries[:, :short], allowed, distance)
    return [index.reshape(-1, -(-n // GROUP)) for index, n in zip(result, inputs)]


def _nearest_nonzero(vectors, entries, allowed, distance):
    """As _nearest among the allowed entries; vectors of zeros have the entry of zeros, which is the first of all."""
    index, nonzero = np.zeros(len(vectors), np.int64), vectors.any(1)
    candidates = np.flatnonzero(allowed & entries.any(1))
    if len(candidates) and nonzero.any():
        index[nonzero] = candidates[_nearest(vectors[nonzero], entries[candidates], distance)]
    return index


def _layer(codes, inputs, table, scale, size, is_first):
    """A layer's Coded; the table counts in the first one."""
    integers = np.ascontiguousarray(table[codes].reshape(len(codes), -1)[:, :inputs])
    return Coded(
        values=integers.astype(np.float32) * scale,
        codes=codes,
        bits=(size - 1).bit_length(),
        overhead=32 + (table.size * 8 if is_first else 0),
        integers=integers,
        scale=scale,
        details={"table": table.tolist()} if is_first else {},
    )
