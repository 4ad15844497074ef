//===- JSON.cpp - JSON that a file brought --------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "JSON.h"

#include <algorithm>
#include <vector>

using namespace llvm;
using namespace sumac::acm;

/// Whether brackets nest deeper than a parser on a thread's stack should go.
static bool isTooDeep(StringRef text) {
  constexpr unsigned limit = 64;
  unsigned depth = 0;
  bool isInString = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (isInString) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        isInString = false;
    } else if (c == '"') {
      isInString = true;
    } else if (c == '[' || c == '{') {
      if (++depth > limit)
        return true;
    } else if ((c == ']' || c == '}') && depth != 0) {
      --depth;
    }
  }
  return false;
}

Expected<json::Value> sumac::acm::parseJSON(StringRef text) {
  if (isTooDeep(text))
    return createStringError("JSON nests more than 64 levels deep");
  return json::parse(text);
}

ObjectReader::ObjectReader(const json::Value &value, StringRef where)
    : object(value.getAsObject()), where(where) {
  if (object)
    return;
  isWrong = true;
  message = where.empty()
                ? std::string("it must be a JSON object")
                : ("'" + where.drop_back() + "' must be an object").str();
}

void ObjectReader::fail(StringRef key, const Twine &text) {
  if (isWrong)
    return;
  isWrong = true;
  message = ("'" + Twine(where) + key + "' " + text).str();
}

void ObjectReader::fail(Error error) {
  if (!error)
    return;
  std::string text = toString(std::move(error));
  if (isWrong)
    return;
  isWrong = true;
  message = std::move(text);
}

const json::Value *ObjectReader::getOptional(StringRef key) {
  known.insert(key);
  return object ? object->get(key) : nullptr;
}

const json::Value *ObjectReader::get(StringRef key) {
  const json::Value *value = getOptional(key);
  if (!value)
    fail(key, "is missing");
  return value;
}

int64_t ObjectReader::getInteger(StringRef key, int64_t low, int64_t high) {
  const json::Value *value = get(key);
  if (!value)
    return low;
  std::optional<int64_t> integer = value->getAsInteger();
  if (integer && *integer >= low && *integer <= high)
    return *integer;
  fail(key, "must be an integer of " + Twine(low) + " to " + Twine(high));
  return low;
}

bool ObjectReader::getBoolean(StringRef key) {
  const json::Value *value = get(key);
  if (!value)
    return false;
  if (std::optional<bool> boolean = value->getAsBoolean())
    return *boolean;
  fail(key, "must be true or false");
  return false;
}

std::string ObjectReader::getString(StringRef key) {
  const json::Value *value = get(key);
  if (!value)
    return {};
  if (std::optional<StringRef> text = value->getAsString())
    return text->str();
  fail(key, "must be a string");
  return {};
}

Error ObjectReader::finish() {
  std::vector<StringRef> unknown;
  if (object)
    for (const auto &[key, value] : *object)
      if (!known.contains(StringRef(key)))
        unknown.push_back(key);
  // The same one in each run, though objects are hash tables.
  if (!unknown.empty())
    fail(*std::min_element(unknown.begin(), unknown.end()), "is no known key");
  if (isWrong)
    return createStringError(message);
  return Error::success();
}
