//===- Run.cpp - sumac run ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs a model, or an artifact that was compiled from one, on NumPy files.
//
//===----------------------------------------------------------------------===//

#include "CommandLine.h"

#include "sumac/Driver/Tensors.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

using namespace sumac;
namespace cl = llvm::cl;

static constexpr llvm::StringRef exampleText =
    "\nEXAMPLES:\n\n"
    "  sumac run model.onnx --input x.npy -o y.npy                 the "
    "reference interpreter\n"
    "  sumac run model.onnx --input x.npy --target cpu -o y.npy    compiled in "
    "memory\n"
    "  sumac run out --input x.npy --raw -o codes.npy              an "
    "artifact; integers\n"
    "  sumac run model.onnx --input left=a.npy --input right=b.npy -o y.npz\n";

namespace {
class RunCommand final : public Command {
public:
  RunCommand()
      : Command("run", "Run a model or an artifact on NumPy files",
                exampleText),
        flags(subCommand, "<model.onnx|artifact folder>"),
        target(
            "target",
            cl::desc(
                "What runs the model (default interp); an artifact knows it"),
            cl::value_desc("name"), cl::init("interp"), cl::cat(flags.category),
            cl::sub(subCommand)),
        inputs("input",
               cl::desc("One .npy file for each input in the graph's order, or "
                        "by name; or a .npz "
                        "with the inputs' names"),
               cl::value_desc("file|name=file"), cl::cat(flags.category),
               cl::sub(subCommand)),
        output(
            "o",
            cl::desc(
                "Where outputs go: .npy, or .npz for several (default: shown)"),
            cl::value_desc("file"), cl::cat(flags.category),
            cl::sub(subCommand)),
        raw("raw",
            cl::desc("Give the integers behind the outputs: codes or "
                     "accumulators; inputs may be "
                     "codes too"),
            cl::cat(flags.category), cl::sub(subCommand)),
        planes(subCommand, flags.category,
               "Bit planes of activations that layers of the forms bit_planes, "
               "pooled_sums and cached_sums use; for an artifact, the argument "
               "that --planes=argument gave it (default: all)") {}

  int run() override;
  CommonFlags &getFlags() override { return flags; }

private:
  llvm::Expected<std::unique_ptr<Executable>> loadCompiled();
  llvm::Expected<std::unique_ptr<Executable>>
  load(Session &session, const Backend &backend, const OptionSet &options);

  CommonFlags flags;
  cl::opt<std::string> target;
  cl::list<std::string> inputs;
  cl::opt<std::string> output;
  cl::opt<bool> raw;
  PlanesFlag planes;
};
} // namespace

/// Shows the tensor's first rows as text.
static void printTensor(const Port &port, const HostTensor &tensor) {
  llvm::raw_ostream &os = llvm::outs();
  os << port.name << ": " << stringifyShape(tensor.shape, tensor.type) << "\n";
  int64_t rows = tensor.shape.size() < 2 ? 1 : tensor.shape[0];
  int64_t columns = rows == 0 ? 0 : tensor.getNumElements() / rows;
  for (int64_t row = 0; row < std::min<int64_t>(rows, 10); ++row) {
    for (int64_t column = 0; column < std::min<int64_t>(columns, 16); ++column)
      os << "  " << tensor.stringifyElement(row * columns + column);
    os << (columns > 16 ? "  ...\n" : "\n");
  }
  if (rows > 10)
    os << "  ... (" << rows << " rows)\n";
}

/// Loads the artifact, and tells it how many bit planes to use.
llvm::Expected<std::unique_ptr<Executable>> RunCommand::loadCompiled() {
  if (flags.coefficientBits != 0 || !flags.inputTypes.empty() ||
      !flags.forms.empty() || !flags.storages.empty())
    return llvm::createStringError(
        "'" + flags.model +
        "' is compiled: --coefficient-bits, --input-type, --form and --storage "
        "have no effect on it");
  auto executable = loadArtifact(flags.model);
  if (!executable || planes.getNumber() == 0)
    return executable;
  int64_t most = (*executable)->getMostPlanes();
  if (most == 0)
    return llvm::createStringError(
        "'" + flags.model +
        "' takes no number of bit planes; compile it with "
        "--planes=argument");
  if (planes.getNumber() > most)
    return llvm::createStringError("'" + flags.model + "' takes 1 to " +
                                   llvm::Twine(most) + " bit planes, not " +
                                   planes.getValue());
  (*executable)->setPlanes(planes.getNumber());
  return executable;
}

/// Loads the artifact, or compiles the model in memory. Diagnostics have been
/// printed where the pointer is null.
llvm::Expected<std::unique_ptr<Executable>>
RunCommand::load(Session &session, const Backend &backend,
                 const OptionSet &options) {
  if (llvm::sys::fs::is_directory(flags.model))
    return loadCompiled();
  auto module = session.load(flags.model);
  if (!module)
    return nullptr;
  LoweringOptions lowering = session.getLowering(&backend, &options);
  lowering.rawEntry = raw;
  planes.writeTo(lowering);
  auto executable = loadForTarget(*module, lowering);
  if (failed(executable))
    return nullptr;
  return std::move(*executable);
}

int RunCommand::run() {
  const Backend *backend = findBackend(target);
  if (!backend)
    return ExitStatus::Usage;
  if (planes.isArgument())
    return reportUsage(
        "--planes takes a number here; 'argument' is for compile "
        "and verify");
  if (inputs.empty())
    return reportUsage("--input says what to run the model on");
  llvm::Expected<OptionSet> options = flags.targets.getOne(*backend);
  if (!options)
    return reportUsage(llvm::toString(options.takeError()));
  Session session(flags);
  llvm::Expected<std::unique_ptr<Executable>> executable =
      load(session, *backend, *options);
  if (!executable)
    return reportError(executable.takeError());
  if (!*executable)
    return ExitStatus::Failure;
  if (raw && !(*executable)->hasRawEntry())
    return reportError("the model has no integer form to give with --raw");
  llvm::ArrayRef<Port> ports = (*executable)->getInputs();
  llvm::Expected<std::vector<HostTensor>> tensors =
      readInputs(std::vector<std::string>(inputs.begin(), inputs.end()), ports);
  if (tensors && raw)
    tensors = encodeInputs(*tensors, ports, session.getContext());
  if (!tensors)
    return reportError(tensors.takeError());
  Progress &progress = session.getProgress();
  progress.begin("running " + flags.model);
  (*executable)->setProgress([&](int64_t done, int64_t total) {
    progress.update(done, total);
  });
  auto outputs = runBatches(**executable, *tensors, raw, &progress);
  progress.clear();
  if (!outputs)
    return reportError(outputs.takeError());
  if (!output.empty()) {
    if (llvm::Error error =
            writeOutputs(output, *outputs, (*executable)->getOutputs()))
      return reportError(std::move(error));
    return ExitStatus::Success;
  }
  for (auto [port, tensor] : llvm::zip((*executable)->getOutputs(), *outputs))
    printTensor(port, tensor);
  return ExitStatus::Success;
}

std::unique_ptr<Command> sumac::createRunCommand() {
  return std::make_unique<RunCommand>();
}
