//===- Fuzz.h - Hostile containers ------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the fuzzer of containers and its seeded test have in common.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_TOOLS_SUMAC_ACM_FUZZER_FUZZ_H
#define SUMAC_TOOLS_SUMAC_ACM_FUZZER_FUZZ_H

#include "sumac/Simulator/ACM/RandomProgram.h"

namespace sumac::acm {

/// How far fuzzContainer() came: bytes that were read as a container, whose
/// instructions are valid, whose order is, that ran.
enum class FuzzResult { Refused, Read, Valid, Ordered, Ran };

/// Reads `bytes` as a container, as a description and as assembly;
/// disassembles, checks and runs what was read, up to limits. Errors are fine;
/// what must never be, crashes or inconsistent answers, ends the process.
FuzzResult fuzzContainer(llvm::ArrayRef<uint8_t> bytes);

/// A small container to begin with.
std::vector<uint8_t> makeFuzzSeed(Random &random);

/// Changes a container: fields of instructions, the order of instructions,
/// numbers of the machine, or any bytes, most often with checksums that are
/// right again.
std::vector<uint8_t> mutateContainer(llvm::ArrayRef<uint8_t> bytes,
                                     Random &random);

} // namespace sumac::acm

#endif // SUMAC_TOOLS_SUMAC_ACM_FUZZER_FUZZ_H
