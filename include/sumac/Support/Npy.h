//===- Npy.h - NumPy files --------------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads and writes tensors as .npy files, and several of them as .npz. A broken
// file is one error that names the file, whatever its bytes are.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_SUPPORT_NPY_H
#define SUMAC_SUPPORT_NPY_H

#include "sumac/Support/HostTensor.h"

#include "llvm/Support/Error.h"

#include <string>
#include <utility>
#include <vector>

namespace sumac {

using NamedTensor = std::pair<std::string, HostTensor>;

/// Parses the contents of a .npy file; errors begin with `name`.
llvm::Expected<HostTensor> parseNpy(llvm::StringRef contents,
                                    llvm::StringRef name);

/// Writes a .npy file's contents.
void printNpy(const HostTensor &tensor, llvm::raw_ostream &os);

/// Reads a .npy file (one tensor without a name) or a .npz file, by its
/// contents.
llvm::Expected<std::vector<NamedTensor>> readNumPyFile(llvm::StringRef path);

/// Write a file aside and move it into place; "-" is the standard output.
llvm::Error writeNpyFile(llvm::StringRef path, const HostTensor &tensor);
llvm::Error writeNpzFile(llvm::StringRef path,
                         llvm::ArrayRef<NamedTensor> tensors);

} // namespace sumac

#endif // SUMAC_SUPPORT_NPY_H
