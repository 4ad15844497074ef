//===- Manifest.h - Which files of a folder are Sumac's ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_TARGET_MANIFEST_H
#define SUMAC_LIB_TARGET_MANIFEST_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace sumac {

/// The manifest's name: what `sha256sum -c` reads.
constexpr llvm::StringLiteral kManifestName = "files.sha256";

/// Hashes and names of files below `folder`.
llvm::Expected<std::string> makeManifest(llvm::StringRef folder, llvm::ArrayRef<std::string> files);

/// The files below `folder` that its manifest names and that still are what Sumac wrote.
/// Nothing where there is no manifest; lines that are none are passed over, and so is
/// what leaves the folder or lies behind links: the manifest may be anyone's.
std::vector<std::string> findUnchangedFiles(llvm::StringRef folder);

} // namespace sumac

#endif // SUMAC_LIB_TARGET_MANIFEST_H
