//===- RandomIntegers.h - Random integer-level functions --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Writes integer-level functions with every operation, in widths and shapes
// that models seldom have, as text, and inputs for them.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_UNITTESTS_TARGET_CPU_RANDOMINTEGERS_H
#define SUMAC_UNITTESTS_TARGET_CPU_RANDOMINTEGERS_H

#include "sumac/Support/HostTensor.h"

#include "llvm/ADT/STLExtras.h"
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace sumac {

class RandomIntegers {
public:
  explicit RandomIntegers(uint64_t seed) : engine(seed) {}

  /// A function @main of `steps` operations, all of whose last values are
  /// results.
  std::string write(int steps);
  std::vector<HostTensor> makeInputs(int64_t rows);

  int64_t pick(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(engine);
  }
  bool chance(double probability) {
    return std::bernoulli_distribution(probability)(engine);
  }

private:
  /// An integer tensor [?, dims...] in the text, and what its values can be.
  struct Value {
    std::string name;
    std::vector<int64_t> dims;
    unsigned bits;
    bool isSigned;
    int64_t min, max;

    std::string element() const {
      return (isSigned ? "si" : "ui") + std::to_string(bits);
    }
    int64_t channels() const { return dims.back(); }
  };

  std::string fresh() { return "%v" + std::to_string(names++); }
  std::string type(const std::vector<int64_t> &dims, const std::string &element);
  std::string type(const Value &value) { return type(value.dims, value.element()); }
  std::string list(int64_t count, const std::function<int64_t()> &next);
  std::string exact();
  std::string exacts(int64_t count);
  std::string rounding();
  Value make(std::vector<int64_t> dims, int64_t min, int64_t max, bool exactWidth = false);
  Value add(Value value);
  const Value &any() { return values[pick(0, values.size() - 1)]; }

  void addArgument(const std::string &element, std::vector<int64_t> dims);
  void addEncode();
  void addFloatThreshold();
  void addLinear();
  void addRequantize();
  void addThreshold();
  void addTable();
  void addCombine();
  void addClamp();
  void addReduction();
  void addLayout();
  void addResult(const Value &value);

  std::mt19937_64 engine;
  std::string body;
  int names = 0;
  std::vector<Value> values;
  struct Argument {
    std::string name, element;
    std::vector<int64_t> dims;
  };
  std::vector<Argument> arguments;
  std::vector<std::pair<std::string, std::string>> results;
};

} // namespace sumac

#endif // SUMAC_UNITTESTS_TARGET_CPU_RANDOMINTEGERS_H
