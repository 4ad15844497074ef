//===- Compile.cpp - sumac compile ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiles a model for a target, or shows the IR at a level on the way.
//
//===----------------------------------------------------------------------===//

#include "CommandLine.h"

#include "sumac/Support/OutputFile.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <chrono>

using namespace sumac;
namespace cl = llvm::cl;

static constexpr llvm::StringRef exampleText =
    "\nEXAMPLES:\n\n"
    "  sumac compile model.onnx --target cpu -o out          a library with "
    "its C header\n"
    "  sumac compile model.onnx --target cpu --cpu x86-64-v3 -o out\n"
    "  sumac compile model.onnx --compile-to integer         show the integer "
    "level\n"
    "  cat model.onnx | sumac compile - --target cpu --name lenet -o out\n";

namespace {
class CompileCommand final : public Command {
public:
  CompileCommand()
      : Command("compile", "Compile a model for a target", exampleText),
        flags(subCommand, "<model.onnx>"),
        target("target", cl::desc("What to compile for"),
               cl::value_desc("name"), cl::cat(flags.category),
               cl::sub(subCommand)),
        output("o", cl::desc("Folder for the artifact; file for --compile-to"),
               cl::value_desc("path"), cl::cat(flags.category),
               cl::sub(subCommand)),
        name("name",
             cl::desc(
                 "Name of the library and its functions (default: the file's)"),
             cl::value_desc("identifier"), cl::cat(flags.category),
             cl::sub(subCommand)),
        compileTo("compile-to",
                  cl::desc("Stop at a level and print the IR: imported, model, "
                           "integer, sums, "
                           "target"),
                  cl::value_desc("level"), cl::cat(flags.category),
                  cl::sub(subCommand)),
        full("full",
             cl::desc("With --compile-to: print large constants in full"),
             cl::cat(flags.category), cl::sub(subCommand)),
        locations("locations",
                  cl::desc("With --compile-to: print the nodes' names"),
                  cl::cat(flags.category), cl::sub(subCommand)),
        planes(subCommand, flags.category,
               "Bit planes of activations that layers of the forms bit_planes, "
               "pooled_sums and cached_sums use; 'argument' makes it an "
               "argument of the C functions"),
        json("json",
             cl::desc("Describe the artifact as JSON on the standard output"),
             cl::cat(flags.category), cl::sub(subCommand)) {}

  int run() override;
  CommonFlags &getFlags() override { return flags; }

private:
  int printLevel(Session &session, Level level, const Backend *backend,
                 const OptionSet &options);
  int writeArtifact(Session &session, const Backend &backend,
                    const OptionSet &options);

  CommonFlags flags;
  cl::opt<std::string> target, output, name, compileTo;
  cl::opt<bool> full, locations;
  PlanesFlag planes;
  cl::opt<bool> json;
};
} // namespace

/// Whether `name` is an identifier of C that begins with a letter.
static bool isIdentifier(llvm::StringRef name) {
  return !name.empty() && llvm::isAlpha(name[0]) &&
         llvm::all_of(name,
                      [](char c) { return llvm::isAlnum(c) || c == '_'; });
}

int CompileCommand::run() {
  std::optional<Level> level;
  if (!compileTo.empty()) {
    level = parseLevel(compileTo);
    if (!level)
      return reportUsage(
          "unknown level '" + compileTo +
          "'; levels are: imported, model, integer, sums, target");
  }
  if (target.empty() && (!level || *level > Level::Integer))
    return reportUsage("--target says what to compile for");
  if (!level && output.empty())
    return reportUsage("-o says which folder to write");
  if (name.empty())
    name = getArtifactName(flags.model);
  else if (!isIdentifier(name))
    return reportUsage("'" + name + "' is no identifier of C");
  const Backend *backend = nullptr;
  OptionSet options;
  if (!target.empty()) {
    backend = findBackend(target);
    if (!backend)
      return ExitStatus::Usage;
    llvm::Expected<OptionSet> set = flags.targets.getOne(*backend);
    if (!set)
      return reportUsage(llvm::toString(set.takeError()));
    options = std::move(*set);
  }
  Session session(flags);
  // Without a level there is a target.
  if (level || !backend)
    return printLevel(session, level.value_or(Level::Integer), backend, options);
  return writeArtifact(session, *backend, options);
}

/// Shortens lists of many numbers, which attributes print in full.
static std::string elideLists(llvm::StringRef text) {
  constexpr size_t maxElements = 32, shown = 4;
  std::string result;
  while (true) {
    size_t begin = text.find('[');
    size_t end =
        text.find_first_of("[]", begin == text.npos ? begin : begin + 1);
    if (end == text.npos)
      return result + text.str();
    llvm::StringRef list = text.slice(begin + 1, end);
    result += text.take_front(begin + 1);
    text = text.drop_front(begin + 1);
    if (text[list.size()] != ']' || list.count(',') < maxElements)
      continue;
    text = text.drop_front(list.size());
    for (size_t i = 0; i < shown; ++i) {
      auto [element, rest] = list.split(',');
      result += element.str() + ",";
      list = rest;
    }
    result += " ... " + std::to_string(list.count(',') + 1) + " more";
  }
}

int CompileCommand::printLevel(Session &session, Level level,
                               const Backend *backend,
                               const OptionSet &options) {
  auto module = session.load(flags.model);
  LoweringOptions lowering = session.getLowering(backend, &options);
  lowering.rawEntry = level > Level::Integer;
  planes.writeTo(lowering);
  if (!module || failed(lowerTo(*module, level, lowering)))
    return ExitStatus::Failure;
  mlir::OpPrintingFlags printing;
  if (!full) {
    printing.elideLargeElementsAttrs(32);
    printing.elideLargeResourceString(64);
  }
  if (locations)
    printing.enableDebugInfo();
  llvm::Error error = writeFile(
      output.empty() ? "-" : output.getValue(), [&](llvm::raw_ostream &os) {
        std::string text;
        llvm::raw_string_ostream stream(text);
        module->print(stream, printing);
        os << (full ? text : elideLists(text)) << "\n";
      });
  return error ? reportError(std::move(error)) : ExitStatus::Success;
}

int CompileCommand::writeArtifact(Session &session, const Backend &backend,
                                  const OptionSet &options) {
  auto start = std::chrono::steady_clock::now();
  if (!backend.canEmit())
    return reportUsage("target '" + backend.getName() +
                       "' writes no artifacts");
  auto module = session.load(flags.model);
  if (!module)
    return ExitStatus::Failure;
  LoweringOptions lowering = session.getLowering(&backend, &options);
  lowering.rawEntry = true;
  planes.writeTo(lowering);
  if (failed(lowerTo(*module, Level::Target, lowering)))
    return ExitStatus::Failure;
  freeUnusedConstants(*module);
  llvm::Expected<std::unique_ptr<OutputFolder>> folder =
      OutputFolder::create(output);
  if (!folder)
    return reportError(folder.takeError());
  session.getProgress().begin("writing " + output);
  if (failed(backend.emit(*module, name, options, **folder)))
    return ExitStatus::Failure;
  std::vector<std::string> files = (*folder)->getFiles();
  if (llvm::Error error = (*folder)->commit())
    return reportError(std::move(error));
  session.getProgress().clear();
  double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  if (json) {
    llvm::outs() << llvm::formatv(
        "{0:2}\n", llvm::json::Value(
                       llvm::json::Object{{"name", name.getValue()},
                                          {"target", backend.getName()},
                                          {"options", options.toJSON()},
                                          {"folder", output.getValue()},
                                          {"files", llvm::json::Array(files)},
                                          {"seconds", seconds}}));
    return ExitStatus::Success;
  }
  llvm::outs() << llvm::formatv("{0}: {1} in {2:F1} s: {3}\n",
                                output.getValue(), name.getValue(), seconds,
                                llvm::join(files, ", "));
  return ExitStatus::Success;
}

std::unique_ptr<Command> sumac::createCompileCommand() {
  return std::make_unique<CompileCommand>();
}
