//===- IntegerExecutable.h - Targets that compute with integers alone -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_TARGET_INTEGEREXECUTABLE_H
#define SUMAC_TARGET_INTEGEREXECUTABLE_H

#include "sumac/Target/Boundary.h"

namespace sumac {

/// An executable whose code takes and gives raw integers, in rows of a batch; floats
/// are encoded and decoded around it.
class IntegerExecutable : public Executable {
public:
  IntegerExecutable(ModulePorts ports, std::unique_ptr<Boundary> boundary)
      : ports(std::move(ports)), boundary(std::move(boundary)) {}
  ~IntegerExecutable() override;

  llvm::ArrayRef<Port> getInputs() const final { return ports.inputs; }
  llvm::ArrayRef<Port> getOutputs() const final { return ports.outputs; }
  bool hasRawEntry() const final { return true; }
  bool takesBatchMultiples() const final { return true; }
  void setProgress(const std::function<void(int64_t, int64_t)> &callback) final { progress = callback; }
  llvm::Expected<std::vector<HostTensor>> run(llvm::ArrayRef<HostTensor> inputs, bool raw) const final;

protected:
  /// Computes all rows of `inputs` to `outputs`, which have as many.
  virtual llvm::Error runRows(llvm::ArrayRef<HostTensor> inputs, std::vector<HostTensor> &outputs) const = 0;

  /// Or empty.
  std::function<void(int64_t, int64_t)> progress;

private:
  llvm::Expected<std::vector<HostTensor>> runRaw(llvm::ArrayRef<HostTensor> inputs) const;

  ModulePorts ports;
  std::unique_ptr<Boundary> boundary;
};

} // namespace sumac

#endif // SUMAC_TARGET_INTEGEREXECUTABLE_H
