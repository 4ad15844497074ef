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
#include "sumac/Dialect/Sumac/Transforms/Passes.h"

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
  LogicalResult convertEntry(func::FuncOp entry, bool isClone);
  FailureOr<func::FuncOp> emitBlockLoops(func::FuncOp entry, StringRef name);
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

/// A function of the number of rows and an array of the entry's pointers, and of
/// the number of bit planes where the entry has that.
static void addArrayEntry(func::FuncOp entry) {
  OpBuilder builder(entry);
  Code outer(builder, entry.getLoc());
  bool takesPlanes = entry.getNumResults() > 0;
  SmallVector<Type> inputs{outer.i(64), outer.pointer()};
  if (takesPlanes)
    inputs.push_back(entry.getArgumentTypes().back());
  auto type = builder.getFunctionType(inputs, entry.getResultTypes());
  auto function = outer.make<func::FuncOp>((entry.getName() + "_array").str(), type);
  builder.setInsertionPointToEnd(function.addEntryBlock());
  Code code(builder, entry.getLoc());
  SmallVector<Value> arguments{function.getArgument(0)};
  for (unsigned i = 0, pointers = entry.getNumArguments() - (takesPlanes ? 2 : 1); i < pointers; ++i)
    arguments.push_back(code.load(code.pointer(), code.offset(function.getArgument(1), i * sizeof(void *)), sizeof(void *)));
  if (takesPlanes)
    arguments.push_back(function.getArgument(2));
  auto call = code.make<func::CallOp>(entry, arguments);
  code.make<func::ReturnOp>(call.getResults());
}

/// for each block size: for (; row + size <= rows; row += size) block(...).
FailureOr<func::FuncOp> ConvertSumacToVectorPass::emitBlockLoops(func::FuncOp entry, StringRef name) {
  auto blocks = entry->getAttrOfType<ArrayAttr>(cpu::kBlocksAttr);
  FunctionType type = entry.getFunctionType();
  OpBuilder builder(entry);
  auto function = func::FuncOp::create(builder, entry.getLoc(), name, getPointerType(type, true));
  builder.setInsertionPointToEnd(function.addEntryBlock());
  Code code(builder, entry.getLoc());
  SmallVector<int64_t> rowBytes;
  for (Type tensor : llvm::concat<const Type>(type.getInputs(), type.getResults()))
    rowBytes.push_back(getRowBytes(tensor, entry->hasAttr(cpu::kWholeAttr)));
  Value rows = function.getArgument(0), first = code.index(0);
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
      arguments.push_back(body.offset(function.getArgument(i + 1), body.multiply(loop.getInductionVar(), bytes)));
    body.make<func::CallOp>(TypeRange(), symbol, arguments);
    first = end;
  }
  code.make<func::ReturnOp>(ValueRange());
  return function;
}

/// A function that takes the number of bit planes behind the pointers, calls the
/// clone for it, or `all` for one more than there are clones, and gives 0; -1 for
/// another number.
static func::FuncOp addPlanesEntry(func::FuncOp entry, ArrayAttr clones, func::FuncOp all) {
  OpBuilder builder(entry);
  Code outer(builder, entry.getLoc());
  SmallVector<Type> inputs(all.getArgumentTypes());
  inputs.push_back(outer.i(32));
  auto function = outer.make<func::FuncOp>(entry.getName(), builder.getFunctionType(inputs, {outer.i(32)}));
  builder.setInsertionPointToEnd(function.addEntryBlock());
  Code code(builder, entry.getLoc());
  Value planes = function.getArguments().back();
  SmallVector<FlatSymbolRefAttr> callees(clones.getAsRange<FlatSymbolRefAttr>());
  callees.push_back(FlatSymbolRefAttr::get(all));
  for (auto [i, callee] : llvm::enumerate(callees)) {
    Value isThis = code.compare(arith::CmpIPredicate::eq, planes, code.constant(planes.getType(), i + 1));
    auto branch = code.make<scf::IfOp>(isThis, /*withElseRegion=*/false);
    OpBuilder inner = branch.getThenBodyBuilder();
    Code(inner, entry.getLoc()).make<func::CallOp>(TypeRange(), callee, function.getArguments().drop_back());
  }
  auto constant = [&](int64_t value) { return code.constant(planes.getType(), value); };
  Value isKnown = code.compare(arith::CmpIPredicate::ult, code.plus(planes, -1), constant(callees.size()));
  code.make<func::ReturnOp>(code.select(isKnown, constant(0), constant(-1)));
  return function;
}

/// Adds the functions that an entry calls for numbers of bit planes; each must be
/// an entry of the same type.
static LogicalResult collectClones(func::FuncOp entry, DenseSet<Attribute> &clones) {
  Attribute attr = entry->getAttr(kPlanesAttr);
  if (!attr || !entry->hasAttr(cpu::kBlocksAttr))
    return success();
  auto list = dyn_cast<ArrayAttr>(attr);
  if (!list)
    return entry.emitOpError() << "has no list of functions in " << kPlanesAttr;
  for (Attribute name : list) {
    auto symbol = dyn_cast<FlatSymbolRefAttr>(name);
    auto clone = symbol ? SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(entry, symbol) : func::FuncOp();
    if (!clone || clone == entry || !clone->hasAttr(cpu::kBlocksAttr) || clone->hasAttr(kPlanesAttr) ||
        clone.getFunctionType() != entry.getFunctionType())
      return entry.emitOpError() << "names " << name << " in " << kPlanesAttr << ", which is no other function of its type";
    clones.insert(name);
  }
  return success();
}

LogicalResult ConvertSumacToVectorPass::convertEntry(func::FuncOp entry, bool isClone) {
  auto clones = entry->getAttrOfType<ArrayAttr>(kPlanesAttr);
  std::string name = entry.getName().str();
  if (clones)
    name += "_planes" + std::to_string(clones.size() + 1);
  FailureOr<func::FuncOp> function = emitBlockLoops(entry, name);
  if (failed(function))
    return failure();
  if (clones)
    function = addPlanesEntry(entry, clones, *function);
  entry.erase();
  if (!isClone)
    addArrayEntry(*function);
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
  DenseSet<Attribute> clones;
  for (auto function : module.getOps<func::FuncOp>())
    if (failed(collectClones(function, clones)))
      return signalPassFailure();
  for (auto function : llvm::make_early_inc_range(module.getOps<func::FuncOp>())) {
    bool isClone = clones.contains(FlatSymbolRefAttr::get(function));
    if (function->hasAttr(cpu::kBlocksAttr) && failed(convertEntry(function, isClone)))
      return signalPassFailure();
  }
}
