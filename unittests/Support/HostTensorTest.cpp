//===- HostTensorTest.cpp ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Support/HostTensor.h"

#include "gtest/gtest.h"

using namespace sumac;

/// What is read back of `value`, set beside elements whose bits are all ones.
static int64_t setAndGet(HostType type, int64_t value) {
  HostTensor tensor(type, {3});
  tensor.bytes.assign(tensor.bytes.size(), 0xff);
  HostTensor others = tensor;
  tensor.setInteger(1, value);
  EXPECT_EQ(tensor.getInteger(0), others.getInteger(0));
  EXPECT_EQ(tensor.getInteger(2), others.getInteger(2));
  return tensor.getInteger(1);
}

TEST(HostTensor, SignedIntegersKeepTheirSign) {
  EXPECT_EQ(setAndGet(HostType::I8, -128), -128);
  EXPECT_EQ(setAndGet(HostType::I16, -32768), -32768);
  EXPECT_EQ(setAndGet(HostType::I32, INT32_MIN), INT32_MIN);
  EXPECT_EQ(setAndGet(HostType::I64, INT64_MIN), INT64_MIN);
}

TEST(HostTensor, UnsignedIntegersAreNotExtended) {
  EXPECT_EQ(setAndGet(HostType::Bool, 1), 1);
  EXPECT_EQ(setAndGet(HostType::U8, 255), 255);
  EXPECT_EQ(setAndGet(HostType::U16, 65535), 65535);
  EXPECT_EQ(setAndGet(HostType::U32, UINT32_MAX), UINT32_MAX);
  // There is no wider integer to read these into.
  EXPECT_EQ(setAndGet(HostType::U64, -1), -1);
}
