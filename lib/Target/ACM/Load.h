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

/// The container in the functional simulator, as an executable with these ports.
/// Errors: what the checker says about the program, and ports that are not the
/// container's.
llvm::Expected<std::unique_ptr<Executable>> loadContainer(Container container, ModulePorts ports);

} // namespace sumac::acm

#endif // SUMAC_LIB_TARGET_ACM_LOAD_H
