//===- JSON.h - JSON that a file brought ------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads JSON from files that nobody vouches for, and objects of it key by key:
// the first error stays, names its key, and makes what follows harmless.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_ACM_JSON_H
#define SUMAC_LIB_ACM_JSON_H

#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

namespace sumac::acm {

/// Parses `text`, which may hold anything. LLVM's parser recurses, so texts
/// that nest more than 64 levels deep are refused.
llvm::Expected<llvm::json::Value> parseJSON(llvm::StringRef text);

/// Takes the keys of an object.
class ObjectReader {
public:
  /// `where` stands in front of keys in errors: "memories." for one.
  ObjectReader(const llvm::json::Value &value, llvm::StringRef where = "");

  /// The value of `key`, or null after an error.
  const llvm::json::Value *get(llvm::StringRef key);
  /// The same without an error where it is missing.
  const llvm::json::Value *getOptional(llvm::StringRef key);
  /// The integer of `key`, of `low` to `high`; `low` after an error.
  int64_t getInteger(llvm::StringRef key, int64_t low, int64_t high);
  bool getBoolean(llvm::StringRef key);
  std::string getString(llvm::StringRef key);

  /// Keeps an error of this key, if it is the first.
  void fail(llvm::StringRef key, const llvm::Twine &message);
  void fail(llvm::Error error);
  bool hasFailed() const { return isWrong; }

  /// The first error, or one for a key that nobody asked for.
  llvm::Error finish();

private:
  const llvm::json::Object *object;
  std::string where, message;
  llvm::StringSet<> known;
  bool isWrong = false;
};

} // namespace sumac::acm

#endif // SUMAC_LIB_ACM_JSON_H
