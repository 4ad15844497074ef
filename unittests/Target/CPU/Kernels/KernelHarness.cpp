//===- KernelHarness.cpp - Run linear kernels on their own ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random layers, and kernels compiled just in time.
//
//===----------------------------------------------------------------------===//

#include "KernelHarness.h"

#include "sumac/Dialect/Sumac/IR/SumacDialect.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/ExecutionEngine/OptUtils.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::test;

constexpr int64_t guardBytes = 64;
constexpr char guardByte = 0x5a;

Buffer::Buffer(int64_t bytes) : bytes(bytes), storage(bytes + guardBytes + 63, 0) {
  std::memset(data() + bytes, guardByte, guardBytes);
}

bool Buffer::isGuardIntact() {
  const char *guard = data() + bytes;
  return std::all_of(guard, guard + guardBytes, [](char byte) { return byte == guardByte; });
}

std::unique_ptr<MLIRContext> sumac::test::createContext() {
  static bool initialized = llvm::InitializeNativeTarget() || llvm::InitializeNativeTargetAsmPrinter();
  (void)initialized;
  DialectRegistry registry;
  registry.insert<SumacDialect, arith::ArithDialect, cf::ControlFlowDialect, func::FuncDialect, LLVM::LLVMDialect,
                  scf::SCFDialect, ub::UBDialect, vector::VectorDialect>();
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  auto context = std::make_unique<MLIRContext>(registry, MLIRContext::Threading::DISABLED);
  context->loadAllAvailableDialects();
  return context;
}

static int64_t pick(IntegerRange range, bool extreme, std::mt19937 &random) {
  if (extreme)
    return random() % 2 ? range.min : range.max;
  return std::uniform_int_distribution<int64_t>(range.min, range.max)(random);
}

static IntegerRange getRange(unsigned bits, bool isSigned) {
  if (isSigned)
    return {-(int64_t(1) << (bits - 1)), (int64_t(1) << (bits - 1)) - 1};
  return {0, (int64_t(1) << bits) - 1};
}

/// Weights as a coding: bipolar, uniform up to 8 bits, else dense.
static CodingAttrInterface makeCoding(MLIRContext &context, const LayerShape &shape, ArrayRef<int64_t> values) {
  auto sign = shape.signedWeights || shape.bipolarWeights ? IntegerType::Signed : IntegerType::Unsigned;
  unsigned storage = shape.weightBits <= 8 ? 8 : 16;
  auto type = RankedTensorType::get({shape.outputs, shape.inputs}, IntegerType::get(&context, storage, sign));
  SmallVector<APInt> integers;
  for (int64_t value : values)
    integers.emplace_back(storage, static_cast<uint64_t>(value), true, true);
  auto payload = cast<ElementsAttr>(DenseElementsAttr::get(type, integers));
  if (shape.bipolarWeights)
    return cast<CodingAttrInterface>(Attribute(BipolarCodingAttr::get(&context, payload)));
  if (storage == 8)
    return cast<CodingAttrInterface>(Attribute(UniformCodingAttr::get(&context, payload, shape.weightBits)));
  return cast<CodingAttrInterface>(Attribute(DenseCodingAttr::get(&context, payload)));
}

/// Weights of a random pool: writes the weights that it has.
static CodingAttrInterface makePool(MLIRContext &context, const LayerShape &shape, MutableArrayRef<int64_t> weights,
                                    std::mt19937 &random) {
  constexpr int64_t group = PoolCodingAttr::kGroup;
  int64_t groups = llvm::divideCeil(shape.inputs, group);
  SmallVector<APInt> table, indices;
  for (unsigned i = 0; i < shape.pool * group; ++i)
    table.emplace_back(8, static_cast<uint64_t>(pick(getRange(std::min(shape.weightBits, 8u), true), shape.extreme, random)),
                       true, true);
  for (int64_t i = 0; i < shape.outputs * groups; ++i)
    indices.emplace_back(8, random() % shape.pool);
  auto makePayload = [&](ArrayRef<int64_t> dims, IntegerType::SignednessSemantics sign, ArrayRef<APInt> values) {
    return cast<ElementsAttr>(DenseElementsAttr::get(RankedTensorType::get(dims, IntegerType::get(&context, 8, sign)), values));
  };
  auto coding = PoolCodingAttr::get(&context, makePayload({shape.outputs, groups}, IntegerType::Unsigned, indices),
                                    makePayload({shape.pool, group}, IntegerType::Signed, table),
                                    {shape.outputs, shape.inputs});
  coding.decodeIntegers(0, weights);
  return coding;
}

TestLayer sumac::test::makeLayer(MLIRContext &context, const LayerShape &shape, std::mt19937 &random) {
  TestLayer test;
  LinearLayer &layer = test.layer;
  layer.rows = shape.rows;
  layer.inputs = shape.inputs;
  layer.outputs = shape.outputs;
  bool isSigned = shape.signedActivation || shape.bipolarActivation;
  layer.activation = IntegerType::get(&context, shape.bipolarActivation ? 2 : shape.activationBits,
                                      isSigned ? IntegerType::Signed : IntegerType::Unsigned);
  layer.activationRange = shape.bipolarActivation ? IntegerRange{-1, 1} : getRange(shape.activationBits, isSigned);
  layer.activationStep = shape.bipolarActivation ? 2 : 1;
  IntegerRange weights = shape.bipolarWeights ? IntegerRange{-1, 1} : getRange(shape.weightBits, shape.signedWeights);
  for (int64_t i = 0; i < shape.outputs * shape.inputs; ++i)
    test.weights.push_back(pick(weights, shape.extreme || shape.bipolarWeights, random));
  if (shape.distinctWeights != 0) {
    SmallVector<int64_t> table;
    for (unsigned i = 0; i < shape.distinctWeights; ++i)
      table.push_back(pick(weights, i < 2, random));
    for (int64_t &weight : test.weights)
      weight = table[random() % table.size()];
  }
  for (int64_t &weight : test.weights)
    if (random() % 100 < shape.zeroPercent)
      weight = 0;
  for (int64_t i = 0; i < shape.rows * shape.inputs; ++i)
    test.inputs.push_back(pick(layer.activationRange, shape.extreme || shape.bipolarActivation, random));
  if (shape.extreme) {
    // All of one sign in the first row and channel: the largest sums.
    std::fill_n(test.weights.begin(), shape.inputs, weights.min);
    int64_t largest = -layer.activationRange.min > layer.activationRange.max ? layer.activationRange.min
                                                                            : layer.activationRange.max;
    std::fill_n(test.inputs.begin(), shape.inputs, largest);
  }
  layer.weights = shape.pool != 0 ? makePool(context, shape, test.weights, random)
                                  : makeCoding(context, shape, test.weights);
  layer.nonZeros = shape.outputs * shape.inputs - llvm::count(test.weights, 0);
  auto [min, max] = std::minmax_element(test.weights.begin(), test.weights.end());
  layer.weightRange = {*min, *max};
  for (int64_t n = 0; n < shape.outputs; ++n) {
    layer.bias.push_back(pick({-100000, 100000}, false, random));
    IntegerRange sum{layer.bias.back(), layer.bias.back()};
    for (int64_t k = 0; k < shape.inputs; ++k) {
      int64_t w = test.weights[n * shape.inputs + k];
      sum.min += std::min(w * layer.activationRange.min, w * layer.activationRange.max);
      sum.max += std::max(w * layer.activationRange.min, w * layer.activationRange.max);
    }
    layer.accumulators.push_back(sum);
  }
  return test;
}

std::vector<int64_t> TestLayer::evaluate() const {
  std::vector<int64_t> result;
  for (int64_t r = 0; r < layer.rows; ++r)
    for (int64_t n = 0; n < layer.outputs; ++n) {
      int64_t sum = layer.bias[n];
      for (int64_t k = 0; k < layer.inputs; ++k)
        sum += weights[n * layer.inputs + k] * inputs[r * layer.inputs + k];
      result.push_back(sum);
    }
  return result;
}

std::string sumac::test::describe(const LayerShape &shape) {
  std::string text;
  llvm::raw_string_ostream(text) << shape.rows << " rows of " << shape.inputs << " -> " << shape.outputs << ", activations "
                                 << (shape.bipolarActivation ? "bipolar" : shape.signedActivation ? "si" : "ui")
                                 << shape.activationBits << ", weights "
                                 << (shape.bipolarWeights ? "bipolar" : shape.signedWeights ? "si" : "ui")
                                 << shape.weightBits << ", " << shape.zeroPercent << " % zero, pool of " << shape.pool
                                 << (shape.extreme ? ", extremes" : "");
  return text;
}

KernelModule::KernelModule(MLIRContext &context, const CPUTarget &target)
    : context(context), target(target), module(ModuleOp::create(UnknownLoc::get(&context))) {}

static int64_t getInputStride(const LinearLayer &layer, const InputFormat &format) {
  return llvm::alignTo(layer.inputs, 64) * format.bits / 8;
}

int KernelModule::add(const LinearKernel &kernel, const TestLayer &test) {
  const LinearLayer &layer = test.layer;
  int id = entries.size();
  entries.push_back({&kernel, &test});
  OpBuilder b = OpBuilder::atBlockEnd(module->getBody());
  Location loc = b.getUnknownLoc();
  auto pointer = LLVM::LLVMPointerType::get(&context);
  auto function = func::FuncOp::create(b, loc, "kernel" + std::to_string(id),
                                       b.getFunctionType({pointer, pointer, pointer, pointer}, {}));
  Block *body = function.addEntryBlock();
  b.setInsertionPointToStart(body);
  int64_t width = llvm::alignTo(layer.outputs, kChannelVector);
  Value output = body->getArgument(3);
  auto store = [&](OpBuilder &b, Location loc, Value row, Value channel, ValueRange sums) {
    auto constant = [&](int64_t value) -> Value {
      return arith::ConstantOp::create(b, loc, b.getI64IntegerAttr(value));
    };
    int64_t bytes = layer.fitsInt32() ? 4 : 8;
    Value offset = arith::AddIOp::create(b, loc, arith::MulIOp::create(b, loc, row, constant(width)), channel);
    offset = arith::MulIOp::create(b, loc, offset, constant(bytes));
    for (auto [i, sum] : llvm::enumerate(sums)) {
      Value at = arith::AddIOp::create(b, loc, offset, constant(i * kChannelVector * bytes));
      Value address = LLVM::GEPOp::create(b, loc, pointer, b.getI8Type(), output, ArrayRef<LLVM::GEPArg>{at});
      LLVM::StoreOp::create(b, loc, sum, address, 64);
    }
  };
  LinearEmission emission{layer,
                          target,
                          body->getArgument(0),
                          body->getArgument(1),
                          getInputStride(layer, kernel.getInputFormat(layer, target)),
                          body->getArgument(2),
                          store};
  kernel.emit(b, loc, emission);
  func::ReturnOp::create(b, loc);
  return id;
}

llvm::Error KernelModule::lower() {
  PassManager passes(&context);
  passes.addPass(createCanonicalizerPass());
  passes.addPass(createCSEPass());
  passes.addPass(createSCFToControlFlowPass());
  passes.addPass(createConvertVectorToLLVMPass());
  passes.addPass(createArithToLLVMConversionPass());
  passes.addPass(createConvertControlFlowToLLVMPass());
  passes.addPass(createConvertFuncToLLVMPass());
  passes.addPass(createReconcileUnrealizedCastsPass());
  if (failed(passes.run(*module)))
    return llvm::createStringError("lowering failed");
  return llvm::Error::success();
}

llvm::Error KernelModule::compile(unsigned optimization) {
  if (llvm::Error error = lower())
    return error;
  auto machine = target.createTargetMachine();
  if (!machine)
    return machine.takeError();
  ExecutionEngineOptions options;
  auto transformer = makeOptimizingTransformer(optimization, 0, machine->get());
  options.transformer = transformer;
  options.jitCodeGenOptLevel = llvm::CodeGenOptLevel::Default;
  options.enableObjectDump = true;
  options.enableGDBNotificationListener = false;
  options.enablePerfNotificationListener = false;
  // The engine's linker does not notice constants that it puts beyond the reach
  // of 32 bits, as happens with sanitizers.
  (*machine)->setCodeModel(llvm::CodeModel::Large);
  auto created = ExecutionEngine::create(*module, options, std::move(*machine));
  if (!created)
    return created.takeError();
  engine = std::move(*created);
  return llvm::Error::success();
}

llvm::Error KernelModule::emitObject(llvm::StringRef file) {
  if (llvm::Error error = lower())
    return error;
  llvm::LLVMContext llvmContext;
  std::unique_ptr<llvm::Module> llvmModule = translateModuleToLLVMIR(*module, llvmContext);
  auto machine = target.createTargetMachine();
  if (!llvmModule || !machine)
    return llvm::joinErrors(machine.takeError(), llvm::createStringError("translation failed"));
  llvmModule->setDataLayout((*machine)->createDataLayout());
  llvmModule->setTargetTriple((*machine)->getTargetTriple());
  std::error_code error;
  llvm::raw_fd_ostream out(file, error);
  llvm::legacy::PassManager passes;
  if (error || (*machine)->addPassesToEmitFile(passes, out, nullptr, llvm::CodeGenFileType::ObjectFile))
    return llvm::createStringError("cannot write an object file");
  passes.run(*llvmModule);
  return llvm::Error::success();
}

template <typename T>
static void storeElements(char *row, ArrayRef<int64_t> values, int64_t offset) {
  for (auto [i, value] : llvm::enumerate(values))
    reinterpret_cast<T *>(row)[i] = static_cast<T>(value + offset);
}

void KernelModule::prepare(int id) {
  current = entries[id];
  const LinearLayer &layer = current.layer->layer;
  PackedWeights weights = current.kernel->pack(layer, target);
  packed = std::make_unique<Buffer>(weights.bytes.size());
  std::memcpy(packed->data(), weights.bytes.data(), weights.bytes.size());
  InputFormat format = current.kernel->getInputFormat(layer, target);
  int64_t stride = getInputStride(layer, format);
  input = std::make_unique<Buffer>(stride * layer.rows);
  for (int64_t r = 0; r < layer.rows; ++r) {
    ArrayRef<int64_t> codes = ArrayRef(current.layer->inputs).slice(r * layer.inputs, layer.inputs);
    char *row = input->data() + r * stride;
    if (format.bits == 8)
      storeElements<uint8_t>(row, codes, format.offset);
    else if (format.bits == 16)
      storeElements<uint16_t>(row, codes, format.offset);
    else
      storeElements<uint32_t>(row, codes, format.offset);
  }
  scratch = std::make_unique<Buffer>(current.kernel->getScratchBytes(layer, target));
  output = std::make_unique<Buffer>(layer.rows * llvm::alignTo(layer.outputs, kChannelVector) *
                                    (layer.fitsInt32() ? 4 : 8));
  if (!engine)
    return;
  auto address = engine->lookup("kernel" + std::to_string(id));
  function = address ? reinterpret_cast<decltype(function)>(*address) : nullptr;
}

std::vector<int64_t> KernelModule::getResults() {
  const LinearLayer &layer = current.layer->layer;
  if (!packed->isGuardIntact() || !input->isGuardIntact() || !scratch->isGuardIntact() || !output->isGuardIntact())
    return {};
  std::vector<int64_t> results;
  int64_t width = llvm::alignTo(layer.outputs, kChannelVector);
  for (int64_t r = 0; r < layer.rows; ++r)
    for (int64_t n = 0; n < layer.outputs; ++n)
      results.push_back(layer.fitsInt32() ? reinterpret_cast<int32_t *>(output->data())[r * width + n]
                                          : reinterpret_cast<int64_t *>(output->data())[r * width + n]);
  return results;
}

void KernelModule::writeBuffers(llvm::raw_ostream &out) {
  int64_t sizes[] = {packed->size(), input->size(), scratch->size(), output->size()};
  out.write(reinterpret_cast<const char *>(sizes), sizeof(sizes));
  out.write(packed->data(), packed->size());
  out.write(input->data(), input->size());
}

void KernelModule::readOutput(llvm::StringRef &bytes) {
  int64_t size = std::min<int64_t>(output->size(), bytes.size());
  std::memcpy(output->data(), bytes.data(), size);
  bytes = bytes.drop_front(size);
}
