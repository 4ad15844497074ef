//===- ContainerFormat.h - Numbers of the container -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where things stand in a container's header and table of sections.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_ACM_CONTAINERFORMAT_H
#define SUMAC_LIB_ACM_CONTAINERFORMAT_H

#include "llvm/ADT/StringRef.h"

#include <cstdint>

namespace sumac::acm::format {

constexpr llvm::StringLiteral magic = "SACM";
constexpr uint16_t major = 1, minor = 0;
/// Of offsets of sections and of the file's end.
constexpr uint64_t alignment = 64;

// The header.
constexpr uint64_t majorAt = 4, minorAt = 6, hashAt = 8, countAt = 16,
                   tableCRCAt = 20, headerUsed = 24, headerSize = 64;

// An entry of the table.
constexpr uint64_t flagsAt = 4, offsetAt = 8, sizeAt = 16, crcAt = 24,
                   entryUsed = 28, entrySize = 64;
/// A flag: readers that do not know the section must refuse the file.
constexpr uint32_t mustKnow = 1;

constexpr llvm::StringLiteral description = "DESC", instructions = "INST",
                              data = "DATA", entry = "ENTR", names = "NAME";

} // namespace sumac::acm::format

#endif // SUMAC_LIB_ACM_CONTAINERFORMAT_H
