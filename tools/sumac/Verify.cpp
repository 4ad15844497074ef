//===- Verify.cpp - sumac verify ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compares a model on all targets with the reference interpreter.
//
//===----------------------------------------------------------------------===//

#include "CommandLine.h"

#include "sumac/Driver/Verify.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace sumac;
namespace cl = llvm::cl;

static constexpr llvm::StringRef exampleText =
    "\nEXAMPLES:\n\n"
    "  sumac verify model.onnx --input x.npy                 every target, "
    "these rows\n"
    "  sumac verify model.onnx --samples 1000 --targets cpu  random rows\n"
    "  sumac verify model.onnx --cpu x86-64-v2 --cpu x86-64-v4\n"
    "The exit status is 1 where anything differs or nothing was compared.\n";

namespace {
class VerifyCommand final : public Command {
public:
  VerifyCommand()
      : Command("verify", "Compare a model on all targets, bit for bit",
                exampleText),
        flags(subCommand, "<model.onnx>"),
        targets("targets",
                cl::desc("Targets, separated by commas (default: all that take the model)"),
                cl::value_desc("names"), cl::CommaSeparated,
                cl::cat(flags.category), cl::sub(subCommand)),
        inputs("input",
               cl::desc("One .npy file for each input in the graph's order, or "
                        "by name; or a .npz "
                        "with the inputs' names"),
               cl::value_desc("file|name=file"), cl::cat(flags.category),
               cl::sub(subCommand)),
        samples("samples",
                cl::desc("Random rows where no --input is given (default 256)"),
                cl::value_desc("number"), cl::init(256),
                cl::cat(flags.category), cl::sub(subCommand)),
        seed("seed", cl::desc("Which random rows (default 0)"),
             cl::value_desc("number"), cl::init(0), cl::cat(flags.category),
             cl::sub(subCommand)),
        json("json", cl::desc("Write the report as JSON"),
             cl::value_desc("file"), cl::cat(flags.category),
             cl::sub(subCommand)),
        planes(subCommand, flags.category,
               "Bit planes of activations that layers of the forms bit_planes, "
               "pooled_sums and cached_sums use; 'argument' verifies code that "
               "is told the number, with every number") {}

  int run() override;
  CommonFlags &getFlags() override { return flags; }

private:
  llvm::Expected<std::vector<VerifyTarget>>
  expandTargets(llvm::ArrayRef<const Backend *> backends) const;

  CommonFlags flags;
  cl::list<std::string> targets, inputs;
  cl::opt<int64_t> samples;
  cl::opt<uint64_t> seed;
  cl::opt<std::string> json;
  PlanesFlag planes;
};
} // namespace

/// "cpu (cpu=x86-64-v3)": the back end and the options that a user set.
static std::string makeLabel(const Backend &backend, const OptionSet &options) {
  std::vector<std::string> set;
  for (const Option &option : options.getOptions())
    if (option.isSet) {
      std::string value =
          llvm::formatv("{0}", *options.toJSON().get(option.name)).str();
      set.push_back(option.name + "=" + llvm::StringRef(value).trim('"').str());
    }
  std::string label = backend.getName().str();
  return set.empty() ? label : label + " (" + llvm::join(set, ", ") + ")";
}

llvm::Expected<std::vector<VerifyTarget>>
VerifyCommand::expandTargets(llvm::ArrayRef<const Backend *> backends) const {
  std::vector<VerifyTarget> result;
  for (const Backend *backend : backends) {
    auto sets = flags.targets.get(*backend, backends);
    if (!sets)
      return sets.takeError();
    for (OptionSet &set : *sets)
      result.push_back({backend, set, makeLabel(*backend, set), targets.empty()});
  }
  return result;
}

int VerifyCommand::run() {
  std::vector<const Backend *> backends;
  for (const std::string &name : targets) {
    backends.push_back(findBackend(name));
    if (!backends.back())
      return ExitStatus::Usage;
  }
  if (backends.empty())
    llvm::copy_if(getBackends(), std::back_inserter(backends), [](const Backend *backend) { return backend->isDefault(); });
  if (samples < 1 || samples > 100000000)
    return reportUsage("--samples takes a number from 1 to 100000000");
  auto expanded = expandTargets(backends);
  if (!expanded)
    return reportUsage(llvm::toString(expanded.takeError()));
  Session session(flags);
  auto module = session.load(flags.model);
  if (!module)
    return ExitStatus::Failure;
  VerifyInputs verifyInputs;
  verifyInputs.files.assign(inputs.begin(), inputs.end());
  verifyInputs.samples = samples;
  verifyInputs.seed = seed;
  LoweringOptions lowering = session.getLowering();
  planes.writeTo(lowering);
  auto report = verifyModel(*module, verifyInputs, *expanded, lowering);
  session.getProgress().clear();
  if (!report)
    return reportError(report.takeError());
  report->model = flags.model;
  if (json != "-")
    report->print(llvm::outs());
  if (!json.empty())
    if (llvm::Error error = writeJSON(json, report->toJSON()))
      return reportError(std::move(error));
  if (!report->hasCompared()) {
    bool isEmpty = llvm::any_of(report->targets, [](const TargetReport &target) {
      return target.error.empty() && target.values == 0;
    });
    return reportError(llvm::createStringError(
        isEmpty ? "nothing was compared: the outputs have no elements"
                : "nothing was compared: no target but the interpreter runs "
                  "the model"));
  }
  return report->isEqual() ? ExitStatus::Success : ExitStatus::Failure;
}

std::unique_ptr<Command> sumac::createVerifyCommand() {
  return std::make_unique<VerifyCommand>();
}
