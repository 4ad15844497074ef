//===- Expression.cpp - Real tensors as functions of codes ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Broadcasting and access of the functions in an Expression.
//
//===----------------------------------------------------------------------===//

#include "Expression.h"

using namespace mlir;
using namespace sumac;

CodingAttrInterface Expression::getConstant() const {
  if (auto constant = source.getDefiningOp<ConstantOp>())
    return constant.getValue();
  return {};
}

bool Expression::isPerLastDim() const {
  return functionShape.empty() ||
         llvm::all_of(ArrayRef<int64_t>(functionShape).drop_back(),
                      [](int64_t size) { return size == 1; });
}

int64_t sumac::getBroadcastIndex(ArrayRef<int64_t> shape,
                                 ArrayRef<int64_t> index) {
  int64_t position = 0;
  for (auto [size, i] : llvm::zip_equal(shape, index.take_back(shape.size())))
    position = position * size + (size == 1 ? 0 : i);
  return position;
}

void sumac::advanceIndex(ArrayRef<int64_t> shape,
                         MutableArrayRef<int64_t> index) {
  for (int64_t dim = static_cast<int64_t>(shape.size()) - 1; dim >= 0; --dim) {
    if (++index[dim] < shape[dim])
      return;
    index[dim] = 0;
  }
}

LogicalResult Expression::broadcastFunctions(ArrayRef<int64_t> shape) {
  size_t rank = std::max(shape.size(), functionShape.size());
  SmallVector<int64_t> merged(rank, 1);
  auto merge = [&](ArrayRef<int64_t> from) {
    for (auto [size, into] : llvm::zip_equal(
             from, MutableArrayRef<int64_t>(merged).take_back(from.size()))) {
      if (size != 1 && into != 1 && size != into)
        return failure();
      into = std::max(into, size);
    }
    return success();
  };
  if (failed(merge(functionShape)) || failed(merge(shape)))
    return failure();
  // Leading ones say nothing.
  while (!merged.empty() && merged.front() == 1)
    merged.erase(merged.begin());
  int64_t count = ShapedType::getNumElements(merged);
  if (count != static_cast<int64_t>(functions.size())) {
    std::vector<ScalarFunction> widened;
    widened.reserve(count);
    SmallVector<int64_t> index(merged.size(), 0), own = functionShape;
    while (!own.empty() && own.front() == 1 && own.size() > merged.size())
      own.erase(own.begin());
    for (int64_t i = 0; i < count; ++i, advanceIndex(merged, index))
      widened.push_back(functions[getBroadcastIndex(own, index)]);
    functions = std::move(widened);
  }
  functionShape = merged;
  return success();
}

std::optional<Affine> sumac::getAffine(const ScalarFunction &function) {
  const auto &chain = function.operations();
  if (chain.empty())
    return Affine();
  if (chain.size() != 1 || chain.front().kind != ScalarFunction::Kind::Affine)
    return std::nullopt;
  return Affine{chain.front().a, chain.front().b};
}

bool sumac::isAffine(const Expression &expression) {
  return llvm::all_of(expression.functions, [](const ScalarFunction &function) {
    return getAffine(function).has_value();
  });
}

std::optional<std::vector<Real>> sumac::parseExact(ExactArrayAttr attribute) {
  std::vector<Real> values;
  values.reserve(attribute.getValues().size());
  for (StringAttr text : attribute.getValues()) {
    std::optional<Real> value = Real::parse(std::string_view(text.getValue()));
    if (!value)
      return std::nullopt;
    values.push_back(std::move(*value));
  }
  return values;
}

ExactArrayAttr sumac::makeExact(MLIRContext *context, ArrayRef<Real> values) {
  SmallVector<StringAttr> texts;
  texts.reserve(values.size());
  for (const Real &value : values)
    texts.push_back(StringAttr::get(context, value.toString()));
  return ExactArrayAttr::get(context, texts);
}
