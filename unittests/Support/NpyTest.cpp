//===- NpyTest.cpp ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Support/Npy.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"

#include <random>

using namespace sumac;

static std::string print(const HostTensor &tensor) {
  std::string text;
  llvm::raw_string_ostream os(text);
  printNpy(tensor, os);
  return text;
}

/// A file of version 1 with this header and `size` bytes of elements.
static std::string makeFile(llvm::StringRef header, size_t size) {
  std::string file("\x93NUMPY\1\0", 8);
  file += static_cast<char>(header.size() & 255);
  file += static_cast<char>(header.size() >> 8);
  return file + header.str() + std::string(size, '\0');
}

static std::string parseError(llvm::StringRef contents) {
  auto tensor = parseNpy(contents, "f");
  return tensor ? "" : llvm::toString(tensor.takeError());
}

TEST(Npy, EveryTypeReadsBack) {
  for (int type = 0; type <= static_cast<int>(HostType::F64); ++type)
    for (llvm::SmallVector<int64_t> shape :
         {llvm::SmallVector<int64_t>{}, {0}, {3}, {2, 3}, {2, 0, 5}}) {
      HostTensor tensor(static_cast<HostType>(type), shape);
      for (size_t i = 0; i < tensor.bytes.size(); ++i)
        tensor.bytes[i] = static_cast<uint8_t>(i & 1);
      std::string file = print(tensor);
      EXPECT_EQ((file.size() - tensor.bytes.size()) % 64, 0u);
      auto read = parseNpy(file, "f");
      ASSERT_TRUE(static_cast<bool>(read)) << llvm::toString(read.takeError());
      EXPECT_TRUE(*read == tensor);
    }
}

TEST(Npy, ForeignHeaders) {
  EXPECT_EQ(
      parseError(makeFile(
          "{\"shape\":(2,),\"descr\":\"<f4\",\"fortran_order\":False}\n", 8)),
      "");
  EXPECT_EQ(parseError(makeFile(
                "{'descr': '<f4', 'fortran_order': True, 'shape': (2,)}", 8)),
            "");
}

TEST(Npy, Errors) {
  EXPECT_EQ(parseError(""), "'f' is not a NumPy file");
  EXPECT_EQ(parseError("\x93NUMPY\1"), "'f' ends within its header");
  EXPECT_EQ(parseError(llvm::StringRef("\x93NUMPY\1\0\x76\0{'descr'", 18)),
            "'f' ends within its header");
  EXPECT_EQ(parseError(llvm::StringRef("\x93NUMPY\7\0\0\0", 10)),
            "'f' has the unknown NumPy format version 7");
  auto withShape = [](llvm::StringRef shape, size_t size) {
    return parseError(makeFile(
        ("{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + "}")
            .str(),
        size));
  };
  const char *noArray = "'f' has a header that describes no array of numbers";
  EXPECT_EQ(withShape("(2,)", 8), "");
  EXPECT_EQ(withShape("(2,)", 7),
            "'f' has 7 bytes of elements, which is not 2xfloat32");
  EXPECT_EQ(withShape("(2,)", 12),
            "'f' has 12 bytes of elements, which is not 2xfloat32");
  EXPECT_EQ(withShape("(-1,)", 8), noArray);
  EXPECT_EQ(withShape("(99999999999999999999,)", 8), noArray);
  EXPECT_EQ(withShape("(1099511627776, 1099511627776)", 8),
            "'f' has 8 bytes of elements, which is not "
            "1099511627776x1099511627776xfloat32");
  EXPECT_EQ(
      withShape("(4611686018427387904,)", 8),
      "'f' has 8 bytes of elements, which is not 4611686018427387904xfloat32");
  EXPECT_EQ(withShape("2", 8), noArray);
  EXPECT_EQ(withShape("(2,", 8), noArray);
  EXPECT_EQ(
      parseError(makeFile(
          "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}",
          8)),
      noArray);
  EXPECT_EQ(parseError(makeFile(
                "{'descr': '<f4', 'fortran_order': True, 'shape': (1, 2)}", 8)),
            "'f' is in Fortran order; save numpy.ascontiguousarray(x) instead");
  EXPECT_EQ(parseError(makeFile(
                "{'descr': '>f4', 'fortran_order': False, 'shape': (2,)}", 8)),
            "'f' has elements of type '>f4', which is none of bool, (u)int8 to "
            "(u)int64 and "
            "float16 to float64 in little-endian order");
}

TEST(Npy, DamagedFilesAreErrors) {
  HostTensor tensor(HostType::I32, {2, 3});
  std::string file = print(tensor);
  std::mt19937 random(1);
  for (int i = 0; i < 20000; ++i) {
    std::string damaged = file;
    for (int changes = 0; changes < 3; ++changes)
      damaged[random() % damaged.size()] = static_cast<char>(random());
    if (random() % 2)
      damaged.resize(random() % damaged.size());
    llvm::consumeError(parseNpy(damaged, "f").takeError()); // must not crash
  }
}

TEST(Npz, ReadsBackAndRefusesDamage) {
  llvm::SmallString<128> path;
  ASSERT_FALSE(llvm::sys::fs::createTemporaryFile("sumac", "npz", path));
  std::vector<NamedTensor> tensors = {
      {"left", HostTensor(HostType::U8, {4})},
      {"right", HostTensor(HostType::F64, {2, 2})}};
  tensors[0].second.setInteger(1, 7);
  ASSERT_EQ(llvm::toString(writeNpzFile(path, tensors)), "");
  auto read = readNumPyFile(path);
  ASSERT_TRUE(static_cast<bool>(read)) << llvm::toString(read.takeError());
  EXPECT_TRUE(*read == tensors);

  std::string contents =
      (*llvm::MemoryBuffer::getFile(path))->getBuffer().str();
  std::mt19937 random(1);
  for (int i = 0; i < 300; ++i) {
    std::string damaged = contents;
    damaged[random() % damaged.size()] = static_cast<char>(random());
    if (i % 3 == 0)
      damaged.resize(random() % damaged.size());
    std::error_code code;
    llvm::raw_fd_ostream(path, code) << damaged;
    auto result = readNumPyFile(path); // must not crash; most are refused
    if (!result)
      llvm::consumeError(result.takeError());
  }
  llvm::sys::fs::remove(path);
}
