//===- Tensors.cpp - Inputs and outputs of a run ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Files to tensors, tensors to codes, batches to runs.
//
//===----------------------------------------------------------------------===//

#include "sumac/Driver/Tensors.h"

#include "sumac/Dialect/Sumac/IR/SumacDialect.h"
#include "sumac/Driver/Diagnostics.h"
#include "sumac/Interpreter/Interpreter.h"
#include "sumac/Support/Npy.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/StringExtras.h"

#include <cmath>
#include <cstring>
#include <random>

using namespace sumac;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

static std::string listNames(llvm::ArrayRef<Port> ports) {
  return llvm::join(
      llvm::map_range(ports, [](const Port &p) { return "'" + p.name + "'"; }),
      ", ");
}

namespace {
/// Collects tensors for ports and finds out what is missing.
class InputBinder {
public:
  explicit InputBinder(llvm::ArrayRef<Port> ports)
      : ports(ports), tensors(ports.size()) {}

  Error bindName(StringRef name, HostTensor tensor) {
    for (size_t i = 0; i < ports.size(); ++i)
      if (ports[i].name == name)
        return bind(i, std::move(tensor));
    return llvm::createStringError("the model has no input '" + name +
                                   "'; it has " + listNames(ports));
  }

  Error bindNext(HostTensor tensor) {
    for (size_t i = 0; i < ports.size(); ++i)
      if (!tensors[i])
        return bind(i, std::move(tensor));
    return llvm::createStringError(
        "more inputs are given than the model has: " + listNames(ports));
  }

  Expected<std::vector<HostTensor>> take() {
    std::vector<HostTensor> result;
    for (size_t i = 0; i < ports.size(); ++i) {
      if (!tensors[i])
        return llvm::createStringError(
            "no --input is given for the model's input '" + ports[i].name +
            "'");
      result.push_back(std::move(*tensors[i]));
    }
    return result;
  }

private:
  Error bind(size_t index, HostTensor tensor) {
    if (tensors[index])
      return llvm::createStringError("input '" + ports[index].name +
                                     "' is given twice");
    tensors[index] = std::move(tensor);
    return Error::success();
  }

  llvm::ArrayRef<Port> ports;
  std::vector<std::optional<HostTensor>> tensors;
};
} // namespace

/// Splits NAME=FILE where NAME is an input's; names of files may contain '='.
static std::pair<StringRef, StringRef>
splitArgument(StringRef argument, llvm::ArrayRef<Port> ports) {
  for (const Port &port : ports) {
    StringRef rest = argument;
    if (!port.name.empty() && rest.consume_front(port.name) &&
        rest.consume_front("="))
      return {port.name, rest};
  }
  return {"", argument};
}

static Error bindFile(StringRef argument, llvm::ArrayRef<Port> ports,
                      InputBinder &binder) {
  auto [name, path] = splitArgument(argument, ports);
  Expected<std::vector<NamedTensor>> tensors = readNumPyFile(path);
  if (!tensors) {
    // "nmae=x.npy" is no file; the name is the likelier mistake.
    if (name.empty() && path.contains('='))
      return llvm::joinErrors(
          tensors.takeError(),
          llvm::createStringError("the model's inputs are " +
                                  listNames(ports)));
    return tensors.takeError();
  }
  if (tensors->size() != 1 && !name.empty())
    return llvm::createStringError("'" + path + "' holds " +
                                   llvm::Twine(tensors->size()) +
                                   " arrays, not one for input '" + name + "'");
  for (NamedTensor &tensor : *tensors) {
    bool byName = name.empty() && !tensor.first.empty() &&
                  (tensors->size() > 1 || ports.size() > 1);
    Error error =
        !name.empty() ? binder.bindName(name, std::move(tensor.second))
        : byName      ? binder.bindName(tensor.first, std::move(tensor.second))
                      : binder.bindNext(std::move(tensor.second));
    if (error)
      return error;
  }
  return Error::success();
}

Expected<std::vector<HostTensor>>
sumac::readInputs(llvm::ArrayRef<std::string> arguments,
                  llvm::ArrayRef<Port> ports) {
  InputBinder binder(ports);
  for (const std::string &argument : arguments)
    if (Error error = bindFile(argument, ports, binder))
      return error;
  return binder.take();
}

Error sumac::writeOutputs(StringRef path, llvm::ArrayRef<HostTensor> outputs,
                          llvm::ArrayRef<Port> ports) {
  if (outputs.size() == 1 && !path.ends_with(".npz"))
    return writeNpyFile(path, outputs[0]);
  std::vector<NamedTensor> named;
  for (auto [port, output] : llvm::zip(ports, outputs))
    named.emplace_back(port.name, output);
  return writeNpzFile(path, named);
}

//===----------------------------------------------------------------------===//
// Batches
//===----------------------------------------------------------------------===//

HostTensor sumac::sliceRows(const HostTensor &tensor, int64_t first,
                            int64_t count) {
  HostTensor slice;
  slice.type = tensor.type;
  slice.shape = tensor.shape;
  if (tensor.shape.empty() || tensor.shape[0] == 0)
    return tensor;
  slice.shape[0] = count;
  size_t rowBytes = tensor.bytes.size() / tensor.shape[0];
  slice.bytes.assign(tensor.bytes.begin() + first * rowBytes,
                     tensor.bytes.begin() + (first + count) * rowBytes);
  return slice;
}

/// Appends `part` to `whole` along the first dimension.
static void appendRows(HostTensor &whole, HostTensor &&part) {
  if (whole.bytes.empty() && whole.shape.empty()) {
    whole = std::move(part);
    return;
  }
  if (!whole.shape.empty())
    whole.shape[0] += part.shape[0];
  whole.bytes.insert(whole.bytes.end(), part.bytes.begin(), part.bytes.end());
}

Expected<std::vector<HostTensor>>
sumac::runBatches(const Executable &executable,
                  llvm::ArrayRef<HostTensor> inputs, bool raw,
                  Progress *progress) {
  Expected<int64_t> factor = executable.checkInputs(inputs, raw);
  if (!factor)
    return factor.takeError();
  if (*factor == 1 || executable.takesBatchMultiples())
    return executable.run(inputs, raw);
  if (*factor == 0)
    return llvm::createStringError(
        "inputs have no rows, but the model declares a fixed batch");
  std::vector<HostTensor> outputs(executable.getOutputs().size());
  std::vector<HostTensor> batch(inputs.size());
  for (int64_t step = 0; step < *factor; ++step) {
    for (auto [input, part] : llvm::zip(inputs, batch)) {
      int64_t rows = input.shape.empty() ? 0 : input.shape[0] / *factor;
      part = sliceRows(input, step * rows, rows);
    }
    Expected<std::vector<HostTensor>> parts = executable.run(batch, raw);
    if (!parts)
      return parts.takeError();
    for (auto [whole, part] : llvm::zip(outputs, *parts))
      appendRows(whole, std::move(part));
    if (progress)
      progress->update(step + 1, *factor);
  }
  return outputs;
}

//===----------------------------------------------------------------------===//
// Codes
//===----------------------------------------------------------------------===//

static GridAttr parseGrid(const Port &port, mlir::MLIRContext &context) {
  if (port.grid.empty())
    return {};
  return llvm::dyn_cast_or_null<GridAttr>(
      mlir::parseAttribute(port.grid, &context));
}

static Expected<HostTensor> encodeInput(const HostTensor &input,
                                        const Port &port,
                                        mlir::MLIRContext &context) {
  if (port.encoder.empty())
    return llvm::createStringError(
        "input '" + port.name + "' takes integers of type " +
        stringifyHostType(port.rawType) + " with --raw, not " +
        stringifyHostType(input.type));
  DiagnosticCollector errors(&context);
  auto module = mlir::parseSourceString<mlir::ModuleOp>(port.encoder, &context);
  auto main = module ? module->lookupSymbol<mlir::func::FuncOp>("main")
                     : mlir::func::FuncOp();
  llvm::SmallVector<HostTensor> results;
  if (!main || failed(interpret(main, input, results)) || results.size() != 1)
    return errors.takeError("cannot encode input '" + port.name + "'");
  return std::move(results[0]);
}

Expected<std::vector<HostTensor>>
sumac::encodeInputs(llvm::ArrayRef<HostTensor> inputs,
                    llvm::ArrayRef<Port> ports, mlir::MLIRContext &context) {
  std::vector<HostTensor> codes;
  for (auto [input, port] : llvm::zip(inputs, ports)) {
    if (input.type == port.rawType || input.type != port.type) {
      codes.push_back(input); // an unfit type is for checkInputs() to report
      continue;
    }
    Expected<HostTensor> encoded = encodeInput(input, port, context);
    if (!encoded)
      return encoded.takeError();
    codes.push_back(std::move(*encoded));
  }
  return codes;
}

//===----------------------------------------------------------------------===//
// Random inputs
//===----------------------------------------------------------------------===//

/// Stores `value` as element `index`, rounded to the tensor's float type.
static void setFloat(HostTensor &tensor, int64_t index, double value) {
  unsigned width = getByteWidth(tensor.type);
  const llvm::fltSemantics *semantics[] = {
      &llvm::APFloat::IEEEhalf(), &llvm::APFloat::BFloat(),
      &llvm::APFloat::IEEEsingle(), &llvm::APFloat::IEEEdouble()};
  unsigned which =
      static_cast<unsigned>(tensor.type) - static_cast<unsigned>(HostType::F16);
  llvm::APFloat number(value);
  bool losesInfo;
  number.convert(*semantics[which], llvm::APFloat::rmNearestTiesToEven,
                 &losesInfo);
  uint64_t bits = number.bitcastToAPInt().getZExtValue();
  std::memcpy(tensor.bytes.data() + index * width, &bits, width);
}

/// The first number of an exact array as a double near it; canonical texts of
/// dyadic numbers are hexadecimal floats, quotients are "p/q".
static double approximate(ExactArrayAttr array) {
  if (array.getValues().empty())
    return 0.0;
  auto [numerator, denominator] = array.getValues()[0].getValue().split('/');
  double value = std::strtod(numerator.str().c_str(), nullptr);
  return denominator.empty()
             ? value
             : value / std::strtod(denominator.str().c_str(), nullptr);
}

/// Floats around a grid: half of them close to ties and points, a few far away.
static void fillAroundGrid(HostTensor &tensor, GridAttr grid,
                           std::mt19937_64 &random) {
  double scale = approximate(grid.getScale());
  double zeroPoint = approximate(grid.getZeroPoint());
  double low = static_cast<double>(grid.getMin()) - zeroPoint - 2;
  double high = static_cast<double>(grid.getMax()) - zeroPoint + 2;
  std::uniform_real_distribution<double> position(low, high);
  for (int64_t i = 0, end = tensor.getNumElements(); i < end; ++i) {
    double at = position(random);
    switch (random() % 8) {
    case 0:
    case 1:
      at = std::round(at); // a point of the grid
      break;
    case 2:
    case 3:
      at = std::floor(at) + 0.5; // a tie
      break;
    default:
      break;
    }
    setFloat(tensor, i, at * scale);
  }
}

static HostTensor sampleInput(const Port &port, int64_t rows,
                              std::mt19937_64 &random,
                              mlir::MLIRContext &context) {
  llvm::SmallVector<int64_t> shape(port.shape.begin(), port.shape.end());
  for (auto [index, size] : llvm::enumerate(shape))
    if (mlir::ShapedType::isDynamic(size))
      size = index == 0 ? rows : 1;
    else if (index == 0 && size > 0)
      size = std::max<int64_t>(1, rows / size) * size; // whole batches
  HostTensor tensor(port.type, shape);
  if (isFloat(port.type)) {
    if (GridAttr grid = parseGrid(port, context)) {
      fillAroundGrid(tensor, grid, random);
      return tensor;
    }
    std::uniform_real_distribution<double> value(-1.0, 1.0);
    for (int64_t i = 0, end = tensor.getNumElements(); i < end; ++i)
      setFloat(tensor, i, value(random));
    return tensor;
  }
  if (port.bounds) {
    std::uniform_int_distribution<int64_t> value(port.bounds->min,
                                                 port.bounds->max);
    for (int64_t i = 0, end = tensor.getNumElements(); i < end; ++i)
      tensor.setInteger(i, value(random));
    return tensor;
  }
  for (uint8_t &byte : tensor.bytes)
    byte = static_cast<uint8_t>(random());
  return tensor;
}

std::vector<HostTensor> sumac::sampleInputs(llvm::ArrayRef<Port> ports,
                                            int64_t rows, uint64_t seed,
                                            mlir::MLIRContext &context) {
  std::mt19937_64 random(seed);
  std::vector<HostTensor> inputs;
  for (const Port &port : ports)
    inputs.push_back(sampleInput(port, rows, random, context));
  return inputs;
}
