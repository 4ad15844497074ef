//===- VerilogElements.cpp - Elementwise operations in Verilog -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "VerilogElements.h"

#include "sumac/Dialect/Sumac/IR/Payload.h"
#include "sumac/Support/Channels.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::hls;

int64_t hls::getSignedBits(IntegerType type) { return type.getWidth() + (type.isSigned() ? 0 : 1); }

/// A row of a table of one row per channel or one for all.
static ArrayRef<int64_t> getRow(ArrayRef<int64_t> values, ElementsAttr table, int64_t channel) {
  int64_t rows = table.getShapedType().getDimSize(0), columns = table.getShapedType().getDimSize(1);
  return values.slice(rows == 1 ? 0 : channel * columns, columns);
}

/// Bits of a signed number.
static int64_t getBits(int64_t value) { return 65 - llvm::countl_zero(static_cast<uint64_t>(value < 0 ? ~value : value)); }

/// A signed constant.
static std::string number(int64_t value) {
  std::string digits = std::to_string(value < 0 ? -static_cast<uint64_t>(value) : static_cast<uint64_t>(value));
  return (value < 0 ? "-" : "") + std::to_string(getBits(value) + 1) + "'sd" + digits;
}

namespace {

/// Prints the wires of one channel.
class ChannelPrinter {
public:
  ChannelPrinter(llvm::raw_ostream &os, stream::ProcessOp process, ArrayRef<int64_t> bias, int64_t channel)
      : os(os), process(process), bias(bias), channel(channel), suffix("_" + std::to_string(channel)) {}

  /// The wire with the process's result.
  std::string print();

private:
  std::string makeWire(const std::string &name, int64_t bits, const std::string &value);
  std::string makeWire(const std::string &name, Value like, const std::string &value) {
    return makeWire(name, getSignedBits(stream::getElementType(like)), value);
  }
  std::string printOp(Operation *op, const std::string &name, ArrayRef<std::string> arguments);
  std::string printRequantize(RequantizeOp op, const std::string &name, const std::string &x);
  std::string printThreshold(ThresholdOp op, const std::string &name, const std::string &x);
  std::string printTable(TableOp op, const std::string &name, const std::string &x);
  std::string printCombine(CombineOp op, const std::string &name, ArrayRef<std::string> arguments);
  std::string printClamp(Value result, const std::string &name, const std::string &x, int64_t min, int64_t max);

  llvm::raw_ostream &os;
  stream::ProcessOp process;
  ArrayRef<int64_t> bias;
  int64_t channel;
  std::string suffix;
};

} // namespace

std::string ChannelPrinter::makeWire(const std::string &name, int64_t bits, const std::string &value) {
  std::string wire = name + suffix;
  os << "  wire signed [" << bits - 1 << ":0] " << wire << " = " << value << ";\n";
  return wire;
}

std::string ChannelPrinter::printClamp(Value result, const std::string &name, const std::string &x, int64_t min,
                                       int64_t max) {
  return makeWire(name, result, x + " < " + number(min) + " ? " + number(min) + " : " + x + " > " + number(max) + " ? " +
                                    number(max) + " : " + x);
}

std::string ChannelPrinter::printRequantize(RequantizeOp op, const std::string &name, const std::string &x) {
  int64_t multiply = atChannel(op.getMultiply(), channel), add = atChannel(op.getAdd(), channel), shift = atChannel(op.getShift(), channel);
  auto min = static_cast<int64_t>(op.getMin()), max = static_cast<int64_t>(op.getMax());
  int64_t bits = std::max(getSignedBits(stream::getElementType(op.getInput())) + getBits(multiply), getBits(add)) + 1;
  // Rounding looks at bit `shift`, also of a channel that is constant.
  bits = std::max(bits, shift + 2);
  std::string sum = multiply == 1 ? x : x + " * " + number(multiply);
  if (add != 0)
    sum += " + " + number(add);
  sum = makeWire(name + "_sum", bits, sum);
  std::string floor = makeWire(name + "_floor", std::max<int64_t>(bits - shift, 1), sum + " >>> " + std::to_string(shift));
  if (!op.getHalfEven())
    return printClamp(op.getResult(), name, floor, min, max);
  // Clamp first: then adding one takes no more bits than a code has. A floor that
  // is the greatest code stays what it is.
  std::string half = sum + "[" + std::to_string(shift - 1) + "]", isOdd = sum + "[" + std::to_string(shift) + "]";
  std::string rest = shift == 1 ? isOdd : "(" + isOdd + " | (|" + sum + "[" + std::to_string(shift - 2) + ":0]))";
  std::string isWithin = makeWire(name + "_within", 1, floor + " >= " + number(min) + " && " + floor + " < " + number(max));
  std::string code = printClamp(op.getResult(), name + "_low", floor, min, max);
  return makeWire(name, op.getResult(),
                  code + " + $signed({1'b0, " + isWithin + " & " + half + " & " + rest + "})");
}

std::string ChannelPrinter::printThreshold(ThresholdOp op, const std::string &name, const std::string &x) {
  SmallVector<int64_t> all = readPayloadIntegers(op.getThresholds());
  bool isDecreasing = op.getDecreasing() && atChannel(*op.getDecreasing(), channel);
  auto base = static_cast<int64_t>(op.getBase()), step = static_cast<int64_t>(op.getStep());
  std::string count;
  for (int64_t threshold : getRow(all, op.getThresholds(), channel))
    count += (count.empty() ? "" : " + ") + ("{1'b0, " + x + (isDecreasing ? " < " : " >= ") + number(threshold) + "}");
  if (count.empty())
    return makeWire(name, op.getResult(), number(base));
  int64_t steps = op.getThresholds().getShapedType().getDimSize(1);
  count = makeWire(name + "_count", getBits(steps), count);
  return makeWire(name, op.getResult(), count + (step == 1 ? "" : " * " + number(step)) +
                                            (base == 0 ? "" : " + " + number(base)));
}

std::string ChannelPrinter::printTable(TableOp op, const std::string &name, const std::string &x) {
  SmallVector<int64_t> all = readPayloadIntegers(op.getTable());
  std::string wire = name + suffix;
  int64_t bits = getSignedBits(stream::getElementType(op.getResult()));
  auto first = static_cast<int64_t>(op.getFirst());
  os << "  reg signed [" << bits - 1 << ":0] " << wire << ";\n"
     << "  always @* case (" << x << ")\n";
  for (auto [i, entry] : llvm::enumerate(getRow(all, op.getTable(), channel)))
    os << "    " << number(first + static_cast<int64_t>(i)) << ": " << wire << " = " << number(entry) << ";\n";
  os << "    default: " << wire << " = 0;\n  endcase\n";
  return wire;
}

std::string ChannelPrinter::printCombine(CombineOp op, const std::string &name, ArrayRef<std::string> arguments) {
  SmallVector<int64_t> factors = readPayloadIntegers(op.getMultiply()), add = readPayloadIntegers(op.getAdd());
  int64_t columns = op.getMultiply().getShapedType().getDimSize(1);
  std::string sum;
  for (auto [b, x] : llvm::enumerate(arguments)) {
    int64_t factor = atChannel(ArrayRef(factors).slice(b * columns, columns), channel);
    sum += (b == 0 ? "" : " + ") + x + (factor == 1 ? "" : " * " + number(factor));
  }
  if (atChannel(add, channel) != 0)
    sum += " + " + number(atChannel(add, channel));
  return makeWire(name, op.getResult(), sum);
}

std::string ChannelPrinter::printOp(Operation *op, const std::string &name, ArrayRef<std::string> arguments) {
  return llvm::TypeSwitch<Operation *, std::string>(op)
      .Case([&](RequantizeOp requantize) { return printRequantize(requantize, name, arguments[0]); })
      .Case([&](ThresholdOp threshold) { return printThreshold(threshold, name, arguments[0]); })
      .Case([&](TableOp table) { return printTable(table, name, arguments[0]); })
      .Case([&](CombineOp combine) { return printCombine(combine, name, arguments); })
      .Case([&](ClampOp clamp) {
        return printClamp(clamp.getResult(), name, arguments[0], atChannel(clamp.getMin(), channel), atChannel(clamp.getMax(), channel));
      })
      .Default(std::string());
}

bool hls::hasVerilogElements(stream::ProcessOp process) {
  return llvm::all_of(stream::ProcessBody::get(process).elementwise, [](Operation *op) {
    return isa<RequantizeOp, ThresholdOp, TableOp, CombineOp, ClampOp>(op);
  });
}

/// The values that the module takes: a layer's sums, or the operands.
static SmallVector<Value> getInputs(stream::ProcessOp process) {
  if (LinearOp linear = stream::ProcessBody::get(process).linear)
    return {linear.getResult()};
  return SmallVector<Value>(process.getBody().getArguments());
}

/// Element `channel` of a port, as a signed expression.
static std::string select(const std::string &port, IntegerType type, int64_t channel) {
  int64_t low = channel * type.getWidth();
  std::string bits = port + "[" + std::to_string(low + type.getWidth() - 1) + ":" + std::to_string(low) + "]";
  return type.isSigned() ? "$signed(" + bits + ")" : "$signed({1'b0, " + bits + "})";
}

std::string ChannelPrinter::print() {
  stream::ProcessBody body = stream::ProcessBody::get(process);
  DenseMap<Value, std::string> names;
  for (auto [i, input] : llvm::enumerate(getInputs(process))) {
    std::string port = "x" + std::to_string(i), value = select(port, stream::getElementType(input), channel);
    if (!bias.empty() && atChannel(bias, channel) != 0)
      value += " + " + number(atChannel(bias, channel));
    names[input] = makeWire("a" + std::to_string(i), input, value);
  }
  for (auto [i, op] : llvm::enumerate(body.elementwise)) {
    SmallVector<std::string> arguments;
    for (Value operand : op->getOperands())
      arguments.push_back(names.lookup(operand));
    names[op->getResult(0)] = printOp(op, "r" + std::to_string(i), arguments);
  }
  auto yield = cast<stream::YieldOp>(process.getBody().front().getTerminator());
  return names.lookup(yield.getFrame());
}

void hls::printVerilogElements(llvm::raw_ostream &os, const std::string &name, stream::ProcessOp process) {
  auto type = cast<stream::ChannelType>(process.getResult().getType());
  int64_t width = type.getElementType().getWidth(), elements = type.getElements();
  os << "// Made by Sumac: what follows the sums, a channel at a time.\nmodule " << name << "(\n";
  for (auto [i, input] : llvm::enumerate(getInputs(process)))
    os << "  input [" << elements * stream::getElementType(input).getWidth() - 1 << ":0] x" << i << ",\n";
  os << "  output [" << elements * width - 1 << ":0] y);\n";
  SmallVector<int64_t> bias;
  if (LinearOp linear = stream::ProcessBody::get(process).linear)
    bias = stream::readBias(linear);
  for (int64_t channel = 0; channel < elements; ++channel) {
    std::string result = ChannelPrinter(os, process, bias, channel).print();
    os << "  assign y[" << (channel + 1) * width - 1 << ":" << channel * width << "] = " << result << "[" << width - 1
       << ":0];\n";
  }
  os << "endmodule\n";
}
