//===- OptionSet.cpp - Named, typed options of a back end ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Declares, checks, sets and prints the options of a back end.
//
//===----------------------------------------------------------------------===//

#include "sumac/Target/OptionSet.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace sumac;
using llvm::Error;
using llvm::StringRef;

template <typename... Args>
static Error makeError(const char *format, Args &&...args) {
  return llvm::createStringError(
      llvm::formatv(format, std::forward<Args>(args)...).str());
}

StringRef Option::getTypeName() const {
  static constexpr StringRef names[] = {"flag", "integer", "number", "string"};
  return names[defaultValue.index()];
}

//===----------------------------------------------------------------------===//
// Declaration
//===----------------------------------------------------------------------===//

Option &OptionSet::add(StringRef name, Option::Value value, StringRef help) {
  Option option;
  option.name = name.str();
  option.help = help.str();
  option.defaultValue = value;
  option.value = std::move(value);
  options.push_back(std::move(option));
  return options.back();
}

void OptionSet::addFlag(StringRef name, bool value, StringRef help) {
  add(name, value, help);
}

void OptionSet::addInteger(StringRef name, int64_t value, StringRef help,
                           int64_t min, int64_t max) {
  Option &option = add(name, value, help);
  option.min = min;
  option.max = max;
}

void OptionSet::addNumber(StringRef name, double value, StringRef help) {
  add(name, value, help);
}

void OptionSet::addString(StringRef name, StringRef value, StringRef help,
                          llvm::ArrayRef<StringRef> choices) {
  Option &option = add(name, value.str(), help);
  for (StringRef choice : choices)
    option.choices.push_back(choice.str());
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

const Option *OptionSet::lookup(StringRef name) const {
  for (const Option &option : options)
    if (option.name == name)
      return &option;
  return nullptr;
}

template <typename T>
static const T *getValue(const OptionSet &options, StringRef name) {
  const Option *option = options.lookup(name);
  return option ? std::get_if<T>(&option->value) : nullptr;
}

bool OptionSet::getFlag(StringRef name) const {
  const bool *value = getValue<bool>(*this, name);
  return value && *value;
}

int64_t OptionSet::getInteger(StringRef name) const {
  const int64_t *value = getValue<int64_t>(*this, name);
  return value ? *value : 0;
}

double OptionSet::getNumber(StringRef name) const {
  const double *value = getValue<double>(*this, name);
  return value ? *value : 0.0;
}

StringRef OptionSet::getString(StringRef name) const {
  const std::string *value = getValue<std::string>(*this, name);
  return value ? StringRef(*value) : StringRef();
}

bool OptionSet::isSet(StringRef name) const {
  const Option *option = lookup(name);
  return option && option->isSet;
}

llvm::Expected<Option *> OptionSet::find(StringRef name) {
  for (Option &option : options)
    if (option.name == name)
      return &option;
  std::string known =
      llvm::join(llvm::map_range(
                     options, [](const Option &option) { return option.name; }),
                 ", ");
  return makeError("unknown option '{0}'; known are: {1}", name,
                   known.empty() ? "none" : known);
}

/// Parses `text` as the option's type.
static llvm::Expected<Option::Value> parseValue(const Option &option,
                                                StringRef text) {
  if (std::holds_alternative<std::string>(option.defaultValue))
    return Option::Value(text.str());
  if (std::holds_alternative<bool>(option.defaultValue)) {
    if (text == "true" || text == "1" || text.empty())
      return Option::Value(true);
    if (text == "false" || text == "0")
      return Option::Value(false);
    return makeError("option '{0}' takes true or false, not '{1}'", option.name,
                     text);
  }
  if (std::holds_alternative<int64_t>(option.defaultValue)) {
    int64_t value;
    if (text.getAsInteger(0, value))
      return makeError("option '{0}' takes an integer, not '{1}'", option.name,
                       text);
    return Option::Value(value);
  }
  double value;
  if (text.getAsDouble(value))
    return makeError("option '{0}' takes a number, not '{1}'", option.name,
                     text);
  return Option::Value(value);
}

static Error assign(Option &option, Option::Value value) {
  if (const auto *text = std::get_if<std::string>(&value))
    if (!option.choices.empty() && !llvm::is_contained(option.choices, *text))
      return makeError("option '{0}' takes one of {1}, not '{2}'", option.name,
                       llvm::join(option.choices, ", "), *text);
  if (const auto *integer = std::get_if<int64_t>(&value))
    if (*integer < option.min || *integer > option.max)
      return makeError("option '{0}' takes an integer from {1} to {2}, not {3}",
                       option.name, option.min, option.max, *integer);
  option.value = std::move(value);
  option.isSet = true;
  return Error::success();
}

Error OptionSet::set(StringRef name, StringRef text) {
  llvm::Expected<Option *> option = find(name);
  if (!option)
    return option.takeError();
  llvm::Expected<Option::Value> value = parseValue(**option, text);
  if (!value)
    return value.takeError();
  return assign(**option, std::move(*value));
}

/// The value of a JSON entry as the option's type; strings are not taken for
/// numbers or flags.
static llvm::Expected<Option::Value>
convertValue(const Option &option, const llvm::json::Value &json) {
  if (std::holds_alternative<bool>(option.defaultValue)) {
    if (std::optional<bool> value = json.getAsBoolean())
      return Option::Value(*value);
  } else if (std::holds_alternative<int64_t>(option.defaultValue)) {
    if (std::optional<int64_t> value = json.getAsInteger())
      return Option::Value(*value);
  } else if (std::holds_alternative<double>(option.defaultValue)) {
    if (std::optional<double> value = json.getAsNumber())
      return Option::Value(*value);
  } else if (std::optional<StringRef> value = json.getAsString()) {
    return Option::Value(value->str());
  }
  StringRef type = option.getTypeName();
  return makeError("option '{0}' takes {1} {2}, not {3}", option.name,
                   type == "integer" ? "an" : "a", type,
                   llvm::formatv("{0}", json).str());
}

Error OptionSet::set(const llvm::json::Object &object) {
  for (const auto &[name, json] : object) {
    llvm::Expected<Option *> option = find(name);
    if (!option)
      return option.takeError();
    llvm::Expected<Option::Value> value = convertValue(**option, json);
    if (!value)
      return value.takeError();
    if (Error error = assign(**option, std::move(*value)))
      return error;
  }
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Printing
//===----------------------------------------------------------------------===//

static llvm::json::Value toJSONValue(const Option::Value &value) {
  return std::visit([](const auto &v) { return llvm::json::Value(v); }, value);
}

void OptionSet::printHelp(llvm::raw_ostream &os) const {
  for (const Option &option : options) {
    std::string usage = "--" + option.name;
    if (!option.choices.empty())
      usage += "=" + llvm::join(option.choices, "|");
    else if (!std::holds_alternative<bool>(option.defaultValue))
      usage += "=<" + option.getTypeName().str() + ">";
    os << "  " << llvm::left_justify(usage, 34) << " - " << option.help;
    const auto *text = std::get_if<std::string>(&option.defaultValue);
    if (!text || !text->empty())
      os << llvm::formatv(" (default {0})", toJSONValue(option.defaultValue));
    os << "\n";
  }
}

llvm::json::Object OptionSet::toJSON() const {
  llvm::json::Object object;
  for (const Option &option : options)
    object[option.name] = toJSONValue(option.value);
  return object;
}
