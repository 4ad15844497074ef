//===- RandomModel.cpp - Random quantized models --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Text of random model-level functions.
//
//===----------------------------------------------------------------------===//

#include "RandomModel.h"

#include "sumac/Support/Rational.h"
#include <cmath>
#include <sstream>

using namespace sumac;

std::string RandomModel::fresh() { return "%v" + std::to_string(names++); }

std::string RandomModel::number(double value) {
  return "\"" + Rational::exactly(value).toString() + "\"";
}

/// A positive scale: a power of two (many ties) or any float32.
double RandomModel::scale() {
  if (powersOfTwo)
    return std::ldexp(1.0, static_cast<int>(pick(-6, 1)));
  return static_cast<float>(
      std::exp(std::uniform_real_distribution<double>(-4, 0.5)(engine)));
}

int64_t RandomModel::size() {
  static const int64_t sizes[] = {1,  2,  3,  4,  5,  7,  8,  11,
                                  13, 16, 17, 23, 31, 33, 64, 65};
  return sizes[pick(0, 15)];
}

std::string RandomModel::rounding() {
  static const char *modes[] = {"half_even", "half_up", "half_down", "floor",
                                "ceil",      "up",      "down"};
  return chance(0.5) ? "half_even" : modes[pick(0, 6)];
}

RandomModel::Value RandomModel::quantize(Value x, bool tiesLikely) {
  std::string result = fresh();
  std::ostringstream grid;
  int64_t bits = pick(1, 8);
  double step =
      tiesLikely ? std::ldexp(1.0, static_cast<int>(pick(-5, 1))) : scale();
  if (chance(0.08)) {
    grid << "<si2, bipolar, scale = <[" << number(step)
         << "]>, zero_point = <[\"0x0p+0\"]>>";
  } else {
    bool isSigned = chance(0.4);
    int64_t min = isSigned ? -(int64_t(1) << (bits - 1)) : 0;
    int64_t max =
        isSigned ? (int64_t(1) << (bits - 1)) - 1 : (int64_t(1) << bits) - 1;
    int64_t zeroPoint = chance(0.3) ? pick(min, max) : 0;
    bool narrow = chance(0.2) && max > min;
    grid << "<" << (isSigned ? "si" : "ui") << bits;
    if (narrow)
      grid << (isSigned ? ", min = " : ", max = ")
           << (isSigned ? min + 1 : max - 1);
    grid << ", scale = <[";
    bool perChannel = chance(0.2);
    for (int64_t c = 0; c < (perChannel ? x.size : 1); ++c)
      grid << (c ? ", " : "") << number(c == 0 ? step : scale());
    grid << "]>, zero_point = <[" << number(static_cast<double>(zeroPoint))
         << "]>";
    if (perChannel)
      grid << ", shape = [" << x.size << "], block = [1]";
    grid << ">";
  }
  body += "  " + result + " = sumac.quantize " + x.name + ", " + grid.str() +
          ", " + rounding() + (chance(0.4) ? " zero_point_first" : "") + " : " +
          type(x.size) + "\n";
  return {result, x.size};
}

RandomModel::Value RandomModel::input() {
  inputSize = size();
  Value x{fresh(), inputSize};
  body += "  " + x.name + " = sumac.from_float %input : tensor<?x" +
          std::to_string(inputSize) + "xf32> -> " + type(inputSize) + "\n";
  if (chance(0.15)) // a scaled input: thresholds on floats
    x = batchNorm(x);
  return quantize(x, powersOfTwo);
}

RandomModel::Value RandomModel::linear(Value x, int64_t outputs) {
  std::ostringstream text;
  std::string codes = fresh(), weights = fresh(), bias = fresh(),
              result = fresh();
  std::string shape = std::to_string(outputs) + "x" + std::to_string(x.size);
  int64_t bits = pick(1, 8);
  bool isSigned = chance(0.8), perChannel = chance(0.5),
       bipolar = isSigned && chance(0.15);
  int64_t min = isSigned ? -(int64_t(1) << (bits - 1)) : 0,
          max = min + (int64_t(1) << bits) - 1;
  text << "  " << codes << " = sumac.constant #sumac."
       << (bipolar ? "bipolar" : "uniform") << "<dense<[";
  for (int64_t n = 0; n < outputs; ++n) {
    text << (n ? ", [" : "[");
    for (int64_t k = 0; k < x.size; ++k)
      text << (k ? ", " : "")
           << (bipolar       ? 2 * pick(0, 1) - 1
               : chance(0.1) ? (chance(0.5) ? min : max)
                             : pick(min, max));
    text << "]";
  }
  std::string element =
      (isSigned ? "si" : "ui") + std::to_string(bipolar ? 2 : bits);
  text << "]> : tensor<" << shape << "x" << (isSigned ? "si8" : "ui8") << ">"
       << (bipolar ? "" : ", bits = " + std::to_string(bits)) << "> -> tensor<"
       << shape << "x" << element << ">\n";
  text << "  " << weights << " = sumac.decode " << codes << ", <" << element
       << ", scale = <[";
  for (int64_t n = 0; n < (perChannel ? outputs : 1); ++n)
    text << (n ? ", " : "") << number(scale());
  int64_t zeroPoint = chance(0.2) ? pick(min, max) : 0;
  text << "]>, zero_point = <[" << number(static_cast<double>(zeroPoint))
       << "]>";
  if (perChannel)
    text << ", shape = [" << outputs << ", 1], block = [1, 0]";
  text << "> : tensor<" << shape << "x" << element << "> -> tensor<" << shape
       << "x!sumac.real>\n";
  bool hasBias = chance(0.6);
  std::string biasType = "tensor<" + std::to_string(outputs) + "x!sumac.real>";
  if (hasBias) {
    text << "  " << bias << " = sumac.constant #sumac.dense<dense<[";
    for (int64_t n = 0; n < outputs; ++n)
      text << (n ? ", " : "") << std::scientific
           << static_cast<float>(
                  powersOfTwo ? static_cast<double>(pick(-16, 16)) / 8
                              : std::normal_distribution<double>(0, 2)(engine));
    text << "]> : tensor<" << outputs << "xf32>> -> " << biasType << "\n";
  }
  text << "  " << result << " = sumac.linear " << x.name << ", " << weights
       << (hasBias ? " bias(" + bias + ")" : "") << " : (" << type(x.size)
       << ", tensor<" << shape << "x!sumac.real>"
       << (hasBias ? ", " + biasType : "") << ") -> " << type(outputs) << "\n";
  body += text.str();
  return {result, outputs};
}

RandomModel::Value RandomModel::batchNorm(Value x) {
  std::string result = fresh();
  std::ostringstream text;
  auto list = [&](auto make) {
    text << "(dense<[";
    for (int64_t c = 0; c < x.size; ++c)
      text << (c ? ", " : "") << std::scientific << static_cast<float>(make());
    text << "]> : tensor<" << x.size << "xf32>)";
  };
  std::normal_distribution<double> normal(0, 1);
  text << "  " << result << " = sumac.batch_norm " << x.name << ", scale";
  list([&] {
    return chance(0.05) ? 0.0 : normal(engine);
  }); // negative and zero slopes
  text << " offset";
  list([&] { return normal(engine); });
  text << " mean";
  list([&] { return 2 * normal(engine); });
  text << " variance";
  // Some perfect squares, so that rational and irrational channels meet.
  list([&] {
    return chance(0.3) ? std::ldexp(1.0, 2 * static_cast<int>(pick(-2, 2)))
                       : std::exp(normal(engine));
  });
  text << " epsilon <[" << (chance(0.3) ? "\"0x0p+0\"" : number(1e-5f))
       << "]> : " << type(x.size) << "\n";
  body += text.str();
  return {result, x.size};
}

RandomModel::Value RandomModel::activation(Value x) {
  std::string result = fresh();
  static const char *texts[] = {
      "relu {}",
      "leaky_relu {} alpha <[\"0x1p-3\"]>",
      "leaky_relu {} alpha <[\"-0x1p-2\"]>",
      "clip {} min <[\"-0x1p+0\"]> max <[\"0x1.8p+1\"]>",
      "sigmoid {}",
      "tanh {}",
      "leaky_relu {} alpha <[\"1/3\"]>"};
  std::string text = texts[chance(0.5) ? 0 : pick(0, 6)];
  text.replace(text.find("{}"), 2, x.name);
  body += "  " + result + " = sumac." + text + " : " + type(x.size) + "\n";
  return {result, x.size};
}

RandomModel::Value RandomModel::layer(Value x, int64_t outputs) {
  Value y = linear(x, outputs);
  if (chance(0.4))
    y = batchNorm(y);
  if (chance(0.7))
    y = activation(y);
  return quantize(y, powersOfTwo);
}

RandomModel::Value RandomModel::join(Value x, Value y) {
  std::string result = fresh();
  if (x.size == y.size && chance(0.7)) {
    body += "  " + result + " = sumac." + (chance(0.8) ? "add " : "sub ") +
            x.name + ", " + y.name + " : " + type(x.size) + ", " +
            type(y.size) + "\n";
    return {result, x.size};
  }
  body += "  " + result + " = tensor.concat dim(1) " + x.name + ", " + y.name +
          " : (" + type(x.size) + ", " + type(y.size) + ") -> " +
          type(x.size + y.size) + "\n";
  return {result, x.size + y.size};
}

std::string RandomModel::output(Value x, std::string &resultType) {
  std::string result = fresh();
  if (chance(0.1)) {
    resultType = "tensor<?xsi64>";
    body += "  " + result + " = sumac.argmax " + x.name + " axis 1" +
            (chance(0.3) ? " select_last" : "") + " : " + type(x.size) +
            " -> " + resultType + "\n";
    return result;
  }
  resultType = "tensor<?x" + std::to_string(x.size) + "xf32>";
  body += "  " + result + " = sumac.to_float " + x.name + " : " + type(x.size) +
          " -> " + resultType + "\n";
  return result;
}

static std::string wrap(int64_t inputSize, const std::string &body,
                        const std::vector<std::string> &results,
                        const std::vector<std::string> &types) {
  std::ostringstream text;
  auto list = [&](const std::vector<std::string> &items) {
    for (size_t i = 0; i < items.size(); ++i)
      text << (i ? ", " : "") << items[i];
  };
  text << "func.func @main(%input: tensor<?x" << inputSize << "xf32>) -> (";
  list(types);
  text << ") {\n" << body << "  return ";
  list(results);
  text << " : ";
  list(types);
  text << "\n}\n";
  return text.str();
}

std::string RandomModel::writeLayers(int layers) {
  body.clear();
  names = 0;
  powersOfTwo = chance(0.4);
  Value x = input();
  std::vector<std::string> results, types;
  for (int i = 0; i < layers; ++i) {
    types.emplace_back();
    results.push_back(output(layer(x, size()), types.back()));
  }
  return wrap(inputSize, body, results, types);
}

std::string RandomModel::writeNet() {
  body.clear();
  names = 0;
  powersOfTwo = chance(0.4);
  Value x = input();
  for (int64_t depth = pick(1, 3); depth > 0; --depth) {
    Value y = layer(x, size());
    if (chance(0.5)) { // a second branch, or a skip
      Value z = y.size == x.size && chance(0.3)
                    ? x
                    : layer(x, chance(0.7) ? y.size : size());
      y = join(y, z);
      if (chance(0.3)) // relu on the joined sum, no quantizer
        y = activation(y);
      if (chance(0.6))
        y = quantize(y, powersOfTwo);
    }
    x = y;
  }
  if (chance(0.6))
    x = linear(x, size());
  std::vector<std::string> types(1);
  std::string result = output(x, types.front());
  return wrap(inputSize, body, {result}, types);
}

HostTensor RandomModel::makeInput(int64_t rows) {
  HostTensor tensor(HostType::F32, {rows, inputSize});
  std::uniform_real_distribution<float> spread(-20, 20);
  static const float special[] = {0.0f,   -0.0f, 1e30f, -1e30f,
                                  1e-40f, 0.5f,  -0.5f, 1.5f};
  for (float &value : tensor.getData<float>()) {
    if (chance(0.1))
      value = special[pick(0, 7)];
    else if (chance(0.5)) // on a fine grid: ties
      value =
          static_cast<float>(std::ldexp(static_cast<double>(pick(-2048, 2048)),
                                        -static_cast<int>(pick(3, 8))));
    else
      value = spread(engine);
  }
  return tensor;
}
