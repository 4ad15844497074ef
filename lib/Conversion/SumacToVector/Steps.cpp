//===- Steps.cpp - Proven arithmetic for step functions ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Emits the forms that sumac-cpu-choose-epilogues has proven. They are exact
// only as written: one rounding per operation, no other fusing.
//
//===----------------------------------------------------------------------===//

#include "Emitter.h"

#include "sumac/Target/CPU/Epilogues.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace sumac;

/// Lanes of floats that are within int32, rounded to nearest even, as i32.
static Value roundToNearest(Emitter &emitter, Code &code, Value x) {
  auto type = cast<FloatType>(getElementTypeOrSelf(x.getType()));
  auto i32 = code.lanes(32);
  // x86 converts with rounding in one instruction, for all widths.
  if (emitter.getTarget().isX86() || type.isF32())
    return code.make<LLVM::LrintOp>(i32, x);
  // Adding 1.5 * 2^52 rounds to an integer, which the low bits then hold.
  Value shifted = code.make<arith::AddFOp>(x, code.constantFloat(x.getType(), 0x1.8p52));
  return code.resize(code.bitcast(code.lanes(64), shifted), 32);
}

/// The same by any rounding mode: what truncation leaves is exact.
static Value roundBy(Emitter &emitter, Code &code, Value x, RoundingMode mode) {
  if (mode == RoundingMode::HalfEven)
    return roundToNearest(emitter, code, x);
  auto i32 = code.lanes(32);
  Value whole = code.make<arith::FPToSIOp>(i32, x);
  Value rest = code.make<arith::SubFOp>(x, code.make<arith::SIToFPOp>(x.getType(), whole));
  auto where = [&](arith::CmpFPredicate predicate, double bound) {
    Value holds = code.make<arith::CmpFOp>(predicate, rest, code.constantFloat(x.getType(), bound));
    return code.make<arith::ExtUIOp>(i32, holds);
  };
  auto up = [&](arith::CmpFPredicate predicate, double bound) { whole = code.plus(whole, where(predicate, bound)); };
  auto down = [&](arith::CmpFPredicate predicate, double bound) {
    whole = code.make<arith::SubIOp>(whole, where(predicate, bound));
  };
  switch (mode) {
  case RoundingMode::HalfEven:
  case RoundingMode::Down:
    break;
  case RoundingMode::HalfUp:
    up(arith::CmpFPredicate::OGE, 0.5);
    down(arith::CmpFPredicate::OLE, -0.5);
    break;
  case RoundingMode::HalfDown:
    up(arith::CmpFPredicate::OGT, 0.5);
    down(arith::CmpFPredicate::OLT, -0.5);
    break;
  case RoundingMode::Floor:
    down(arith::CmpFPredicate::OLT, 0.0);
    break;
  case RoundingMode::Ceil:
    up(arith::CmpFPredicate::OGT, 0.0);
    break;
  case RoundingMode::Up:
    up(arith::CmpFPredicate::OGT, 0.0);
    down(arith::CmpFPredicate::OLT, 0.0);
    break;
  }
  return whole;
}

//===----------------------------------------------------------------------===//
// Requantize and threshold
//===----------------------------------------------------------------------===//

Value sumac::emitStepForm(Emitter &emitter, Code &code, Operation *op, Value x, Position at) {
  std::optional<StepForm> form = parseStepForm(op->getAttr(cpu::kEpilogueAttr));
  if (!form)
    return {};
  unsigned resultBits = emitter.getLaneBits(op->getResult(0));
  Value codes;
  if (form->kind == StepForm::Kind::FloatF32 || form->kind == StepForm::Kind::FloatF64) {
    FloatType type = form->kind == StepForm::Kind::FloatF32 ? cast<FloatType>(code.b.getF32Type()) : code.b.getF64Type();
    Value number = code.make<arith::SIToFPOp>(code.lanes(type), x);
    Value multiply = emitter.parametersFloat(code, form->floatMultiply, at, type, "multiply");
    Value add = emitter.parametersFloat(code, form->floatAdd, at, type, "add");
    codes = roundToNearest(emitter, code, code.make<LLVM::FMAOp>(number, multiply, add));
  } else {
    unsigned bits = form->kind == StepForm::Kind::Shift32 ? 32 : 64;
    // Multipliers of 32 bits keep the product a single instruction.
    auto parameter = [&](ArrayRef<int64_t> values, StringRef name) {
      bool isNarrow = llvm::all_of(values, [](int64_t value) { return llvm::isInt<32>(value); });
      return code.resize(emitter.parameters(code, values, at, isNarrow ? 32 : 64, name), bits);
    };
    Value product = code.make<arith::MulIOp>(code.resize(x, bits), parameter(form->multiply, "multiply"));
    Value sum = code.plus(product, parameter(form->add, "add"));
    codes = code.make<arith::ShRSIOp>(sum, code.constant(sum.getType(), form->shift));
  }
  Value low = code.constant(codes.getType(), form->min), high = code.constant(codes.getType(), form->max);
  return code.resize(code.clamp(codes, low, high), resultBits);
}

//===----------------------------------------------------------------------===//
// Encode
//===----------------------------------------------------------------------===//

/// max(x, low), then min(x, high): a NaN becomes low, as minus infinity would.
static Value clampFloat(Code &code, Value x, Value low, Value high) {
  Value isAbove = code.make<arith::CmpFOp>(arith::CmpFPredicate::OGT, x, low);
  Value raised = code.select(isAbove, x, low);
  Value isBelow = code.make<arith::CmpFOp>(arith::CmpFPredicate::OLT, raised, high);
  return code.select(isBelow, raised, high);
}

/// All channels by the kind of `first`; channels of another kind give anything.
static Value emitEncodeKind(Emitter &emitter, Code &code, ArrayRef<EncodeForm> forms, const EncodeForm &first, Value x, Position at) {
  bool isF32 = first.kind == EncodeForm::Kind::MultiplyF32 || first.kind == EncodeForm::Kind::FmaF32;
  FloatType type = isF32 ? cast<FloatType>(code.b.getF32Type()) : code.b.getF64Type();
  auto parameter = [&](llvm::function_ref<double(const EncodeForm &)> get, StringRef name) {
    SmallVector<double> values;
    for (const EncodeForm &form : forms)
      values.push_back(get(form.kind == first.kind ? form : first));
    return emitter.parametersFloat(code, values, at, type, name);
  };
  if (!isF32)
    x = code.make<arith::ExtFOp>(code.lanes(type), x);
  Value factor = parameter([](const EncodeForm &form) { return form.factor; }, "factor");
  Value addend = parameter([](const EncodeForm &form) { return form.addend; }, "addend");
  Value quotient;
  switch (first.kind) {
  case EncodeForm::Kind::MultiplyF32:
  case EncodeForm::Kind::MultiplyF64:
    quotient = code.make<arith::MulFOp>(x, factor);
    break;
  case EncodeForm::Kind::FmaF32:
  case EncodeForm::Kind::FmaF64:
    quotient = code.make<LLVM::FMAOp>(x, factor, addend);
    break;
  case EncodeForm::Kind::DivideF64:
    quotient = code.make<arith::DivFOp>(x, factor);
    if (llvm::any_of(forms, [](const EncodeForm &form) { return form.addend != 0; }))
      quotient = code.make<arith::AddFOp>(quotient, addend);
    break;
  }
  // Bounds and offsets are integers, so clamping before rounding is the same.
  Value low = parameter([](const EncodeForm &form) { return static_cast<double>(form.qmin - form.offset); }, "min");
  Value high = parameter([](const EncodeForm &form) { return static_cast<double>(form.qmax - form.offset); }, "max");
  Value codes = roundBy(emitter, code, clampFloat(code, quotient, low, high), first.rounding);
  SmallVector<int64_t> offsets;
  for (const EncodeForm &form : forms)
    offsets.push_back(form.offset);
  if (llvm::any_of(offsets, [](int64_t offset) { return offset != 0; }))
    codes = code.plus(codes, emitter.parameters(code, offsets, at, 32, "offset"));
  return codes;
}

Value sumac::emitEncodeForms(Emitter &emitter, Code &code, EncodeOp op, Value x, Position at) {
  std::vector<EncodeForm> forms = parseEncodeForms(op->getAttr(cpu::kEpilogueAttr));
  if (forms.empty())
    return {};
  Value codes;
  SmallVector<EncodeForm::Kind> done;
  for (const EncodeForm &form : forms) {
    if (llvm::is_contained(done, form.kind))
      continue;
    done.push_back(form.kind);
    Value these = emitEncodeKind(emitter, code, forms, form, x, at);
    if (!codes) {
      codes = these;
      continue;
    }
    SmallVector<int64_t> isThis;
    for (const EncodeForm &other : forms)
      isThis.push_back(other.kind == form.kind);
    Value mask = emitter.parameters(code, isThis, at, 32, "kind");
    codes = code.select(code.compare(arith::CmpIPredicate::ne, mask, code.constant(mask.getType(), 0)), these, codes);
  }
  return code.resize(codes, emitter.getLaneBits(op.getResult()));
}
