//===- Emitter.cpp - From tensors to buffers and vectors ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Emits the steps of one function.
//
//===----------------------------------------------------------------------===//

#include "Emitter.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace sumac;

Emitter::Emitter(func::FuncOp source, func::FuncOp target, const CPUTarget &cpu, Constants &constants,
                 std::shared_ptr<WeightCache> cache)
    : source(source), target(target), cpu(cpu), constants(constants), ranges(source, std::move(cache)) {}

LogicalResult Emitter::run() {
  if (failed(plan()))
    return failure();
  OpBuilder builder(target.getContext());
  builder.setInsertionPointToEnd(target.addEntryBlock());
  Operation *end = func::ReturnOp::create(builder, source.getLoc());
  // Allocas stand in front of everything, so that the frame is constant.
  builder.setInsertionPointToStart(&target.getBody().front());
  Code start(builder, source.getLoc());
  allocationPoint = start.index(0).getDefiningOp();
  builder.setInsertionPoint(end);

  for (auto [i, argument] : llvm::enumerate(source.getArguments())) {
    Buffer buffer = describe(cast<RankedTensorType>(argument.getType()));
    buffer.base = target.getArgument(i);
    buffers[argument] = buffer;
  }
  for (auto [i, step] : llvm::enumerate(steps)) {
    currentStep = i;
    Code code(builder, step.root->getLoc());
    if (failed(emitStep(code, step)))
      return failure();
    endScratch(code);
    endStorage(code, i);
  }
  return success();
}

LogicalResult Emitter::emitStep(Code &code, const Step &step) {
  Operation *op = step.root;
  if (auto returnOp = dyn_cast<func::ReturnOp>(op))
    return emitReturn(code, returnOp);
  Value result = op->getResult(0);
  if (Value owner = aliasOf.lookup(result)) {
    Buffer buffer = getBuffer(owner);
    buffer.rows = describe(cast<RankedTensorType>(result.getType())).rows;
    buffers[result] = buffer;
    return success();
  }
  if (auto constant = dyn_cast<ConstantOp>(op)) {
    Buffer buffer = describe(cast<RankedTensorType>(result.getType()));
    buffer.base = materializeConstant(code, constant);
    buffers[result] = buffer;
    return success();
  }
  if (isElementwise(op) || isa<LinearOp>(op))
    return emitElementwise(code, step);
  Buffer buffer = getDestination(code, result);
  buffers[result] = buffer;
  if (isLayout(op))
    return emitLayout(*this, code, op, buffer);
  if (isReduction(op))
    return emitReduction(*this, code, op, buffer);
  return op->emitOpError("is not supported by the cpu target");
}

/// The bytes of an integer constant that is no layer's weights, row-major.
Value Emitter::materializeConstant(Code &code, ConstantOp op) {
  auto type = cast<RankedTensorType>(op.getType());
  SmallVector<int64_t> values(type.getNumElements());
  op.getValue().decodeIntegers(0, values);
  Buffer buffer = describe(type);
  return constants.getIntegers(code, values, buffer.element.getIntOrFloatBitWidth(), "constant");
}

LogicalResult Emitter::emitElementwise(Code &code, const Step &step) {
  Value result = step.root->getResult(0);
  auto type = cast<RankedTensorType>(result.getType());
  for (Value operand : step.root->getOperands())
    if (isElementwise(step.root) && cast<RankedTensorType>(operand.getType()).getShape() != type.getShape())
      return step.root->emitOpError("combines different shapes, which the cpu target does not support");
  Buffer buffer = getDestination(code, result);
  buffers[result] = buffer;
  bool isOk = true;
  auto body = [&](Code &inner, Position at) {
    Code here(inner.b, step.root->getLoc());
    evaluated.clear();
    if (drivenValue)
      evaluated[drivenValue] = drivenLanes;
    Value lanes = isOk ? evaluate(here, result, at) : Value();
    isOk &= static_cast<bool>(lanes);
    if (isOk)
      store(here, buffer, at, lanes);
  };
  if (!step.linear) {
    drivenValue = {};
    forEachPosition(code, buffer.rows, buffer.channels, body);
    return success(isOk);
  }
  LinearOp linear = step.linear;
  drivenValue = linear.getResult();
  LogicalResult emitted = emitLinear(code, linear, [&](Code &code, Position at, Value lanes) {
    drivenLanes = code.resize(lanes, getLaneBits(linear.getResult()));
    body(code, at);
  });
  drivenValue = {};
  return success(succeeded(emitted) && isOk);
}

LogicalResult Emitter::emitLinear(Code &code, LinearOp op, function_ref<void(Code &, Position, Value)> body) {
  const auto &[layer, kernel] = kernels.find(op)->second;
  Buffer input = ensureFormat(code, op.getInput(), kernel->getInputFormat(layer, cpu));
  Value weights = constants.getWeights(code, *kernel, layer, cpu);
  int64_t scratchBytes = kernel->getScratchBytes(layer, cpu);
  Value scratch = scratchBytes > 0 ? allocateScratch(code, scratchBytes) : Value();
  auto store = [&](OpBuilder &builder, Location loc, Value row, Value firstChannel, ValueRange accumulators) {
    Code inner(builder, loc);
    for (auto [i, lanes] : llvm::enumerate(accumulators))
      body(inner, {row, inner.add(firstChannel, i * kChannelVector)}, lanes);
  };
  kernel->emit(code.b, code.loc, LinearEmission{layer, cpu, weights, input.base, input.stride, scratch, store});
  return success();
}

Value Emitter::evaluate(Code &outer, Value value, Position at) {
  auto known = evaluated.find(value);
  if (known != evaluated.end())
    return known->second;
  Operation *op = value.getDefiningOp();
  auto memory = buffers.find(value);
  bool isResult = steps[currentStep].root == op;
  if (!isInlined(value) && !isResult) {
    Type element = getElementTypeOrSelf(value.getType());
    Value lanes = load(outer, memory->second, at, isa<IntegerType>(element) ? getLaneBits(value) : 0);
    return evaluated[value] = lanes;
  }
  Code code(outer.b, op->getLoc());
  SmallVector<Value> operands;
  for (Value operand : op->getOperands()) {
    operands.push_back(evaluate(code, operand, at));
    if (!operands.back())
      return {};
  }
  Value lanes = TypeSwitch<Operation *, Value>(op)
                    .Case([&](RequantizeOp op) { return emitRequantize(*this, code, op, operands[0], at); })
                    .Case([&](ThresholdOp op) { return emitThreshold(*this, code, op, operands[0], at); })
                    .Case([&](TableOp op) { return emitTable(*this, code, op, operands[0], at); })
                    .Case([&](CombineOp op) { return emitCombine(*this, code, op, operands, at); })
                    .Case([&](ClampOp op) { return emitClamp(*this, code, op, operands[0], at); })
                    .Case([&](EncodeOp op) { return emitEncode(*this, code, op, operands[0], at); })
                    .Case([&](DecodeOp op) { return emitDecode(*this, code, op, operands[0], at); })
                    .Default([](Operation *) { return Value(); });
  return evaluated[value] = lanes;
}

/// Copies what is not in the caller's memory yet.
LogicalResult Emitter::emitReturn(Code &code, func::ReturnOp op) {
  for (auto [i, value] : llvm::enumerate(op.getOperands())) {
    if (resultNumber.count(value))
      continue;
    Buffer to = describe(cast<RankedTensorType>(value.getType()));
    to.base = target.getArgument(source.getNumArguments() + i);
    copy(code, getBuffer(value), to);
  }
  return success();
}
