//===- Inspect.cpp - sumac inspect ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shows a model's layers and what targets make of them.
//
//===----------------------------------------------------------------------===//

#include "CommandLine.h"

#include "sumac/Driver/Inspect.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

using namespace sumac;
namespace cl = llvm::cl;

static constexpr llvm::StringRef exampleText =
    "\nEXAMPLES:\n\n"
    "  sumac inspect model.onnx\n"
    "  sumac inspect out                                     an artifact of "
    "target acm\n"
    "  sumac inspect model.onnx --targets cpu --cpu x86-64-v3\n"
    "  sumac inspect model.onnx --json -                     the same for "
    "programs\n";

namespace {
class InspectCommand final : public Command {
public:
  InspectCommand()
      : Command("inspect", "Show a model's layers, codings and costs",
                exampleText),
        flags(subCommand, "<model.onnx>"),
        targets("targets",
                cl::desc("Targets whose choices are shown (default: all)"),
                cl::value_desc("names"), cl::CommaSeparated,
                cl::cat(flags.category), cl::sub(subCommand)),
        json("json", cl::desc("Write the report as JSON"),
             cl::value_desc("file"), cl::cat(flags.category),
             cl::sub(subCommand)) {}

  int run() override;
  CommonFlags &getFlags() override { return flags; }

private:
  CommonFlags flags;
  cl::list<std::string> targets;
  cl::opt<std::string> json;
};
} // namespace

/// What a target says of the artifact; nothing if it is a model.
static llvm::Expected<std::optional<Estimate>> inspectArtifact(llvm::StringRef path) {
  for (const Backend *backend : getBackends()) {
    auto estimate = backend->inspectArtifact(path);
    if (!estimate || *estimate)
      return estimate;
  }
  if (llvm::sys::fs::is_directory(path))
    return llvm::createStringError("the target of the artifact '" + path + "' has nothing to show of it; inspect the model");
  return std::nullopt;
}

int InspectCommand::run() {
  auto artifact = inspectArtifact(flags.model);
  if (!artifact)
    return reportError(artifact.takeError());
  if (*artifact) {
    if (json != "-")
      llvm::outs() << (*artifact)->text;
    if (!json.empty())
      if (llvm::Error error = writeJSON(json, std::move((*artifact)->object)))
        return reportError(std::move(error));
    return ExitStatus::Success;
  }
  std::vector<const Backend *> backends;
  for (const std::string &name : targets) {
    backends.push_back(findBackend(name));
    if (!backends.back())
      return ExitStatus::Usage;
  }
  if (backends.empty())
    llvm::copy_if(getBackends(), std::back_inserter(backends), [](const Backend *backend) { return backend->isDefault(); });
  std::vector<InspectTarget> expanded;
  for (const Backend *backend : backends) {
    auto sets = flags.targets.get(*backend, backends);
    if (!sets)
      return reportUsage(llvm::toString(sets.takeError()));
    for (OptionSet &set : *sets)
      expanded.push_back({backend, std::move(set)});
  }
  Session session(flags);
  auto module = session.load(flags.model);
  if (!module)
    return ExitStatus::Failure;
  auto report = inspectModel(*module, expanded, session.getLowering());
  session.getProgress().clear();
  if (failed(report))
    return ExitStatus::Failure;
  report->model = flags.model;
  if (json != "-")
    report->print(llvm::outs());
  if (!json.empty())
    if (llvm::Error error = writeJSON(json, report->toJSON()))
      return reportError(std::move(error));
  return ExitStatus::Success;
}

std::unique_ptr<Command> sumac::createInspectCommand() {
  return std::make_unique<InspectCommand>();
}
