//===- Elementwise.h - Functions of elements --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every function of real elements is written twice, side by side: on numbers,
// the definition, and on enclosures. These helpers combine the two.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_INTERPRETER_ELEMENTWISE_H
#define SUMAC_LIB_INTERPRETER_ELEMENTWISE_H

#include "Kernel.h"

namespace sumac::interpreter {

/// One number from those of the operands, which broadcast to the result.
using DefineFunction = std::function<Number(int64_t element, llvm::ArrayRef<Number> operands)>;

/// Reads operands at the elements that broadcasting pairs with the result's.
class BroadcastOperands {
public:
  BroadcastOperands(llvm::ArrayRef<int64_t> shape, Operands operands);

  void getNumbers(int64_t element, llvm::SmallVectorImpl<Number> &numbers) const {
    numbers.clear();
    for (size_t i = 0; i < tensors.size(); ++i)
      numbers.push_back(tensors[i]->getNumber(getPosition(i, element)));
  }
  int64_t getPosition(size_t operand, int64_t element) const {
    return positions[operand].empty() ? element : positions[operand][element];
  }
  const std::vector<TensorRef> &getTensors() const { return tensors; }
  unsigned getDepth() const;

private:
  std::vector<TensorRef> tensors;
  std::vector<std::vector<int64_t>> positions;
};

/// The tensor of define(element, operands); enclose(element, operands) gives
/// an enclosure of the same.
template <typename Enclose>
TensorRef mapElements(const Settings &settings, mlir::Type type, Shape shape, Operands operands,
                      Enclose enclose, DefineFunction define) {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  auto inputs = std::make_shared<BroadcastOperands>(shape, operands);
  auto defineElement = [inputs, define = std::move(define)](int64_t element) {
    llvm::SmallVector<Number, 3> numbers;
    inputs->getNumbers(element, numbers);
    return define(element, numbers);
  };
  if (!settings.fast) {
    std::vector<Number> numbers(count);
    for (int64_t i = 0; i < count; ++i)
      numbers[i] = defineElement(i);
    return Tensor::numbers(type, std::move(shape), std::move(numbers));
  }
  llvm::SmallVector<llvm::ArrayRef<Enclosure>, 3> operandEnclosures;
  for (const TensorRef &operand : operands)
    operandEnclosures.push_back(operand->getEnclosures());
  std::vector<Enclosure> enclosures(count);
  llvm::SmallVector<Enclosure, 3> arguments(operands.size());
  for (int64_t i = 0; i < count; ++i) {
    bool undefined = false;
    for (size_t k = 0; k < operands.size(); ++k) {
      arguments[k] = operandEnclosures[k][inputs->getPosition(k, i)];
      undefined |= arguments[k].isUndefined();
    }
    if (!undefined)
      enclosures[i] = enclose(i, llvm::ArrayRef<Enclosure>(arguments));
    if (undefined || enclosures[i].isUndefined())
      enclosures[i] = Enclosure::of(defineElement(i));
  }
  unsigned depth = inputs->getDepth() + 1;
  return Tensor::lazy(type, std::move(shape), std::move(enclosures), std::move(defineElement), depth);
}

/// Applies to every element a function with discrete values, given twice:
/// decide(element, double) is monotone in the double, define(element, number)
/// gives nothing where the number is undefined or cannot be decided.
template <typename T, typename Decide, typename Define>
llvm::FailureOr<std::vector<T>> decideElements(const Settings &settings, const Tensor &input, Error &error,
                                               Decide decide, Define define) {
  std::vector<T> results(input.size());
  llvm::ArrayRef<Enclosure> enclosures;
  if (settings.fast)
    enclosures = input.getEnclosures();
  for (int64_t i = 0, size = input.size(); i < size; ++i) {
    if (settings.fast && !enclosures[i].isUndefined()) {
      T low = decide(i, enclosures[i].low);
      if (low == decide(i, enclosures[i].high)) {
        results[i] = low;
        continue;
      }
    }
    std::optional<T> exact = define(i, input.getNumber(i));
    if (!exact)
      return error.set("element " + llvm::Twine(i) +
                       " is undefined (infinity minus infinity) or cannot be told from a boundary");
    results[i] = *exact;
  }
  return results;
}

} // namespace sumac::interpreter

#endif // SUMAC_LIB_INTERPRETER_ELEMENTWISE_H
