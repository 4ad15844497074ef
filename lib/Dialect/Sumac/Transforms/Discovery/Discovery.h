//===- Discovery.h - Recognizing codings by values --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A coder looks at the integers of a layer's weights and codes them, if they
// have its structure. Coders see statistics that are made once, so that a layer
// without structure costs one pass over its weights.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_DIALECT_SUMAC_TRANSFORMS_DISCOVERY_H
#define SUMAC_LIB_DIALECT_SUMAC_TRANSFORMS_DISCOVERY_H

#include "../Constants.h"
#include <map>

namespace sumac::discovery {

/// Most distinct values that a coding with a table has.
constexpr size_t kMaxDistinct = 256;
/// Elements decoded at a time.
constexpr int64_t kChunk = 4096;

/// The integers of one layer's weights, [outputs, inputs].
class Weights {
public:
  explicit Weights(ConstantOp constant);

  ConstantOp getOp() const { return constant; }
  mlir::MLIRContext *getContext() const { return coding.getContext(); }
  CodingAttrInterface getCoding() const { return coding; }
  llvm::ArrayRef<int64_t> getShape() const { return coding.getShape(); }
  int64_t getOutputs() const { return getShape()[0]; }
  int64_t getInputs() const { return getShape()[1]; }
  int64_t getCount() const { return getOutputs() * getInputs(); }
  IntegerRange getRange() const { return range; }
  /// A name for resources that hold parts of the weights.
  const std::string &getName() const { return name; }

  /// The distinct values in ascending order, each with its number of elements;
  /// empty where there are more than kMaxDistinct.
  const std::map<int64_t, int64_t> &getDistinct() const { return distinct; }

  /// Calls `visit` with the elements from `first` on, block by block.
  void forEachBlock(llvm::function_ref<void(int64_t first, llvm::ArrayRef<int64_t>)> visit) const;

  /// One byte for each element: `code` of its value, which is called once for
  /// each distinct value. For weights with getDistinct().
  std::vector<int8_t> mapToBytes(llvm::function_ref<int64_t(int64_t value)> code) const;

private:
  ConstantOp constant;
  CodingAttrInterface coding;
  IntegerRange range;
  std::string name;
  std::map<int64_t, int64_t> distinct;
};

/// The smallest of 1 to `maxCount` integers of which all of `values` are sums of
/// subsets; empty if there are none. Exact: there are none of integers. `values`
/// are distinct; 0 is a sum of every set.
llvm::SmallVector<int64_t> findBasis(llvm::ArrayRef<int64_t> values, unsigned maxCount);

// Codings of one layer; null where the weights do not have the structure, or
// where it takes `limit` bits or more, which is found out before codes are
// made: payloads live as long as the context.
CodingAttrInterface findBipolar(const Weights &weights, int64_t limit);
CodingAttrInterface findUniform(const Weights &weights, int64_t limit);
CodingAttrInterface findBasisCoding(const Weights &weights, int64_t limit);
CodingAttrInterface findShift(const Weights &weights, int64_t limit);
CodingAttrInterface findCodebook(const Weights &weights, int64_t limit);

/// Pool codings of all layers that a table of up to 256 rows serves together,
/// by their position in `layers`. Empty where a table would not pay: it must be
/// smaller, with its indices, than `sizes`, the bits of the layers otherwise.
std::map<size_t, CodingAttrInterface> findPool(llvm::ArrayRef<Weights> layers,
                                               llvm::ArrayRef<int64_t> sizes);

} // namespace sumac::discovery

#endif // SUMAC_LIB_DIALECT_SUMAC_TRANSFORMS_DISCOVERY_H
