//===- Metadata.h - What an artifact says of itself -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_TARGET_METADATA_H
#define SUMAC_TARGET_METADATA_H

#include "sumac/Target/Backend.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

namespace sumac {

/// The object in the metadata.json of an artifact's folder.
llvm::Expected<llvm::json::Object> readMetadata(llvm::StringRef folder);

/// Its ports, "inputs" and "outputs", none of them of rank 0, for an artifact with a
/// raw entry.
llvm::Expected<ModulePorts> readPorts(const llvm::json::Object &metadata, llvm::StringRef folder);

} // namespace sumac

#endif // SUMAC_TARGET_METADATA_H
