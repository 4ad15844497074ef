//===- Compiler.cpp - From a model file to any level ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads models and runs the pipelines from level to level.
//
//===----------------------------------------------------------------------===//

#include "sumac/Driver/Compiler.h"

#include "sumac/Dialect/ONNX/IR/ONNXDialect.h"
#include "sumac/Dialect/Sumac/IR/SumacDialect.h"
#include "sumac/Dialect/Sumac/Transforms/Discovery.h"
#include "sumac/Dialect/Sumac/Transforms/Passes.h"
#include "sumac/Import/ONNX/Import.h"
#include "sumac/InitAll.h"
#include "sumac/Pipelines/Pipelines.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"

using namespace sumac;
using namespace mlir;

std::unique_ptr<MLIRContext> sumac::createContext() {
  DialectRegistry registry;
  sumac::registerAllDialects(registry);
  registry.insert<arith::ArithDialect, func::FuncDialect, linalg::LinalgDialect,
                  LLVM::LLVMDialect, memref::MemRefDialect, scf::SCFDialect,
                  tensor::TensorDialect, vector::VectorDialect>();
  for (const Backend *backend : getBackends())
    backend->registerDialects(registry);
  for (const auto &finder : discovery::getCodingFinders())
    finder->registerDialects(registry);
  return std::make_unique<MLIRContext>(registry);
}

//===----------------------------------------------------------------------===//
// Loading
//===----------------------------------------------------------------------===//

/// Whether a file is IR: bytecode by its magic number, text by the file's name.
static bool isIR(StringRef path, StringRef contents) {
  return contents.starts_with("ML\xefR") || path.ends_with(".mlir");
}

OwningOpRef<ModuleOp> sumac::loadModel(StringRef path, MLIRContext &context) {
  auto fail = [&](const Twine &what) {
    emitError(UnknownLoc::get(&context)) << what;
    return OwningOpRef<ModuleOp>();
  };
  if (llvm::sys::fs::is_directory(path))
    return fail("'" + path + "' is a folder, not a model");
  auto buffer =
      llvm::MemoryBuffer::getFileOrSTDIN(path, /*IsText=*/false,
                                         /*RequiresNullTerminator=*/true);
  if (!buffer)
    return fail("cannot read '" + path + "': " + buffer.getError().message());
  if (!isIR(path, (*buffer)->getBuffer())) {
    // Only a file has a folder from which external data may come.
    if (path == "-")
      return importONNX((*buffer)->getMemBufferRef(), context);
    return importONNX(path, context);
  }
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(std::move(*buffer), SMLoc());
  return parseSourceFile<ModuleOp>(sources, ParserConfig(&context));
}

static bool hasRealType(Operation *op) {
  auto isReal = [](Type type) {
    return isa<RealType>(getElementTypeOrSelf(type));
  };
  return llvm::any_of(op->getOperandTypes(), isReal) ||
         llvm::any_of(op->getResultTypes(), isReal);
}

Level sumac::getLevel(ModuleOp module) {
  Level level = Level::Target;
  module.walk([&](Operation *op) {
    StringRef dialect = op->getName().getDialectNamespace();
    Level own = level;
    if (dialect == onnx::ONNXDialect::getDialectNamespace())
      own = Level::Imported;
    else if (hasRealType(op))
      own = Level::Model;
    else if (dialect == SumacDialect::getDialectNamespace())
      own = Level::Integer;
    level = std::min(level, own);
  });
  return level;
}

//===----------------------------------------------------------------------===//
// Lowering
//===----------------------------------------------------------------------===//

/// Runs the passes that `fill` adds.
static LogicalResult
runPasses(ModuleOp module, Progress *progress,
          llvm::function_ref<llvm::Error(OpPassManager &)> fill) {
  PassManager manager(module.getContext(), ModuleOp::getOperationName());
  if (llvm::Error error = fill(manager))
    return module.emitError() << llvm::toString(std::move(error));
  if (progress)
    progress->follow(manager);
  LogicalResult result = manager.run(module);
  if (progress)
    progress->clear();
  return result;
}

/// Writes the forms and storages that the user names, truncates what layers of
/// bit planes read, and writes layers as sums whose forms are sums, for targets
/// that do not compute these themselves.
static llvm::Error addChoicePasses(OpPassManager &manager,
                                   const LoweringOptions &options) {
  ChooseFormsOptions forms;
  forms.forms.assign(options.forms.begin(), options.forms.end());
  manager.addNestedPass<func::FuncOp>(createChooseForms(forms));
  if (options.planes != 0)
    manager.addPass(createTruncatePlanes({options.planes}));
  if (options.takesPlanes && options.backend && !options.backend->takesPlanes())
    return llvm::createStringError(
        "target '" + options.backend->getName() +
        "' makes no code that is told the number of bit planes; give a number");
  if (options.takesPlanes)
    manager.addPass(createAddPlanesArgument());
  if (!options.backend || !options.backend->computesForms())
    manager.addNestedPass<func::FuncOp>(createExpandForms());
  ChooseStorageOptions storages;
  storages.storages.assign(options.storages.begin(), options.storages.end());
  manager.addNestedPass<func::FuncOp>(createChooseStorage(storages));
  return llvm::Error::success();
}

/// Lowers from `from` to the next level.
static LogicalResult lowerOnce(ModuleOp module, Level from,
                               const LoweringOptions &options) {
  static const OptionSet noOptions;
  const OptionSet &targetOptions =
      options.options ? *options.options : noOptions;
  return runPasses(
      module, options.progress, [&](OpPassManager &manager) -> llvm::Error {
        switch (from) {
        case Level::Imported:
          buildImportPipeline(manager);
          if (options.coefficientBits != 0)
            manager.addNestedPass<func::FuncOp>(
                createRoundCoefficients({options.coefficientBits}));
          break;
        case Level::Model: {
          IntegerPipelineOptions integer;
          integer.inputTypes = options.inputTypes;
          buildIntegerPipeline(manager, integer);
          if (options.rawEntry)
            manager.addPass(createAddRawEntry());
          break;
        }
        case Level::Integer:
          if (llvm::Error error = addChoicePasses(manager, options))
            return error;
          if (options.backend)
            return options.backend->buildSumsPipeline(manager, targetOptions);
          break;
        case Level::Sums:
          if (options.backend)
            return options.backend->buildPipeline(manager, targetOptions);
          break;
        case Level::Target:
          break;
        }
        return llvm::Error::success();
      });
}

/// Adds @main_raw to a module at the integer level that has none.
static LogicalResult addRawEntry(ModuleOp module, Progress *progress) {
  if (module.lookupSymbol("main_raw"))
    return success();
  return runPasses(module, progress, [](OpPassManager &manager) {
    manager.addPass(createAddRawEntry());
    return llvm::Error::success();
  });
}

LogicalResult sumac::lowerTo(ModuleOp module, Level level,
                             const LoweringOptions &options) {
  for (Level at = getLevel(module);;
       at = static_cast<Level>(static_cast<int>(at) + 1)) {
    if (at == Level::Integer && level >= at && options.rawEntry &&
        failed(addRawEntry(module, options.progress)))
      return failure();
    if (at >= level)
      return success();
    if (failed(lowerOnce(module, at, options)))
      return failure();
  }
}

void sumac::freeUnusedConstants(ModuleOp module) {
  DenseSet<const DialectResourceBlobManager::BlobEntry *> used;
  AttrTypeWalker walker;
  walker.addWalk([&](DenseResourceElementsAttr elements) {
    used.insert(elements.getRawHandle().getResource());
  });
  module->walk([&](Operation *op) { walker.walk(op->getAttrDictionary()); });
  DialectResourceBlobManager &manager =
      DenseResourceElementsHandle::getManagerInterface(module.getContext())
          .getBlobManager();
  SmallVector<StringRef> unused;
  manager.getBlobMap([&](const auto &blobs) {
    for (const auto &entry : blobs)
      if (!used.contains(&entry.second) && entry.second.getBlob())
        unused.push_back(entry.first());
  });
  for (StringRef name : unused)
    manager.update(name, AsmResourceBlob());
}

FailureOr<std::unique_ptr<Executable>>
sumac::loadForTarget(ModuleOp module, const LoweringOptions &options) {
  Level level = Level::Target;
  if (options.backend->getInputLevel() == Level::Model)
    level = options.rawEntry ? Level::Integer : Level::Model;
  // Forms, storages and truncated codes show at the sums level, which the
  // interpreter runs too.
  if (options.backend->getInputLevel() == Level::Model &&
      !(options.forms.empty() && options.storages.empty() &&
        options.planes == 0 && !options.takesPlanes))
    level = Level::Sums;
  if (failed(lowerTo(module, level, options)))
    return failure();
  static const OptionSet noOptions;
  return options.backend->load(module,
                               options.options ? *options.options : noOptions);
}

//===----------------------------------------------------------------------===//
// Artifacts
//===----------------------------------------------------------------------===//

llvm::Expected<std::unique_ptr<Executable>>
sumac::loadArtifact(StringRef folder, const OptionSet *options) {
  llvm::SmallString<128> path(folder);
  llvm::sys::path::append(path, "metadata.json");
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer)
    return llvm::createStringError(
        "'" + folder + "' is no artifact: cannot read metadata.json: " +
        buffer.getError().message());
  llvm::Expected<llvm::json::Value> metadata =
      llvm::json::parse((*buffer)->getBuffer());
  if (!metadata)
    return llvm::createStringError(
        "'" + path + "' is no JSON: " + llvm::toString(metadata.takeError()));
  const llvm::json::Object *object = metadata->getAsObject();
  std::optional<StringRef> target =
      object ? object->getString("target") : std::nullopt;
  if (!target)
    return llvm::createStringError("'" + path + "' names no \"target\"");
  const Backend *backend = lookupBackend(*target);
  if (!backend)
    return llvm::createStringError("the artifact '" + folder +
                                   "' is for target '" + *target +
                                   "', which is not known here");
  OptionSet defaults;
  backend->declareOptions(defaults);
  return backend->loadArtifact(folder, options ? *options : defaults);
}

std::string sumac::getArtifactName(StringRef path) {
  StringRef stem = llvm::sys::path::filename(path);
  if (!stem.consume_back(".onnx"))
    stem = llvm::sys::path::stem(stem);
  std::string name;
  for (char c : stem)
    name += llvm::isAlnum(c) ? c : '_';
  // An identifier does not begin with a digit; "-" is the standard input.
  if (name.empty() || stem == "-")
    return "model";
  return llvm::isDigit(name[0]) ? "model_" + name : name;
}
