//===- Plan.cpp - Which operations share a loop ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Divides a function into steps, one loop nest each, and finds out how long
// every value must stay in memory.
//
//===----------------------------------------------------------------------===//

#include "Emitter.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace sumac;

bool sumac::isElementwise(Operation *op) {
  return isa<EncodeOp, DecodeOp, RequantizeOp, ThresholdOp, TableOp, CombineOp, ClampOp>(op);
}

bool sumac::isLayout(Operation *op) {
  return isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp, tensor::ExtractSliceOp, tensor::ConcatOp,
             linalg::TransposeOp>(op);
}


static RankedTensorType getType(Value value) { return cast<RankedTensorType>(value.getType()); }

/// Reshapes that keep the last dimension keep the rows as they are.
static bool keepsRows(Operation *op) {
  if (!isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(op))
    return false;
  auto from = getType(op->getOperand(0)), to = getType(op->getResult(0));
  return from.getRank() > 0 && to.getRank() > 0 && from.getShape().back() == to.getShape().back();
}

/// The operation that takes a value into its own loop, or null: the only user,
/// elementwise, on the same shape.
static Operation *getFusingUser(Value value) {
  if (!value.hasOneUse())
    return nullptr;
  Operation *user = *value.getUsers().begin();
  if (!isElementwise(user) || getType(user->getResult(0)).getShape() != getType(value).getShape())
    return nullptr;
  return user;
}

/// The format that all layers reading the value want, if they agree.
std::optional<InputFormat> Emitter::getWantedFormat(Value value) {
  std::optional<InputFormat> format;
  for (Operation *user : value.getUsers()) {
    auto linear = dyn_cast<LinearOp>(user);
    if (!linear)
      continue;
    const KernelChoice &choice = kernels.find(linear)->second;
    InputFormat wanted = choice.kernel->getInputFormat(choice.layer, cpu);
    if (format && !(*format == wanted))
      return std::nullopt;
    format = wanted;
  }
  return format;
}

LogicalResult Emitter::chooseKernel(LinearOp op) {
  auto name = op->getAttrOfType<StringAttr>(cpu::kKernelAttr);
  if (!name)
    return op.emitOpError("has no kernel; run sumac-cpu-choose-kernels first");
  const LinearKernel *kernel = LinearKernelRegistry::get().lookup(name.getValue());
  if (!kernel)
    return op.emitOpError() << "has an unknown kernel '" << name.getValue() << "'";
  auto layer = describeLinear(op, ranges);
  if (failed(layer))
    return failure();
  if (!kernel->supports(*layer, cpu))
    return op.emitOpError() << "is not supported by the kernel '" << name.getValue() << "' on " << cpu.getCPU();
  kernels.insert({op, {std::move(*layer), kernel}});
  return success();
}

LogicalResult Emitter::plan() {
  for (auto linear : source.getBody().getOps<LinearOp>())
    if (failed(chooseKernel(linear)))
      return failure();
  // A layer joins the loop of the elementwise chain behind it, one layer a loop.
  DenseMap<Operation *, LinearOp> layerOfRoot;
  Block &block = source.getBody().front();
  for (Operation &op : block) {
    if (op.getNumResults() != 1 || !isa<RankedTensorType>(op.getResult(0).getType()))
      continue;
    Value result = op.getResult(0);
    Operation *user = getFusingUser(result);
    if (isElementwise(&op) && user) {
      inlined.insert(result);
    } else if (auto linear = dyn_cast<LinearOp>(op); linear && user) {
      Operation *root = user;
      while (Operation *next = getFusingUser(root->getResult(0)))
        root = next;
      if (layerOfRoot.try_emplace(root, linear).second)
        inlined.insert(result);
    }
  }
  for (Operation &op : block) {
    bool isTensor = op.getNumResults() == 1 && isa<RankedTensorType>(op.getResult(0).getType());
    if (isa<func::ReturnOp>(op) || (isTensor && !inlined.contains(op.getResult(0)) && !isa<tensor::EmptyOp>(op))) {
      if (isa<ConstantOp>(op) && llvm::all_of(op.getUsers(), llvm::IsaPred<LinearOp>))
        continue;
      planStep(&op);
      steps.back().linear = isa<LinearOp>(op) ? cast<LinearOp>(op) : layerOfRoot.lookup(&op);
    } else if (!isTensor && !isMemoryEffectFree(&op)) {
      return op.emitOpError("is not supported by the cpu target");
    }
  }
  return success();
}

/// What the loop of `root` reads from memory.
void Emitter::collectReads(Value value, Step &step) {
  if (!isa<RankedTensorType>(value.getType()))
    return;
  if (!isInlined(value)) {
    step.reads.push_back(value);
    return;
  }
  Operation *op = value.getDefiningOp();
  if (auto linear = dyn_cast<LinearOp>(op))
    return collectReads(linear.getInput(), step);
  for (Value operand : op->getOperands())
    collectReads(operand, step);
}

void Emitter::planStep(Operation *root) {
  Step step{root, {}, {}};
  if (auto linear = dyn_cast<LinearOp>(root)) {
    collectReads(linear.getInput(), step);
  } else if (auto transpose = dyn_cast<linalg::TransposeOp>(root)) {
    collectReads(transpose.getInput(), step);
  } else {
    for (Value operand : root->getOperands())
      collectReads(operand, step);
  }
  int number = steps.size();
  for (Value read : step.reads) {
    Value owner = read;
    while (Value next = aliasOf.lookup(owner))
      owner = next;
    lastRead[owner] = number;
  }
  if (keepsRows(root))
    aliasOf[root->getResult(0)] = root->getOperand(0);
  if (auto returnOp = dyn_cast<func::ReturnOp>(root)) {
    // A value that only the return uses is computed in the caller's memory.
    for (auto [i, value] : llvm::enumerate(returnOp.getOperands()))
      if (value.hasOneUse() && value.getDefiningOp() && !aliasOf.lookup(value) && !isa<ConstantOp>(value.getDefiningOp()))
        resultNumber[value] = i;
  }
  steps.push_back(std::move(step));
}
