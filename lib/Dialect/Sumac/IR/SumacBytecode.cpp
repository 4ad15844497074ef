//===- SumacBytecode.cpp - Codings in bytecode ----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Attributes without an encoding of their own are kept in bytecode as text, and
// text inside of bytecode does not find the file's resource blobs. So codings,
// which hold large payloads, have an encoding; all other attributes stay text.
//
//===----------------------------------------------------------------------===//

#include "Detail.h"
#include "sumac/Dialect/Sumac/IR/SumacDialect.h"

#include "mlir/Bytecode/BytecodeImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace sumac;

namespace {
// Part of the file format: numbers are never reused.
enum class AttributeCode : uint64_t { Dense = 0, Uniform = 1, Bipolar = 2 };

struct SumacBytecodeInterface : BytecodeDialectInterface {
  explicit SumacBytecodeInterface(Dialect *dialect)
      : BytecodeDialectInterface(dialect) {}

  LogicalResult writeAttribute(Attribute attr,
                               DialectBytecodeWriter &writer) const override {
    auto write = [&](AttributeCode code, ElementsAttr payload) {
      writer.writeVarInt(static_cast<uint64_t>(code));
      writer.writeAttribute(payload);
      return success();
    };
    return llvm::TypeSwitch<Attribute, LogicalResult>(attr)
        .Case([&](DenseCodingAttr coding) {
          return write(AttributeCode::Dense, coding.getPayload());
        })
        .Case([&](UniformCodingAttr coding) {
          (void)write(AttributeCode::Uniform, coding.getPayload());
          writer.writeVarInt(coding.getBits());
          return success();
        })
        .Case([&](BipolarCodingAttr coding) {
          return write(AttributeCode::Bipolar, coding.getPayload());
        })
        .Default([](Attribute) { return failure(); });
  }

  Attribute readAttribute(DialectBytecodeReader &reader) const override {
    uint64_t code, bits = 0;
    ElementsAttr payload;
    if (failed(reader.readVarInt(code)) ||
        failed(reader.readAttribute(payload)))
      return {};
    auto emitError = [&] { return reader.emitError(); };
    switch (static_cast<AttributeCode>(code)) {
    case AttributeCode::Dense:
      return DenseCodingAttr::getChecked(emitError, getContext(), payload);
    case AttributeCode::Bipolar:
      return BipolarCodingAttr::getChecked(emitError, getContext(), payload);
    case AttributeCode::Uniform:
      if (failed(reader.readVarInt(bits)))
        return {};
      return UniformCodingAttr::getChecked(
          emitError, getContext(), payload,
          static_cast<unsigned>(std::min<uint64_t>(bits, UINT_MAX)));
    }
    reader.emitError() << "unknown sumac attribute code " << code;
    return {};
  }
};
} // namespace

void sumac::detail::registerBytecode(SumacDialect &dialect) {
  dialect.addInterfaces<SumacBytecodeInterface>();
}
