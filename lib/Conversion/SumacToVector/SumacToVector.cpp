//===- SumacToVector.cpp - Integer level to vectors ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass, and the entry functions that loop over blocks of rows.
//
//===----------------------------------------------------------------------===//

#include "sumac/Conversion/SumacToVector/SumacToVector.h"

#include "Emitter.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace sumac {
#define GEN_PASS_DEF_CONVERTSUMACTOVECTOR
#include "sumac/Conversion/SumacToVector/Passes.h.inc"
} // namespace sumac

using namespace mlir;
using namespace sumac;

/// Bytes of one row of an argument or result in the caller's memory.
static int64_t getRowBytes(Type type, bool isWhole) {
  auto tensor = cast<RankedTensorType>(type);
  unsigned bits = tensor.getElementType().getIntOrFloatBitWidth();
  int64_t bytes = std::max<uint64_t>(8, llvm::PowerOf2Ceil(bits)) / 8;
  for (int64_t dim : tensor.getShape().drop_front(isWhole ? 0 : 1))
    bytes *= dim;
  return bytes;
}

static FunctionType getPointerType(FunctionType type, bool withRows) {
  MLIRContext *context = type.getContext();
  SmallVector<Type> inputs(type.getNumInputs() + type.getNumResults(), LLVM::LLVMPointerType::get(context));
  if (withRows)
    inputs.insert(inputs.begin(), IntegerType::get(context, 64));
  return FunctionType::get(context, inputs, {});
}

namespace {

class ConvertSumacToVectorPass : public sumac::impl::ConvertSumacToVectorBase<ConvertSumacToVectorPass> {
public:
  void runOnOperation() override;

private:
  LogicalResult convertBlock(func::FuncOp source, const CPUTarget &target, Constants &constants);
  LogicalResult convertEntry(func::FuncOp entry);
  std::shared_ptr<WeightCache> weights;
};

} // namespace

/// Replaces a function on tensors of constant shape.
LogicalResult ConvertSumacToVectorPass::convertBlock(func::FuncOp source, const CPUTarget &target, Constants &constants) {
  for (Type type : llvm::concat<const Type>(source.getArgumentTypes(), source.getResultTypes())) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor || !tensor.hasStaticShape() || !tensor.getElementType().isIntOrFloat() ||
        tensor.getElementType().getIntOrFloatBitWidth() > 64)
      return source.emitOpError() << "has an argument or result of type " << type
                                  << "; the cpu target takes tensors of constant shape with elements of up to 64 bits";
  }
  // Real values that no integer stands for stay behind a decode at the outputs.
  WalkResult walked = source.walk([](Operation *op) {
    for (Type type : op->getResultTypes())
      if (auto tensor = dyn_cast<RankedTensorType>(type); tensor && isa<RealType>(tensor.getElementType())) {
        op->emitOpError("gives real numbers, which the cpu target does not compute; quantize this value, or run the "
                        "model with --target interp");
        return WalkResult::interrupt();
      }
    return WalkResult::advance();
  });
  if (walked.wasInterrupted())
    return failure();
  OpBuilder builder(source);
  auto replacement = func::FuncOp::create(builder, source.getLoc(), source.getName(), getPointerType(source.getFunctionType(), false));
  replacement.setPrivate();
  replacement->setAttr(cpu::kRowsAttr, source->getAttr(cpu::kRowsAttr));
  // The caller's arrays do not overlap (documented in the C header).
  for (unsigned i = 0; i < replacement.getNumArguments(); ++i)
    replacement.setArgAttr(i, "llvm.noalias", builder.getUnitAttr());
  if (failed(Emitter(source, replacement, target, constants, weights).run()))
    return failure();
  source.erase();
  return success();
}

/// A function of the number of rows and an array of the entry's pointers.
static void addArrayEntry(func::FuncOp entry) {
  OpBuilder builder(entry);
  Code outer(builder, entry.getLoc());
  auto type = builder.getFunctionType({outer.i(64), outer.pointer()}, {});
  auto function = outer.make<func::FuncOp>((entry.getName() + "_array").str(), type);
  builder.setInsertionPointToEnd(function.addEntryBlock());
  Code code(builder, entry.getLoc());
  SmallVector<Value> arguments{function.getArgument(0)};
  for (unsigned i = 0; i + 1 < entry.getNumArguments(); ++i)
    arguments.push_back(code.load(code.pointer(), code.offset(function.getArgument(1), i * sizeof(void *)), sizeof(void *)));
  code.make<func::CallOp>(entry, arguments);
  code.make<func::ReturnOp>(ValueRange());
}

/// for each block size: for (; row + size <= rows; row += size) block(...).
LogicalResult ConvertSumacToVectorPass::convertEntry(func::FuncOp entry) {
  auto blocks = entry->getAttrOfType<ArrayAttr>(cpu::kBlocksAttr);
  FunctionType type = entry.getFunctionType();
  OpBuilder builder(entry);
  auto replacement = func::FuncOp::create(builder, entry.getLoc(), entry.getName(), getPointerType(type, true));
  builder.setInsertionPointToEnd(replacement.addEntryBlock());
  Code code(builder, entry.getLoc());
  SmallVector<int64_t> rowBytes;
  for (Type tensor : llvm::concat<const Type>(type.getInputs(), type.getResults()))
    rowBytes.push_back(getRowBytes(tensor, entry->hasAttr(cpu::kWholeAttr)));
  Value rows = replacement.getArgument(0), first = code.index(0);
  for (auto symbol : blocks.getAsRange<FlatSymbolRefAttr>()) {
    auto block = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(entry, symbol);
    auto attr = block ? block->getAttrOfType<IntegerAttr>(cpu::kRowsAttr) : IntegerAttr();
    if (!attr)
      return entry.emitOpError() << "names the block " << symbol << ", which has no " << cpu::kRowsAttr;
    int64_t size = attr.getInt();
    // rows - (rows - first) % size, for rows >= first.
    Value left = code.make<arith::SubIOp>(rows, first);
    Value end = code.make<arith::SubIOp>(rows, code.make<arith::RemSIOp>(left, code.index(size)));
    auto loop = code.make<scf::ForOp>(first, end, code.index(size));
    OpBuilder inner = OpBuilder::atBlockBegin(loop.getBody());
    Code body(inner, entry.getLoc());
    SmallVector<Value> arguments;
    for (auto [i, bytes] : llvm::enumerate(rowBytes))
      arguments.push_back(body.offset(replacement.getArgument(i + 1), body.multiply(loop.getInductionVar(), bytes)));
    body.make<func::CallOp>(TypeRange(), symbol, arguments);
    first = end;
  }
  code.make<func::ReturnOp>(ValueRange());
  entry.erase();
  addArrayEntry(replacement);
  return success();
}

void ConvertSumacToVectorPass::runOnOperation() {
  ModuleOp module = getOperation();
  auto target = getCPUTarget(module);
  if (failed(target))
    return signalPassFailure();
  Constants constants(module);
  weights = std::make_shared<WeightCache>();
  for (auto function : llvm::make_early_inc_range(module.getOps<func::FuncOp>()))
    if (function->hasAttr(cpu::kRowsAttr) && failed(convertBlock(function, *target, constants)))
      return signalPassFailure();
  for (auto function : llvm::make_early_inc_range(module.getOps<func::FuncOp>()))
    if (function->hasAttr(cpu::kBlocksAttr) && failed(convertEntry(function)))
      return signalPassFailure();
}
