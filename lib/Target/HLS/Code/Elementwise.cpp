//===- Elementwise.cpp - Elementwise operations in C++ -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Elementwise.h"

#include "sumac/Dialect/Stream/IR/ProcessBody.h"
#include "sumac/Dialect/Sumac/IR/Payload.h"
#include "sumac/Dialect/Sumac/IR/SumacDialect.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::hls;

namespace {

/// Constants of one operation: [channels or 1, columns] numbers.
struct Table {
  std::string name;
  SmallVector<int64_t> values;
  int64_t columns = 1;
  int64_t getRows() const { return static_cast<int64_t>(values.size()) / columns; }

  /// The expression for column `column` in channel `channel`.
  std::string at(const std::string &column = "0") const {
    ValueType type = getValueType(values);
    if (values.size() == 1)
      return type.str() + "(" + std::to_string(values[0]) + (type.bits > 31 ? "LL" : "") + ")";
    std::string index = getRows() > 1 ? "[channel]" : "";
    if (columns > 1)
      index += "[" + column + "]";
    return type.str() + "(" + name + index + ")";
  }
};

/// The tables of an operation, by what they are called in the code.
struct Tables {
  Tables(Operation *op, const std::string &prefix);
  std::map<std::string, Table> byRole;

  void add(StringRef role, ArrayRef<int64_t> values, int64_t columns = 1) {
    // A step function may have no steps.
    if (columns == 0)
      return;
    SmallVector<int64_t> copy(values);
    // One row where all are equal.
    ArrayRef<int64_t> first = ArrayRef(copy).take_front(columns);
    bool isUniform = true;
    for (size_t i = 0; i < copy.size(); i += columns)
      isUniform &= ArrayRef(copy).slice(i, columns) == first;
    if (isUniform)
      copy.resize(columns);
    byRole[role.str()] = {prefix + "_" + role.str(), std::move(copy), columns};
  }
  const Table &operator[](StringRef role) const { return byRole.find(role.str())->second; }

private:
  std::string prefix;
};

} // namespace

Tables::Tables(Operation *op, const std::string &prefix) : prefix(prefix) {
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](RequantizeOp requantize) {
        add("multiply", requantize.getMultiply());
        add("add", requantize.getAdd());
        add("shift", requantize.getShift());
      })
      .Case([&](ThresholdOp threshold) {
        add("thresholds", readPayloadIntegers(threshold.getThresholds()),
            threshold.getThresholds().getShapedType().getDimSize(1));
        if (auto decreasing = threshold.getDecreasing())
          add("decreasing", SmallVector<int64_t>(decreasing->begin(), decreasing->end()));
      })
      .Case([&](TableOp table) {
        add("table", readPayloadIntegers(table.getTable()), table.getTable().getShapedType().getDimSize(1));
      })
      .Case([&](CombineOp combine) {
        SmallVector<int64_t> factors = readPayloadIntegers(combine.getMultiply());
        int64_t channels = combine.getMultiply().getShapedType().getDimSize(1);
        for (unsigned b = 0; b < combine.getInputs().size(); ++b)
          add("multiply" + std::to_string(b), ArrayRef(factors).slice(b * channels, channels));
        add("add", readPayloadIntegers(combine.getAdd()));
      })
      .Case([&](ClampOp clamp) {
        add("min", clamp.getMin());
        add("max", clamp.getMax());
      });
}

static std::string getPrefix(const std::string &name, size_t index) {
  return name + (index == 0 ? "" : std::to_string(index));
}

void ElementFunction::printConstants(CodeWriter &code) {
  arrays.clear();
  for (auto [i, op] : llvm::enumerate(ops))
    for (auto &[role, table] : Tables(op, getPrefix(name, i)).byRole) {
      if (table.values.size() <= 1)
        continue;
      bool hasRows = table.getRows() > 1;
      code.constants(table.name, table.values, hasRows && table.columns > 1 ? table.columns : 0);
      if (hasRows)
        arrays.push_back(table.name);
    }
}

void ElementFunction::printPragmas(CodeWriter &code, int64_t lanes) const {
  if (lanes > 1)
    for (const std::string &array : arrays)
      code.pragma("array_partition variable=" + array + " cyclic factor=" + llvm::Twine(lanes) + " dim=1");
}

/// `min` and `max` around an expression's value in `variable`, as type `type`.
static void printClamp(CodeWriter &code, const std::string &variable, const std::string &result,
                       const std::string &type, const std::string &min, const std::string &max) {
  code.line("const " + type + " " + result + " = " + variable + " < " + min + " ? " + type + "(" + min + ") : " +
            variable + " > " + max + " ? " + type + "(" + max + ") : " + type + "(" + variable + ");");
}

static std::string number(int64_t value) {
  ValueType type = getValueType(value);
  return type.str() + "(" + std::to_string(value) + (type.bits > 31 ? "LL" : "") + ")";
}

/// Bits of a signed type for the product of these.
static int64_t getSignedBits(const ValueType &type) { return type.bits + (type.isSigned ? 0 : 1); }

/// Prints the statements that set `result` from `arguments`.
static void printOp(CodeWriter &code, Operation *op, const Tables &tables, ArrayRef<std::string> arguments,
                    const std::string &result) {
  std::string type = getType(stream::getElementType(op->getResult(0)));
  auto getInputType = [&](unsigned i) {
    IntegerType input = stream::getElementType(op->getOperand(i));
    return ValueType{input.isSigned(), input.getWidth()};
  };
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](RequantizeOp requantize) {
        int64_t product = getSignedBits(getInputType(0)) + getSignedBits(getValueType(tables["multiply"].values));
        int64_t sum = std::max(product, getSignedBits(getValueType(tables["add"].values))) + 1;
        int64_t most = *llvm::max_element(tables["shift"].values);
        // Rounding to nearest adds almost a half.
        if (requantize.getHalfEven())
          sum = std::max(sum, most + 1) + 1;
        std::string wide = getType(true, sum), shifted = result + "_shifted";
        code.line("const " + wide + " " + result + "_sum = " + arguments[0] + " * " + tables["multiply"].at() + " + " +
                  tables["add"].at() + ";");
        const Table &shift = tables["shift"];
        std::string amount = shift.values.size() == 1 ? std::to_string(shift.values[0]) : shift.name + "[channel]";
        if (requantize.getHalfEven()) {
          // Ties go to the even code: up from an odd one.
          std::string one = wide + "(1)";
          code.line("const " + wide + " " + result + "_near = " + result + "_sum + ((" + one + " << (" + amount +
                    " - 1)) - 1) + ((" + result + "_sum >> " + amount + ") & 1);");
          code.line("const " + wide + " " + shifted + " = " + result + "_near >> " + amount + ";");
        } else {
          code.line("const " + wide + " " + shifted + " = " + result + "_sum >> " + amount + ";");
        }
        printClamp(code, shifted, result, type, number(static_cast<int64_t>(requantize.getMin())),
                   number(static_cast<int64_t>(requantize.getMax())));
      })
      .Case([&](ThresholdOp threshold) {
        int64_t steps = threshold.getThresholds().getShapedType().getDimSize(1);
        if (steps == 0) {
          code.line("const " + type + " " + result + " = " + number(static_cast<int64_t>(threshold.getBase())) + ";");
          return;
        }
        const Table &thresholds = tables["thresholds"];
        std::string count = result + "_count";
        code.line(getType(false, 64 - llvm::countl_zero(static_cast<uint64_t>(steps))) + " " + count + " = 0;");
        std::string isReached = arguments[0] + " >= " + thresholds.at("t");
        if (threshold.getDecreasing()) {
          const Table &decreasing = tables["decreasing"];
          std::string flag = decreasing.values.size() == 1 ? std::to_string(decreasing.values[0])
                                                           : decreasing.name + "[channel]";
          isReached = "(" + isReached + ") != (" + flag + " != 0)";
        }
        code.loop("t", steps);
        code.pragma("unroll");
        code.line("if (" + isReached + ")");
        code.line("  ++" + count + ";");
        code.close();
        auto base = static_cast<int64_t>(threshold.getBase()), step = static_cast<int64_t>(threshold.getStep());
        std::string value = step == 1 ? count : count + " * " + number(step);
        code.line("const " + type + " " + result + " = " + value + (base == 0 ? "" : " + " + number(base)) + ";");
      })
      .Case([&](TableOp table) {
        auto first = static_cast<int64_t>(table.getFirst());
        std::string index = "int(" + arguments[0] + (first == 0 ? "" : " - " + number(first)) + ")";
        code.line("const " + type + " " + result + " = " + tables["table"].at(index) + ";");
      })
      .Case([&](CombineOp combine) {
        std::string sum;
        for (size_t b = 0; b < arguments.size(); ++b) {
          const Table &factor = tables["multiply" + std::to_string(b)];
          bool isOne = factor.values.size() == 1 && factor.values[0] == 1;
          sum += (b == 0 ? "" : " + ") + arguments[b] + (isOne ? "" : " * " + factor.at());
        }
        const Table &add = tables["add"];
        if (add.values.size() != 1 || add.values[0] != 0)
          sum += " + " + add.at();
        code.line("const " + type + " " + result + " = " + sum + ";");
      })
      .Case([&](TruncatePlanesOp truncate) {
        std::string low =
            std::to_string(std::max<int64_t>(0, getInputType(0).bits - static_cast<int64_t>(truncate.getKeep())));
        code.line("const " + type + " " + result + " = (" + arguments[0] + " >> " + low + ") << " + low + ";");
      })
      .Case([&](ClampOp) {
        printClamp(code, arguments[0], result, type, tables["min"].at(), tables["max"].at());
      });
}

void ElementFunction::print(CodeWriter &code) const {
  std::string parameters = "int channel";
  DenseMap<Value, std::string> names;
  for (auto [i, input] : llvm::enumerate(inputs)) {
    names[input] = "x" + std::to_string(i);
    parameters += ", const " + getType(stream::getElementType(input)) + " &" + names[input];
  }
  Value last = ops.empty() ? inputs[0] : ops.back()->getResult(0);
  code.open("static " + getType(stream::getElementType(last)) + " " + name + "(" + parameters + ")");
  code.pragma("inline");
  code.line("(void)channel;");
  for (auto [i, op] : llvm::enumerate(ops)) {
    SmallVector<std::string> arguments;
    for (Value operand : op->getOperands())
      arguments.push_back(names.lookup(operand));
    std::string result = "y" + std::to_string(i);
    printOp(code, op, Tables(op, getPrefix(name, i)), arguments, result);
    names[op->getResult(0)] = result;
  }
  code.line("return " + names.lookup(last) + ";");
  code.close();
}
