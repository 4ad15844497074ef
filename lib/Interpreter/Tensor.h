//===- Tensor.h - Values of the interpreter ---------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An immutable tensor of integers, floats or reals. Reals are held in one of
// three forms, which mean the same:
//
//   * numbers: an exact number per element, the definition;
//   * a grid: element i is mantissas[i] * units[unitOf[i]], with which layers
//     are computed in machine integers;
//   * lazy: an enclosure per element, and a function that computes the exact
//     number of one element from those of the operands, for the few elements
//     that enclosures do not decide.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_INTERPRETER_TENSOR_H
#define SUMAC_LIB_INTERPRETER_TENSOR_H

#include "Enclosure.h"
#include "Number.h"

#include "mlir/IR/Types.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace sumac::interpreter {

class Tensor;
using TensorRef = std::shared_ptr<const Tensor>;
using Shape = llvm::SmallVector<int64_t, 4>;

/// mantissas[i] * units[unitOf[i]]; an empty unitOf takes units[0] for all.
struct GridForm {
  std::vector<int64_t> mantissas;
  std::vector<uint32_t> unitOf;
  std::vector<Real> units;

  uint32_t getUnitIndex(int64_t element) const { return unitOf.empty() ? 0 : unitOf[element]; }
  const Real &getUnit(int64_t element) const { return units[getUnitIndex(element)]; }
};

class Tensor {
public:
  enum class Kind { Integers, Floats, Numbers, Grid, Lazy };
  using Define = std::function<Number(int64_t element)>;

  static TensorRef integers(mlir::Type type, Shape shape, std::vector<int64_t> values);
  /// Floats of any type, each held as the double that it is.
  static TensorRef floats(mlir::Type type, Shape shape, std::vector<double> values);
  static TensorRef numbers(mlir::Type type, Shape shape, std::vector<Number> values);
  static TensorRef grid(mlir::Type type, Shape shape, GridForm form);
  /// `depth` counts the operations that `define` may go back.
  static TensorRef lazy(mlir::Type type, Shape shape, std::vector<Enclosure> enclosures,
                        Define define, unsigned depth);
  /// Reals that are these doubles, as a grid where they fit one: with one unit, or
  /// with one per row (last dimension), which keeps weights' mantissas small.
  static TensorRef realsFromDoubles(mlir::Type type, Shape shape, std::vector<double> values, bool unitPerRow);

  Kind getKind() const { return kind; }
  bool isReal() const { return kind >= Kind::Numbers; }
  mlir::Type getElementType() const { return elementType; }
  llvm::ArrayRef<int64_t> getShape() const { return shape; }
  int64_t size() const { return count; }
  /// Size of the last dimension, 1 for scalars.
  int64_t getRowSize() const { return shape.empty() ? 1 : shape.back(); }

  llvm::ArrayRef<int64_t> getIntegers() const { return integerData; }
  llvm::ArrayRef<double> getFloats() const { return floatData; }
  const GridForm &getGrid() const { return gridForm; }
  unsigned getDepth() const { return depth; }

  /// The element of a tensor of any kind.
  Number getNumber(int64_t element) const;
  /// Enclosures of all elements, computed once.
  llvm::ArrayRef<Enclosure> getEnclosures() const;

private:
  Tensor(Kind kind, mlir::Type type, Shape shape);
  Enclosure computeEnclosure(int64_t element, llvm::ArrayRef<Enclosure> units) const;

  Kind kind;
  mlir::Type elementType;
  Shape shape;
  int64_t count;
  unsigned depth = 0;
  std::vector<int64_t> integerData;
  std::vector<double> floatData;
  GridForm gridForm;
  Define define;
  // Computed on demand; constants are shared by threads.
  mutable std::mutex mutex;
  mutable std::vector<Enclosure> enclosures;
  mutable std::vector<Number> numberData;
  mutable std::vector<bool> hasNumber;
};

/// The elements `positions[i]` of `sources[which[i]]` as a tensor of `shape`;
/// an empty `which` takes source 0. Any data movement is a gather. Position -1
/// is zero.
TensorRef gather(mlir::Type type, Shape shape, llvm::ArrayRef<TensorRef> sources,
                 llvm::ArrayRef<uint32_t> which, llvm::ArrayRef<int64_t> positions);

/// The tensor with another shape of the same size.
TensorRef reshape(const TensorRef &tensor, Shape shape);

/// For each element of `result` the position of the element of `operand` that
/// NumPy's broadcasting pairs it with.
std::vector<int64_t> getBroadcastPositions(llvm::ArrayRef<int64_t> result,
                                           llvm::ArrayRef<int64_t> operand);

} // namespace sumac::interpreter

#endif // SUMAC_LIB_INTERPRETER_TENSOR_H
