//===- FuzzTest.cpp - Hostile containers, always the same -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The mutations of sumac-acm-fuzzer without libFuzzer, from fixed seeds.
//
//===----------------------------------------------------------------------===//

#include "Fuzz.h"

#include "gtest/gtest.h"

using namespace sumac::acm;

TEST(ACMFuzz, Mutations) {
  unsigned counts[5] = {};
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    std::vector<uint8_t> first = makeFuzzSeed(random), bytes = first;
    for (unsigned i = 0; i < 40; ++i) {
      bytes = mutateContainer(bytes, random);
      FuzzResult result = fuzzContainer(bytes);
      ++counts[static_cast<unsigned>(result)];
      // From what is refused little else comes.
      if (result == FuzzResult::Refused || result == FuzzResult::Read)
        bytes = first;
    }
  }
  // All of it is reached.
  for (FuzzResult result : {FuzzResult::Refused, FuzzResult::Read,
                            FuzzResult::Valid, FuzzResult::Ran})
    EXPECT_GT(counts[static_cast<unsigned>(result)], 300u)
        << static_cast<unsigned>(result);
}
