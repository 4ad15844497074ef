//===- InspectPrint.cpp - Reports on models ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Writes the report of `sumac inspect` as a table and as JSON.
//
//===----------------------------------------------------------------------===//

#include "sumac/Driver/Inspect.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace sumac;
using llvm::StringRef;

/// "235200 multiply-adds, 300 comparisons".
static std::string stringifyOperations(const OperationCount &count) {
  std::vector<std::string> parts;
  auto add = [&](int64_t number, StringRef what) {
    if (number)
      parts.push_back(std::to_string(number) + " " + what.str());
  };
  add(count.multiplyAdds, "multiply-adds");
  add(count.additions, "additions");
  add(count.multiplications, "multiplications");
  add(count.comparisons, "comparisons");
  add(count.lookups, "lookups");
  return llvm::join(parts, ", ");
}

static std::string stringifyBytes(int64_t bits) {
  int64_t bytes = (bits + 7) / 8;
  if (bytes < 10000)
    return llvm::formatv("{0} bytes", bytes).str();
  return llvm::formatv("{0:F1} kB", static_cast<double>(bytes) / 1000.0).str();
}

static void printPort(StringRef what, const Port &port, llvm::raw_ostream &os) {
  os << what << " '" << port.name
     << "': " << stringifyShape(port.shape, port.type);
  if (!port.grid.empty())
    os << ", as integers " << stringifyHostType(port.rawType);
  os << "\n";
}

static void printWeights(const WeightStatistics &weights,
                         llvm::raw_ostream &os) {
  double share = weights.count ? 100.0 * static_cast<double>(weights.zeros) /
                                     static_cast<double>(weights.count)
                               : 0.0;
  os << llvm::formatv(
      "      weights {0}: {1} of {2} bits, {3} distinct, {4:F1} % zero, "
      "entropy {5:F2} bits, {6}\n",
      weights.coding, weights.count, weights.bits, weights.distinct, share,
      weights.entropy, stringifyBytes(weights.storedBits));
  if (weights.nearBasis)
    os << llvm::formatv("      nearly a basis of {0} coefficients: weights differ from sums by up to "
                        "{1:e1} of the largest; --coefficient-bits makes them sums\n",
                        weights.nearBasis->first, weights.nearBasis->second);
  if (weights.storages.empty())
    return;
  os << "      stored ";
  llvm::interleaveComma(weights.storages, os, [&](const auto &storage) {
    os << storage.first << " " << stringifyBytes(storage.second);
  });
  os << "\n";
}

/// What all weights take by each storage, by the smallest of each layer
/// (FantastIC4's hybrid rule; Huffman codes are for files), and as float32.
static void printStorageTotal(llvm::ArrayRef<LayerReport> layers,
                              llvm::raw_ostream &os) {
  int64_t count = 0, packed = 0, smallest = 0, file = 0;
  for (const LayerReport &layer : layers) {
    if (!layer.weights || layer.weights->storages.empty())
      continue;
    count += layer.weights->count;
    int64_t best = INT64_MAX, bestInFile = INT64_MAX;
    for (const auto &[name, bits] : layer.weights->storages) {
      bestInFile = std::min(bestInFile, bits);
      if (name != "huffman")
        best = std::min(best, bits);
      if (name == "packed")
        packed += bits;
    }
    smallest += best;
    file += bestInFile;
  }
  if (smallest == 0)
    return;
  auto ratio = [&](int64_t bits) {
    return llvm::formatv("{0} ({1:F1}x)", stringifyBytes(bits),
                         32.0 * static_cast<double>(count) /
                             static_cast<double>(std::max<int64_t>(bits, 1)));
  };
  os << "weights: " << stringifyBytes(32 * count) << " as float32, packed "
     << ratio(packed).str() << ", the smallest storage of each layer "
     << ratio(smallest).str() << ", in a file " << ratio(file).str() << "\n";
}

void InspectReport::print(llvm::raw_ostream &os) const {
  os << model << "\n";
  for (const Port &port : ports.inputs)
    printPort("input", port, os);
  for (const Port &port : ports.outputs)
    printPort("output", port, os);
  size_t width = 4;
  for (const LayerReport &layer : layers)
    width = std::max(width, layer.node.size());
  for (const LayerReport &layer : layers) {
    os << "  " << llvm::left_justify(layer.node, width) << "  "
       << llvm::left_justify(layer.operation, 10) << " " << layer.input
       << " -> " << layer.output;
    std::string operations = stringifyOperations(layer.operations);
    if (!operations.empty())
      os << ": " << operations;
    os << "\n";
    if (layer.weights)
      printWeights(*layer.weights, os);
    for (const TargetChoice &choice : layer.targets) {
      os << "      " << choice.target
         << (choice.variant.empty() ? "" : " " + choice.variant) << ": "
         << choice.choice;
      if (choice.cost)
        os << (choice.choice.empty() ? "" : "; ")
           << llvm::formatv("{0:F0} {1}", *choice.cost, choice.costUnit);
      os << "\n";
    }
  }
  os << "for one row: " << stringifyOperations(getTotal()) << "; "
     << stringifyBytes(getStoredBits()) << " of constants\n";
  printStorageTotal(layers, os);
  for (const TargetEstimate &entry : estimates) {
    os << "\n" << entry.target << ": ";
    if (!entry.error.empty())
      os << "refuses the model: " << entry.error << "\n";
    else
      os << entry.estimate.text;
  }
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

static llvm::json::Object toJSON(const OperationCount &count) {
  return llvm::json::Object{{"multiply_adds", count.multiplyAdds},
                            {"additions", count.additions},
                            {"multiplications", count.multiplications},
                            {"comparisons", count.comparisons},
                            {"lookups", count.lookups}};
}

static llvm::json::Object toJSON(const WeightStatistics &weights) {
  llvm::json::Object storages;
  for (const auto &[name, bits] : weights.storages)
    storages[name] = bits;
  llvm::json::Object object{{"coding", weights.coding},
                            {"shape", llvm::json::Array(weights.shape)},
                            {"bits", weights.bits},
                            {"count", weights.count},
                            {"distinct", weights.distinct},
                            {"zeros", weights.zeros},
                            {"entropy", weights.entropy},
                            {"stored_bits", weights.storedBits},
                            {"storages", std::move(storages)}};
  if (weights.nearBasis)
    object["near_basis"] = llvm::json::Object{
        {"coefficients", static_cast<int64_t>(weights.nearBasis->first)},
        {"deviation", weights.nearBasis->second}};
  return object;
}

static llvm::json::Object toJSON(const LayerReport &layer) {
  llvm::json::Object object{{"node", layer.node},
                            {"operation", layer.operation},
                            {"input", layer.input},
                            {"output", layer.output},
                            {"output_bits", layer.outputBits},
                            {"operations", toJSON(layer.operations)},
                            {"stored_bits", layer.storedBits}};
  if (layer.weights)
    object["weights"] = toJSON(*layer.weights);
  llvm::json::Array targets;
  for (const TargetChoice &choice : layer.targets) {
    llvm::json::Object entry{{"target", choice.target},
                             {"variant", choice.variant},
                             {"choice", choice.choice}};
    if (choice.cost) {
      entry["cost"] = *choice.cost;
      entry["cost_unit"] = choice.costUnit;
    }
    targets.push_back(std::move(entry));
  }
  object["targets"] = std::move(targets);
  return object;
}

llvm::json::Object InspectReport::toJSON() const {
  llvm::json::Array inputs, outputs, entries;
  for (const Port &port : ports.inputs)
    inputs.push_back(sumac::toJSON(port));
  for (const Port &port : ports.outputs)
    outputs.push_back(sumac::toJSON(port));
  for (const LayerReport &layer : layers)
    entries.push_back(::toJSON(layer));
  llvm::json::Object targets;
  for (const TargetEstimate &entry : estimates)
    targets[entry.target] =
        entry.error.empty() ? llvm::json::Object(entry.estimate.object) : llvm::json::Object{{"error", entry.error}};
  return llvm::json::Object{{"model", model},
                            {"inputs", std::move(inputs)},
                            {"outputs", std::move(outputs)},
                            {"layers", std::move(entries)},
                            {"estimates", std::move(targets)},
                            {"total", ::toJSON(getTotal())},
                            {"stored_bits", getStoredBits()}};
}
