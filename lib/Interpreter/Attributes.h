//===- Attributes.h - Reading attributes ------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_INTERPRETER_ATTRIBUTES_H
#define SUMAC_LIB_INTERPRETER_ATTRIBUTES_H

#include "Kernel.h"

#include "sumac/Support/HostTensor.h"

namespace sumac::interpreter {

/// Memory guard: no tensor may have more elements.
inline constexpr int64_t kMaxElements = int64_t(1) << 28;

/// The number of elements, or an error for a shape that is none or too large.
llvm::FailureOr<int64_t> checkShape(llvm::ArrayRef<int64_t> shape, Error &error);

/// The elements of an integer or float payload; errors at the operation.
llvm::FailureOr<std::vector<int64_t>> readIntegers(mlir::Operation *op, mlir::ElementsAttr payload);
llvm::FailureOr<std::vector<double>> readDoubles(mlir::Operation *op, mlir::ElementsAttr payload);

llvm::FailureOr<std::vector<Real>> readExact(mlir::Operation *op, ExactArrayAttr attribute);
/// The only entry of an array.
llvm::FailureOr<Real> readOneExact(mlir::Operation *op, ExactArrayAttr attribute);

/// A number and doubles around it.
struct Enclosed {
  Real real;
  Enclosure enclosure;
  Enclosed() = default;
  Enclosed(Real real) : real(std::move(real)), enclosure(Enclosure::of(this->real)) {}
};

/// A matrix of [channels, columns] or [1, columns].
template <typename T>
struct ChannelRows {
  int64_t channels = 0;
  int64_t columns = 0;
  std::vector<T> values;

  llvm::ArrayRef<T> getRow(int64_t channel) const {
    return llvm::ArrayRef<T>(values).slice((channels == 1 ? 0 : channel) * columns, columns);
  }
};

/// A grid with its numbers read.
struct PreparedGrid {
  int64_t min = 0;
  int64_t max = 0;
  bool bipolar = false;
  std::vector<Enclosed> scales;
  std::vector<Enclosed> zeroPoints; ///< As many as scales.
  llvm::SmallVector<int64_t> shape;
  llvm::SmallVector<int64_t> block;

  static llvm::FailureOr<PreparedGrid> read(mlir::Operation *op, GridAttr grid, bool isQuantizer);
  /// The scale's position for every element of a tensor; empty where there is
  /// only one.
  llvm::FailureOr<std::vector<uint32_t>> getPositions(llvm::ArrayRef<int64_t> tensorShape, Error &error) const;
};

/// Whether an integer fits the element type of a tensor.
bool fits(mlir::Type type, Int128 value);
/// A tensor of integers, each checked against the type's width.
llvm::FailureOr<TensorRef> makeIntegers(mlir::Type type, Shape shape, llvm::ArrayRef<Int128> values, Error &error);
llvm::FailureOr<TensorRef> makeIntegers(mlir::Type type, Shape shape, std::vector<int64_t> values, Error &error);

/// The channel of an element: its index along one dimension.
struct ChannelOf {
  int64_t inner = 1;
  int64_t size = 1;
  ChannelOf(llvm::ArrayRef<int64_t> shape, int64_t axis) {
    if (shape.empty())
      return;
    size = std::max<int64_t>(shape[axis], 1);
    for (int64_t dim : shape.drop_front(axis + 1))
      inner *= std::max<int64_t>(dim, 1);
  }
  int64_t operator()(int64_t element) const { return element / inner % size; }
};

/// `axis` counted from the front, or nothing where there is no such dimension.
std::optional<int64_t> normalizeAxis(int64_t axis, int64_t rank);

/// Element type of a value of ranked tensor type or scalar type.
mlir::Type getElementType(mlir::Value value);

} // namespace sumac::interpreter

#endif // SUMAC_LIB_INTERPRETER_ATTRIBUTES_H
