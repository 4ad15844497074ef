//===- Names.cpp - What instructions and memory belong to -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/ACM/Names.h"

#include "JSON.h"

using namespace llvm;
using namespace sumac::acm;

static constexpr int64_t most = int64_t(1) << 32;

StringRef Names::getLayer(size_t instruction) const {
  auto number = static_cast<int64_t>(instruction);
  for (const Layer &layer : layers)
    if (number >= layer.first && number - layer.first < layer.count)
      return layer.name;
  return "";
}

json::Value sumac::acm::toJSON(const Names &names) {
  json::Array layers, regions;
  for (const Names::Layer &layer : names.layers)
    layers.push_back(json::Object{
        {"name", layer.name}, {"first", layer.first}, {"count", layer.count}});
  for (const Names::Region &region : names.regions)
    regions.push_back(json::Object{{"name", region.name},
                                   {"memory", stringifySpace(region.space)},
                                   {"begin", region.begin},
                                   {"size", region.size}});
  return json::Object{{"layers", std::move(layers)},
                      {"regions", std::move(regions)}};
}

/// Calls `read` with a reader of each object of the array `key`.
static void readArray(ObjectReader &names, StringRef key,
                      function_ref<void(ObjectReader &)> read) {
  const json::Value *value = names.get(key);
  const json::Array *array = value ? value->getAsArray() : nullptr;
  if (!array)
    return names.fail(key, "must be an array");
  for (const auto &[number, element] : enumerate(*array)) {
    ObjectReader reader(element, (key + "[" + Twine(number) + "].").str());
    read(reader);
    names.fail(reader.finish());
  }
}

Expected<Names> sumac::acm::readNames(const json::Value &json) {
  Names names;
  ObjectReader reader(json);
  readArray(reader, "layers", [&](ObjectReader &layer) {
    Names::Layer &read = names.layers.emplace_back();
    read.name = layer.getString("name");
    read.first = layer.getInteger("first", 0, most);
    read.count = layer.getInteger("count", 0, most);
  });
  readArray(reader, "regions", [&](ObjectReader &region) {
    Names::Region &read = names.regions.emplace_back();
    read.name = region.getString("name");
    std::string memory = region.getString("memory");
    while (read.space < numSpaces && stringifySpace(read.space) != memory)
      ++read.space;
    if (read.space == numSpaces) {
      region.fail("memory", "must be a memory or \"DRAM\"");
      read.space = 0;
    }
    read.begin = region.getInteger("begin", 0, most);
    read.size = region.getInteger("size", 0, most);
  });
  if (Error error = reader.finish())
    return std::move(error);
  return names;
}
