//===- IntegerLevelTest.cpp - Integer-level code equals the interpreter ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random integer-level functions run in the interpreter and as code in memory
// for several processors: every bit is the same. SUMAC_CPU_FUNCTIONS sets how
// many are tried, SUMAC_CPU_SEED where they begin.
//
//===----------------------------------------------------------------------===//

#include "RandomIntegers.h"

#include "sumac/InitAll.h"
#include "sumac/Interpreter/Interpreter.h"
#include "sumac/Target/CPU/Compile.h"
#include "sumac/Target/CPU/Layers.h"
#include "sumac/Target/CPU/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/CommandLine.h"
#include "gtest/gtest.h"
#include <map>

using namespace mlir;
using namespace sumac;

static int getNumber(const char *name, int otherwise) {
  const char *text = std::getenv(name);
  return text ? static_cast<int>(std::strtol(text, nullptr, 10)) : otherwise;
}

static FailureOr<std::unique_ptr<Executable>> compile(ModuleOp module, StringRef cpu, StringRef features, int64_t block) {
  PassManager pm(module.getContext());
  CPUPipelineOptions options;
  options.cpu = cpu.str();
  options.features = features.str();
  options.block = block;
  buildCPUPipeline(pm, options);
  if (failed(pm.run(module)))
    return failure();
  auto target = getCPUTarget(module);
  auto interface = CPUInterface::read(module);
  if (failed(target) || failed(interface))
    return failure();
  auto object = compileToObject(module, "model", *target);
  if (!object)
    return module.emitError(llvm::toString(object.takeError()));
  auto executable = loadObject(std::move(*object), "model", std::move(*interface));
  if (!executable)
    return module.emitError(llvm::toString(executable.takeError()));
  return std::move(*executable);
}

/// The first element that differs, in words; empty if none does.
static std::string describeDifference(const HostTensor &expected, const HostTensor &actual) {
  if (expected == actual)
    return "";
  if (expected.shape != actual.shape || expected.type != actual.type)
    return stringifyShape(actual.shape, actual.type) + " instead of " + stringifyShape(expected.shape, expected.type);
  for (int64_t i = 0; i < expected.getNumElements(); ++i) {
    size_t width = getByteWidth(expected.type);
    if (std::memcmp(expected.bytes.data() + i * width, actual.bytes.data() + i * width, width) != 0)
      return "element " + std::to_string(i) + " of " + stringifyShape(expected.shape, expected.type) + ": expected " +
             expected.stringifyElement(i) + ", got " + actual.stringifyElement(i);
  }
  return "bytes";
}

TEST(CPUIntegerLevel, RandomFunctions) {
  DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  sumac::registerAllDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  std::string errors;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    errors += diagnostic.str() + "\n";
    return success();
  });
  auto host = CPUTarget::create("", "native");
  ASSERT_TRUE(static_cast<bool>(host)) << llvm::toString(host.takeError());
  std::vector<std::string> cpus{"native"};
  if (host->isX86()) {
    cpus.push_back("x86-64");
    if (host->hasFeature("avx2") && host->hasFeature("fma"))
      cpus.push_back("x86-64-v3");
    if (host->hasFeature("avx512bw"))
      cpus.push_back("x86-64-v4");
  }
  int count = getNumber("SUMAC_CPU_FUNCTIONS", 40), first = getNumber("SUMAC_CPU_SEED", 0);
  int64_t values = 0;
  std::map<std::string, int> refused;
  for (int seed = first; seed < first + count; ++seed) {
    errors.clear();
    RandomIntegers random(seed);
    std::string text = random.write(random.pick(3, 16));
    OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, &context);
    ASSERT_TRUE(module) << "seed " << seed << "\n" << errors << text;
    std::vector<HostTensor> inputs = random.makeInputs(random.pick(0, 9));
    SmallVector<HostTensor> expected;
    ASSERT_TRUE(succeeded(interpret(module->lookupSymbol<func::FuncOp>("main"), inputs, expected))) << "seed " << seed << "\n" << errors << text;
    const std::string &cpu = cpus[seed % cpus.size()];
    auto executable = compile(*module, cpu, "", random.pick(0, 5));
    if (failed(executable)) {
      ++refused[errors.substr(0, errors.find('\n'))];
      continue;
    }
    auto actual = (*executable)->run(inputs, /*raw=*/false);
    ASSERT_TRUE(static_cast<bool>(actual)) << llvm::toString(actual.takeError());
    ASSERT_EQ(expected.size(), actual->size());
    for (size_t i = 0; i < expected.size(); ++i) {
      values += expected[i].getNumElements();
      std::string difference = describeDifference(expected[i], (*actual)[i]);
      ASSERT_EQ(difference, "") << "seed " << seed << " on " << cpu << ", output " << i << "\n" << text;
    }
  }
  llvm::outs() << values << " values equal\n";
  int refusals = 0;
  for (const auto &[reason, times] : refused) {
    llvm::outs() << "  refused " << times << " times: " << reason << "\n";
    refusals += times;
  }
  EXPECT_LE(refusals, count / 4);
}
