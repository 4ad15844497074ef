//===- Project.h - The files of an HLS project -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_TARGET_HLS_PROJECT_H
#define SUMAC_LIB_TARGET_HLS_PROJECT_H

#include "Code/Design.h"
#include "sumac/Target/HLS/Devices.h"

namespace sumac::hls {

/// Beside the design, what scripts need.
struct ProjectOptions {
  const Device *device;
  double clock; ///< MHz
  bool hasOperationCosts = false; ///< reports have Su et al.'s model, too
};

/// Inputs and expected outputs of the test bench, raw.
struct TestVectors {
  int64_t frames = 0;
  std::vector<HostTensor> inputs, outputs;
};

/// Writes the sources alone: what runs the design on this machine.
llvm::Error writeSources(const Design &design, OutputFolder &folder);
/// Writes the whole project.
llvm::Error writeProject(const Design &design, const ProjectOptions &options, const TestVectors &vectors,
                         OutputFolder &folder);

/// Compiles the sources in `folder` to the shared library `library`, with -O0 to
/// -O3. The error has the compiler's first words.
llvm::Error compileLibrary(llvm::StringRef folder, llvm::StringRef name, int64_t optimize, llvm::StringRef library);

/// Where Sumac's own headers for designs and the open ap_int headers lie.
llvm::Expected<std::string> findFiles();

} // namespace sumac::hls

#endif // SUMAC_LIB_TARGET_HLS_PROJECT_H
