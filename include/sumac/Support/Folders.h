//===- Folders.h - Folders of Sumac's own -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_SUPPORT_FOLDERS_H
#define SUMAC_SUPPORT_FOLDERS_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <string>

namespace sumac {

/// The folder share/sumac/NAME beside Sumac's library, where it was built or installed.
/// The error: there is no `file` in it.
llvm::Expected<std::string> findInstalledFolder(llvm::StringRef name, llvm::StringRef file);

/// A folder that goes when the object does.
class TemporaryFolder {
public:
  static llvm::Expected<std::unique_ptr<TemporaryFolder>> create();
  explicit TemporaryFolder(llvm::StringRef path) : path(path) {}
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder &) = delete;
  TemporaryFolder &operator=(const TemporaryFolder &) = delete;

  const std::string path;
};

} // namespace sumac

#endif // SUMAC_SUPPORT_FOLDERS_H
