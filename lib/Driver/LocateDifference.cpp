//===- LocateDifference.cpp - The first layer that differs ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Diagnosis only: nothing here decides whether a target is right.
//
//===----------------------------------------------------------------------===//

#include "LocateDifference.h"

#include "sumac/Dialect/Sumac/IR/SumacDialect.h"
#include "sumac/Driver/Diagnostics.h"
#include "sumac/Driver/Tensors.h"
#include "sumac/Interpreter/Interpreter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/MapVector.h"

#include <cmath>

using namespace sumac;
using namespace mlir;

/// The batch that row `row` of the outputs belongs to.
static std::vector<HostTensor> takeBatch(ArrayRef<HostTensor> inputs,
                                         func::FuncOp function, int64_t row) {
  std::vector<HostTensor> batch;
  for (auto [input, type] : llvm::zip(inputs, function.getArgumentTypes())) {
    auto tensor = cast<RankedTensorType>(type);
    int64_t size = tensor.getRank() == 0 || tensor.isDynamicDim(0)
                       ? 1
                       : tensor.getDimSize(0);
    int64_t rows = input.shape.empty() ? 1 : input.shape[0];
    int64_t first = size == 0 ? 0 : row / size * size;
    batch.push_back(first + size <= rows && !input.shape.empty()
                        ? sliceRows(input, first, size)
                        : input);
  }
  return batch;
}

//===----------------------------------------------------------------------===//
// Model level against integer level
//===----------------------------------------------------------------------===//

using Trace = llvm::MapVector<Operation *, HostTensor>;

/// Every operation's first result on these inputs.
static Trace traceMain(ModuleOp module, ArrayRef<HostTensor> inputs) {
  Trace trace;
  InterpreterOptions options;
  options.trace = [&](const TracedValue &traced) {
    if (Operation *op = traced.value.getDefiningOp())
      trace.try_emplace(op, traced.tensor);
  };
  SmallVector<HostTensor> results;
  auto main = module.lookupSymbol<func::FuncOp>("main");
  if (failed(interpret(main, inputs, results, options)))
    trace.clear();
  return trace;
}

static double parseNumber(StringAttr text) {
  auto [numerator, denominator] = text.getValue().split('/');
  double value = std::strtod(numerator.str().c_str(), nullptr);
  return denominator.empty()
             ? value
             : value / std::strtod(denominator.str().c_str(), nullptr);
}

/// The value of element `index` of `codes` on a grid, close enough to tell one
/// grid point from the next.
static double decodeElement(GridAttr grid, const HostTensor &codes,
                            int64_t index) {
  SmallVector<int64_t> position(codes.shape.size());
  int64_t rest = index;
  for (size_t i = position.size(); i-- > 0;) {
    position[i] = rest % codes.shape[i];
    rest /= codes.shape[i];
  }
  ArrayRef<StringAttr> scales = grid.getScale().getValues();
  ArrayRef<StringAttr> zeroPoints = grid.getZeroPoint().getValues();
  int64_t entry = scales.size() == 1 ? 0 : grid.getScaleIndex(position);
  double zeroPoint =
      parseNumber(zeroPoints[zeroPoints.size() == 1 ? 0 : entry]);
  return (static_cast<double>(codes.getInteger(index)) - zeroPoint) *
         parseNumber(scales[entry]);
}

/// Whether an operation of the integer level gives the codes of a quantizer.
static bool isCode(Operation *op, const HostTensor &result) {
  return isa<EncodeOp, ThresholdOp, RequantizeOp, TableOp>(op) &&
         isInteger(result.type);
}

/// Compares what a quantizer of the model level gave (codes, or reals on its
/// grid) with codes of the integer level.
static std::optional<Difference> compareQuantizer(Operation *quantizer,
                                                  const HostTensor &expected,
                                                  const HostTensor &codes) {
  auto quantize = dyn_cast<QuantizeOp>(quantizer);
  for (int64_t i = 0, end = expected.getNumElements(); i < end; ++i) {
    double want = expected.getDouble(i);
    double have = quantize ? decodeElement(quantize.getGrid(), codes, i)
                           : codes.getDouble(i);
    if (std::fabs(want - have) <=
        1e-9 * std::max(std::fabs(want), std::fabs(have)))
      continue;
    Difference difference;
    difference.place = getNodeName(quantizer->getLoc());
    difference.channel = codes.shape.empty() ? 0 : i % codes.shape.back();
    difference.expected = std::to_string(want);
    difference.actual = std::to_string(have);
    return difference;
  }
  return std::nullopt;
}

std::optional<Difference> sumac::locateLowering(ModuleOp model,
                                                ModuleOp integer,
                                                ArrayRef<HostTensor> inputs,
                                                int64_t row) {
  DiagnosticCollector silence(model.getContext());
  auto main = model.lookupSymbol<func::FuncOp>("main");
  std::vector<HostTensor> batch = takeBatch(inputs, main, row);
  Trace expected = traceMain(model, batch);
  Trace actual = traceMain(integer, batch);
  for (auto &[op, tensor] : expected) {
    if (!isa<QuantizeOp, EncodeOp>(op))
      continue;
    std::string name = getNodeName(op->getLoc());
    for (auto &[candidate, codes] : actual) {
      if (!isCode(candidate, codes) || codes.shape != tensor.shape ||
          getNodeName(candidate->getLoc()) != name)
        continue;
      if (auto difference = compareQuantizer(op, tensor, codes)) {
        difference->row = row;
        return difference;
      }
    }
  }
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Integer level against a target
//===----------------------------------------------------------------------===//

/// Adds every integer that an operation of @main computes to the results.
/// Returns the operations, in order; their results follow the model's outputs.
static SmallVector<Operation *> exposeValues(func::FuncOp main) {
  Operation *end = main.getBody().back().getTerminator();
  SmallVector<Value> results(end->getOperands());
  SmallVector<Operation *> exposed;
  for (Operation &op : main.getBody().front().without_terminator()) {
    if (op.hasTrait<OpTrait::ConstantLike>() || op.getNumResults() != 1)
      continue;
    auto tensor = dyn_cast<RankedTensorType>(op.getResult(0).getType());
    if (!tensor || !isa<IntegerType>(tensor.getElementType()) ||
        failed(main.insertResult(main.getNumResults(), tensor, {})))
      continue;
    exposed.push_back(&op);
    results.push_back(op.getResult(0));
  }
  end->setOperands(results);
  return exposed;
}

static FailureOr<std::vector<HostTensor>>
runProbe(ModuleOp module, ArrayRef<HostTensor> batch,
         const LoweringOptions &lowering) {
  OwningOpRef<ModuleOp> copy(cast<ModuleOp>(module->clone()));
  auto executable = loadForTarget(*copy, lowering);
  if (failed(executable))
    return failure();
  auto outputs = runBatches(**executable, batch, /*raw=*/false);
  if (!outputs) {
    llvm::consumeError(outputs.takeError());
    return failure();
  }
  return std::move(*outputs);
}

std::optional<Difference> sumac::locateInTarget(ModuleOp integer,
                                                const LoweringOptions &lowering,
                                                ArrayRef<HostTensor> inputs,
                                                int64_t row) {
  // A target that cannot show inner values leaves the layer unknown.
  DiagnosticCollector silence(integer.getContext());
  OwningOpRef<ModuleOp> probe(cast<ModuleOp>(integer->clone()));
  if (auto raw = probe->lookupSymbol<func::FuncOp>("main_raw"))
    raw.erase();
  auto main = probe->lookupSymbol<func::FuncOp>("main");
  size_t outputs = main.getNumResults();
  SmallVector<Operation *> exposed = exposeValues(main);
  std::vector<HostTensor> batch = takeBatch(inputs, main, row);
  SmallVector<HostTensor> expected;
  if (failed(interpret(main, batch, expected)))
    return std::nullopt;
  auto actual = runProbe(*probe, batch, lowering);
  if (failed(actual) || actual->size() != expected.size())
    return std::nullopt;
  for (auto [index, op] : llvm::enumerate(exposed)) {
    int64_t count = 0;
    std::string place = getNodeName(op->getLoc()) + " (" +
                        op->getName().getStringRef().str() + ")";
    auto difference = findDifference(place, expected[outputs + index],
                                     (*actual)[outputs + index], count);
    if (difference) {
      difference->row = row;
      return difference;
    }
  }
  return std::nullopt;
}
