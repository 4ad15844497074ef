//===- HostValues.cpp - Host tensors to values and back ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Inputs, results and traced values.
//
//===----------------------------------------------------------------------===//

#include "HostValues.h"

#include "Attributes.h"

#include "llvm/ADT/APFloat.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::interpreter;

bool interpreter::acceptsHostType(Type type, HostType host) {
  return isa<FloatType>(type) ? getHostType(type) == host : !isFloat(host);
}

FailureOr<TensorRef> interpreter::fromHost(Type type, const HostTensor &input, int64_t first, int64_t count,
                                           Error &error) {
  Shape shape(input.shape);
  int64_t rowSize = 1;
  if (!shape.empty()) {
    for (int64_t size : llvm::drop_begin(input.shape))
      rowSize *= size;
    shape[0] = count;
  }
  FailureOr<int64_t> size = checkShape(shape, error);
  if (failed(size))
    return failure();
  int64_t offset = first * rowSize;
  if (isa<FloatType>(type)) {
    std::vector<double> values(*size);
    for (int64_t i = 0; i < *size; ++i)
      values[i] = input.getDouble(offset + i);
    return Tensor::floats(type, std::move(shape), std::move(values));
  }
  std::vector<int64_t> values(*size);
  for (int64_t i = 0; i < *size; ++i) {
    values[i] = input.getInteger(offset + i);
    if (input.type == HostType::U64 && values[i] < 0)
      return error.set("input has an integer beyond 63 bits");
  }
  return makeIntegers(type, std::move(shape), std::move(values), error);
}

/// The bit pattern of a double that `semantics` holds exactly.
static uint64_t getBits(double value, const llvm::fltSemantics &semantics) {
  APFloat number(value);
  bool losesInfo;
  number.convert(semantics, APFloat::rmNearestTiesToEven, &losesInfo);
  return number.bitcastToAPInt().getZExtValue();
}

static void setFloats(HostTensor &tensor, ArrayRef<double> values) {
  for (auto [i, value] : llvm::enumerate(values)) {
    if (tensor.type == HostType::F64)
      tensor.getData<double>()[i] = value;
    else if (tensor.type == HostType::F32)
      tensor.getData<float>()[i] = static_cast<float>(value);
    else
      tensor.getData<uint16_t>()[i] = getBits(
          value, tensor.type == HostType::F16 ? APFloat::IEEEhalf() : APFloat::BFloat());
  }
}

HostTensor interpreter::toHost(const Tensor &tensor) {
  Type type = tensor.getElementType();
  HostTensor result(getHostType(type).value_or(HostType::I64), tensor.getShape());
  if (tensor.getKind() == Tensor::Kind::Floats) {
    setFloats(result, tensor.getFloats());
    return result;
  }
  for (auto [i, value] : llvm::enumerate(tensor.getIntegers()))
    result.setInteger(i, value);
  return result;
}

HostTensor interpreter::traceTensor(const Tensor &tensor) {
  if (!tensor.isReal())
    return toHost(tensor);
  HostTensor result(HostType::F64, tensor.getShape());
  for (auto [i, enclosure] : llvm::enumerate(tensor.getEnclosures())) {
    bool isPoint = enclosure.low == enclosure.high;
    result.getData<double>()[i] = isPoint ? enclosure.low : enclosure.low / 2 + enclosure.high / 2;
  }
  return result;
}
