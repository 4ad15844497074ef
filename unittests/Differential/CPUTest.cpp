//===- CPUTest.cpp - Compiled code computes what the model means ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random models run in the reference interpreter at the model level and as code
// in memory for several processors: every bit of every output is the same.
// SUMAC_CPU_LAYER_MODELS and SUMAC_CPU_NETS set how many models are tried,
// SUMAC_CPU_SEED where they begin.
//
//===----------------------------------------------------------------------===//

#include "RandomModel.h"

#include "sumac/InitAll.h"
#include "sumac/Dialect/Sumac/Transforms/Passes.h"
#include "sumac/Interpreter/Interpreter.h"
#include "sumac/Pipelines/Pipelines.h"
#include "sumac/Target/CPU/Compile.h"
#include "sumac/Target/CPU/Layers.h"
#include "sumac/Target/CPU/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace sumac;

namespace {

/// A processor, or "" for features that this machine lacks.
struct Processor {
  const char *cpu;
  const char *features;
};

constexpr Processor kProcessors[] = {
    {"native", ""},
    {"x86-64-v3", ""},
    {"x86-64", ""},
    {"x86-64-v4", ""},
    {"native", "-avx512vbmi,-avx512vpopcntdq"},
    {"x86-64-v2", ""},
};

int getNumber(const char *name, int otherwise) {
  const char *text = std::getenv(name);
  return text ? std::atoi(text) : otherwise;
}

class CPUDifferential : public ::testing::Test {
protected:
  CPUDifferential() {
    DialectRegistry registry;
    mlir::registerAllDialects(registry);
    mlir::registerAllExtensions(registry);
    sumac::registerAllDialects(registry);
    context.appendDialectRegistry(registry);
    context.disableMultithreading();
    // Processors of another architecture or generation cannot run here.
    auto host = CPUTarget::create("", "native");
    for (const Processor &processor : kProcessors) {
      auto target = CPUTarget::create("", processor.cpu, processor.features);
      if (!host || !target) {
        consumeError(host.takeError());
        consumeError(target.takeError());
        continue;
      }
      bool runs = true;
      for (StringRef feature : {"avx", "avx2", "fma", "avx512f", "avx512bw", "ssse3"})
        if (host->isX86())
          runs &= !target->hasFeature(feature) || host->hasFeature(feature);
      if (runs)
        processors.push_back(processor);
    }
  }

  FailureOr<std::unique_ptr<Executable>> compile(ModuleOp module, const Processor &processor, int64_t block) {
    PassManager pm(&context);
    CPUPipelineOptions options;
    options.cpu = processor.cpu;
    options.features = processor.features;
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
      return module.emitError(toString(object.takeError()));
    auto executable = loadObject(std::move(*object), "model", std::move(*interface));
    if (!executable)
      return module.emitError(toString(executable.takeError()));
    return std::move(*executable);
  }

  void compare(int seed, RandomModel &random, const std::string &text) {
    std::string errors;
    ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
      errors += diagnostic.str() + "\n";
      return success();
    });
    const Processor &processor = processors[seed % processors.size()];
    std::string where = "seed " + std::to_string(seed) + " on " + processor.cpu + " " + processor.features + "\n";
    OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, &context);
    ASSERT_TRUE(module) << errors << text;
    int64_t rows = random.pick(1, 12);
    HostTensor input = random.makeInput(rows);
    SmallVector<HostTensor> expected;
    ASSERT_TRUE(succeeded(interpret(module->lookupSymbol<func::FuncOp>("main"), input, expected))) << errors << text;
    PassManager pm(&context);
    buildIntegerPipeline(pm, IntegerPipelineOptions());
    if (failed(pm.run(*module))) {
      ++refused;
      return;
    }
    OwningOpRef<ModuleOp> integers(cast<ModuleOp>((*module)->clone()));
    auto executable = compile(*module, processor, random.pick(0, 9));
    if (failed(executable)) {
      auto &[first, count] = reasons[errors.substr(0, 300)];
      if (count++ == 0)
        first = where;
      ++notCompiled;
      return;
    }
    auto actual = (*executable)->run(input, /*raw=*/false);
    ASSERT_TRUE(static_cast<bool>(actual)) << toString(actual.takeError()) << where << text;
    ASSERT_EQ(expected.size(), actual->size());
    for (auto [i, pair] : llvm::enumerate(llvm::zip_equal(expected, *actual))) {
      auto &[before, after] = pair;
      values += before.getNumElements();
      if (before == after)
        continue;
      std::string difference;
      for (int64_t e = 0; e < before.getNumElements() && difference.empty(); ++e)
        if (before.stringifyElement(e) != after.stringifyElement(e))
          difference = "element " + std::to_string(e) + " of " + stringifyShape(before.shape, before.type) + ": expected " +
                       before.stringifyElement(e) + ", got " + after.stringifyElement(e);
      std::string printed;
      llvm::raw_string_ostream(printed) << *integers;
      FAIL() << where << "output " << i << " differs: " << difference << "\n" << text << "\n" << printed;
    }
    ++compiled;
  }

  void report() {
    RecordProperty("compiled", compiled);
    RecordProperty("refused", refused);
    RecordProperty("values", static_cast<int>(values));
    llvm::outs() << compiled << " models compiled, " << values << " values equal, " << refused
                 << " refused at the integer level, " << notCompiled << " by the cpu target\n";
    for (const auto &[reason, cases] : reasons)
      llvm::outs() << "  " << cases.second << ", the first with " << cases.first << "  " << reason;
  }

  MLIRContext context;
  std::vector<Processor> processors;
  int compiled = 0, refused = 0, notCompiled = 0;
  int64_t values = 0;
  /// The first model that the cpu target refused for a reason, and how many.
  std::map<std::string, std::pair<std::string, int>> reasons;
};

TEST_F(CPUDifferential, RandomLayers) {
  int models = getNumber("SUMAC_CPU_LAYER_MODELS", 12), first = getNumber("SUMAC_CPU_SEED", 0);
  for (int i = first; i < first + models && !HasFatalFailure(); ++i) {
    RandomModel random(5000000 + i);
    compare(i, random, random.writeLayers(20));
  }
  report();
  EXPECT_EQ(notCompiled, 0);
}

// Layers whose weights are wider than their accumulators.
TEST_F(CPUDifferential, WideWeights) {
  RandomModel random(5001356);
  compare(1356, random, random.writeLayers(20));
  EXPECT_EQ(notCompiled, 0);
}

TEST_F(CPUDifferential, RandomNets) {
  int models = getNumber("SUMAC_CPU_NETS", 24), first = getNumber("SUMAC_CPU_SEED", 0);
  for (int i = first; i < first + models && !HasFatalFailure(); ++i) {
    RandomModel random(7000000 + i);
    compare(i, random, random.writeNet());
  }
  report();
  EXPECT_LE(notCompiled, models / 10);
}

} // namespace
