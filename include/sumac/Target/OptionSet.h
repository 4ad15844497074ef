//===- OptionSet.h - Named, typed options of a back end ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A back end declares its options once; the command line, --help, the JSON file
// of --config and the keyword arguments of the Python package come from it.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_TARGET_OPTIONSET_H
#define SUMAC_TARGET_OPTIONSET_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

#include <string>
#include <variant>
#include <vector>

namespace sumac {

/// One option: its name, its help line, its value and what it may be.
struct Option {
  using Value = std::variant<bool, int64_t, double, std::string>;

  std::string name;
  std::string help;
  Value defaultValue;
  Value value;
  /// For strings: the values allowed; empty where any is.
  std::vector<std::string> choices;
  /// For integers: bounds.
  int64_t min = INT64_MIN, max = INT64_MAX;
  /// Whether a user set it.
  bool isSet = false;

  /// "flag", "integer", "number" or "string".
  llvm::StringRef getTypeName() const;
};

/// The options of one back end with their present values.
class OptionSet {
public:
  void addFlag(llvm::StringRef name, bool value, llvm::StringRef help);
  void addInteger(llvm::StringRef name, int64_t value, llvm::StringRef help,
                  int64_t min = INT64_MIN, int64_t max = INT64_MAX);
  void addNumber(llvm::StringRef name, double value, llvm::StringRef help);
  void addString(llvm::StringRef name, llvm::StringRef value,
                 llvm::StringRef help,
                 llvm::ArrayRef<llvm::StringRef> choices = {});

  /// Values of declared options. Asking for one that was not declared with
  /// that type is a mistake of the back end and yields false, 0 or "".
  bool getFlag(llvm::StringRef name) const;
  int64_t getInteger(llvm::StringRef name) const;
  double getNumber(llvm::StringRef name) const;
  llvm::StringRef getString(llvm::StringRef name) const;
  /// Whether a user set the option.
  bool isSet(llvm::StringRef name) const;

  /// Sets an option from text ("true", "17", "x86-64-v3"). The error names the
  /// option and what it takes.
  llvm::Error set(llvm::StringRef name, llvm::StringRef text);
  /// Sets options from a JSON object {"cpu": "x86-64-v3", "lines": 3}.
  llvm::Error set(const llvm::json::Object &object);

  const Option *lookup(llvm::StringRef name) const;
  llvm::ArrayRef<Option> getOptions() const { return options; }
  bool empty() const { return options.empty(); }

  /// The options as lines of a --help text.
  void printHelp(llvm::raw_ostream &os) const;
  /// The options' present values.
  llvm::json::Object toJSON() const;

private:
  Option &add(llvm::StringRef name, Option::Value value, llvm::StringRef help);
  llvm::Expected<Option *> find(llvm::StringRef name);

  std::vector<Option> options;
};

} // namespace sumac

#endif // SUMAC_TARGET_OPTIONSET_H
