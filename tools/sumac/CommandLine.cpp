//===- CommandLine.cpp - What the commands share ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Flags, sessions and errors.
//
//===----------------------------------------------------------------------===//

#include "CommandLine.h"

#include "sumac/Driver/Diagnostics.h"
#include "sumac/Support/OutputFile.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace sumac;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;
namespace cl = llvm::cl;

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

int sumac::reportError(const llvm::Twine &message) {
  llvm::errs() << "error: " << message << "\n";
  return ExitStatus::Failure;
}

int sumac::reportError(Error error) {
  llvm::handleAllErrors(std::move(error), [](const llvm::ErrorInfoBase &info) {
    // Without text: it was diagnosed where it happened.
    if (!info.message().empty())
      reportError(info.message());
  });
  return ExitStatus::Failure;
}

int sumac::reportUsage(const llvm::Twine &message) {
  reportError(message);
  return ExitStatus::Usage;
}

Error sumac::writeJSON(StringRef path, llvm::json::Value value) {
  return writeFile(path, [&](llvm::raw_ostream &os) {
    os << llvm::formatv("{0:2}\n", value);
  });
}

static std::string listNames(llvm::ArrayRef<const Backend *> backends) {
  return llvm::join(llvm::map_range(backends,
                                    [](const Backend *backend) {
                                      return backend->getName().str();
                                    }),
                    ", ");
}

const Backend *sumac::findBackend(StringRef name) {
  if (const Backend *backend = lookupBackend(name))
    return backend;
  reportUsage("unknown target '" + name +
              "'; known are: " + listNames(getBackends()));
  return nullptr;
}

//===----------------------------------------------------------------------===//
// Options of back ends
//===----------------------------------------------------------------------===//

/// "cpu: the processor to compile for (default ...)", for all who have it.
static std::string describe(const Option &option, const Backend &backend) {
  std::string text = option.help;
  if (!option.choices.empty())
    text += ": " + llvm::join(option.choices, ", ");
  return text + " (target " + backend.getName().str() + ")";
}

TargetFlags::TargetFlags(cl::SubCommand &command, cl::OptionCategory &category)
    : config("config", cl::desc("Options of the target as a JSON object"),
             cl::value_desc("file.json"), cl::cat(category), cl::sub(command)) {
  for (const Backend *backend : getBackends()) {
    OptionSet declared;
    backend->declareOptions(declared);
    for (const Option &option : declared.getOptions()) {
      auto &flag = flags[option.name];
      if (flag)
        continue; // two back ends share a name: the flag is for both
      // The flag lives as long as its strings; cl keeps references to them.
      static std::vector<std::unique_ptr<std::string>> texts;
      texts.push_back(
          std::make_unique<std::string>(describe(option, *backend)));
      texts.push_back(std::make_unique<std::string>(option.name));
      StringRef help = *texts[texts.size() - 2], name = *texts.back();
      bool isFlag = option.getTypeName() == "flag";
      flag = std::make_unique<cl::list<std::string>>(
          name, cl::desc(help),
          cl::value_desc(isFlag ? "true|false" : option.getTypeName()),
          isFlag ? cl::ValueOptional : cl::ValueRequired, cl::cat(category),
          cl::sub(command));
    }
  }
}

static bool declares(const Backend &backend, StringRef name) {
  OptionSet options;
  backend.declareOptions(options);
  return options.lookup(name) != nullptr;
}

static Error checkKnown(StringRef name,
                        llvm::ArrayRef<const Backend *> backends) {
  if (llvm::any_of(backends,
                   [&](const Backend *b) { return declares(*b, name); }))
    return Error::success();
  return llvm::createStringError("target " + listNames(backends) +
                                 " has no option --" + name);
}

/// Applies the JSON file: entries are options; an object under a back end's
/// name holds options of that one alone.
Error TargetFlags::applyConfig(const Backend &backend,
                               llvm::ArrayRef<const Backend *> all,
                               OptionSet &options) const {
  if (config.empty())
    return Error::success();
  auto fail = [&](const llvm::Twine &what) {
    return llvm::createStringError("'" + config.getValue() + "': " + what);
  };
  auto buffer = llvm::MemoryBuffer::getFile(config, /*IsText=*/true);
  if (!buffer)
    return fail(buffer.getError().message());
  Expected<llvm::json::Value> json = llvm::json::parse((*buffer)->getBuffer());
  if (!json)
    return fail(llvm::toString(json.takeError()));
  if (!json->getAsObject())
    return fail("is not a JSON object of options");
  llvm::json::Object own;
  for (const auto &[key, value] : *json->getAsObject()) {
    const llvm::json::Object *section = value.getAsObject();
    if (section && lookupBackend(key)) {
      if (StringRef(key) != backend.getName())
        continue;
      if (Error error = options.set(*section))
        return fail(llvm::toString(std::move(error)));
      continue;
    }
    if (Error error = checkKnown(key, all))
      return fail(llvm::toString(std::move(error)));
    if (options.lookup(key))
      own[key] = value;
  }
  if (Error error = options.set(own))
    return fail(llvm::toString(std::move(error)));
  return Error::success();
}

Expected<std::vector<OptionSet>>
TargetFlags::get(const Backend &backend,
                 llvm::ArrayRef<const Backend *> all) const {
  std::vector<OptionSet> sets(1);
  backend.declareOptions(sets[0]);
  if (Error error = applyConfig(backend, all, sets[0]))
    return error;
  for (const auto &[name, flag] : flags) {
    if (flag->empty())
      continue;
    if (Error error = checkKnown(name, all))
      return error;
    if (!declares(backend, name))
      continue;
    std::vector<OptionSet> extended;
    for (const OptionSet &set : sets)
      for (const std::string &value : *flag) {
        extended.push_back(set);
        if (Error error = extended.back().set(name, value))
          return error;
      }
    sets = std::move(extended);
  }
  return sets;
}

Expected<OptionSet> TargetFlags::getOne(const Backend &backend) const {
  Expected<std::vector<OptionSet>> sets = get(backend, &backend);
  if (!sets)
    return sets.takeError();
  if (sets->size() != 1)
    return llvm::createStringError(
        "an option of the target is given more than once");
  return sets->front();
}

//===----------------------------------------------------------------------===//
// Common flags
//===----------------------------------------------------------------------===//

bool CoefficientBitsParser::parse(cl::Option &option, StringRef /*name*/,
                                  StringRef text, unsigned &value) const {
  if (text.getAsInteger(10, value) || value < 2 || value > 22)
    return option.error("'" + text + "' is not a number from 2 to 22");
  return false;
}

bool PlanesParser::parse(cl::Option &option, StringRef /*name*/, StringRef text,
                         std::string &value) const {
  unsigned number;
  value = text.str();
  if (text == "argument" ||
      (!text.getAsInteger(10, number) && number >= 1 && number <= 64))
    return false;
  return option.error("'" + text +
                      "' is not a number from 1 to 64, nor 'argument'");
}

PlanesFlag::PlanesFlag(cl::SubCommand &command, cl::OptionCategory &category,
                       StringRef help)
    : opt("planes", cl::desc(help), cl::value_desc("number"), cl::cat(category),
          cl::sub(command)) {}

int64_t PlanesFlag::getNumber() const {
  int64_t number = 0;
  return StringRef(getValue()).getAsInteger(10, number) ? 0 : number;
}

void PlanesFlag::writeTo(LoweringOptions &lowering) const {
  lowering.planes = getNumber();
  lowering.takesPlanes = isArgument();
}

CommonFlags::CommonFlags(cl::SubCommand &command, StringRef modelName)
    : category("Options"), targetCategory("Options of targets"),
      model(cl::Positional, cl::Required, cl::desc(modelName), cl::sub(command),
            cl::cat(category)),
      inputTypes("input-type",
                 cl::desc("Type of inputs that the model does not quantize, "
                          "for all of them or for "
                          "one: uint8, fixed<16,6>, image=ufixed<8,0>, ..."),
                 cl::value_desc("type|name=type"), cl::cat(category),
                 cl::sub(command)),
      forms("form",
            cl::desc("How a layer is computed, by its node's name (* for all "
                     "that can be): multiply_accumulate, bit_planes, "
                     "masked_sums, shifted_sums, pooled_sums, cached_sums, "
                     "lookup_sums, adder_graph"),
            cl::value_desc("layer=form"), cl::cat(category), cl::sub(command)),
      storages("storage",
               cl::desc("How a layer's weights lie, by its node's name (* for "
                        "all that can be): packed, bitmask, csr, or smallest, "
                        "which takes the smallest of these"),
               cl::value_desc("layer=storage"), cl::cat(category),
               cl::sub(command)),
      coefficientBits(
          "coefficient-bits",
          cl::desc("Change weights that are almost sums of up to 4 "
                   "coefficients to sums of coefficients of so many bits, 2 to "
                   "22; prints by how much results change at most"),
          cl::value_desc("bits"), cl::init(0), cl::cat(category),
          cl::sub(command)),
      quiet("quiet", cl::desc("Show no progress"), cl::cat(category),
            cl::sub(command)),
      targets(command, targetCategory) {}

Session::Session(const CommonFlags &flags)
    : context(createContext()), progress(!flags.quiet),
      inputTypes(flags.inputTypes.begin(), flags.inputTypes.end()),
      forms(flags.forms.begin(), flags.forms.end()),
      storages(flags.storages.begin(), flags.storages.end()),
      coefficientBits(flags.coefficientBits) {
  context->getDiagEngine().registerHandler(
      [this](mlir::Diagnostic &diagnostic) {
        progress.clear();
        printDiagnostic(diagnostic, llvm::errs());
        return mlir::success();
      });
}

mlir::OwningOpRef<mlir::ModuleOp> Session::load(StringRef path) {
  mlir::OwningOpRef<mlir::ModuleOp> module = loadModel(path, *context);
  if (!module)
    return module;
  const struct {
    StringRef option;
    bool isGiven;
    Level last; // that the option does anything to
  } uses[] = {{"--coefficient-bits", coefficientBits != 0, Level::Imported},
              {"--input-type", !inputTypes.empty(), Level::Model}};
  Level level = getLevel(*module);
  for (const auto &use : uses)
    if (use.isGiven && level > use.last) {
      module->emitError() << use.option << " has no effect on a file at level "
                          << stringifyLevel(level) << "; give it where the ONNX model is read";
      return nullptr;
    }
  return module;
}

LoweringOptions Session::getLowering(const Backend *backend,
                                     const OptionSet *options) {
  LoweringOptions lowering;
  lowering.inputTypes = inputTypes;
  lowering.forms = forms;
  lowering.storages = storages;
  lowering.coefficientBits = coefficientBits;
  lowering.backend = backend;
  lowering.options = options;
  lowering.progress = &progress;
  return lowering;
}
