//===- CodeWriter.cpp - Lines of C++ -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeWriter.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/MathExtras.h"

using namespace sumac;
using namespace sumac::hls;

std::string hls::getType(bool isSigned, int64_t bits) {
  return (isSigned ? "ap_int<" : "ap_uint<") + std::to_string(bits) + ">";
}
std::string hls::getType(mlir::IntegerType type) { return getType(type.isSigned(), type.getWidth()); }
std::string hls::getStreamType(int64_t bits) { return "hls::stream<ap_uint<" + std::to_string(bits) + "> >"; }

ValueType hls::getValueType(llvm::ArrayRef<int64_t> values) {
  ValueType type;
  type.isSigned = llvm::any_of(values, [](int64_t value) { return value < 0; });
  for (int64_t value : values) {
    uint64_t magnitude = value < 0 ? ~static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
    type.bits = std::max<int64_t>(type.bits, 64 - llvm::countl_zero(magnitude) + (type.isSigned ? 1 : 0));
  }
  return type;
}

void CodeWriter::line(const llvm::Twine &text) {
  std::string line = text.str();
  if (!line.empty() && line[0] != '#')
    os.indent(2 * indent);
  os << line << "\n";
}

void CodeWriter::open(const llvm::Twine &text) {
  line(text + " {");
  ++indent;
}

void CodeWriter::close(const llvm::Twine &end) {
  --indent;
  line("}" + end);
}

void CodeWriter::loop(llvm::StringRef name, int64_t count) {
  open("for (int " + name + " = 0; " + name + " < " + llvm::Twine(count) + "; ++" + name + ")");
}

/// The plain type that holds all values.
static llvm::StringRef getPlainType(llvm::ArrayRef<int64_t> values) {
  ValueType type = getValueType(values);
  if (type.bits <= 8)
    return type.isSigned ? "signed char" : "unsigned char";
  if (type.bits <= 16)
    return type.isSigned ? "short" : "unsigned short";
  if (type.bits <= 32)
    return type.isSigned ? "int" : "unsigned";
  return type.isSigned ? "long long" : "unsigned long long";
}

static void printNumber(llvm::raw_ostream &os, int64_t value) {
  // The smallest number has no literal of its own.
  if (value == INT64_MIN)
    os << "-9223372036854775807LL - 1";
  else if (value > INT32_MAX || value <= INT32_MIN)
    os << value << "LL";
  else
    os << value;
}

/// Numbers in rows of `columns`, or without rows for 0; long ones are broken.
template <typename T, typename PrintT>
static void printArray(llvm::raw_ostream &os, llvm::ArrayRef<T> values, int64_t columns, PrintT print) {
  auto printRow = [&](llvm::ArrayRef<T> row) {
    for (auto [i, value] : llvm::enumerate(row)) {
      if (i != 0)
        os << (i % 16 == 0 ? ",\n   " : ", ");
      print(os, value);
    }
  };
  os << "{\n  ";
  if (columns == 0) {
    printRow(values);
  } else {
    for (; !values.empty(); values = values.drop_front(columns)) {
      os << "{";
      printRow(values.take_front(columns));
      os << (static_cast<int64_t>(values.size()) > columns ? "},\n  " : "}");
    }
  }
  os << "};\n";
}

void CodeWriter::constants(const llvm::Twine &name, llvm::ArrayRef<int64_t> values, int64_t columns) {
  os << "static const " << getPlainType(values) << " " << name;
  if (columns == 0)
    os << "[" << values.size() << "] = ";
  else
    os << "[" << values.size() / columns << "][" << columns << "] = ";
  printArray(os, values, columns, printNumber);
}

void CodeWriter::words(const llvm::Twine &name, llvm::ArrayRef<uint64_t> values, int64_t columns) {
  os << "static const unsigned long long " << name << "[" << values.size() / columns << "][" << columns << "] = ";
  printArray(os, values, columns,
             [](llvm::raw_ostream &os, uint64_t value) { os << llvm::format_hex(value, 1) << "ULL"; });
}
