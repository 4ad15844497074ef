//===- Emitter.h - From tensors to buffers and vectors ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Converts one function with constant shapes. Tensors become buffers on the
// stack, or the caller's arrays; a chain of elementwise operations, and the
// linear layer in front of it, becomes one loop that computes 16 channels of a
// row at a time.
//
// An integer in a vector has 32-bit lanes if its range fits, else 64-bit lanes
// (getLaneBits); a float has lanes of its own type.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_CONVERSION_SUMACTOVECTOR_EMITTER_H
#define SUMAC_LIB_CONVERSION_SUMACTOVECTOR_EMITTER_H

#include "Code.h"
#include "Constants.h"

#include "sumac/Dialect/Sumac/IR/SumacDialect.h"
#include "sumac/Target/CPU/Layers.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace sumac {

/// A tensor in memory: all dimensions but the last are rows.
struct Buffer {
  mlir::Value base;
  int64_t rows = 0, channels = 0;
  int64_t stride = 0;    ///< bytes from row to row
  mlir::Type element;    ///< i8, i16, i32, i64 or a float
  bool isSigned = true;  ///< what is stored, offset included
  int64_t offset = 0;    ///< what is stored is value + offset
  bool padded = false;   ///< rows are padded to 64 elements, and aligned
  bool zeroPadding = false; ///< and the padding is zero
  int storage = -1;      ///< index of the stack buffer; -1 for the caller's memory

  int64_t getElementBytes() const { return element.getIntOrFloatBitWidth() / 8; }
};

/// Where 16 lanes lie: row and first channel, both i64.
struct Position {
  mlir::Value row, channel;
};

class Emitter {
public:
  Emitter(mlir::func::FuncOp source, mlir::func::FuncOp target, const CPUTarget &cpu, Constants &constants,
          std::shared_ptr<WeightCache> cache);

  mlir::LogicalResult run();

  //===--- For the emitters of single operations ---------------------------===//

  const RangeAnalysis &getRanges() const { return ranges; }
  const CPUTarget &getTarget() const { return cpu; }
  Constants &getConstants() { return constants; }
  /// Bits of an integer value's lanes, 32 or 64.
  unsigned getLaneBits(mlir::Value value) const;
  /// The lanes' type of a value.
  mlir::VectorType getLanes(mlir::Value value);
  /// values[channel ...] as integer lanes of `bits` bits; one value is for all.
  mlir::Value parameters(Code &code, llvm::ArrayRef<int64_t> values, Position at, unsigned bits, llvm::StringRef name);
  mlir::Value parametersFloat(Code &code, llvm::ArrayRef<double> values, Position at, mlir::FloatType type,
                              llvm::StringRef name);
  /// Integer lanes of another width.
  mlir::Value widen(Code &code, mlir::Value lanes, unsigned bits) { return code.resize(lanes, bits); }

  //===--- Memory ----------------------------------------------------------===//

  mlir::Value load(Code &code, const Buffer &buffer, Position at, unsigned laneBits);
  void store(Code &code, const Buffer &buffer, Position at, mlir::Value lanes);
  /// One element of a buffer as it is stored, less the offset, with 32 or 64 bits.
  mlir::Value loadElement(Code &code, const Buffer &buffer, mlir::Value row, mlir::Value channel, unsigned laneBits);
  void storeElement(Code &code, const Buffer &buffer, mlir::Value row, mlir::Value channel, mlir::Value element);
  const Buffer &getBuffer(mlir::Value value) const { return buffers.find(value)->second; }
  /// Calls body for every row and every 16 channels.
  void forEachPosition(Code &code, int64_t rows, int64_t channels, llvm::function_ref<void(Code &, Position)> body);

private:
  friend class LayoutEmitter;

  /// One loop nest: what it computes, and the values in memory that it reads.
  struct Step {
    mlir::Operation *root;
    LinearOp linear; ///< the layer in front of the root, or null
    llvm::SmallVector<mlir::Value> reads;
  };
  /// A stack buffer and the steps between which it is alive.
  struct Storage {
    mlir::Value pointer;
    int lastRead;
  };

  //===--- Planning (Plan.cpp) ---------------------------------------------===//
  /// A layer and its kernel; failure with a diagnostic.
  struct KernelChoice {
    LinearLayer layer;
    const LinearKernel *kernel;
  };
  mlir::LogicalResult chooseKernel(LinearOp op);
  mlir::LogicalResult plan();
  void planStep(mlir::Operation *root);
  bool isInlined(mlir::Value value) const { return inlined.contains(value); }
  void collectReads(mlir::Value value, Step &step);
  InputFormat chooseFormat(mlir::Value value);
  std::optional<InputFormat> getWantedFormat(mlir::Value value);

  //===--- Buffers (Buffers.cpp) -------------------------------------------===//
  Buffer describe(mlir::RankedTensorType type);
  mlir::Value allocate(int64_t bytes);
  Buffer allocateBuffer(Code &code, mlir::Value value, InputFormat format, bool zeroPadding, int lastRead);
  mlir::Value allocateScratch(Code &code, int64_t bytes);
  void endScratch(Code &code);
  void endStorage(Code &code, int step);
  Buffer getDestination(Code &code, mlir::Value value);
  Buffer ensureFormat(Code &code, mlir::Value value, InputFormat format);
  void clearPadding(Code &code, const Buffer &buffer);
  void copy(Code &code, const Buffer &from, const Buffer &to);
  mlir::Value materializeConstant(Code &code, ConstantOp op);

  //===--- Steps -----------------------------------------------------------===//
  mlir::LogicalResult emitStep(Code &code, const Step &step);
  mlir::LogicalResult emitElementwise(Code &code, const Step &step);
  mlir::LogicalResult emitLinear(Code &code, LinearOp op, llvm::function_ref<void(Code &, Position, mlir::Value)> body);
  mlir::LogicalResult emitReturn(Code &code, mlir::func::ReturnOp op);
  /// Lanes of `value` at a position; null after a diagnostic.
  mlir::Value evaluate(Code &code, mlir::Value value, Position at);

  mlir::func::FuncOp source, target;
  const CPUTarget &cpu;
  Constants &constants;
  RangeAnalysis ranges;

  std::vector<Step> steps;
  llvm::DenseMap<mlir::Operation *, KernelChoice> kernels;
  llvm::DenseSet<mlir::Value> inlined;
  llvm::DenseMap<mlir::Value, int> lastRead; ///< by the value that owns the memory
  llvm::DenseMap<mlir::Value, mlir::Value> aliasOf;
  llvm::DenseMap<mlir::Value, unsigned> resultNumber; ///< values written to the caller's memory

  llvm::DenseMap<mlir::Value, Buffer> buffers;
  std::vector<Storage> storages;
  llvm::SmallVector<mlir::Value> scratches;
  mlir::Operation *allocationPoint = nullptr;
  int currentStep = 0;
  /// Accumulators of the layer in front of the loop that is being emitted.
  mlir::Value drivenValue, drivenLanes;
  /// Lanes already computed at the position that is being emitted.
  llvm::DenseMap<mlir::Value, mlir::Value> evaluated;
};

//===--- Emitters of single operations: lanes of the result, null after a
//      diagnostic ---------------------------------------------------------===//

mlir::Value emitRequantize(Emitter &emitter, Code &code, RequantizeOp op, mlir::Value x, Position at);
mlir::Value emitThreshold(Emitter &emitter, Code &code, ThresholdOp op, mlir::Value x, Position at);
mlir::Value emitTable(Emitter &emitter, Code &code, TableOp op, mlir::Value x, Position at);
mlir::Value emitCombine(Emitter &emitter, Code &code, CombineOp op, mlir::ValueRange x, Position at);
mlir::Value emitClamp(Emitter &emitter, Code &code, ClampOp op, mlir::Value x, Position at);
mlir::Value emitEncode(Emitter &emitter, Code &code, EncodeOp op, mlir::Value x, Position at);
mlir::Value emitDecode(Emitter &emitter, Code &code, DecodeOp op, mlir::Value x, Position at);

/// Codes of requantize and threshold, or of encode, in the proven form of
/// `cpu.epilogue`; null where there is none.
mlir::Value emitStepForm(Emitter &emitter, Code &code, mlir::Operation *op, mlir::Value x, Position at);
mlir::Value emitEncodeForms(Emitter &emitter, Code &code, EncodeOp op, mlir::Value x, Position at);

/// Operations that work on each element alone.
bool isElementwise(mlir::Operation *op);
/// Reshapes, slices, concatenations, transposes: elements move.
bool isLayout(mlir::Operation *op);
mlir::LogicalResult emitLayout(Emitter &emitter, Code &code, mlir::Operation *op, const Buffer &result);
/// argmax and reduce_max.
bool isReduction(mlir::Operation *op);
mlir::LogicalResult emitReduction(Emitter &emitter, Code &code, mlir::Operation *op, const Buffer &result);

} // namespace sumac

#endif // SUMAC_LIB_CONVERSION_SUMACTOVECTOR_EMITTER_H
