//===- CPUTarget.h - The processor that code is generated for ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A processor by triple, name and features, as LLVM knows them. Kernels ask
// for features by LLVM's names ("avx512vnni", "dotprod"), so that a new one
// needs no change here.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_TARGET_CPU_CPUTARGET_H
#define SUMAC_TARGET_CPU_CPUTARGET_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/TargetParser/Triple.h"
#include <memory>
#include <string>

namespace llvm {
class TargetMachine;
} // namespace llvm

namespace sumac {

class CPUTarget {
public:
  /// The processor `cpu` of `triple`. An empty triple is this machine's; cpu
  /// "native" is this machine's processor, "" the triple's oldest. `features`
  /// is a comma separated list of +feature and -feature.
  static llvm::Expected<CPUTarget> create(llvm::StringRef triple, llvm::StringRef cpu,
                                          llvm::StringRef features = "");

  const llvm::Triple &getTriple() const { return triple; }
  llvm::StringRef getCPU() const { return cpu; }
  /// All features, in LLVM's comma separated form.
  llvm::StringRef getFeatures() const { return features; }

  bool isX86() const { return triple.isX86(); }
  bool isAArch64() const { return triple.isAArch64(); }
  /// Whether the processor has the feature of this LLVM name, e.g. "avx2",
  /// "fma", "avx512f", "avx512bw", "avx512vl", "avx512vnni", "avxvnni",
  /// "avx512vpopcntdq", "avx512vbmi", "gfni", "dotprod", "i8mm".
  bool hasFeature(llvm::StringRef name) const;
  /// Bits of the widest vector register that code should use.
  unsigned getVectorBits() const;

  llvm::Expected<std::unique_ptr<llvm::TargetMachine>> createTargetMachine() const;

private:
  CPUTarget() = default;
  llvm::Triple triple;
  std::string cpu;
  std::string features;
  std::shared_ptr<llvm::TargetMachine> machine; ///< answers hasFeature
};

} // namespace sumac

#endif // SUMAC_TARGET_CPU_CPUTARGET_H
