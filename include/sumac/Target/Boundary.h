//===- Boundary.h - Floats around integers -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Encodes float inputs and decodes raw outputs, exactly, as the ports say: the
// float entry of a target that computes with integers alone.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_TARGET_BOUNDARY_H
#define SUMAC_TARGET_BOUNDARY_H

#include "sumac/Target/Backend.h"

namespace sumac {

/// The conversions between the declared and the raw types of a model's ports.
class Boundary {
public:
  /// Makes ready what the ports say. The error names the port.
  static llvm::Expected<std::unique_ptr<Boundary>> create(const ModulePorts &ports);
  ~Boundary();

  /// Codes of inputs of declared types.
  llvm::Expected<std::vector<HostTensor>> encode(llvm::ArrayRef<HostTensor> inputs) const;
  /// Outputs of declared types from raw ones.
  llvm::Expected<std::vector<HostTensor>> decode(llvm::ArrayRef<HostTensor> outputs) const;

private:
  struct Impl;
  explicit Boundary(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl;
};

} // namespace sumac

#endif // SUMAC_TARGET_BOUNDARY_H
