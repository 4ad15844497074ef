//===- Verify.cpp - Compare a model on all its targets ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reference run, target runs and counting; LocateDifference.cpp finds layers.
//
//===----------------------------------------------------------------------===//

#include "sumac/Driver/Verify.h"

#include "LocateDifference.h"
#include "sumac/Dialect/Sumac/Transforms/Passes.h"
#include "sumac/Driver/Diagnostics.h"
#include "sumac/Driver/Tensors.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

#include <cstring>

using namespace sumac;
using namespace mlir;
using llvm::Error;
using llvm::Expected;

namespace {
/// Wall-clock seconds since its construction.
class Stopwatch {
public:
  double getSeconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() -
                                         start)
        .count();
  }

private:
  std::chrono::steady_clock::time_point start =
      std::chrono::steady_clock::now();
};

/// The inputs and what the interpreter gives for them.
struct Reference {
  std::vector<HostTensor> inputs, codes;
  std::vector<HostTensor> outputs, rawOutputs;
  int64_t rows = 0;
};

class Verifier {
public:
  Verifier(const LoweringOptions &lowering, VerifyReport &report)
      : lowering(lowering), report(report) {}

  Error run(ModuleOp module, const VerifyInputs &inputs,
            ArrayRef<VerifyTarget> targets);

private:
  Error lowerModels(ModuleOp module);
  Error readReferenceInputs(const VerifyInputs &inputs);
  Error runReference();
  void checkIntegerLevel();
  void checkTarget(const VerifyTarget &target);
  Error compareTarget(Executable &executable, const LoweringOptions &own,
                      ModuleOp source, TargetReport &result);

  Error runPlanes(ArrayRef<VerifyTarget> targets);
  Expected<int64_t> countPlanes();
  Error runTruncated(int64_t planes);
  void checkPlanes(const VerifyTarget &target, Executable &executable,
                   int64_t planes);
  Expected<std::unique_ptr<Executable>> loadTarget(const VerifyTarget &target);
  void compare(ArrayRef<HostTensor> expected, ArrayRef<HostTensor> actual,
               bool raw, TargetReport &target);

  Expected<std::unique_ptr<Executable>> loadInterpreter(ModuleOp module);
  Expected<std::vector<HostTensor>> runOn(Executable &executable,
                                          StringRef label, bool raw);

  LoweringOptions lowering;
  VerifyReport &report;
  void takeReference(std::vector<HostTensor> outputs, double seconds);
  LoweringOptions getLowering(const VerifyTarget &target) const;

  OwningOpRef<ModuleOp> model, integer;
  /// The integer level with truncated codes, where a number of planes is given.
  OwningOpRef<ModuleOp> truncated;
  std::unique_ptr<Executable> integerExecutable;
  Reference reference;
};
} // namespace

//===----------------------------------------------------------------------===//
// Reference
//===----------------------------------------------------------------------===//

static OwningOpRef<ModuleOp> cloneModule(ModuleOp module) {
  return OwningOpRef<ModuleOp>(cast<ModuleOp>(module->clone()));
}

/// An error for what has been diagnosed already: it has no text of its own.
static Error diagnosed() { return llvm::createStringError(""); }

Error Verifier::lowerModels(ModuleOp module) {
  LoweringOptions core = lowering;
  core.backend = nullptr;
  if (failed(lowerTo(module, Level::Model, core)))
    return diagnosed();
  model = cloneModule(module);
  // Types that the file or the user names belong to the model's meaning.
  PassManager manager(model->getContext());
  ApplyInputTypesOptions inputTypes;
  inputTypes.types.assign(lowering.inputTypes.begin(),
                          lowering.inputTypes.end());
  manager.addNestedPass<func::FuncOp>(createApplyInputTypes(inputTypes));
  if (failed(manager.run(*model)))
    return diagnosed();
  core.rawEntry = true;
  if (failed(lowerTo(module, Level::Integer, core)))
    return diagnosed();
  integer = cloneModule(module);
  return Error::success();
}

Expected<std::unique_ptr<Executable>>
Verifier::loadInterpreter(ModuleOp module) {
  const Backend *interpreter = lookupBackend("interp");
  if (!interpreter)
    return llvm::createStringError(
        "the reference interpreter is not registered");
  OptionSet options;
  interpreter->declareOptions(options);
  auto executable = interpreter->load(module, options);
  if (failed(executable))
    return diagnosed();
  return std::move(*executable);
}

Expected<std::vector<HostTensor>> Verifier::runOn(Executable &executable,
                                                  StringRef label, bool raw) {
  Progress *progress = lowering.progress;
  if (progress) {
    progress->begin(label);
    executable.setProgress([progress](int64_t done, int64_t total) {
      progress->update(done, total);
    });
  }
  auto outputs = runBatches(
      executable, raw ? reference.codes : reference.inputs, raw, progress);
  if (progress)
    progress->clear();
  return outputs;
}

/// Reads or draws inputs; ports of the integer level know the grids.
Error Verifier::readReferenceInputs(const VerifyInputs &inputs) {
  auto executable = loadInterpreter(*integer);
  if (!executable)
    return executable.takeError();
  integerExecutable = std::move(*executable);
  ArrayRef<Port> ports = integerExecutable->getInputs();
  MLIRContext &context = *integer->getContext();
  if (inputs.files.empty()) {
    reference.inputs =
        sampleInputs(ports, inputs.samples, inputs.seed, context);
  } else {
    auto tensors = readInputs(inputs.files, ports);
    if (!tensors)
      return tensors.takeError();
    reference.inputs = std::move(*tensors);
  }
  if (Expected<int64_t> factor =
          integerExecutable->checkInputs(reference.inputs, false);
      !factor)
    return factor.takeError();
  auto codes = encodeInputs(reference.inputs, ports, context);
  if (!codes)
    return codes.takeError();
  reference.codes = std::move(*codes);
  return Error::success();
}

Error Verifier::runReference() {
  Stopwatch watch;
  auto executable = loadInterpreter(*model);
  if (!executable)
    return executable.takeError();
  auto outputs = runOn(**executable, "interpreting the model", /*raw=*/false);
  if (!outputs)
    return outputs.takeError();
  takeReference(std::move(*outputs), watch.getSeconds());
  return Error::success();
}

void Verifier::takeReference(std::vector<HostTensor> outputs, double seconds) {
  reference.outputs = std::move(outputs);
  for (const HostTensor &output : reference.outputs)
    reference.rows =
        std::max(reference.rows, output.shape.empty() ? 1 : output.shape[0]);
  report.rows = reference.rows;
  report.seconds += seconds;
}

//===----------------------------------------------------------------------===//
// Comparison
//===----------------------------------------------------------------------===//

static Difference describeDifference(StringRef place,
                                     const HostTensor &expected,
                                     const HostTensor &actual, int64_t index) {
  Difference difference;
  difference.place = place.str();
  int64_t rows = expected.shape.empty() ? 1 : expected.shape[0];
  int64_t channels = expected.shape.size() < 2 ? 1 : expected.shape.back();
  difference.row = index / (expected.getNumElements() / rows);
  difference.channel = index % channels;
  difference.expected = expected.stringifyElement(index);
  difference.actual = actual.stringifyElement(index);
  return difference;
}

std::optional<Difference>
sumac::findDifference(StringRef place, const HostTensor &expected,
                      const HostTensor &actual, int64_t &count,
                      llvm::function_ref<void(int64_t)> noteRow) {
  std::optional<Difference> first;
  if (expected.type != actual.type || expected.shape != actual.shape) {
    count = std::max<int64_t>(1, expected.getNumElements());
    return Difference{place.str(), 0, 0,
                      stringifyShape(expected.shape, expected.type),
                      stringifyShape(actual.shape, actual.type)};
  }
  if (expected.bytes == actual.bytes)
    return first;
  unsigned width = getByteWidth(expected.type);
  int64_t rows = expected.shape.empty() ? 1 : expected.shape[0];
  int64_t columns = expected.getNumElements() / rows;
  for (int64_t i = 0, end = expected.getNumElements(); i < end; ++i) {
    if (!std::memcmp(expected.bytes.data() + i * width,
                     actual.bytes.data() + i * width, width))
      continue;
    ++count;
    if (noteRow)
      noteRow(i / columns);
    if (!first)
      first = describeDifference(place, expected, actual, i);
  }
  return first;
}

void Verifier::compare(ArrayRef<HostTensor> expected,
                       ArrayRef<HostTensor> actual, bool raw,
                       TargetReport &target) {
  if (expected.size() != actual.size()) {
    target.error = "has another number of outputs than the model";
    return;
  }
  std::vector<bool> rows(reference.rows);
  auto noteRow = [&](int64_t row) {
    if (row < static_cast<int64_t>(rows.size()))
      rows[row] = true;
  };
  int64_t &count = raw ? target.integersDiffering : target.valuesDiffering;
  for (auto [port, want, have] :
       llvm::zip(integerExecutable->getOutputs(), expected, actual)) {
    (raw ? target.integers : target.values) += want.getNumElements();
    auto difference = findDifference(port.name, want, have, count, noteRow);
    if (difference && !target.first)
      target.first = difference;
  }
  target.rowsDiffering =
      std::max<int64_t>(target.rowsDiffering, llvm::count(rows, true));
}

/// The integer level against the model level; its integers are what targets are
/// compared with.
void Verifier::checkIntegerLevel() {
  TargetReport target;
  target.label = "interp, integer level";
  target.isInterpreter = true;
  Stopwatch watch;
  auto finish = [&](Error error) {
    if (error)
      target.error = llvm::toString(std::move(error));
    target.seconds = watch.getSeconds();
    report.targets.push_back(std::move(target));
  };
  auto outputs = runOn(*integerExecutable, "interpreting the integer level",
                       /*raw=*/false);
  if (!outputs)
    return finish(outputs.takeError());
  compare(reference.outputs, *outputs, /*raw=*/false, target);
  if (target.first)
    target.layer =
        locateLowering(*model, *integer, reference.inputs, target.first->row);
  if (integerExecutable->hasRawEntry()) {
    auto rawOutputs = runOn(*integerExecutable,
                            "interpreting the integer level", /*raw=*/true);
    if (!rawOutputs)
      return finish(rawOutputs.takeError());
    reference.rawOutputs = std::move(*rawOutputs);
  }
  finish(Error::success());
}

LoweringOptions Verifier::getLowering(const VerifyTarget &target) const {
  LoweringOptions own = lowering;
  own.backend = target.backend;
  own.options = &target.options;
  own.rawEntry = true;
  return own;
}

Expected<std::unique_ptr<Executable>>
Verifier::loadTarget(const VerifyTarget &target) {
  DiagnosticCollector errors(integer->getContext());
  OwningOpRef<ModuleOp> module = cloneModule(*integer);
  auto executable = loadForTarget(*module, getLowering(target));
  if (failed(executable))
    return errors.takeError("the target refuses the model");
  return std::move(*executable);
}

/// Runs a target and compares it with the reference, which `source` gave.
Error Verifier::compareTarget(Executable &executable,
                              const LoweringOptions &own, ModuleOp source,
                              TargetReport &result) {
  // An error of the run says what was wrong.
  DiagnosticCollector silence(integer->getContext());
  auto outputs = runOn(executable, "running " + result.label, /*raw=*/false);
  if (!outputs)
    return outputs.takeError();
  compare(reference.outputs, *outputs, /*raw=*/false, result);
  if (!reference.rawOutputs.empty() && executable.hasRawEntry()) {
    auto rawOutputs =
        runOn(executable, "running " + result.label, /*raw=*/true);
    if (!rawOutputs)
      return rawOutputs.takeError();
    compare(reference.rawOutputs, *rawOutputs, /*raw=*/true, result);
  }
  if (result.first)
    result.layer =
        locateInTarget(source, own, reference.inputs, result.first->row);
  return Error::success();
}

void Verifier::checkTarget(const VerifyTarget &target) {
  TargetReport result;
  result.label = target.label;
  if (target.backend->getInputLevel() == Level::Model)
    result.label += ", sums level";
  result.isInterpreter = target.backend->getInputLevel() == Level::Model;
  Stopwatch watch;
  auto executable = loadTarget(target);
  result.isSkipped = !executable && target.isOptional;
  Error error = executable ? compareTarget(**executable, getLowering(target),
                                           *integer, result)
                           : executable.takeError();
  if (error)
    result.error = llvm::toString(std::move(error));
  result.seconds = watch.getSeconds();
  report.targets.push_back(std::move(result));
}

//===----------------------------------------------------------------------===//
// Fewer bit planes
//===----------------------------------------------------------------------===//

/// The most bit planes that layers of bit planes and of pools use.
Expected<int64_t> Verifier::countPlanes() {
  LoweringOptions core = lowering;
  core.backend = nullptr;
  OwningOpRef<ModuleOp> module = cloneModule(*integer);
  if (failed(lowerTo(*module, Level::Sums, core)))
    return diagnosed();
  auto clones =
      module->lookupSymbol("main")->getAttrOfType<ArrayAttr>(kPlanesAttr);
  return clones.size() + 1;
}

/// What the interpreter makes of codes of so many bit planes.
Error Verifier::runTruncated(int64_t planes) {
  Stopwatch watch;
  LoweringOptions core = lowering;
  core.backend = nullptr;
  core.planes = planes;
  core.takesPlanes = false;
  truncated = cloneModule(*integer);
  if (failed(lowerTo(*truncated, Level::Sums, core)))
    return diagnosed();
  auto executable = loadInterpreter(*truncated);
  if (!executable)
    return executable.takeError();
  std::string label = "interpreting, planes=" + std::to_string(planes);
  auto outputs = runOn(**executable, label, /*raw=*/false);
  if (!outputs)
    return outputs.takeError();
  takeReference(std::move(*outputs), watch.getSeconds());
  if (!(*executable)->hasRawEntry())
    return Error::success();
  auto rawOutputs = runOn(**executable, label, /*raw=*/true);
  if (!rawOutputs)
    return rawOutputs.takeError();
  reference.rawOutputs = std::move(*rawOutputs);
  return Error::success();
}

void Verifier::checkPlanes(const VerifyTarget &target, Executable &executable,
                           int64_t planes) {
  TargetReport result;
  result.label = target.label + ", planes=" + std::to_string(planes);
  Stopwatch watch;
  // The truncated module holds all choices already.
  LoweringOptions own = getLowering(target);
  own.planes = 0;
  own.takesPlanes = false;
  own.forms.clear();
  own.storages.clear();
  if (lowering.takesPlanes)
    executable.setPlanes(planes);
  if (Error error = compareTarget(executable, own, *truncated, result))
    result.error = llvm::toString(std::move(error));
  result.seconds = watch.getSeconds();
  report.targets.push_back(std::move(result));
}

/// Targets against the interpreter, for the number of bit planes that is given
/// or, with the targets' code being told it, for all numbers.
Error Verifier::runPlanes(ArrayRef<VerifyTarget> targets) {
  int64_t first = lowering.planes, last = lowering.planes;
  if (lowering.takesPlanes) {
    Expected<int64_t> most = countPlanes();
    if (!most)
      return most.takeError();
    first = 1;
    last = *most;
  }
  // The reference of the first number comes first: it diagnoses bad numbers.
  if (Error error = runTruncated(first))
    return error;
  std::vector<std::pair<const VerifyTarget *, std::unique_ptr<Executable>>>
      loaded;
  for (const VerifyTarget &target : targets) {
    // The interpreter is the reference.
    if (target.backend->getInputLevel() == Level::Model)
      continue;
    auto executable = loadTarget(target);
    if (executable) {
      loaded.emplace_back(&target, std::move(*executable));
      continue;
    }
    TargetReport result;
    result.label = target.label;
    result.isSkipped = target.isOptional;
    result.error = llvm::toString(executable.takeError());
    report.targets.push_back(std::move(result));
  }
  for (int64_t planes = first; planes <= last; ++planes) {
    if (planes != first)
      if (Error error = runTruncated(planes))
        return error;
    for (auto &[target, executable] : loaded)
      checkPlanes(*target, *executable, planes);
  }
  return Error::success();
}

Error Verifier::run(ModuleOp module, const VerifyInputs &inputs,
                    ArrayRef<VerifyTarget> targets) {
  if (Error error = lowerModels(module))
    return error;
  if (Error error = readReferenceInputs(inputs))
    return error;
  if (lowering.planes != 0 || lowering.takesPlanes)
    return runPlanes(targets);
  if (Error error = runReference())
    return error;
  checkIntegerLevel();
  bool hasChoices = !lowering.forms.empty() || !lowering.storages.empty();
  for (const VerifyTarget &target : targets)
    // The interpreter just ran, but not what forms make of layers.
    if (target.backend->getInputLevel() != Level::Model || hasChoices)
      checkTarget(target);
  return Error::success();
}

Expected<VerifyReport> sumac::verifyModel(ModuleOp module,
                                          const VerifyInputs &inputs,
                                          ArrayRef<VerifyTarget> targets,
                                          const LoweringOptions &lowering) {
  VerifyReport report;
  if (Error error = Verifier(lowering, report).run(module, inputs, targets))
    return error;
  return report;
}

//===----------------------------------------------------------------------===//
// Reports
//===----------------------------------------------------------------------===//

bool VerifyReport::hasCompared() const {
  bool hasSkipped = llvm::any_of(
      targets, [](const TargetReport &target) { return target.isSkipped; });
  return llvm::any_of(targets, [&](const TargetReport &target) {
    return target.values > 0 && !(hasSkipped && target.isInterpreter);
  });
}

bool VerifyReport::isEqual() const {
  return hasCompared() &&
         llvm::all_of(targets, [](const TargetReport &target) {
           return target.isEqual();
         });
}

static void printDifference(StringRef what, const Difference &difference,
                            llvm::raw_ostream &os) {
  os << llvm::formatv(
      "    {0} '{1}', row {2}, channel {3}: expected {4}, got {5}\n", what,
      difference.place, difference.row, difference.channel, difference.expected,
      difference.actual);
}

void VerifyReport::print(llvm::raw_ostream &os) const {
  os << llvm::formatv("{0}: {1} rows, reference in {2:F1} s\n", model, rows,
                      seconds);
  for (const TargetReport &target : targets) {
    os << "  " << target.label << ": ";
    if (!target.error.empty()) {
      os << (target.isSkipped ? "skipped: " : "error: ") << target.error << "\n";
      continue;
    }
    if (target.integers)
      os << llvm::formatv("{0} of {1} integers differ, ",
                          target.integersDiffering, target.integers);
    os << llvm::formatv("{0} of {1} outputs differ ({2:F1} s)\n",
                        target.valuesDiffering, target.values, target.seconds);
    if (target.rowsDiffering)
      os << "    in " << target.rowsDiffering << " rows\n";
    if (target.first)
      printDifference("first: output", *target.first, os);
    if (target.layer)
      printDifference("first layer that differs:", *target.layer, os);
  }
}

static llvm::json::Value toJSON(const std::optional<Difference> &difference) {
  if (!difference)
    return nullptr;
  return llvm::json::Object{{"place", difference->place},
                            {"row", difference->row},
                            {"channel", difference->channel},
                            {"expected", difference->expected},
                            {"actual", difference->actual}};
}

llvm::json::Object VerifyReport::toJSON() const {
  llvm::json::Array entries;
  for (const TargetReport &target : targets) {
    llvm::json::Object entry{{"target", target.label},
                             {"equal", target.isEqual()},
                             {"integers", target.integers},
                             {"integers_differing", target.integersDiffering},
                             {"values", target.values},
                             {"values_differing", target.valuesDiffering},
                             {"rows_differing", target.rowsDiffering},
                             {"first_difference", ::toJSON(target.first)},
                             {"first_layer", ::toJSON(target.layer)},
                             {"seconds", target.seconds}};
    if (!target.error.empty())
      entry["error"] = target.error;
    entries.push_back(std::move(entry));
  }
  return llvm::json::Object{{"model", model},
                            {"rows", rows},
                            {"equal", isEqual()},
                            {"reference_seconds", seconds},
                            {"targets", std::move(entries)}};
}
