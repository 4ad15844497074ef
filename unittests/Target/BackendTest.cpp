//===- BackendTest.cpp ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Target/Backend.h"

#include "sumac/Driver/Tensors.h"

#include "mlir/IR/BuiltinTypes.h"
#include "gtest/gtest.h"

using namespace sumac;
using mlir::ShapedType;

namespace {
/// Doubles its input, one batch of the declared size at a time.
class Doubler final : public Executable {
public:
  explicit Doubler(int64_t batch) {
    Port port;
    port.name = "x";
    port.type = port.rawType = HostType::I16;
    port.shape = {batch, 2};
    ports.push_back(port);
  }

  llvm::ArrayRef<Port> getInputs() const override { return ports; }
  llvm::ArrayRef<Port> getOutputs() const override { return ports; }
  bool hasRawEntry() const override { return false; }

  llvm::Expected<std::vector<HostTensor>> run(llvm::ArrayRef<HostTensor> inputs,
                                              bool) const override {
    ++runs;
    HostTensor result = inputs[0];
    for (int64_t i = 0; i < result.getNumElements(); ++i)
      result.setInteger(i, 2 * result.getInteger(i));
    return std::vector<HostTensor>{result};
  }

  mutable int runs = 0;
  std::vector<Port> ports;
};
} // namespace

static HostTensor makeRows(int64_t rows) {
  HostTensor tensor(HostType::I16, {rows, 2});
  for (int64_t i = 0; i < tensor.getNumElements(); ++i)
    tensor.setInteger(i, i - 3);
  return tensor;
}

static std::string runError(const Executable &executable,
                            const HostTensor &input) {
  auto outputs = runBatches(executable, input, /*raw=*/false);
  return outputs ? "" : llvm::toString(outputs.takeError());
}

TEST(Backend, SplitsMultiplesOfAFixedBatch) {
  Doubler doubler(3);
  auto outputs = runBatches(doubler, makeRows(6), /*raw=*/false);
  ASSERT_TRUE(static_cast<bool>(outputs));
  EXPECT_EQ(doubler.runs, 2);
  EXPECT_EQ((*outputs)[0].shape, (llvm::SmallVector<int64_t, 4>{6, 2}));
  EXPECT_EQ((*outputs)[0].getInteger(0), -6);
  EXPECT_EQ((*outputs)[0].getInteger(11), 16);
}

TEST(Backend, RunsADynamicBatchAtOnce) {
  Doubler doubler(ShapedType::kDynamic);
  auto outputs = runBatches(doubler, makeRows(7), /*raw=*/false);
  ASSERT_TRUE(static_cast<bool>(outputs));
  EXPECT_EQ(doubler.runs, 1);
}

TEST(Backend, RefusesOtherInputs) {
  Doubler doubler(3);
  EXPECT_EQ(runError(doubler, makeRows(4)),
            "input 'x' takes 3x2xint16, not 4x2xint16");
  EXPECT_EQ(runError(doubler, HostTensor(HostType::F32, {3, 2})),
            "input 'x' takes 3x2xint16, not 3x2xfloat32");
  EXPECT_EQ(runError(doubler, HostTensor(HostType::I16, {3})),
            "input 'x' takes 3x2xint16, not 3xint16");
  doubler.ports[0].bounds = Bounds{-3, 1};
  EXPECT_EQ(runError(doubler, makeRows(3)),
            "input 'x' takes integers from -3 to 1, but element 5 is 2");
  EXPECT_EQ(runError(doubler, makeRows(0)),
            "inputs have no rows, but the model declares a fixed batch");
}

TEST(Backend, PortsAsJSON) {
  Port port;
  port.name = "image";
  port.rawType = HostType::U8;
  port.shape = {ShapedType::kDynamic, 784};
  port.grid = "#sumac.grid<ui8>";
  port.encoder = "module {}";
  port.rawBounds = Bounds{-7, 7};
  auto parsed = parsePort(toJSON(port));
  ASSERT_TRUE(static_cast<bool>(parsed));
  EXPECT_EQ(toJSON(*parsed), toJSON(port));
  EXPECT_EQ(parsed->shape, port.shape);
  for (
      const char *text :
      {"3", "{}", R"({"name": "x", "dtype": "float33"})",
       R"({"name": "x", "dtype": "int8", "raw_dtype": "int8", "shape": [-1]})"}) {
    auto value = llvm::json::parse(text);
    ASSERT_TRUE(static_cast<bool>(value));
    auto broken = parsePort(*value);
    EXPECT_FALSE(static_cast<bool>(broken));
    llvm::consumeError(broken.takeError());
  }
}

TEST(Backend, FindsTheInterpreter) {
  const Backend *interpreter = lookupBackend("interp");
  ASSERT_NE(interpreter, nullptr);
  EXPECT_FALSE(interpreter->canEmit());
  EXPECT_EQ(lookupBackend("no such target"), nullptr);
}
