//===- Names.h - What instructions and memory belong to ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The section of names of a container (docs/ACM/specification.md, section 6):
// layers of instructions, and what lies where in memories and DRAM. Nothing
// depends on it but what people read.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_ACM_NAMES_H
#define SUMAC_ACM_NAMES_H

#include "sumac/ACM/Container.h"
#include "sumac/ACM/Geometry.h"

namespace sumac::acm {

struct Names {
  /// Instructions first ... first + count - 1 belong to a layer.
  struct Layer {
    std::string name;
    int64_t first = 0, count = 0;
  };
  /// Words of a memory, or bytes of DRAM.
  struct Region {
    std::string name;
    unsigned space = 0; ///< as in `Access`
    int64_t begin = 0, size = 0;
  };
  std::vector<Layer> layers;
  std::vector<Region> regions;

  /// The layer of an instruction, the first if there are several, or "".
  llvm::StringRef getLayer(size_t instruction) const;
};

/// As `Container::names`.
llvm::json::Value toJSON(const Names &names);
/// The error names the key.
llvm::Expected<Names> readNames(const llvm::json::Value &json);

} // namespace sumac::acm

#endif // SUMAC_ACM_NAMES_H
