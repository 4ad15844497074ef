//===- RandomIntegers.cpp - Random integer-level functions ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The text of random functions.
//
//===----------------------------------------------------------------------===//

#include "RandomIntegers.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>
#include <cstring>

using namespace sumac;

static std::string text(int64_t number) { return std::to_string(number); }

std::string RandomIntegers::type(const std::vector<int64_t> &dims, const std::string &element) {
  std::string result = "tensor<?x";
  for (int64_t dim : dims)
    result += text(dim) + "x";
  return result + element + ">";
}

std::string RandomIntegers::list(int64_t count, const std::function<int64_t()> &next) {
  std::string result;
  for (int64_t i = 0; i < count; ++i)
    result += (i ? ", " : "") + text(next());
  return "[" + result + "]";
}

/// A positive dyadic number of up to 24, sometimes 48 bits.
std::string RandomIntegers::exact() {
  std::string result;
  int64_t mantissa = pick(1, chance(0.3) ? 15 : chance(0.8) ? (1 << 24) - 1 : (int64_t(1) << 48) - 1);
  llvm::raw_string_ostream(result) << "0x" << llvm::utohexstr(mantissa, true) << "p" << pick(-30, -12);
  return result;
}

std::string RandomIntegers::exacts(int64_t count) {
  std::string result;
  for (int64_t i = 0; i < count; ++i)
    result += (i ? ", \"" : "\"") + exact() + "\"";
  return "<[" + result + "]>";
}

std::string RandomIntegers::rounding() {
  static const char *kModes[] = {"half_even", "half_up", "half_down", "floor", "ceil", "up", "down"};
  return chance(0.4) ? "half_even" : kModes[pick(0, 6)];
}

/// The narrowest or a wider type of values min ... max.
RandomIntegers::Value RandomIntegers::make(std::vector<int64_t> dims, int64_t min, int64_t max, bool exactWidth) {
  Value value;
  value.name = fresh();
  value.dims = std::move(dims);
  value.min = min;
  value.max = max;
  value.isSigned = min < 0 || chance(0.3);
  value.bits = 1;
  auto fits = [&] {
    if (value.isSigned)
      return value.bits >= 64 || (min >= -(int64_t(1) << (value.bits - 1)) && max < (int64_t(1) << (value.bits - 1)));
    return value.bits >= 63 || max < (int64_t(1) << value.bits);
  };
  while (!fits())
    ++value.bits;
  if (!exactWidth && chance(0.3))
    value.bits = std::min<unsigned>(value.isSigned ? 64 : 63, value.bits + pick(1, 9));
  return value;
}

RandomIntegers::Value RandomIntegers::add(Value value) {
  values.push_back(value);
  return value;
}

void RandomIntegers::addArgument(const std::string &element, std::vector<int64_t> dims) {
  arguments.push_back({"%x" + text(arguments.size()), element, std::move(dims)});
}

/// Codes of any grid of a float argument.
void RandomIntegers::addEncode() {
  const Argument &x = arguments[pick(0, 2)];
  unsigned bits = chance(0.8) ? pick(1, 8) : pick(9, 12);
  bool isSigned = chance(0.5), bipolar = chance(0.1);
  int64_t min = isSigned ? -(1 << (bits - 1)) : 0, max = isSigned ? (1 << (bits - 1)) - 1 : (1 << bits) - 1;
  if (bipolar) {
    bits = 2;
    isSigned = true;
    min = -1;
    max = 1;
  } else if (chance(0.3) && max - min > 2) {
    min += pick(0, 1);
    max -= pick(0, 1);
  }
  int64_t channels = chance(0.25) && bits <= 6 ? x.dims.back() : 1;
  bool first = !bipolar && chance(0.3);
  Value y;
  y = {fresh(), x.dims, bits, isSigned, min, max};
  std::string element = y.element();
  std::string zero = bipolar ? exact() : first ? exact() : text(pick(min, max));
  body += "  " + y.name + " = sumac.encode " + x.name + ", <" + element;
  if (bipolar)
    body += ", bipolar";
  else
    body += ", min = " + text(min) + ", max = " + text(max);
  std::string scales;
  for (int64_t c = 0; c < channels; ++c)
    scales += (c ? ", \"0x1." : "\"0x1.") + text(pick(0, 99999)) + "p" + text(pick(-6, 1)) + "\"";
  body += ", scale = <[" + scales + "]>, zero_point = <[\"" + zero + "\"]>";
  if (channels > 1)
    body += ", shape = [" + text(channels) + "], block = [1]";
  body += ">, " + rounding() + (first ? " zero_point_first" : "") + " : " + type(x.dims, x.element) + " -> " + type(y) + "\n";
  add(y);
}

void RandomIntegers::addFloatThreshold() {
  const Argument &x = arguments[pick(0, 2)];
  int64_t steps = chance(0.5) ? pick(1, 4) : pick(5, 40);
  int64_t channels = chance(0.5) ? x.dims.back() : 1;
  std::string rows;
  for (int64_t c = 0; c < channels; ++c) {
    std::vector<int64_t> row;
    row.reserve(steps);
    for (int64_t i = 0; i < steps; ++i)
      row.push_back(pick(-300, 300));
    llvm::sort(row);
    rows += c ? ", [" : "[";
    for (int64_t i = 0; i < steps; ++i)
      rows += (i ? ", " : "") + text(row[i]) + ".5";
    rows += "]";
  }
  Value y = make(x.dims, 0, steps);
  body += "  " + y.name + " = sumac.threshold " + x.name + ", dense<[" + rows + "]> : tensor<" + text(channels) + "x" +
          text(steps) + "x" + x.element + "> : " + type(x.dims, x.element) + " -> " + type(y) + "\n";
  add(y);
}

void RandomIntegers::addLinear() {
  const Value &x = any();
  int64_t inputs = x.channels(), outputs = chance(0.3) ? pick(1, 4) : pick(5, 40);
  // Wide weights are dense, narrow ones coded.
  unsigned bits = chance(0.75) ? pick(1, 8) : chance(0.6) ? 16 : 32;
  double magnitude = std::ldexp(1.0, bits) * inputs * (std::abs(double(x.min)) + std::abs(double(x.max)) + 1);
  if (magnitude > 0x1p61)
    return;
  bool bipolar = bits == 1 && chance(0.5), isSigned = bipolar || chance(0.8);
  int64_t low = isSigned ? -(int64_t(1) << (bits - 1)) : 0, high = isSigned ? (int64_t(1) << (bits - 1)) - 1 : (int64_t(1) << bits) - 1;
  unsigned stored = bits <= 8 ? 8 : bits;
  std::string weights, w = fresh(), b;
  for (int64_t n = 0; n < outputs; ++n) {
    weights += n ? ", [" : "[";
    for (int64_t k = 0; k < inputs; ++k)
      weights += (k ? ", " : "") + text(bipolar ? (chance(0.5) ? 1 : -1) : pick(low, high));
    weights += "]";
  }
  std::string prefix = isSigned ? "si" : "ui", shape = text(outputs) + "x" + text(inputs) + "x";
  std::string payload = "dense<[" + weights + "]> : tensor<" + shape + prefix + text(stored) + ">";
  std::string element = prefix + text(bipolar ? 2 : bits);
  body += "  " + w + " = sumac.constant " +
          (bipolar     ? "#sumac.bipolar<" + payload + ">"
           : bits <= 8 ? "#sumac.uniform<" + payload + ", bits = " + text(bits) + ">"
                       : "#sumac.dense<" + payload + ">") +
          " -> tensor<" + shape + element + ">\n";
  bool hasBias = chance(0.5);
  if (hasBias) {
    b = fresh();
    body += "  " + b + " = sumac.constant #sumac.dense<dense<" + list(outputs, [&] { return pick(-30000, 30000); }) +
            "> : tensor<" + text(outputs) + "xsi16>> -> tensor<" + text(outputs) + "xsi16>\n";
  }
  std::vector<int64_t> dims = x.dims;
  dims.back() = outputs;
  auto bound = static_cast<int64_t>(magnitude) + 30000;
  Value y = make(dims, -bound, bound);
  body += "  " + y.name + " = sumac.linear " + x.name + ", " + w + (hasBias ? " bias(" + b + ")" : "") + " : (" + type(x) +
          ", tensor<" + shape + element + ">" + (hasBias ? ", tensor<" + text(outputs) + "xsi16>" : "") + ") -> " + type(y) + "\n";
  add(y);
}

void RandomIntegers::addRequantize() {
  const Value &x = any();
  unsigned bits = chance(0.8) ? pick(1, 8) : pick(9, 24);
  bool isSigned = chance(0.4);
  int64_t min = isSigned ? -(int64_t(1) << (bits - 1)) : 0, max = isSigned ? (int64_t(1) << (bits - 1)) - 1 : (int64_t(1) << bits) - 1;
  double reach = std::max(std::abs(double(x.min)), std::abs(double(x.max))) + 1;
  int64_t shift = pick(0, 40);
  double ideal = std::ldexp(double(max - min + 1), shift) / reach;
  auto most = static_cast<int64_t>(std::min(std::max(ideal, 1.0), 0x1p40));
  int64_t channels = chance(0.6) ? x.channels() : 1;
  Value y = make(x.dims, min, max);
  body += "  " + y.name + " = sumac.requantize " + x.name + ", multiply " +
          list(channels, [&] { return chance(0.1) ? 0 : pick(-most, most); }) + " add " +
          list(chance(0.5) ? channels : 1, [&] { return pick(-1000, int64_t(1) << std::min<int64_t>(shift + bits, 40)); }) +
          " shift [" + text(shift) + "]" + (shift > 0 && chance(0.4) ? " half_even" : "") + " clamp[" + text(min) + ", " + text(max) + "] : " + type(x) + " -> " + type(y) + "\n";
  add(y);
}

void RandomIntegers::addThreshold() {
  const Value &x = any();
  int64_t steps = chance(0.5) ? pick(1, 4) : pick(5, 60), channels = chance(0.6) ? x.channels() : 1;
  std::string rows;
  bool isLine = chance(0.4);
  for (int64_t c = 0; c < channels; ++c) {
    std::vector<int64_t> row;
    for (int64_t i = 0; i < steps; ++i) {
      int64_t low = std::max<int64_t>(x.min, -(int64_t(1) << 60)), high = std::min<int64_t>(x.max, int64_t(1) << 60);
      row.push_back(isLine ? low + (high - low) / (steps + 1) * (i + 1) : pick(low - 3, high + 3));
    }
    llvm::sort(row);
    rows += c ? ", [" : "[";
    for (int64_t i = 0; i < steps; ++i)
      rows += (i ? ", " : "") + text(row[i]);
    rows += "]";
  }
  int64_t base = chance(0.6) ? 0 : pick(-40, 40), step = chance(0.7) ? 1 : chance(0.5) ? 2 : -3;
  bool hasDecreasing = chance(0.4);
  std::string decreasing;
  for (int64_t c = 0; c < channels; ++c)
    decreasing += std::string(c ? ", " : "") + (chance(0.5) ? "true" : "false");
  Value y = make(x.dims, std::min(base, base + step * steps), std::max(base, base + step * steps));
  body += "  " + y.name + " = sumac.threshold " + x.name + ", dense<[" + rows + "]> : tensor<" + text(channels) + "x" +
          text(steps) + "xsi64>" + (hasDecreasing ? " decreasing [" + decreasing + "]" : "") + (base ? " base " + text(base) : "") +
          (step != 1 ? " step " + text(step) : "") + " : " + type(x) + " -> " + type(y) + "\n";
  add(y);
}

void RandomIntegers::addTable() {
  const Value &x = any();
  // The range of the type: values may be anywhere in it.
  if (x.bits > 10)
    return;
  int64_t min = x.isSigned ? -(int64_t(1) << (x.bits - 1)) : 0, size = int64_t(1) << x.bits;
  int64_t channels = chance(0.4) && size <= 64 ? x.channels() : 1;
  bool isFloat = chance(0.3);
  unsigned bits = chance(0.7) ? 8 : 32;
  int64_t reach = (int64_t(1) << (bits - 1)) - 1;
  std::string rows;
  for (int64_t c = 0; c < channels; ++c) {
    rows += c ? ", [" : "[";
    for (int64_t i = 0; i < size; ++i)
      rows += (i ? ", " : "") + text(pick(-reach, reach)) + (isFloat ? ".25" : "");
    rows += "]";
  }
  std::string shape = "tensor<" + text(channels) + "x" + text(size) + "x";
  Value y = make(x.dims, -reach, reach);
  std::string result = isFloat ? type(x.dims, "f32") : type(y);
  body += "  " + y.name + " = sumac.table " + x.name + ", dense<[" + rows + "]> : " + shape +
          (isFloat ? "f32" : "si" + text(bits)) + "> first " + text(min) + " : " + type(x) + " -> " + result + "\n";
  if (isFloat)
    results.emplace_back(y.name, result);
  else
    add(y);
}

void RandomIntegers::addCombine() {
  const Value &x = any();
  std::vector<const Value *> inputs;
  for (const Value &other : values)
    if (other.dims == x.dims && std::abs(double(other.min)) < 0x1p40 && std::abs(double(other.max)) < 0x1p40)
      inputs.push_back(&other);
  if (inputs.empty())
    return;
  int64_t count = pick(1, 3), channels = chance(0.4) ? x.channels() : 1;
  std::string operands, types, rows;
  double bound = 1000;
  for (int64_t i = 0; i < count; ++i) {
    const Value &input = *inputs[pick(0, inputs.size() - 1)];
    operands += (i ? ", " : "") + input.name;
    types += (i ? ", " : "") + type(input);
    rows += (i ? ", " : "") + list(channels, [&] { return pick(-1000, 1000); });
    bound += 1000 * std::max(std::abs(double(input.min)), std::abs(double(input.max)));
  }
  Value y = make(x.dims, -static_cast<int64_t>(bound), static_cast<int64_t>(bound));
  body += "  " + y.name + " = sumac.combine " + operands + " multiply dense<[" + rows + "]> : tensor<" + text(count) + "x" +
          text(channels) + "xsi64> add dense<" + list(channels, [&] { return pick(-1000, 1000); }) + "> : tensor<" +
          text(channels) + "xsi64> : (" + types + ") -> " + type(y) + "\n";
  add(y);
}

void RandomIntegers::addClamp() {
  const Value &x = any();
  int64_t channels = chance(0.5) ? x.channels() : 1;
  int64_t middle = x.min / 2 + x.max / 2;
  std::string low = list(channels, [&] { return pick(x.min, middle); }), high = list(channels, [&] { return pick(middle, x.max); });
  Value y = make(x.dims, x.min, x.max);
  body += "  " + y.name + " = sumac.clamp " + x.name + " min " + low + " max " + high + " : " + type(x) + " -> " + type(y) + "\n";
  add(y);
}

void RandomIntegers::addReduction() {
  const Value &x = any();
  int64_t axis = pick(1, x.dims.size());
  std::vector<int64_t> dims = x.dims;
  bool isArgMax = chance(0.5), keep = !isArgMax || chance(0.5) || dims.size() == 1;
  int64_t size = dims[axis - 1];
  if (keep)
    dims[axis - 1] = 1;
  else
    dims.erase(dims.begin() + axis - 1);
  Value y = x;
  y.name = fresh();
  y.dims = dims;
  if (isArgMax)
    y = make(dims, 0, size);
  body += "  " + y.name + " = sumac." + (isArgMax ? "argmax " : "reduce_max ") + x.name + " axis " + text(axis) +
          (isArgMax && keep ? " keep_dims" : "") + (isArgMax && chance(0.5) ? " select_last" : "") + " : " + type(x) + " -> " +
          type(y) + "\n";
  add(y);
}

void RandomIntegers::addLayout() {
  const Value &x = any();
  Value y = x;
  y.name = fresh();
  int64_t size = x.dims.back();
  if (x.dims.size() == 2) {
    if (chance(0.5)) {
      y.dims = {x.dims[0] * x.dims[1]};
      body += "  " + y.name + " = tensor.collapse_shape " + x.name + " [[0], [1, 2]] : " + type(x) + " into " + type(y) + "\n";
    } else {
      y.dims = {x.dims[1], x.dims[0]};
      std::string zero = fresh(), dim = fresh(), empty = fresh();
      body += "  " + zero + " = arith.constant 0 : index\n  " + dim + " = tensor.dim " + x.name + ", " + zero + " : " + type(x) +
              "\n  " + empty + " = tensor.empty(" + dim + ") : " + type(y) + "\n  " + y.name + " = linalg.transpose ins(" + x.name +
              " : " + type(x) + ") outs(" + empty + " : " + type(y) + ") permutation = [0, 2, 1]\n";
    }
  } else if (chance(0.4) && size % 2 == 0) {
    y.dims = {2, size / 2};
    std::string zero = fresh(), dim = fresh();
    body += "  " + zero + " = arith.constant 0 : index\n  " + dim + " = tensor.dim " + x.name + ", " + zero + " : " + type(x) +
            "\n  " + y.name + " = tensor.expand_shape " + x.name + " [[0], [1, 2]] output_shape [" + dim + ", 2, " + text(size / 2) +
            "] : " + type(x) + " into " + type(y) + "\n";
  } else if (chance(0.5) && size > 1) {
    int64_t first = pick(0, size - 1), step = pick(1, 2), count = pick(1, (size - first + step - 1) / step);
    y.dims = {count};
    std::string zero = fresh(), dim = fresh();
    body += "  " + zero + " = arith.constant 0 : index\n  " + dim + " = tensor.dim " + x.name + ", " + zero + " : " + type(x) +
            "\n  " + y.name + " = tensor.extract_slice " + x.name + "[0, " + text(first) + "] [" + dim + ", " + text(count) + "] [1, " +
            text(step) + "] : " + type(x) + " to " + type(y) + "\n";
  } else {
    y.dims = {2 * size};
    body += "  " + y.name + " = tensor.concat dim(1) " + x.name + ", " + x.name + " : (" + type(x) + ", " + type(x) + ") -> " + type(y) + "\n";
  }
  add(y);
}

void RandomIntegers::addResult(const Value &value) {
  if (value.dims.size() == 1 && chance(0.5) && std::abs(double(value.min)) < 0x1p52 && std::abs(double(value.max)) < 0x1p52) {
    std::string name = fresh(), f = type(value.dims, chance(0.85) ? "f32" : "f64");
    int64_t channels = chance(0.4) ? value.channels() : 1;
    // One step of 24 bits is exact in f64 too.
    bool isDouble = llvm::StringRef(f).contains("f64");
    std::string scales = isDouble ? "<[\"0x1.8p-20\"]>" : exacts(channels);
    body += "  " + name + " = sumac.decode " + value.name + ", <" + value.element() + ", scale = " + scales +
            ", zero_point = <[\"" + text(pick(-9, 9)) + "\"]>" +
            (channels > 1 && !isDouble ? ", shape = [" + text(channels) + "], block = [1]" : "") + ">" +
            (chance(0.4) && !isDouble ? " offset " + exacts(chance(0.5) ? value.channels() : 1) : "") + " : " + type(value) + " -> " + f + "\n";
    results.emplace_back(name, f);
    return;
  }
  results.emplace_back(value.name, type(value));
}

std::string RandomIntegers::write(int steps) {
  int64_t size = chance(0.5) ? pick(1, 20) : pick(21, 90);
  for (const char *element : {"f32", "f32", chance(0.5) ? "f64" : chance(0.5) ? "f16" : "bf16"})
    addArgument(element, {chance(0.6) ? size : pick(1, 33)});
  for (auto [bits, isSigned] : {std::pair(8u, false), std::pair(5u, true), std::pair(16u, true), std::pair(32u, true), std::pair(16u, false)}) {
    if (!chance(0.5))
      continue;
    Value x;
    x.dims = {size};
    x.bits = bits;
    x.isSigned = isSigned;
    x.min = isSigned ? -(int64_t(1) << (bits - 1)) : 0;
    x.max = isSigned ? (int64_t(1) << (bits - 1)) - 1 : (int64_t(1) << bits) - 1;
    addArgument(x.element(), x.dims);
    x.name = arguments.back().name;
    add(x);
  }
  addEncode();
  for (int i = 0; i < steps; ++i) {
    switch (pick(0, 12)) {
    case 0:
      addEncode();
      break;
    case 1:
      addFloatThreshold();
      break;
    case 2:
    case 3:
    case 4:
      addLinear();
      break;
    case 5:
    case 6:
      addRequantize();
      break;
    case 7:
      addThreshold();
      break;
    case 8:
      addTable();
      break;
    case 9:
      addCombine();
      break;
    case 10:
      addClamp();
      break;
    case 11:
      addReduction();
      break;
    default:
      addLayout();
    }
  }
  std::string text = "func.func @main(", returned, resultTypes;
  for (const Value &value : std::vector<Value>(values))
    if (chance(0.6))
      addResult(value);
  addResult(values.back());
  for (size_t i = 0; i < arguments.size(); ++i)
    text += (i ? ", " : "") + arguments[i].name + ": " + type(arguments[i].dims, arguments[i].element);
  for (size_t i = 0; i < results.size(); ++i) {
    returned += (i ? ", " : "") + results[i].first;
    resultTypes += (i ? ", " : "") + results[i].second;
  }
  return text + ") -> (" + resultTypes + ") {\n" + body + "  return " + returned + " : " + resultTypes + "\n}\n";
}

std::vector<HostTensor> RandomIntegers::makeInputs(int64_t rows) {
  std::vector<HostTensor> inputs;
  for (const Argument &argument : arguments) {
    llvm::SmallVector<int64_t, 4> shape{rows};
    shape.append(argument.dims.begin(), argument.dims.end());
    bool isSigned = argument.element[0] == 's';
    if (argument.element[0] == 's' || argument.element[0] == 'u') {
      unsigned bits = std::stoi(argument.element.substr(2));
      unsigned stored = bits <= 8 ? 8 : bits <= 16 ? 16 : 32;
      HostType type = stored == 8    ? (isSigned ? HostType::I8 : HostType::U8)
                      : stored == 16 ? (isSigned ? HostType::I16 : HostType::U16)
                                     : (isSigned ? HostType::I32 : HostType::U32);
      HostTensor tensor(type, shape);
      int64_t low = isSigned ? -(int64_t(1) << (bits - 1)) : 0, high = isSigned ? (int64_t(1) << (bits - 1)) - 1 : (int64_t(1) << bits) - 1;
      for (int64_t i = 0; i < tensor.getNumElements(); ++i)
        tensor.setInteger(i, chance(0.1) ? (chance(0.5) ? low : high) : pick(low, high));
      inputs.push_back(std::move(tensor));
      continue;
    }
    HostType type = *parseHostType(argument.element == "f32"   ? "float32"
                                   : argument.element == "f64" ? "float64"
                                   : argument.element == "f16" ? "float16"
                                                               : "bfloat16");
    HostTensor tensor(type, shape);
    for (uint64_t i = 0; i < tensor.bytes.size(); i += getByteWidth(type)) {
      uint64_t pattern = engine();
      double number = chance(0.5) ? pick(-2000, 2000) / 8.0 : pick(-2000000, 2000000) / 4096.0;
      auto single = static_cast<float>(number);
      if (!chance(0.1)) {
        if (type == HostType::F64) {
          std::memcpy(&pattern, &number, 8);
        } else if (type != HostType::F16) {
          uint32_t bits;
          std::memcpy(&bits, &single, 4);
          pattern = type == HostType::BF16 ? bits >> 16 : bits;
        }
      }
      std::memcpy(tensor.bytes.data() + i, &pattern, getByteWidth(type));
    }
    inputs.push_back(std::move(tensor));
  }
  return inputs;
}
