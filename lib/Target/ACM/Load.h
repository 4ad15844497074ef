//===- Load.h - Programs of the core on this machine -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_TARGET_ACM_LOAD_H
#define SUMAC_LIB_TARGET_ACM_LOAD_H

#include "sumac/ACM/Container.h"
#include "sumac/Target/Backend.h"

namespace sumac::acm {

/// What runs programs: a simulator.
class Core {
public:
  virtual ~Core() = default;
  /// Runs the program once, on DRAM which has the container's data and inputs.
  virtual llvm::Error run(llvm::MutableArrayRef<uint8_t> dram) = 0;
};

/// Makes a core for a container that the checker has passed.
using MakeCore = llvm::function_ref<llvm::Expected<std::unique_ptr<Core>>(const Container &)>;

/// The functional simulator. The error: a program beyond the limits of Limits.h.
llvm::Expected<std::unique_ptr<Core>> makeFunctionalCore(const Container &container);
/// The RTL in verilator. The first one for a machine is built, which takes a minute,
/// and kept in the user's cache folder. Errors: a program beyond the limits of Limits.h;
/// cycles that are not the cycle simulator's.
llvm::Expected<std::unique_ptr<Core>> makeRTLCore(const Container &container);

/// The container on a core, as an executable with these ports. Errors: what the checker
/// says about the program, and ports that are not the container's.
llvm::Expected<std::unique_ptr<Executable>> loadContainer(Container container, ModulePorts ports, MakeCore makeCore);

} // namespace sumac::acm

#endif // SUMAC_LIB_TARGET_ACM_LOAD_H
