//===- TiledEmission.h - Loops over tiles of a linear layer -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What all kernels share: weights packed in tiles of up to four vectors of 16
// channels, biases behind them, and blocks of rows and vectors whose
// accumulators stay in registers while the inputs are summed up.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_TARGET_CPU_KERNELS_TILEDEMISSION_H
#define SUMAC_LIB_TARGET_CPU_KERNELS_TILEDEMISSION_H

#include "KernelEmitter.h"
#include "sumac/Target/CPU/LinearKernel.h"

namespace sumac {

/// Vectors of channels that lie together in packed weights.
constexpr int64_t kTileVectors = 4;
/// Bytes of a vector of 16 biases, or of 16 words of weights.
constexpr int64_t kVectorBytes = 4 * kChannelVector;

/// Rows and vectors of channels whose accumulators are in registers at once,
/// and steps over the inputs that one iteration does.
struct Tile {
  int64_t rows, vectors, unroll;
};

class TiledEmission {
public:
  virtual ~TiledEmission() = default;

protected:
  using Values = KernelEmitter::Values;

  /// A block of rows times a few vectors of one packed tile.
  struct Block {
    mlir::Value weights; ///< the tile's first byte
    int64_t tileVectors; ///< vectors that the tile has
    int64_t firstVector; ///< first of this block within the tile
    mlir::Value channel; ///< of the tile's first vector
    Tile tile;
    mlir::Value row;
    Values inputs; ///< pointers to the rows
  };

  /// Packed weights have `vectorBytes` bytes for each vector of channels.
  TiledEmission(const LinearEmission &emission, int64_t vectorBytes)
      : emission(emission), layer(emission.layer), vectorBytes(vectorBytes), inputBase(emission.input),
        inputStride(emission.inputStride) {}

  /// The block to use for a tile with `vectors` vectors left to do.
  virtual Tile getTile(int64_t rows, int64_t vectors) const = 0;
  virtual void emitBlock(KernelEmitter &e, const Block &block) = 0;

  /// Loops over all tiles, all vectors in them, all rows.
  void emitTiles(KernelEmitter &e);
  mlir::Value loadBias(KernelEmitter &e, const Block &block, int64_t vector);
  /// Hands one row's accumulators to the epilogue.
  void storeRow(KernelEmitter &e, const Block &block, int64_t row, mlir::ValueRange results);

  const LinearEmission &emission;
  const LinearLayer &layer;
  int64_t vectorBytes;
  mlir::Value inputBase;
  int64_t inputStride;

private:
  void emitTile(KernelEmitter &e, mlir::Value weights, int64_t tileVectors, mlir::Value channel);
  void emitRows(KernelEmitter &e, Block block);
};

/// Where words of weights lie: word `step` of `stepBytes` bytes a lane group, of
/// output channel n, in packed weights of `steps` steps.
int64_t getPackedOffset(int64_t outputs, int64_t steps, int64_t stepBytes, int64_t n, int64_t step);

/// Packed weights of the right size with biases filled in: bias[n] + extra[n].
PackedWeights makePackedWeights(const LinearLayer &layer, int64_t vectorBytes, llvm::ArrayRef<int64_t> extra);

} // namespace sumac

#endif // SUMAC_LIB_TARGET_CPU_KERNELS_TILEDEMISSION_H
