//===- IntegerExecutable.cpp - Targets that compute with integers alone -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Target/IntegerExecutable.h"

using namespace sumac;

IntegerExecutable::~IntegerExecutable() = default;

llvm::Expected<std::vector<HostTensor>> IntegerExecutable::runRaw(llvm::ArrayRef<HostTensor> inputs) const {
  // All inputs have as many rows: conversions of such targets take no others.
  int64_t rows = inputs.front().shape.front();
  std::vector<HostTensor> outputs;
  for (const Port &port : ports.outputs) {
    llvm::SmallVector<int64_t, 4> shape(port.shape);
    shape.front() = rows;
    if (!getNumElements(shape))
      return llvm::createStringError("output '" + port.name + "' is too large");
    outputs.emplace_back(port.rawType, shape);
  }
  if (llvm::Error error = runRows(inputs, outputs))
    return std::move(error);
  return outputs;
}

llvm::Expected<std::vector<HostTensor>> IntegerExecutable::run(llvm::ArrayRef<HostTensor> inputs, bool raw) const {
  llvm::Expected<int64_t> factor = checkInputs(inputs, raw);
  if (!factor)
    return factor.takeError();
  if (raw)
    return runRaw(inputs);
  auto codes = boundary->encode(inputs);
  if (!codes)
    return codes.takeError();
  auto results = runRaw(*codes);
  if (!results)
    return results.takeError();
  return boundary->decode(*results);
}
