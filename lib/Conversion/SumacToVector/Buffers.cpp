//===- Buffers.cpp - Where tensors lie ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Buffers on the stack and the caller's arrays. Stack buffers are allocas with
// lifetime markers, so LLVM's stack coloring lets those that are not alive
// together share their bytes.
//
//===----------------------------------------------------------------------===//

#include "Emitter.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sumac;

/// Alignment of 16 elements in an aligned array.
static unsigned getVectorAlignment(int64_t elementBytes) {
  return std::min<int64_t>(elementBytes * kChannelVector, kRowAlignment);
}

unsigned Emitter::getLaneBits(Value value) const {
  IntegerRange range = ranges.getAll(value);
  return range.min >= INT32_MIN && range.max <= INT32_MAX ? 32 : 64;
}

VectorType Emitter::getLanes(Value value) {
  Type element = cast<RankedTensorType>(value.getType()).getElementType();
  if (isa<IntegerType>(element))
    element = IntegerType::get(value.getContext(), getLaneBits(value));
  return VectorType::get(kChannelVector, element);
}

/// Rows, channels and element type of a tensor in the caller's memory.
Buffer Emitter::describe(RankedTensorType type) {
  Buffer buffer;
  buffer.channels = type.getRank() == 0 ? 1 : type.getShape().back();
  buffer.rows = buffer.channels == 0 ? 0 : type.getNumElements() / buffer.channels;
  buffer.element = type.getElementType();
  if (auto integer = dyn_cast<IntegerType>(buffer.element)) {
    buffer.isSigned = integer.isSigned();
    unsigned bits = std::max<uint64_t>(8, llvm::PowerOf2Ceil(integer.getWidth()));
    buffer.element = IntegerType::get(type.getContext(), bits);
  }
  buffer.stride = buffer.channels * buffer.getElementBytes();
  return buffer;
}

Value Emitter::allocate(int64_t bytes) {
  OpBuilder builder(allocationPoint);
  Code code(builder, source.getLoc());
  return code.make<LLVM::AllocaOp>(code.pointer(), code.i(8), code.index(std::max<int64_t>(bytes, 1)), kRowAlignment);
}

Buffer Emitter::allocateBuffer(Code &code, Value value, InputFormat format, bool zeroPadding, int lastRead) {
  Buffer buffer = describe(cast<RankedTensorType>(value.getType()));
  if (isa<IntegerType>(buffer.element)) {
    buffer.element = code.i(format.bits);
    // What is stored may have another sign than the code: an offset changes it, and
    // codes of si9 that are never negative fill unsigned bytes.
    buffer.isSigned = ranges.getAll(value).min + format.offset < 0;
  }
  buffer.offset = format.offset;
  buffer.padded = true;
  buffer.zeroPadding = zeroPadding;
  buffer.stride = llvm::alignTo(buffer.channels, kRowAlignment) * buffer.getElementBytes();
  buffer.base = allocate(buffer.rows * buffer.stride);
  buffer.storage = storages.size();
  storages.push_back({buffer.base, lastRead});
  code.make<LLVM::LifetimeStartOp>(buffer.base);
  if (zeroPadding)
    clearPadding(code, buffer);
  return buffer;
}

Value Emitter::allocateScratch(Code &code, int64_t bytes) {
  Value scratch = allocate(bytes);
  code.make<LLVM::LifetimeStartOp>(scratch);
  scratches.push_back(scratch);
  return scratch;
}

void Emitter::endScratch(Code &code) {
  for (Value scratch : scratches)
    code.make<LLVM::LifetimeEndOp>(scratch);
  scratches.clear();
}

void Emitter::endStorage(Code &code, int step) {
  for (const Storage &storage : storages)
    if (storage.lastRead == step)
      code.make<LLVM::LifetimeEndOp>(storage.pointer);
}

/// Zeros behind the last 16 channels that are whole: copies write what follows one by
/// one.
void Emitter::clearPadding(Code &code, const Buffer &buffer) {
  int64_t bytes = buffer.getElementBytes();
  int64_t written = llvm::alignDown(buffer.channels, kChannelVector) * bytes;
  if (written == buffer.stride)
    return;
  Value zero = code.constant(code.lanes(buffer.element.getIntOrFloatBitWidth()), 0);
  code.loop(buffer.rows, 1, [&](Code &code, Value row) {
    Value start = code.offset(buffer.base, code.multiply(row, buffer.stride));
    for (int64_t at = written; at < buffer.stride; at += kChannelVector * bytes)
      code.store(zero, code.offset(start, at), getVectorAlignment(bytes));
  });
}

/// The buffer that a step writes `value` to.
Buffer Emitter::getDestination(Code &code, Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  auto result = resultNumber.find(value);
  if (result != resultNumber.end()) {
    Buffer buffer = describe(type);
    buffer.base = target.getArgument(source.getNumArguments() + result->second);
    return buffer;
  }
  Buffer plain = describe(type);
  InputFormat format{plain.element.getIntOrFloatBitWidth(), 0};
  std::optional<InputFormat> wanted = getWantedFormat(value);
  if (wanted)
    format = *wanted;
  auto read = lastRead.find(value);
  return allocateBuffer(code, value, format, wanted.has_value(), read == lastRead.end() ? currentStep : read->second);
}

//===----------------------------------------------------------------------===//
// Loads and stores
//===----------------------------------------------------------------------===//

/// Address of 16 elements.
static Value getAddress(Code &code, const Buffer &buffer, Value row, Value channel) {
  Value start = buffer.rows == 1 ? buffer.base : code.offset(buffer.base, code.multiply(row, buffer.stride));
  return code.offset(start, code.multiply(channel, buffer.getElementBytes()));
}

/// Lanes of channels that exist; null if all do.
static Value getMask(Code &code, const Buffer &buffer, Value channel) {
  if (buffer.channels % kChannelVector == 0)
    return {};
  Value channels = code.plus(code.splat(channel), code.laneNumbers());
  return code.compare(arith::CmpIPredicate::slt, channels, code.constant(code.lanes(64), buffer.channels));
}

Value Emitter::load(Code &code, const Buffer &buffer, Position at, unsigned laneBits) {
  auto type = code.lanes(buffer.element);
  Value address = getAddress(code, buffer, at.row, at.channel);
  Value mask = buffer.padded ? Value() : getMask(code, buffer, at.channel);
  unsigned alignment = buffer.padded ? getVectorAlignment(buffer.getElementBytes()) : buffer.getElementBytes();
  Value lanes = mask ? code.maskedLoad(type, address, mask, alignment) : code.load(type, address, alignment);
  if (isa<FloatType>(buffer.element))
    return lanes;
  return code.plus(code.resize(lanes, laneBits, buffer.isSigned), -buffer.offset);
}

void Emitter::store(Code &code, const Buffer &buffer, Position at, Value lanes) {
  Value address = getAddress(code, buffer, at.row, at.channel);
  if (auto integer = dyn_cast<IntegerType>(buffer.element))
    lanes = code.resize(code.plus(lanes, buffer.offset), integer.getWidth());
  Value mask = buffer.padded && !buffer.zeroPadding ? Value() : getMask(code, buffer, at.channel);
  if (!buffer.padded) {
    if (mask && buffer.channels % kChannelVector == 1) {
      // LLVM 22 makes a store of a whole wider lane of a masked store of one lane that
      // was truncated. One element by itself leaves no such store.
      Value first = code.make<vector::ExtractOp>(lanes, ArrayRef<int64_t>{0});
      code.store(first, address, buffer.getElementBytes());
      Value isOther = code.compare(arith::CmpIPredicate::ne, code.laneNumbers(), code.constant(code.lanes(64), 0));
      mask = code.make<arith::AndIOp>(mask, isOther);
    }
    if (mask)
      return code.maskedStore(lanes, address, mask, buffer.getElementBytes());
    return code.store(lanes, address, buffer.getElementBytes());
  }
  if (mask)
    lanes = code.select(mask, lanes, code.constant(lanes.getType(), 0));
  code.store(lanes, address, getVectorAlignment(buffer.getElementBytes()));
}

Value Emitter::loadElement(Code &code, const Buffer &buffer, Value row, Value channel, unsigned laneBits) {
  Value element = code.load(buffer.element, getAddress(code, buffer, row, channel), buffer.getElementBytes());
  if (isa<FloatType>(buffer.element))
    return element;
  return code.plus(code.resize(element, laneBits, buffer.isSigned), -buffer.offset);
}

void Emitter::storeElement(Code &code, const Buffer &buffer, Value row, Value channel, Value element) {
  if (auto integer = dyn_cast<IntegerType>(buffer.element))
    element = code.resize(code.plus(element, buffer.offset), integer.getWidth());
  code.store(element, getAddress(code, buffer, row, channel), buffer.getElementBytes());
}

void Emitter::forEachPosition(Code &code, int64_t rows, int64_t channels, function_ref<void(Code &, Position)> body) {
  code.loop(rows, 1, [&](Code &code, Value row) {
    code.loop(channels, kChannelVector, [&](Code &code, Value channel) { body(code, {row, channel}); });
  });
}

void Emitter::copy(Code &code, const Buffer &from, const Buffer &to) {
  unsigned bits = isa<IntegerType>(from.element) && from.element.getIntOrFloatBitWidth() > 32 ? 64 : 32;
  forEachPosition(code, from.rows, from.channels, [&](Code &code, Position at) {
    store(code, to, at, load(code, from, at, bits));
  });
}

/// The value in a buffer of the format that a kernel wants.
Buffer Emitter::ensureFormat(Code &code, Value value, InputFormat format) {
  const Buffer &buffer = getBuffer(value);
  if (buffer.zeroPadding && buffer.element == code.i(format.bits) && buffer.offset == format.offset)
    return buffer;
  Buffer from = buffer;
  Buffer to = allocateBuffer(code, value, format, /*zeroPadding=*/true, currentStep);
  copy(code, from, to);
  return to;
}

//===----------------------------------------------------------------------===//
// Parameters
//===----------------------------------------------------------------------===//

Value Emitter::parameters(Code &code, ArrayRef<int64_t> values, Position at, unsigned bits, StringRef name) {
  auto type = code.lanes(bits);
  if (llvm::all_equal(values))
    return code.constant(type, values.front());
  Value base = constants.getIntegers(code, values, bits, name);
  return code.load(type, code.offset(base, code.multiply(at.channel, bits / 8)), getVectorAlignment(bits / 8));
}

Value Emitter::parametersFloat(Code &code, ArrayRef<double> values, Position at, FloatType type, StringRef name) {
  auto lanes = code.lanes(type);
  auto isFirst = [&](double value) { return llvm::bit_cast<uint64_t>(value) == llvm::bit_cast<uint64_t>(values.front()); };
  if (llvm::all_of(values, isFirst))
    return code.constantFloat(lanes, values.front());
  Value base = constants.getFloats(code, values, type, name);
  int64_t bytes = type.getWidth() / 8;
  return code.load(lanes, code.offset(base, code.multiply(at.channel, bytes)), getVectorAlignment(bytes));
}
