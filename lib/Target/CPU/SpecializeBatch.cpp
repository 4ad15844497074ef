//===- SpecializeBatch.cpp - Constant numbers of rows ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Clones functions for constant numbers of rows, with constant shapes.
//
//===----------------------------------------------------------------------===//

#include "sumac/Target/CPU/Compile.h"
#include "sumac/Target/CPU/Layers.h"
#include "sumac/Target/CPU/Passes.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

namespace sumac {
#define GEN_PASS_DEF_SPECIALIZEBATCH
#include "sumac/Target/CPU/Passes.h.inc"
} // namespace sumac

using namespace mlir;
using namespace sumac;

/// Bytes that the tensors of a block may take on the stack.
static constexpr int64_t kStackBudget = 256 * 1024;
static constexpr int64_t kMaxRows = 64;

namespace {

/// Clones one function for `rows` rows where the original has `declared`
/// (ShapedType::kDynamic for a dynamic batch).
class Cloner {
public:
  Cloner(func::FuncOp source, int64_t declared, int64_t rows) : source(source), declared(declared), rows(rows) {}

  /// The clone, or failure with a diagnostic if `diagnose` is set.
  FailureOr<func::FuncOp> clone(StringRef name, bool diagnose);

private:
  RankedTensorType refineBoundary(Type type);
  LogicalResult cloneOp(OpBuilder &builder, Operation &op);
  /// The shape of the only tensor result, from the clones of the operands.
  std::optional<SmallVector<int64_t>> inferShape(Operation &op);
  std::optional<SmallVector<int64_t>> inferExpanded(tensor::ExpandShapeOp op);
  std::optional<SmallVector<int64_t>> inferSlice(tensor::ExtractSliceOp op);
  ArrayRef<int64_t> shapeOf(Value original) {
    return cast<RankedTensorType>(mapping.lookup(original).getType()).getShape();
  }

  func::FuncOp source;
  int64_t declared, rows;
  IRMapping mapping;
};

} // namespace

/// The type of an argument or result for `rows` rows.
RankedTensorType Cloner::refineBoundary(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  SmallVector<int64_t> shape(tensor.getShape());
  if (!shape.empty() && shape.front() == declared)
    shape.front() = rows;
  return tensor.clone(shape);
}

/// Dimensions of each group of a reshape: constant ones stay, the dynamic one or
/// the first takes what is left.
std::optional<SmallVector<int64_t>> Cloner::inferExpanded(tensor::ExpandShapeOp op) {
  SmallVector<int64_t> shape(op.getResultType().getShape());
  ArrayRef<int64_t> input = shapeOf(op.getSrc());
  for (auto [d, group] : llvm::enumerate(op.getReassociationIndices())) {
    if (group.empty())
      continue;
    int64_t free = group.front(), product = 1;
    for (int64_t i : group)
      if (ShapedType::isDynamic(shape[i]))
        free = i;
    for (int64_t i : group)
      product *= i == free ? 1 : shape[i];
    if (product == 0 || input[d] % product != 0)
      return std::nullopt;
    shape[free] = input[d] / product;
  }
  return shape;
}

std::optional<SmallVector<int64_t>> Cloner::inferSlice(tensor::ExtractSliceOp op) {
  llvm::SmallBitVector dropped = op.getDroppedDims();
  SmallVector<int64_t> shape;
  for (auto [d, size] : llvm::enumerate(op.getMixedSizes())) {
    if (dropped.test(d))
      continue;
    std::optional<int64_t> constant = getConstantIntValue(size);
    if (auto value = dyn_cast<Value>(size))
      constant = getConstantIntValue(mapping.lookupOrDefault(value));
    if (!constant)
      return std::nullopt;
    // The whole of the batch stays the whole.
    bool isWhole = d == 0 && *constant == op.getSourceType().getDimSize(0) &&
                   getConstantIntValue(op.getMixedOffsets()[0]) == 0;
    shape.push_back(isWhole ? shapeOf(op.getSource())[0] : *constant);
  }
  return shape;
}

std::optional<SmallVector<int64_t>> Cloner::inferShape(Operation &op) {
  auto result = cast<RankedTensorType>(op.getResult(0).getType());
  return TypeSwitch<Operation *, std::optional<SmallVector<int64_t>>>(&op)
      .Case([&](ConstantOp) { return SmallVector<int64_t>(result.getShape()); })
      .Case([&](tensor::ExpandShapeOp op) { return inferExpanded(op); })
      .Case([&](tensor::ExtractSliceOp op) { return inferSlice(op); })
      .Case([&](tensor::CollapseShapeOp op) {
        SmallVector<int64_t> shape;
        for (const ReassociationIndices &group : op.getReassociationIndices()) {
          int64_t product = 1;
          for (int64_t d : group)
            product *= shapeOf(op.getSrc())[d];
          shape.push_back(product);
        }
        return shape;
      })
      .Case([&](tensor::ConcatOp op) {
        SmallVector<int64_t> shape(shapeOf(op.getInputs().front()));
        for (Value input : op.getInputs().drop_front())
          shape[op.getDim()] += shapeOf(input)[op.getDim()];
        return shape;
      })
      .Case([&](linalg::TransposeOp op) {
        SmallVector<int64_t> shape;
        for (int64_t d : op.getPermutation())
          shape.push_back(shapeOf(op.getInput())[d]);
        return shape;
      })
      .Case([&](LinearOp op) {
        SmallVector<int64_t> shape(shapeOf(op.getInput()));
        shape.back() = result.getShape().back();
        return shape;
      })
      .Case<ArgMaxOp, ReduceMaxOp>([&](auto op) {
        SmallVector<int64_t> shape(shapeOf(op.getInput()));
        int64_t axis = op.getAxis() < 0 ? op.getAxis() + shape.size() : op.getAxis();
        if (result.getRank() == static_cast<int64_t>(shape.size()))
          shape[axis] = 1;
        else
          shape.erase(shape.begin() + axis);
        return shape;
      })
      .Default([&](Operation *op) -> std::optional<SmallVector<int64_t>> {
        if (op->getNumOperands() == 0 || !isa<RankedTensorType>(op->getOperand(0).getType()))
          return std::nullopt;
        return SmallVector<int64_t>(shapeOf(op->getOperand(0)));
      });
}

LogicalResult Cloner::cloneOp(OpBuilder &builder, Operation &op) {
  bool isTensor = op.getNumResults() == 1 && isa<RankedTensorType>(op.getResult(0).getType());
  if (auto dim = dyn_cast<tensor::DimOp>(op)) {
    std::optional<int64_t> index = getConstantIntValue(mapping.lookup(dim.getIndex()));
    if (!index || *index < 0 || *index >= static_cast<int64_t>(shapeOf(dim.getSource()).size()))
      return failure();
    mapping.map(dim.getResult(), arith::ConstantIndexOp::create(builder, op.getLoc(), shapeOf(dim.getSource())[*index]).getResult());
    return success();
  }
  if (isa<tensor::EmptyOp>(op))
    return success(); // only transposes use them, and make their own
  if (auto cast = dyn_cast<tensor::CastOp>(op)) {
    mapping.map(cast.getResult(), mapping.lookup(cast.getSource()));
    return success();
  }
  if (!isTensor) {
    Operation *copy = builder.clone(op, mapping);
    SmallVector<Value> folded;
    if (copy->getNumResults() > 0 && succeeded(builder.tryFold(copy, folded)))
      mapping.map(op.getResults(), folded);
    return success();
  }
  std::optional<SmallVector<int64_t>> shape = inferShape(op);
  if (!shape)
    return failure();
  auto type = llvm::cast<RankedTensorType>(op.getResult(0).getType()).clone(*shape);
  if (auto transpose = dyn_cast<linalg::TransposeOp>(op)) {
    Value init = tensor::EmptyOp::create(builder, op.getLoc(), *shape, type.getElementType());
    auto copy = linalg::TransposeOp::create(builder, op.getLoc(), mapping.lookup(transpose.getInput()), init, transpose.getPermutation());
    mapping.map(op.getResult(0), copy->getResult(0));
    return success();
  }
  if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op)) {
    Value copy = tensor::ExpandShapeOp::create(builder, op.getLoc(), type, mapping.lookup(expand.getSrc()), expand.getReassociationIndices());
    mapping.map(op.getResult(0), copy);
    return success();
  }
  if (auto slice = dyn_cast<tensor::ExtractSliceOp>(op)) {
    SmallVector<OpFoldResult> sizes, offsets, strides;
    llvm::SmallBitVector dropped = slice.getDroppedDims();
    for (size_t d = 0, kept = 0; d < dropped.size(); ++d)
      sizes.push_back(builder.getIndexAttr(dropped.test(d) ? 1 : (*shape)[kept++]));
    auto constant = [&](OpFoldResult value) -> OpFoldResult {
      auto dynamic = dyn_cast<Value>(value);
      std::optional<int64_t> known = dynamic ? getConstantIntValue(mapping.lookup(dynamic)) : getConstantIntValue(value);
      return known ? OpFoldResult(builder.getIndexAttr(*known)) : OpFoldResult(mapping.lookup(dynamic));
    };
    llvm::transform(slice.getMixedOffsets(), std::back_inserter(offsets), constant);
    llvm::transform(slice.getMixedStrides(), std::back_inserter(strides), constant);
    Value copy = tensor::ExtractSliceOp::create(builder, op.getLoc(), type, mapping.lookup(slice.getSource()), offsets, sizes, strides);
    mapping.map(op.getResult(0), copy);
    return success();
  }
  Operation *copy = builder.clone(op, mapping);
  copy->getResult(0).setType(type);
  return success();
}

FailureOr<func::FuncOp> Cloner::clone(StringRef name, bool diagnose) {
  OpBuilder builder(source);
  SmallVector<Type> inputs, results;
  for (Type type : source.getArgumentTypes())
    inputs.push_back(refineBoundary(type));
  for (Type type : source.getResultTypes())
    results.push_back(refineBoundary(type));
  auto clone = func::FuncOp::create(builder, source.getLoc(), name, builder.getFunctionType(inputs, results));
  clone.setPrivate();
  if (ArrayAttr attributes = source.getArgAttrsAttr())
    clone.setArgAttrsAttr(attributes); // among them the bounds of integers
  clone->setAttr(cpu::kRowsAttr, builder.getI64IntegerAttr(rows));
  builder.setInsertionPointToStart(clone.addEntryBlock());
  mapping.map(source.getArguments(), clone.getArguments());
  auto fail = [&](Operation &op, const Twine &what) {
    if (diagnose)
      op.emitOpError() << what;
    clone.erase();
    return failure();
  };
  for (Operation &op : source.getBody().front()) {
    if (auto returnOp = dyn_cast<func::ReturnOp>(op)) {
      auto copy = cast<func::ReturnOp>(builder.clone(op, mapping));
      if (copy.getOperandTypes() != clone.getResultTypes())
        return fail(op, "gives tensors whose rows do not belong to the rows of the inputs");
      continue;
    }
    if (failed(cloneOp(builder, op)))
      return fail(op, "has a shape that does not follow from the number of rows");
    for (Value result : op.getResults())
      if (auto type = dyn_cast<RankedTensorType>(result.getType()); type && mapping.contains(result))
        if (!cast<RankedTensorType>(mapping.lookup(result).getType()).hasStaticShape())
          return fail(op, "has dynamic dimensions beside the batch, which the cpu target does not support");
  }
  return clone;
}

/// The leading dimension that all arguments and results share: dynamic, or a
/// declared number; nothing if there is none.
static std::optional<int64_t> getDeclaredRows(func::FuncOp function) {
  std::optional<int64_t> declared;
  for (Type type : llvm::concat<const Type>(function.getArgumentTypes(), function.getResultTypes())) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor || tensor.getRank() == 0 || (declared && *declared != tensor.getDimSize(0)))
      return std::nullopt;
    declared = tensor.getDimSize(0);
  }
  return declared;
}

/// Bytes of all tensors but arguments, for one row.
static int64_t getRowBytes(func::FuncOp function) {
  int64_t bytes = 0;
  function.walk([&](Operation *op) {
    for (Value result : op->getResults()) {
      auto type = dyn_cast<RankedTensorType>(result.getType());
      if (!type || isa<ConstantOp, tensor::EmptyOp>(op))
        continue;
      int64_t elements = 1;
      for (int64_t dim : type.getShape())
        elements *= std::max<int64_t>(dim, 1);
      unsigned bits = type.getElementType().isIntOrFloat() ? type.getElementType().getIntOrFloatBitWidth() : 64;
      bytes += elements * std::max<int64_t>(1, llvm::PowerOf2Ceil(bits) / 8);
    }
  });
  return bytes;
}

namespace {

class SpecializeBatchPass : public sumac::impl::SpecializeBatchBase<SpecializeBatchPass> {
public:
  using Base::Base;
  void runOnOperation() override {
    for (auto function : llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>()))
      if (function.isPublic() && !function.isExternal() && failed(specialize(function)))
        return signalPassFailure();
  }

private:
  LogicalResult specialize(func::FuncOp function);
};

} // namespace

LogicalResult SpecializeBatchPass::specialize(func::FuncOp function) {
  if (!function.getBody().hasOneBlock())
    return function.emitOpError("has control flow, which the cpu target does not support");
  for (Type type : llvm::concat<const Type>(function.getArgumentTypes(), function.getResultTypes()))
    if (!isa<RankedTensorType>(type))
      return function.emitOpError() << "has an argument or result of type " << type << "; expected ranked tensors";
  std::optional<int64_t> declared = getDeclaredRows(function);
  bool isDynamic = declared && ShapedType::isDynamic(*declared);
  SmallVector<int64_t> sizes;
  int64_t most = block;
  if (most <= 0) {
    most = kMaxRows;
    while (most > 1 && most * getRowBytes(function) > kStackBudget)
      most /= 2;
  }
  if (most > 1)
    sizes.push_back(most);
  sizes.push_back(1);

  SmallVector<Attribute> blocks;
  auto add = [&](int64_t declaredRows, int64_t rows, bool diagnose) -> LogicalResult {
    std::string name = (function.getName() + "_rows" + Twine(rows)).str();
    auto clone = Cloner(function, declaredRows, rows).clone(name, diagnose);
    if (failed(clone))
      return failure();
    blocks.push_back(FlatSymbolRefAttr::get(*clone));
    return success();
  };
  // Try one row first: whether it works says whether rows are independent.
  if (declared && succeeded(Cloner(function, *declared, 1).clone("sumac_probe", isDynamic))) {
    cast<func::FuncOp>(SymbolTable::lookupSymbolIn(getOperation(), "sumac_probe")).erase();
    for (int64_t rows : sizes)
      if (failed(add(*declared, rows, true)))
        return failure();
  } else if (isDynamic) {
    return failure();
  } else if (failed(add(declared.value_or(-2), declared.value_or(1), true))) {
    return failure();
  }
  if (!declared)
    function->setAttr(cpu::kWholeAttr, UnitAttr::get(&getContext()));
  if (function.getName() == "main" && getOperation()->hasAttr(cpu::kInterfaceAttr)) {
    auto interface = CPUInterface::read(getOperation());
    if (failed(interface))
      return failure();
    interface->isBatched = declared.has_value();
    auto smallest = SymbolTable::lookupNearestSymbolFrom(function, cast<FlatSymbolRefAttr>(blocks.back()));
    interface->rowMultiple = smallest->getAttrOfType<IntegerAttr>(cpu::kRowsAttr).getInt();
    interface->write(getOperation());
  }
  function->setAttr(cpu::kBlocksAttr, ArrayAttr::get(&getContext(), blocks));
  function.eraseBody();
  function.setPrivate();
  return success();
}
