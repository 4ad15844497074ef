//===- sumac-acm-fuzzer.cpp - Random bytes as containers ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads, disassembles, checks and runs any bytes as a program of the
// accumulate-multiply core. Errors are fine; crashes, sanitizer reports,
// answers that contradict each other, and runs without end are not.
//
//===----------------------------------------------------------------------===//

#include "Fuzz.h"

using namespace sumac::acm;

/// libLLVM is not instrumented: memory that inline functions of its headers
/// poison here is not unpoisoned there.
extern "C" const char *__asan_default_options() {
  return "allow_user_poisoning=0:detect_container_overflow=0:detect_odr_"
         "violation=0";
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzzContainer({data, size});
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size,
                                          size_t maxSize, unsigned seed) {
  Random random(seed);
  std::vector<uint8_t> bytes(data, data + size);
  // Containers are too unlikely to come about by themselves.
  bytes = size < 64 ? makeFuzzSeed(random) : mutateContainer(bytes, random);
  if (bytes.size() > maxSize)
    return size;
  std::copy(bytes.begin(), bytes.end(), data);
  return bytes.size();
}
