//===- InterpreterTest.cpp - Runs, batches and options --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What lit cannot reach: inputs, multiples of a declared batch, chunks of rows,
// threads, traces and progress.
//
//===----------------------------------------------------------------------===//

#include "TestModule.h"

#include "gtest/gtest.h"

using namespace mlir;
using namespace sumac;

static constexpr llvm::StringLiteral kDynamic = R"(
func.func @main(%x: tensor<?x2xf32>) -> (tensor<?x1xf32>, tensor<?xsi8>) {
  %r = sumac.from_float %x : tensor<?x2xf32> -> tensor<?x2x!sumac.real>
  %w = sumac.constant #sumac.dense<dense<[[2.0, -1.0]]> : tensor<1x2xf32>> -> tensor<1x2x!sumac.real>
  %a = sumac.linear %r, %w : (tensor<?x2x!sumac.real>, tensor<1x2x!sumac.real>) -> tensor<?x1x!sumac.real>
  %y = sumac.to_float %a : tensor<?x1x!sumac.real> -> tensor<?x1xf32>
  %i = sumac.argmax %r axis 1 : tensor<?x2x!sumac.real> -> tensor<?xsi8>
  return %y, %i : tensor<?x1xf32>, tensor<?xsi8>
})";

/// The same on batches of two, where the rows of a batch meet in argmax.
static constexpr llvm::StringLiteral kStatic = R"(
func.func @main(%x: tensor<2x2xf32>) -> tensor<1x2xui8> {
  %r = sumac.from_float %x : tensor<2x2xf32> -> tensor<2x2x!sumac.real>
  %i = sumac.argmax %r axis 0 keep_dims : tensor<2x2x!sumac.real> -> tensor<1x2xui8>
  return %i : tensor<1x2xui8>
})";

static HostTensor makeRows(int64_t rows) {
  std::vector<float> values;
  for (int64_t i = 0; i < 2 * rows; ++i)
    values.push_back(static_cast<float>((i * 7919) % 1000) / 8);
  return makeFloats({rows, 2}, values);
}

TEST(Interpreter, KeepsRowsInOrderInChunksAndThreads) {
  TestModule module(kDynamic);
  HostTensor input = makeRows(1000);
  SmallVector<HostTensor> whole, cut;
  InterpreterOptions options;
  options.chunkRows = 1000;
  ASSERT_TRUE(succeeded(interpret(module.getFunction(), input, whole, options)));
  options.chunkRows = 7;
  options.threads = 3;
  int64_t calls = 0, last = 0;
  options.progress = [&](int64_t done, int64_t total) {
    ++calls;
    EXPECT_GT(done, last);
    EXPECT_EQ(total, 1000);
    last = done;
  };
  ASSERT_TRUE(succeeded(interpret(module.getFunction(), input, cut, options)));
  EXPECT_EQ(calls, 143);
  EXPECT_EQ(last, 1000);
  ASSERT_EQ(whole.size(), 2u);
  EXPECT_EQ(whole[0], cut[0]);
  EXPECT_EQ(whole[1], cut[1]);
  for (int64_t i = 0; i < 1000; ++i)
    EXPECT_EQ(whole[0].getData<float>()[i],
              2 * input.getData<float>()[2 * i] - input.getData<float>()[2 * i + 1]);
}

TEST(Interpreter, TakesNoRows) {
  TestModule module(kDynamic);
  SmallVector<HostTensor> results;
  ASSERT_TRUE(succeeded(interpret(module.getFunction(), makeRows(0), results)));
  EXPECT_EQ(results[0].shape, (SmallVector<int64_t, 4>{0, 1}));
  EXPECT_EQ(results[1].shape, (SmallVector<int64_t, 4>{0}));
}

TEST(Interpreter, TakesMultiplesOfADeclaredBatch) {
  TestModule module(kStatic);
  SmallVector<HostTensor> results;
  ASSERT_TRUE(succeeded(
      interpret(module.getFunction(), makeFloats({4, 2}, {1, 2, 3, 1, 9, 1, 8, 2}), results)));
  EXPECT_EQ(results[0].shape, (SmallVector<int64_t, 4>{2, 2}));
  EXPECT_EQ(results[0].type, HostType::U8);
  EXPECT_EQ(results[0].getData<uint8_t>(), (ArrayRef<uint8_t>{1, 0, 0, 1}));
}

TEST(Interpreter, MixesRowsOfADynamicBatchWhereTheModelDoes) {
  TestModule module(R"(
func.func @main(%x: tensor<?x2xf32>) -> tensor<1x2xui16> {
  %r = sumac.from_float %x : tensor<?x2xf32> -> tensor<?x2x!sumac.real>
  %i = sumac.argmax %r axis 0 keep_dims : tensor<?x2x!sumac.real> -> tensor<1x2xui16>
  return %i : tensor<1x2xui16>
})");
  std::vector<float> values(2000, 0);
  values[2 * 700] = 1;
  values[2 * 900 + 1] = 1;
  SmallVector<HostTensor> results;
  ASSERT_TRUE(succeeded(interpret(module.getFunction(), makeFloats({1000, 2}, values), results)));
  EXPECT_EQ(results[0].getData<uint16_t>(), (ArrayRef<uint16_t>{700, 900}));
}

TEST(Interpreter, RefusesInputsThatDoNotFit) {
  auto getMessage = [](StringRef text, ArrayRef<HostTensor> inputs) {
    TestModule module(text);
    SmallVector<HostTensor> results;
    EXPECT_TRUE(failed(interpret(module.getFunction(), inputs, results)));
    return module.messages;
  };
  EXPECT_NE(getMessage(kDynamic, {}).find("takes 1 inputs, got 0"), std::string::npos);
  EXPECT_NE(getMessage(kDynamic, makeFloats({1, 3}, {1, 2, 3})).find("input 0 is 1x3xfloat32"), std::string::npos);
  EXPECT_NE(getMessage(kDynamic, HostTensor(HostType::F64, {1, 2})).find("does not fit"), std::string::npos);
  EXPECT_NE(getMessage(kStatic, makeFloats({3, 2}, {1, 2, 3, 4, 5, 6})).find("does not fit"), std::string::npos);
  HostTensor broken(HostType::F32, {1, 2});
  broken.bytes.pop_back();
  EXPECT_NE(getMessage(kDynamic, broken).find("number of bytes"), std::string::npos);
  HostTensor codes(HostType::I64, {1});
  codes.setInteger(0, 16);
  EXPECT_NE(getMessage("func.func @main(%x: tensor<?xui4>) -> tensor<?xui4> { return %x : tensor<?xui4> }", codes)
                .find("value 16 does not fit ui4"),
            std::string::npos);
}

TEST(Interpreter, NamesTheRowsOfAnError) {
  TestModule module(R"(
func.func @main(%x: tensor<?x1xf32>) -> tensor<?x1xf32> {
  %r = sumac.from_float %x : tensor<?x1xf32> -> tensor<?x1x!sumac.real>
  %one = sumac.constant #sumac.dense<dense<1.0> : tensor<1xf32>> -> tensor<1x!sumac.real>
  %q = sumac.div %one, %r : tensor<1x!sumac.real>, tensor<?x1x!sumac.real>
  %y = sumac.to_float %q : tensor<?x1x!sumac.real> -> tensor<?x1xf32>
  return %y : tensor<?x1xf32>
})");
  HostTensor input(HostType::F32, {100, 1});
  for (float &value : input.getData<float>())
    value = 2;
  input.getData<float>()[77] = 0;
  InterpreterOptions options;
  options.chunkRows = 10;
  options.threads = 2;
  SmallVector<HostTensor> results;
  EXPECT_TRUE(failed(interpret(module.getFunction(), input, results, options)));
  EXPECT_NE(module.messages.find("zero"), std::string::npos) << module.messages;
}

TEST(Interpreter, TracesEveryResult) {
  TestModule module(kDynamic);
  InterpreterOptions options;
  options.chunkRows = 2;
  std::vector<std::pair<std::string, int64_t>> seen;
  options.trace = [&](const TracedValue &traced) {
    seen.emplace_back(traced.value.getDefiningOp()->getName().getStringRef(), traced.firstRow);
  };
  SmallVector<HostTensor> results;
  ASSERT_TRUE(succeeded(interpret(module.getFunction(), makeRows(3), results, options)));
  std::vector<std::pair<std::string, int64_t>> expected = {
      {"sumac.constant", 0}, {"sumac.from_float", 0}, {"sumac.linear", 0},   {"sumac.to_float", 0}, {"sumac.argmax", 0},
      {"sumac.from_float", 2}, {"sumac.linear", 2},   {"sumac.to_float", 2}, {"sumac.argmax", 2}};
  EXPECT_EQ(seen, expected);
}

TEST(Interpreter, RunsLongChains) {
  std::string text = "func.func @main(%x: tensor<?x1xf32>) -> tensor<?x1xf32> {\n"
                     "  %0 = sumac.from_float %x : tensor<?x1xf32> -> tensor<?x1x!sumac.real>\n"
                     "  %c = sumac.constant #sumac.dense<dense<0.1> : tensor<1x1xf32>> -> tensor<1x1x!sumac.real>\n";
  constexpr int kLength = 10000;
  for (int i = 0; i < kLength; ++i)
    text += "  %" + std::to_string(i + 1) + " = sumac.add %" + std::to_string(i) +
            ", %c : tensor<?x1x!sumac.real>, tensor<1x1x!sumac.real>\n";
  text += "  %y = sumac.to_float %" + std::to_string(kLength) +
          " : tensor<?x1x!sumac.real> -> tensor<?x1xf32>\n  return %y : tensor<?x1xf32>\n}\n";
  TestModule module(text);
  SmallVector<HostTensor> results;
  ASSERT_TRUE(succeeded(interpret(module.getFunction(), makeFloats({1, 1}, {1}), results)));
  EXPECT_EQ(results[0].getData<float>()[0], static_cast<float>(1 + kLength * static_cast<double>(0.1f)));
}

TEST(Interpreter, TakesScalarsBesideABatch) {
  TestModule module(R"(
func.func @main(%x: tensor<?x1xf32>, %r: tensor<f32>) -> tensor<?x1xf32> {
  %a = sumac.from_float %x : tensor<?x1xf32> -> tensor<?x1x!sumac.real>
  %b = sumac.from_float %r : tensor<f32> -> tensor<!sumac.real>
  %c = sumac.mul %a, %b : tensor<?x1x!sumac.real>, tensor<!sumac.real>
  %y = sumac.to_float %c : tensor<?x1x!sumac.real> -> tensor<?x1xf32>
  return %y : tensor<?x1xf32>
})");
  SmallVector<HostTensor> results;
  HostTensor inputs[] = {makeFloats({2, 1}, {1, 2}), makeFloats({}, {3})};
  ASSERT_TRUE(succeeded(interpret(module.getFunction(), inputs, results)));
  EXPECT_EQ(results[0].getData<float>(), (ArrayRef<float>{3, 6}));
}
