//===- TruncatePlanes.cpp - Fewer bit planes of activations ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `sumac-truncate-planes`: truncates the codes that layers of bit planes and of
// pools read, and makes types wide enough for the sums that this gives.
// `sumac-add-planes-argument`: the same for each number of planes.
//
//===----------------------------------------------------------------------===//

#include "Constants.h"
#include "sumac/Dialect/Sumac/IR/Payload.h"
#include "sumac/Dialect/Sumac/IR/Ranges.h"
#include "sumac/Dialect/Sumac/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace sumac {
#define GEN_PASS_DEF_TRUNCATEPLANES
#define GEN_PASS_DEF_ADDPLANESARGUMENT
#include "sumac/Dialect/Sumac/Transforms/Passes.h.inc"
} // namespace sumac

using namespace mlir;
using namespace sumac;

//===----------------------------------------------------------------------===//
// Layers of bit planes
//===----------------------------------------------------------------------===//

/// Bits of the codes that a layer reads plane by plane; 0 for other layers.
static int64_t getPlanes(LinearOp layer) {
  auto codes =
      dyn_cast<IntegerType>(layer.getInput().getType().getElementType());
  if (!layer.getForm() || !codes ||
      !isa<BitPlanesAttr, PooledSumsAttr, CachedSumsAttr>(*layer.getForm()))
    return 0;
  return codes.getWidth();
}

/// The most bit planes that a layer of the function has; an error without any.
static FailureOr<int64_t> getMostPlanes(func::FuncOp function) {
  int64_t most = 0;
  function.walk(
      [&](LinearOp layer) { most = std::max(most, getPlanes(layer)); });
  if (most > 0)
    return most;
  return function.emitError(
      "no layer is computed from bit planes; name the layers' forms, as in "
      "--form '*=cached_sums', --form '*=pooled_sums' or --form "
      "'*=bit_planes'");
}

//===----------------------------------------------------------------------===//
// Types of sums
//===----------------------------------------------------------------------===//

namespace {
/// Makes types of sums wide enough for their bounds, from the arguments on.
class TypeWidener {
public:
  explicit TypeWidener(func::FuncOp function) : function(function) {}
  LogicalResult run();

private:
  LogicalResult visit(Operation &op);
  LogicalResult followOperands(Operation &op);
  LogicalResult checkTable(TableOp op);
  std::optional<ChannelRanges> lookup(Value value) const;

  func::FuncOp function;
  DenseMap<Value, ChannelRanges> ranges;
  DenseSet<Value> widened;
};
} // namespace

std::optional<ChannelRanges> TypeWidener::lookup(Value value) const {
  if (auto found = ranges.find(value); found != ranges.end())
    return found->second;
  if (std::optional<IntegerRange> all = getTypeRange(value.getType()))
    return ChannelRanges{*all};
  return std::nullopt;
}

/// Operations that move elements give the type that they take.
LogicalResult TypeWidener::followOperands(Operation &op) {
  bool isOne = isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp,
                   tensor::ExtractSliceOp, tensor::CastOp, ReduceMaxOp,
                   TruncatePlanesOp>(op);
  for (Value operand : op.getOperands()) {
    if (!widened.contains(operand))
      continue;
    if (!isOne)
      return op.emitError("cannot take sums of more bits than it was made for, "
                          "which fewer bit planes of activations give");
    auto type = cast<RankedTensorType>(op.getResult(0).getType());
    Type element = cast<RankedTensorType>(operand.getType()).getElementType();
    // Planes are those of the codes that there were: the same bits are cleared.
    if (auto truncate = dyn_cast<TruncatePlanesOp>(op))
      truncate.setKeep(truncate.getKeep() + element.getIntOrFloatBitWidth() -
                       type.getElementTypeBitWidth());
    op.getResult(0).setType(type.clone(element));
    widened.insert(op.getResult(0));
  }
  return success();
}

LogicalResult TypeWidener::checkTable(TableOp op) {
  IntegerRange input = getHull(*lookup(op.getInput()));
  Int128 first = static_cast<int64_t>(op.getFirst());
  Int128 last = first + op.getTable().getShapedType().getDimSize(1) - 1;
  if (input.min >= first && input.max <= last)
    return success();
  return op.emitError("has a table of [")
         << static_cast<int64_t>(first) << ", " << static_cast<int64_t>(last)
         << "], and fewer bit planes of activations give [" << input.min << ", "
         << input.max << "]";
}

LogicalResult TypeWidener::visit(Operation &op) {
  if (auto end = dyn_cast<func::ReturnOp>(op)) {
    function.setType(FunctionType::get(
        op.getContext(), function.getArgumentTypes(), end.getOperandTypes()));
    return success();
  }
  if (op.getNumResults() != 1 ||
      !isa<RankedTensorType>(op.getResult(0).getType()))
    return success();
  OpResult result = op.getResult(0);
  if (auto table = dyn_cast<TableOp>(op); table && failed(checkTable(table)))
    return failure();
  bool takesAnyType = isa<LinearOp, CombineOp, ThresholdOp, RequantizeOp,
                          TableOp, ClampOp, DecodeOp, ArgMaxOp>(op);
  if (!takesAnyType && failed(followOperands(op)))
    return failure();
  if (!getTypeRange(result.getType()) || isa<ConstantOp>(op))
    return success();
  std::optional<ChannelRanges> inferred =
      inferRanges(result, [&](Value value) { return lookup(value); });
  if (inferred && !inferred->empty()) {
    IntegerRange all = getHull(*inferred);
    ranges[result] = std::move(*inferred);
    if (fitsType(all, result.getType()))
      return success();
    auto type = cast<RankedTensorType>(result.getType());
    result.setType(type.clone(getSignedType(op.getContext(), all)));
    widened.insert(result);
    return success();
  }
  bool isConcerned = llvm::any_of(op.getOperands(), [&](Value operand) {
    return widened.contains(operand) ||
           operand.getDefiningOp<TruncatePlanesOp>();
  });
  if (!isa<LinearOp, CombineOp>(op) || !isConcerned)
    return success();
  return op.emitError("its sums from fewer bit planes of activations may need "
                      "more than 64 bits");
}

LogicalResult TypeWidener::run() {
  for (BlockArgument argument : function.getArguments())
    if (auto known = inferRangesFromProducer(argument);
        known && !known->empty())
      ranges[argument] = *known;
  for (Operation &op : function.getBody().front())
    if (failed(visit(op)))
      return failure();
  return success();
}

//===----------------------------------------------------------------------===//
// Passes
//===----------------------------------------------------------------------===//

/// Keeps the highest `planes` bit planes of what layers of bit planes read;
/// with `always`, codes of fewer bits are marked as well.
static LogicalResult truncate(func::FuncOp function, int64_t planes,
                              bool always) {
  if (!function.getBody().hasOneBlock())
    return function.emitError("expected a function of one block");
  SmallVector<LinearOp> layers;
  function.walk([&](LinearOp layer) {
    int64_t bits = getPlanes(layer);
    if (bits > planes || (always && bits > 0))
      layers.push_back(layer);
  });
  DenseMap<Value, Value> truncated;
  for (LinearOp layer : layers) {
    Value codes = layer.getInput();
    Value &kept = truncated[codes];
    if (!kept) {
      OpBuilder builder(layer);
      kept =
          TruncatePlanesOp::create(builder, layer.getLoc(), codes.getType(),
                                   codes, std::min(planes, getPlanes(layer)));
    }
    layer.getInputMutable().assign(kept);
  }
  return TypeWidener(function).run();
}

/// Sums that functions return in types of different widths get one that holds
/// those of all.
static void giveSameTypes(ArrayRef<func::FuncOp> functions) {
  auto getEnd = [](func::FuncOp function) {
    return function.getBody().front().getTerminator();
  };
  func::FuncOp entry = functions.front();
  for (unsigned i = 0, e = entry.getNumResults(); i != e; ++i) {
    auto first = cast<RankedTensorType>(entry.getResultTypes()[i]);
    if (llvm::all_of(functions, [&](func::FuncOp function) {
          return function.getResultTypes()[i] == first;
        }))
      continue;
    unsigned bits = 0;
    for (func::FuncOp function : functions) {
      IntegerRange range = *getTypeRange(function.getResultTypes()[i]);
      bits = std::max(bits,
                      getSignedType(function.getContext(), range).getWidth());
    }
    Type type = first.clone(
        IntegerType::get(first.getContext(), bits, IntegerType::Signed));
    for (func::FuncOp function : functions) {
      Value value = getEnd(function)->getOperand(i);
      if (value.getType() == type)
        continue;
      OpBuilder builder(getEnd(function));
      MLIRContext *context = builder.getContext();
      Value wide = CombineOp::create(builder, value.getLoc(), type, value,
                                     makeTable(context, {1, 1}, {1}),
                                     makeTable(context, {1}, {0}));
      getEnd(function)->setOperand(i, wide);
    }
  }
  for (func::FuncOp function : functions)
    function.setType(FunctionType::get(function.getContext(),
                                       function.getArgumentTypes(),
                                       getEnd(function)->getOperandTypes()));
}

namespace {
struct TruncatePlanes : public sumac::impl::TruncatePlanesBase<TruncatePlanes> {
  using TruncatePlanesBase::TruncatePlanesBase;

  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (function.isPublic() && !function.isExternal() &&
          failed(apply(function)))
        return signalPassFailure();
  }

private:
  LogicalResult apply(func::FuncOp function) {
    FailureOr<int64_t> most = getMostPlanes(function);
    if (failed(most))
      return failure();
    if (planes < 1 || planes > *most)
      return function.emitError(
                 "the layers computed from bit planes have codes of up to ")
             << *most << " bits; expected 1 to " << *most << " bit planes, not "
             << planes.getValue();
    return truncate(function, planes, /*always=*/false);
  }
};

struct AddPlanesArgument
    : public sumac::impl::AddPlanesArgumentBase<AddPlanesArgument> {
  void runOnOperation() override {
    SmallVector<func::FuncOp> entries;
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (function.isPublic() && !function.isExternal())
        entries.push_back(function);
    SymbolTable symbols(getOperation());
    for (func::FuncOp entry : entries)
      if (failed(addClones(entry, symbols)))
        return signalPassFailure();
  }

private:
  static LogicalResult addClones(func::FuncOp entry, SymbolTable &symbols);
};
} // namespace

LogicalResult AddPlanesArgument::addClones(func::FuncOp entry,
                                           SymbolTable &symbols) {
  if (entry->hasAttr(kPlanesAttr))
    return entry.emitError("has functions for numbers of bit planes already, "
                           "in its attribute ")
           << kPlanesAttr;
  FailureOr<int64_t> most = getMostPlanes(entry);
  if (failed(most))
    return failure();
  SmallVector<Attribute> clones;
  SmallVector<func::FuncOp> all{entry};
  for (int64_t planes = 1; planes < *most; ++planes) {
    func::FuncOp clone = entry.clone();
    clone.setName((entry.getName() + "_planes" + Twine(planes)).str());
    symbols.insert(clone);
    clones.push_back(FlatSymbolRefAttr::get(clone));
    all.push_back(clone);
    if (failed(truncate(clone, planes, /*always=*/true)))
      return failure();
  }
  entry->setAttr(kPlanesAttr, ArrayAttr::get(entry.getContext(), clones));
  if (failed(truncate(entry, *most, /*always=*/true)))
    return failure();
  giveSameTypes(all);
  return success();
}
