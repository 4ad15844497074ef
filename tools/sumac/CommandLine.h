//===- CommandLine.h - What the commands share ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Options that several commands have, the options of back ends as flags, and
// errors with their exit status.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_TOOLS_SUMAC_COMMANDLINE_H
#define SUMAC_TOOLS_SUMAC_COMMANDLINE_H

#include "sumac/Driver/Compiler.h"

#include "llvm/Support/CommandLine.h"

#include <map>

namespace sumac {

/// Exit status of every command.
enum ExitStatus {
  Success = 0,
  /// Bad input, or a difference found.
  Failure = 1,
  /// Wrong usage.
  Usage = 2
};

/// Prints an error and gives the exit status.
int reportError(llvm::Error error);
int reportError(const llvm::Twine &message);
int reportUsage(const llvm::Twine &message);

/// Writes JSON to a file or, for "-", to the standard output.
llvm::Error writeJSON(llvm::StringRef path, llvm::json::Value value);

/// The options of all back ends as flags of one command, and --config.
class TargetFlags {
public:
  TargetFlags(llvm::cl::SubCommand &command,
              llvm::cl::OptionCategory &category);

  /// The back end's options, from --config first, then from the flags; where a
  /// flag is given more than once, one set for each combination of values.
  /// Fails on options that no back end of `all` has.
  llvm::Expected<std::vector<OptionSet>>
  get(const Backend &backend, llvm::ArrayRef<const Backend *> all) const;

  /// The same where flags may be given once.
  llvm::Expected<OptionSet> getOne(const Backend &backend) const;

private:
  llvm::Error applyConfig(const Backend &backend,
                          llvm::ArrayRef<const Backend *> all,
                          OptionSet &options) const;

  llvm::cl::opt<std::string> config;
  std::map<std::string, std::unique_ptr<llvm::cl::list<std::string>>> flags;
};

/// 2 to 22, as sumac-round-coefficients takes them.
struct CoefficientBitsParser : llvm::cl::parser<unsigned> {
  using parser::parser;
  bool parse(llvm::cl::Option &option, llvm::StringRef name,
             llvm::StringRef text, unsigned &value) const;
};

/// A number of bit planes from 1 on, or `argument` where that is allowed.
struct PlanesParser : llvm::cl::parser<std::string> {
  using parser::parser;
  bool parse(llvm::cl::Option &option, llvm::StringRef name,
             llvm::StringRef text, std::string &value) const;
};

/// --planes=N, and --planes=argument for commands that take `help` so.
struct PlanesFlag : llvm::cl::opt<std::string, false, PlanesParser> {
  PlanesFlag(llvm::cl::SubCommand &command, llvm::cl::OptionCategory &category,
             llvm::StringRef help);
  bool isArgument() const { return getValue() == "argument"; }
  /// The number; 0 for none.
  int64_t getNumber() const;
  void writeTo(LoweringOptions &lowering) const;
};

/// What every command has: the model, --input-type, --quiet, back end options.
struct CommonFlags {
  CommonFlags(llvm::cl::SubCommand &command, llvm::StringRef model);

  llvm::cl::OptionCategory category;
  llvm::cl::OptionCategory targetCategory;
  llvm::cl::opt<std::string> model;
  llvm::cl::list<std::string> inputTypes;
  llvm::cl::list<std::string> forms;
  llvm::cl::list<std::string> storages;
  llvm::cl::opt<unsigned, false, CoefficientBitsParser> coefficientBits;
  llvm::cl::opt<bool> quiet;
  TargetFlags targets;
};

/// A context whose diagnostics are printed as a user reads them.
class Session {
public:
  explicit Session(const CommonFlags &flags);

  mlir::MLIRContext &getContext() { return *context; }
  /// Reads a model. Diagnoses and returns null where it cannot, and where the
  /// file begins behind what an option is for.
  mlir::OwningOpRef<mlir::ModuleOp> load(llvm::StringRef path);
  Progress &getProgress() { return progress; }
  LoweringOptions getLowering(const Backend *backend = nullptr,
                              const OptionSet *options = nullptr);

private:
  std::unique_ptr<mlir::MLIRContext> context;
  Progress progress;
  std::vector<std::string> inputTypes, forms, storages;
  unsigned coefficientBits;
};

/// The back end of that name, or null after a usage error that lists all.
const Backend *findBackend(llvm::StringRef name);

/// A command of the tool.
class Command {
public:
  Command(llvm::StringRef name, llvm::StringRef description,
          llvm::StringRef examples)
      : subCommand(name, description), examples(examples) {}
  virtual ~Command() = default;

  /// Does the work; the exit status.
  virtual int run() = 0;
  virtual CommonFlags &getFlags() = 0;

  llvm::cl::SubCommand subCommand;
  /// What --help shows at its end.
  llvm::StringRef examples;
};

std::unique_ptr<Command> createCompileCommand();
std::unique_ptr<Command> createRunCommand();
std::unique_ptr<Command> createVerifyCommand();
std::unique_ptr<Command> createInspectCommand();

/// Runs `sumac quantize` with all arguments of the program.
int runQuantize(llvm::ArrayRef<const char *> arguments);

} // namespace sumac

#endif // SUMAC_TOOLS_SUMAC_COMMANDLINE_H
