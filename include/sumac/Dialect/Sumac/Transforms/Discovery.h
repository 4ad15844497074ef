//===- Discovery.h - Recognizing codings by values --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A finder looks at the integers of a layer's weights and codes them, if they
// have its structure. Finders see statistics that are made once, so that a layer
// without structure costs one pass over its weights. A plugin adds finders for
// codings of its own: docs/tutorials/add-a-coding.md.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DIALECT_SUMAC_TRANSFORMS_DISCOVERY_H
#define SUMAC_DIALECT_SUMAC_TRANSFORMS_DISCOVERY_H

#include "sumac/Dialect/Sumac/IR/SumacDialect.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

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

/// Recognizes one coding.
class CodingFinder {
public:
  virtual ~CodingFinder() = default;

  /// The coding of `weights`; null where they do not have the structure, or
  /// where it takes `limit` bits or more. That should be found out before codes
  /// are made: payloads live as long as the context.
  virtual CodingAttrInterface find(const Weights &weights, int64_t limit) const = 0;
  /// Whether sums can be made of the coding's structure, so that it is taken
  /// even where a table of the values is somewhat smaller.
  virtual bool isStructured() const { return false; }
  /// Registers the dialect of the coding's attribute.
  virtual void registerDialects(mlir::DialectRegistry &registry) const {}
};

/// Adds a finder behind those that there are. Of several codings of the same
/// size, the first is taken.
void registerCodingFinder(std::unique_ptr<CodingFinder> finder);
llvm::ArrayRef<std::unique_ptr<CodingFinder>> getCodingFinders();

/// `static CodingFinderRegistration<RotationFinder> registration;` in a
/// plugin's file.
template <typename FinderT> struct CodingFinderRegistration {
  CodingFinderRegistration() noexcept { registerCodingFinder(std::make_unique<FinderT>()); }
};

} // namespace sumac::discovery

#endif // SUMAC_DIALECT_SUMAC_TRANSFORMS_DISCOVERY_H
