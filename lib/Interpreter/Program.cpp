//===- Program.cpp - A function, ready to run -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lists the steps of a function, and runs them on one set of arguments.
//
//===----------------------------------------------------------------------===//

#include "Program.h"

#include "mlir/IR/SymbolTable.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::interpreter;

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

unsigned Program::addSlot(bool isBatchedSlot, int64_t uses) {
  constants.emplace_back();
  usesLeft.push_back(uses);
  varies.push_back(true);
  batched.push_back(isBatchedSlot);
  return constants.size() - 1;
}

static bool hasDynamicRows(Type type) {
  auto shaped = dyn_cast<RankedTensorType>(type);
  return shaped && shaped.getRank() > 0 && shaped.isDynamicDim(0);
}

LogicalResult Program::build(func::FuncOp function, const Settings &options, const Trace &trace) {
  settings = options;
  constantTrace = trace;
  SmallVector<unsigned> arguments;
  for (Type type : function.getArgumentTypes())
    arguments.push_back(addSlot(hasDynamicRows(type), 0));
  numArguments = arguments.size();
  if (failed(addBody(function, arguments, resultSlots)))
    return failure();
  for (unsigned slot : resultSlots)
    rowsApart &= batched[slot];
  findLastUses();
  return success();
}

LogicalResult Program::addBody(func::FuncOp function, ArrayRef<unsigned> arguments,
                               SmallVectorImpl<unsigned> &results) {
  if (function.isExternal() || !function.getBody().hasOneBlock())
    return function.emitOpError("must have a body of one block to be interpreted");
  if (llvm::is_contained(callStack, function))
    return function.emitOpError("calls itself, which cannot be interpreted");
  constexpr size_t kMaxCalls = 64, kMaxSteps = 1000000;
  if (callStack.size() >= kMaxCalls || steps.size() >= kMaxSteps)
    return function.emitOpError("has too many calls to be interpreted");
  callStack.push_back(function);
  Block &block = function.getBody().front();
  DenseMap<Value, unsigned> slots;
  for (auto [argument, slot] : llvm::zip_equal(block.getArguments(), arguments))
    slots[argument] = slot;
  for (Operation &op : block.without_terminator())
    if (failed(addOperation(op, slots)))
      return failure();
  auto ret = dyn_cast<func::ReturnOp>(block.getTerminator());
  if (!ret)
    return block.getTerminator()->emitOpError("cannot be interpreted");
  for (Value value : ret.getOperands())
    results.push_back(slots.lookup(value));
  callStack.pop_back();
  return success();
}

LogicalResult Program::addOperation(Operation &op, DenseMap<Value, unsigned> &slots) {
  SmallVector<unsigned> operands;
  for (Value operand : op.getOperands())
    operands.push_back(slots.lookup(operand));
  if (auto call = dyn_cast<func::CallOp>(op))
    return addCall(call, operands, slots);
  if (op.getNumResults() != 1)
    return op.emitOpError("cannot be interpreted");
  SmallVector<bool> operandIsBatched;
  for (unsigned operand : operands)
    operandIsBatched.push_back(batched[operand]);
  std::optional<bool> resultIsBatched = isBatched(&op, operandIsBatched);
  rowsApart &= resultIsBatched.has_value();
  unsigned result = addSlot(resultIsBatched.value_or(false), llvm::range_size(op.getResult(0).getUses()));
  slots[op.getResult(0)] = result;
  return addStep(op, operands, result);
}

LogicalResult Program::addCall(func::CallOp call, ArrayRef<unsigned> operands, DenseMap<Value, unsigned> &slots) {
  auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(call, call.getCalleeAttr());
  if (!callee)
    return call.emitOpError("calls something that is no function");
  // Uses within the callee are not counted.
  for (unsigned operand : operands)
    usesLeft[operand] = std::numeric_limits<int64_t>::max();
  SmallVector<unsigned> results;
  if (failed(addBody(callee, operands, results)))
    return failure();
  for (auto [value, slot] : llvm::zip_equal(call.getResults(), results))
    slots[value] = slot;
  return success();
}

/// Runs a kernel and checks that what it gives is what the type says.
static FailureOr<TensorRef> runKernel(const Program::Step &step, Operands operands, Error &error) {
  FailureOr<TensorRef> result = step.kernel(operands, error);
  if (failed(result))
    return failure();
  auto type = dyn_cast<RankedTensorType>(step.op->getResult(0).getType());
  if (!type)
    return result;
  ArrayRef<int64_t> shape = (*result)->getShape();
  if (static_cast<int64_t>(shape.size()) != type.getRank())
    return error.set("result has rank " + Twine(shape.size()) + ", not the declared one");
  for (auto [dim, size] : llvm::enumerate(shape))
    if (!type.isDynamicDim(dim) && type.getDimSize(dim) != size)
      return error.set("result has size " + Twine(size) + " in dimension " + Twine(dim) + ", declared is " +
                       Twine(type.getDimSize(dim)));
  return result;
}

LogicalResult Program::addStep(Operation &op, ArrayRef<unsigned> operands, unsigned result) {
  FailureOr<Kernel> kernel = prepareKernel(&op, settings);
  if (failed(kernel))
    return failure();
  Step step{&op, std::move(*kernel), SmallVector<unsigned, 4>(operands), result, {}};
  if (llvm::any_of(operands, [&](unsigned operand) { return varies[operand]; }) || batched[result]) {
    steps.push_back(std::move(step));
    return success();
  }
  SmallVector<TensorRef> values;
  for (unsigned operand : operands)
    values.push_back(constants[operand]);
  Error error;
  FailureOr<TensorRef> value = runKernel(step, values, error);
  if (failed(value))
    return op.emitOpError() << error.getMessage();
  varies[result] = false;
  constants[result] = *value;
  if (constantTrace)
    constantTrace(op.getResult(0), **value);
  // Float weights are not kept beside the quantized ones.
  for (unsigned operand : operands)
    if (--usesLeft[operand] == 0)
      constants[operand] = nullptr;
  return success();
}

void Program::findLastUses() {
  std::vector<bool> used(constants.size(), false);
  for (unsigned slot : resultSlots)
    used[slot] = true;
  for (Step &step : llvm::reverse(steps)) {
    for (unsigned slot : step.operands)
      if (!used[slot]) {
        used[slot] = true;
        step.lastUses.push_back(slot);
      }
    if (!used[step.result])
      step.lastUses.push_back(step.result);
  }
}

int64_t Program::getElementsPerRow() const {
  int64_t sum = 1;
  for (const Step &step : steps) {
    int64_t count = 1;
    if (auto type = dyn_cast<RankedTensorType>(step.op->getResult(0).getType()))
      for (int64_t size : type.getShape())
        count = ShapedType::isDynamic(size) ? count : std::min(count * std::max<int64_t>(size, 1), int64_t(1) << 31);
    sum = std::min(sum + count, int64_t(1) << 32);
  }
  return sum;
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

LogicalResult Program::run(ArrayRef<TensorRef> arguments, std::vector<TensorRef> &results, const Trace &trace,
                           StepError &error) const {
  std::vector<TensorRef> slots = constants;
  for (auto [i, argument] : llvm::enumerate(arguments))
    slots[i] = argument;
  SmallVector<TensorRef> operands;
  for (const Step &step : steps) {
    operands.clear();
    for (unsigned slot : step.operands)
      operands.push_back(slots[slot]);
    FailureOr<TensorRef> result = runKernel(step, operands, error.error);
    if (failed(result)) {
      error.op = step.op;
      return failure();
    }
    slots[step.result] = *result;
    if (trace)
      trace(step.op->getResult(0), **result);
    for (unsigned slot : step.lastUses)
      if (varies[slot])
        slots[slot] = nullptr;
  }
  for (unsigned slot : resultSlots)
    results.push_back(slots[slot]);
  return success();
}
