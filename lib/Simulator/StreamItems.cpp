//===- StreamItems.cpp - What channels carry -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Simulator/StreamItems.h"

#include "sumac/Interpreter/Interpreter.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::stream;

/// Copies a process's body; frames are in `frames` by their channels.
static void inlineBody(OpBuilder &builder, ProcessOp process, DenseMap<Value, Value> &frames) {
  IRMapping mapping;
  Block &body = process.getBody().front();
  for (auto [argument, input] : llvm::zip(body.getArguments(), process.getInputs()))
    mapping.map(argument, frames.lookup(input));
  for (Operation &op : body.without_terminator())
    builder.clone(op, mapping);
  frames[process.getResult()] = mapping.lookup(cast<YieldOp>(body.back()).getFrame());
}

OwningOpRef<ModuleOp> sumac::makeFrameFunction(NetworkOp network) {
  OpBuilder builder(network.getContext());
  OwningOpRef<ModuleOp> module = ModuleOp::create(builder, network.getLoc());
  builder.setInsertionPointToEnd(module->getBody());
  SmallVector<Type> inputs, outputs;
  for (BlockArgument argument : network.getBody().getArguments())
    inputs.push_back(getChannelType(argument).getFrameType());
  for (auto fifo : network.getBody().getOps<FifoOp>())
    outputs.push_back(fifo.getType().getFrameType());
  auto function =
      func::FuncOp::create(builder, network.getLoc(), "main", builder.getFunctionType(inputs, outputs));
  builder.setInsertionPointToStart(function.addEntryBlock());
  DenseMap<Value, Value> frames;
  for (auto [channel, argument] : llvm::zip(network.getBody().getArguments(), function.getArguments()))
    frames[channel] = argument;
  SmallVector<Value> results;
  for (Operation &op : network.getBody().front()) {
    if (auto process = dyn_cast<ProcessOp>(op)) {
      inlineBody(builder, process, frames);
      continue;
    }
    // Forks, resizes and FIFOs give the frame that they take.
    for (OpResult result : op.getResults())
      frames[result] = frames.lookup(op.getOperand(0));
    if (isa<FifoOp>(op))
      results.push_back(frames.lookup(op.getResult(0)));
  }
  func::ReturnOp::create(builder, network.getLoc(), results);
  return module;
}

FailureOr<llvm::MapVector<Operation *, std::vector<llvm::APInt>>>
sumac::computeStreamItems(NetworkOp network, ArrayRef<HostTensor> inputs) {
  OwningOpRef<ModuleOp> module = makeFrameFunction(network);
  std::vector<HostTensor> frames(inputs.begin(), inputs.end());
  for (HostTensor &tensor : frames) {
    int64_t rows = tensor.shape.front();
    tensor.shape = {rows, rows == 0 ? 0 : tensor.getNumElements() / rows};
  }
  SmallVector<HostTensor> results;
  if (failed(interpret(module->lookupSymbol<func::FuncOp>("main"), frames, results)))
    return failure();
  llvm::MapVector<Operation *, std::vector<llvm::APInt>> items;
  for (auto [fifo, result] : llvm::zip(network.getBody().getOps<FifoOp>(), results)) {
    ChannelType type = fifo.getType();
    unsigned bits = type.getElementType().getWidth();
    std::vector<llvm::APInt> &list = items[fifo];
    for (int64_t first = 0; first < result.getNumElements(); first += type.getLanes()) {
      llvm::APInt item(type.getItemBits(), 0);
      for (int64_t lane = 0; lane < type.getLanes(); ++lane)
        item.insertBits(result.getInteger(first + lane) & llvm::maskTrailingOnes<uint64_t>(bits), lane * bits, bits);
      list.push_back(std::move(item));
    }
  }
  return items;
}
