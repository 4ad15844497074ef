//===- Load.h - Designs as functions of this process -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_TARGET_HLS_LOAD_H
#define SUMAC_LIB_TARGET_HLS_LOAD_H

#include "sumac/Target/Backend.h"

namespace sumac::hls {

/// Loads a library that compileLibrary() made.
llvm::Expected<std::unique_ptr<Executable>> loadLibrary(const std::string &library, llvm::StringRef name,
                                                        ModulePorts ports);

} // namespace sumac::hls

#endif // SUMAC_LIB_TARGET_HLS_LOAD_H
