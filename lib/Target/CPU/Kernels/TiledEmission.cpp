//===- TiledEmission.cpp - Loops over tiles of a linear layer ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The loops around the register blocks of all kernels.
//
//===----------------------------------------------------------------------===//

#include "TiledEmission.h"

#include "llvm/Support/MathExtras.h"
#include <cstring>

using namespace mlir;
using namespace sumac;

void TiledEmission::emitTiles(KernelEmitter &e) {
  int64_t vectors = llvm::divideCeil(layer.outputs, kChannelVector);
  int64_t full = vectors / kTileVectors, rest = vectors % kTileVectors;
  int64_t tileBytes = kTileVectors * vectorBytes;
  e.loop(full, {}, [&](KernelEmitter &e, Value tile, ValueRange) -> Values {
    emitTile(e, e.address(emission.weights, tile, tileBytes), kTileVectors, e.mul(tile, kTileVectors * kChannelVector));
    return {};
  });
  if (rest)
    emitTile(e, e.address(emission.weights, Value(), 0, full * tileBytes), rest,
             e.index(full * kTileVectors * kChannelVector));
}

void TiledEmission::emitTile(KernelEmitter &e, Value weights, int64_t tileVectors, Value channel) {
  for (int64_t first = 0; first < tileVectors;) {
    Tile tile = getTile(layer.rows, tileVectors - first);
    emitRows(e, Block{weights, tileVectors, first, channel, tile, Value(), {}});
    first += tile.vectors;
  }
}

/// All rows, in blocks of the tile's rows.
void TiledEmission::emitRows(KernelEmitter &e, Block block) {
  int64_t blockRows = block.tile.rows;
  int64_t full = layer.rows / blockRows, rest = layer.rows % blockRows;
  auto emitFrom = [&](KernelEmitter &e, Value row, int64_t rows) {
    block.tile.rows = rows;
    block.row = row;
    block.inputs.clear();
    Value input = e.address(inputBase, row, inputStride);
    for (int64_t r = 0; r < rows; ++r)
      block.inputs.push_back(e.address(input, Value(), 0, r * inputStride));
    emitBlock(e, block);
  };
  e.loop(full, {}, [&](KernelEmitter &e, Value i, ValueRange) -> Values {
    emitFrom(e, e.mul(i, blockRows), blockRows);
    return {};
  });
  if (rest)
    emitFrom(e, e.index(full * blockRows), rest);
}

/// Bytes of weights in front of the biases.
static int64_t getBiasOffset(int64_t outputs, int64_t vectorBytes) {
  return llvm::alignTo(llvm::divideCeil(outputs, kChannelVector) * vectorBytes, kRowAlignment);
}

Value TiledEmission::loadBias(KernelEmitter &e, const Block &block, int64_t vector) {
  Value biases = e.address(emission.weights, Value(), 0, getBiasOffset(layer.outputs, vectorBytes));
  Value pointer = e.address(biases, block.channel, 4, (block.firstVector + vector) * kVectorBytes);
  return e.load(e.vectorType(kChannelVector, 32), pointer, kRowAlignment);
}

void TiledEmission::storeRow(KernelEmitter &e, const Block &block, int64_t row, ValueRange results) {
  emission.store(e.getBuilder(), e.getLoc(), e.add(block.row, row),
                 e.add(block.channel, block.firstVector * kChannelVector), results);
}

int64_t sumac::getPackedOffset(int64_t outputs, int64_t steps, int64_t stepBytes, int64_t n, int64_t step) {
  int64_t vectors = llvm::divideCeil(outputs, kChannelVector);
  int64_t vector = n / kChannelVector, tile = vector / kTileVectors;
  int64_t tileVectors = std::min(kTileVectors, vectors - tile * kTileVectors);
  return (tile * kTileVectors * steps + step * tileVectors + vector % kTileVectors) * stepBytes;
}

PackedWeights sumac::makePackedWeights(const LinearLayer &layer, int64_t vectorBytes, llvm::ArrayRef<int64_t> extra) {
  int64_t offset = getBiasOffset(layer.outputs, vectorBytes);
  PackedWeights packed;
  packed.bytes.resize(offset + llvm::divideCeil(layer.outputs, kChannelVector) * kVectorBytes);
  char *biases = packed.bytes.data() + offset;
  // Modulo 2^32, like all sums.
  for (int64_t n = 0; n < layer.outputs; ++n) {
    auto bias = static_cast<uint32_t>(static_cast<uint64_t>(layer.bias[n]) + static_cast<uint64_t>(extra[n]));
    std::memcpy(biases + n * 4, &bias, 4);
  }
  return packed;
}
