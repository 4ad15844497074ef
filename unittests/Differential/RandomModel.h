//===- RandomModel.h - Random quantized models ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Writes functions of the model level with random layers, as text, and inputs
// for them: bits 1 to 8, signs, rounding modes, scales per channel, zero
// points, batch norms with negative and zero gains, activations, joined
// branches, odd shapes, exact ties.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_UNITTESTS_DIFFERENTIAL_RANDOMMODEL_H
#define SUMAC_UNITTESTS_DIFFERENTIAL_RANDOMMODEL_H

#include "sumac/Support/HostTensor.h"

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace sumac {

class RandomModel {
public:
  explicit RandomModel(uint64_t seed) : engine(seed) {}

  /// A module with @main: one float input, and `layers` independent layers
  /// behind its quantizer, each a result of its own.
  std::string writeLayers(int layers);
  /// A module with @main: a net of a few layers with joined branches.
  std::string writeNet();

  /// Rows of floats for the last module: near its input grid, on its ties, and
  /// far beyond it.
  HostTensor makeInput(int64_t rows);

  bool chance(double probability) {
    return std::bernoulli_distribution(probability)(engine);
  }
  int64_t pick(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(engine);
  }

private:
  /// A real tensor [?, size] in the text.
  struct Value {
    std::string name;
    int64_t size;
  };

  std::string fresh();
  std::string number(double value);
  double scale();
  int64_t size();
  std::string rounding();
  std::string type(int64_t size) {
    return "tensor<?x" + std::to_string(size) + "x!sumac.real>";
  }

  Value input();
  Value quantize(Value x, bool tiesLikely);
  Value linear(Value x, int64_t outputs);
  Value batchNorm(Value x);
  Value activation(Value x);
  Value layer(Value x, int64_t outputs);
  Value join(Value x, Value y);
  std::string output(Value x, std::string &resultType);

  std::mt19937_64 engine;
  std::string body;
  int64_t names = 0;
  int64_t inputSize = 1;
  bool powersOfTwo = false;
};

} // namespace sumac

#endif // SUMAC_UNITTESTS_DIFFERENTIAL_RANDOMMODEL_H
