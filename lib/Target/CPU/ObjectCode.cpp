//===- ObjectCode.cpp - LLVM dialect to object files ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Translates a lowered module to LLVM IR, optimizes it for its processor and
// writes an object file; links shared libraries.
//
//===----------------------------------------------------------------------===//

#include "sumac/Target/CPU/Compile.h"
#include "sumac/Support/RunProgram.h"

#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;
using namespace sumac;

/// Exported functions and what they are called behind the prefix.
static std::optional<StringRef> getExportedName(StringRef name) {
  return llvm::StringSwitch<std::optional<StringRef>>(name)
      .Case("main", StringRef("_run"))
      .Case("main_raw", StringRef("_run_raw"))
      .Case("main_array", StringRef("_run_array"))
      .Case("main_raw_array", StringRef("_run_raw_array"))
      .Default(std::nullopt);
}

/// Names, linkage and the processor's attributes.
static void prepareFunctions(llvm::Module &module, StringRef prefix, const CPUTarget &target) {
  for (llvm::Function &function : module) {
    if (function.isDeclaration())
      continue;
    if (std::optional<StringRef> suffix = getExportedName(function.getName())) {
      function.setName(prefix + *suffix);
      function.setVisibility(llvm::GlobalValue::DefaultVisibility);
    } else {
      function.setLinkage(llvm::GlobalValue::InternalLinkage);
    }
    function.addFnAttr("target-cpu", target.getCPU());
    function.addFnAttr("target-features", target.getFeatures());
    function.addFnAttr("prefer-vector-width", std::to_string(target.getVectorBits()));
    function.addFnAttr(llvm::Attribute::NoUnwind);
    // Loops must not turn into calls of memset or memcpy: there is no C library
    // on every target.
    function.addFnAttr("no-builtins");
  }
}

static void optimize(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = false; // kernels are vectors already
  tuning.SLPVectorization = false;
  llvm::PassBuilder builder(&machine, tuning);
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O2).run(module, modules);
}

llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> sumac::compileToObject(ModuleOp op, StringRef prefix,
                                                                           const CPUTarget &target) {
  registerBuiltinDialectTranslation(*op.getContext());
  registerLLVMDialectTranslation(*op.getContext());
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> module = translateModuleToLLVMIR(op, context, prefix);
  if (!module)
    return llvm::createStringError("the module cannot be translated to LLVM IR");
  auto machine = target.createTargetMachine();
  if (!machine)
    return machine.takeError();
  module->setTargetTriple(target.getTriple());
  module->setDataLayout((*machine)->createDataLayout());
  module->setPICLevel(llvm::PICLevel::BigPIC);
  prepareFunctions(*module, prefix, target);
  optimize(*module, **machine);

  llvm::SmallVector<char, 0> object;
  llvm::raw_svector_ostream stream(object);
  llvm::legacy::PassManager codegen;
  if ((*machine)->addPassesToEmitFile(codegen, stream, nullptr, llvm::CodeGenFileType::ObjectFile))
    return llvm::createStringError("'" + target.getTriple().str() + "' has no object files");
  codegen.run(*module);
  return std::make_unique<llvm::SmallVectorMemoryBuffer>(std::move(object), prefix, /*RequiresNullTerminator=*/false);
}

//===----------------------------------------------------------------------===//
// Linking
//===----------------------------------------------------------------------===//

/// LLVM's linker, which links for every target, or this machine's C compiler.
static llvm::Expected<std::string> findLinker(const CPUTarget &target) {
  for (StringRef name : {"ld.lld-22", "ld.lld"})
    if (auto path = llvm::sys::findProgramByName(name))
      return *path;
  if (auto path = llvm::sys::findProgramByName("ld.lld", {"/usr/lib/llvm-22/bin"}))
    return *path;
  SmallVector<std::string> compilers;
  compilers.push_back((target.getTriple().getArchName() + "-linux-gnu-gcc").str());
  if (target.getTriple().getArch() == llvm::Triple(llvm::sys::getProcessTriple()).getArch())
    compilers.append({"cc", "gcc", "clang"});
  for (const std::string &name : compilers)
    if (auto path = llvm::sys::findProgramByName(name))
      return *path;
  return llvm::createStringError("no linker for shared libraries: install Debian's package lld-22 (ld.lld-22)");
}

llvm::Error sumac::linkSharedLibrary(StringRef object, StringRef library, StringRef soname, const CPUTarget &target) {
  llvm::Expected<std::string> linker = findLinker(target);
  if (!linker)
    return linker.takeError();
  bool isCompiler = !StringRef(*linker).contains("ld.lld");
  std::string name = soname.str();
  SmallVector<std::string> arguments{*linker, "-shared", "-o", library.str(), object.str()};
  if (isCompiler)
    arguments.append({"-nostdlib", "-Wl,-soname," + name, "-Wl,-z,noexecstack"});
  else
    arguments.append({"-soname", name, "-z", "noexecstack", "--build-id=none"});
  return runProgram(arguments);
}
