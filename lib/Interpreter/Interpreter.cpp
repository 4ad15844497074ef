//===- Interpreter.cpp - The exact meaning, executable ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Checks inputs, cuts the batch into chunks of rows, runs these in threads and
// joins the results.
//
//===----------------------------------------------------------------------===//

#include "sumac/Interpreter/Interpreter.h"

#include "Attributes.h"
#include "HostValues.h"
#include "Program.h"

#include <atomic>
#include <thread>

using namespace mlir;
using namespace sumac;
using namespace sumac::interpreter;

struct Interpreter::Impl {
  mutable func::FuncOp function; // a handle without const methods
  InterpreterOptions options;
  Program program;

  /// How a run is cut: `chunks` calls of the program with `rows` rows each, the
  /// last with fewer; `split` is false for one call with everything.
  struct Plan {
    bool split = false;
    int64_t total = 0, rows = 0, chunks = 1;
    SmallVector<bool> cut; ///< The arguments that are cut.
  };

  LogicalResult checkInput(unsigned index, const HostTensor &input) const;
  FailureOr<Plan> makePlan(ArrayRef<HostTensor> inputs) const;
  FailureOr<Plan> planStaticBatch(ArrayRef<HostTensor> inputs) const;
  LogicalResult runChunk(const Plan &plan, int64_t chunk, ArrayRef<HostTensor> inputs,
                         SmallVectorImpl<HostTensor> &results, StepError &error) const;
  LogicalResult runChunks(const Plan &plan, ArrayRef<HostTensor> inputs,
                          std::vector<SmallVector<HostTensor>> &results) const;
};

Interpreter::Interpreter(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}
Interpreter::~Interpreter() = default;

static LogicalResult checkTypes(func::FuncOp function) {
  for (auto [i, type] : llvm::enumerate(function.getArgumentTypes()))
    if (!isa<RankedTensorType>(type) || !getHostType(getElementTypeOrSelf(type)))
      return function.emitOpError("argument ") << i << " of type " << type
             << " cannot be given to the interpreter: floats or integers of at most 64 bits are expected";
  for (auto [i, type] : llvm::enumerate(function.getResultTypes()))
    if (!isa<RankedTensorType>(type) || !getHostType(getElementTypeOrSelf(type)))
      return function.emitOpError("result ") << i << " of type " << type
             << " cannot be returned by the interpreter: reals must pass sumac.to_float";
  return success();
}

FailureOr<std::unique_ptr<Interpreter>> Interpreter::create(func::FuncOp function, InterpreterOptions options) {
  auto impl = std::make_unique<Impl>();
  impl->function = function;
  impl->options = std::move(options);
  if (failed(checkTypes(function)))
    return failure();
  Program::Trace trace;
  if (impl->options.trace)
    trace = [&](Value value, const Tensor &tensor) { impl->options.trace({value, 0, traceTensor(tensor)}); };
  if (failed(impl->program.build(function, {impl->options.fast}, trace)))
    return failure();
  return std::unique_ptr<Interpreter>(new Interpreter(std::move(impl)));
}

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

LogicalResult Interpreter::Impl::checkInput(unsigned index, const HostTensor &input) const {
  auto type = cast<RankedTensorType>(function.getArgumentTypes()[index]);
  auto report = [&] {
    return function.emitOpError("input ") << index << " is " << stringifyShape(input.shape, input.type)
           << ", which does not fit " << type;
  };
  std::optional<int64_t> count = getNumElements(input.shape);
  if (!count || input.bytes.size() != static_cast<size_t>(*count) * getByteWidth(input.type))
    return function.emitOpError("input ") << index << " has another number of bytes than its shape says";
  if (static_cast<int64_t>(input.shape.size()) != type.getRank() || !acceptsHostType(type.getElementType(), input.type))
    return report();
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (!type.isDynamicDim(dim) && input.shape[dim] != type.getDimSize(dim) &&
        (dim != 0 || type.getDimSize(0) == 0 || input.shape[0] % type.getDimSize(0) != 0))
      return report();
  return success();
}

/// Where all leading dimensions are declared, inputs may have a common multiple.
FailureOr<Interpreter::Impl::Plan> Interpreter::Impl::planStaticBatch(ArrayRef<HostTensor> inputs) const {
  Plan plan;
  std::optional<int64_t> multiple;
  for (auto [type, input] : llvm::zip_equal(function.getArgumentTypes(), inputs)) {
    auto shaped = cast<RankedTensorType>(type);
    bool isStatic = shaped.getRank() > 0 && !shaped.isDynamicDim(0);
    int64_t declared = isStatic ? shaped.getDimSize(0) : 0;
    int64_t factor = declared > 0 ? input.shape[0] / declared : 1;
    plan.cut.push_back(declared > 0);
    if (factor == 1 && !isStatic)
      continue;
    if (multiple && *multiple != factor)
      return function.emitOpError("inputs are different multiples of their declared leading dimensions");
    multiple = factor;
  }
  if (multiple.value_or(1) == 1)
    return plan;
  if (!llvm::all_of(plan.cut, [](bool cut) { return cut; }))
    return function.emitOpError("inputs must have their declared leading dimensions where others have none declared");
  for (Type type : function.getResultTypes())
    if (cast<RankedTensorType>(type).getRank() == 0)
      return function.emitOpError("has a result without dimensions, so inputs must have their declared shapes");
  plan.split = true;
  plan.total = plan.chunks = *multiple;
  plan.rows = 1;
  return plan;
}

FailureOr<Interpreter::Impl::Plan> Interpreter::Impl::makePlan(ArrayRef<HostTensor> inputs) const {
  if (inputs.size() != function.getNumArguments())
    return function.emitOpError("takes ") << function.getNumArguments() << " inputs, got " << inputs.size();
  Plan plan;
  std::optional<int64_t> total;
  for (auto [i, input] : llvm::enumerate(inputs)) {
    if (failed(checkInput(i, input)))
      return failure();
    auto type = cast<RankedTensorType>(function.getArgumentTypes()[i]);
    plan.cut.push_back(type.getRank() > 0 && type.isDynamicDim(0));
    if (!plan.cut.back())
      continue;
    if (total && *total != input.shape[0])
      return function.emitOpError("inputs differ in the number of rows: ") << *total << " and " << input.shape[0];
    total = input.shape[0];
  }
  if (!total)
    return planStaticBatch(inputs);
  for (auto [type, input] : llvm::zip_equal(function.getArgumentTypes(), inputs))
    if (auto shaped = cast<RankedTensorType>(type);
        shaped.getRank() > 0 && !shaped.isDynamicDim(0) && input.shape[0] != shaped.getDimSize(0))
      return function.emitOpError("inputs must have their declared leading dimensions where others have none declared");
  if (!program.keepsRows() || *total == 0)
    return plan;
  // Some ten million elements at once, so that memory stays within a gigabyte.
  constexpr int64_t kElements = 1 << 23;
  plan.split = true;
  plan.total = *total;
  plan.rows = options.chunkRows > 0 ? options.chunkRows
                                    : std::clamp<int64_t>(kElements / program.getElementsPerRow(), 1, 256);
  plan.chunks = llvm::divideCeil(plan.total, plan.rows);
  return plan;
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

LogicalResult Interpreter::Impl::runChunk(const Plan &plan, int64_t chunk, ArrayRef<HostTensor> inputs,
                                          SmallVectorImpl<HostTensor> &results, StepError &error) const {
  std::vector<TensorRef> arguments, values;
  int64_t first = chunk * plan.rows, count = std::min(plan.rows, plan.total - first);
  for (auto [i, input] : llvm::enumerate(inputs)) {
    auto type = cast<RankedTensorType>(function.getArgumentTypes()[i]);
    int64_t declared = type.getRank() > 0 && !type.isDynamicDim(0) ? type.getDimSize(0) : 1;
    bool cut = plan.split && plan.cut[i];
    int64_t begin = cut ? first * declared : 0;
    int64_t rows = cut ? count * declared : (input.shape.empty() ? 1 : input.shape[0]);
    FailureOr<TensorRef> argument = fromHost(type.getElementType(), input, begin, rows, error.error);
    if (failed(argument))
      return failure();
    arguments.push_back(*argument);
  }
  Program::Trace trace;
  if (options.trace)
    trace = [&](Value value, const Tensor &tensor) { options.trace({value, plan.split ? first : 0, traceTensor(tensor)}); };
  if (failed(program.run(arguments, values, trace, error)))
    return failure();
  for (const TensorRef &value : values)
    results.push_back(toHost(*value));
  return success();
}

LogicalResult Interpreter::Impl::runChunks(const Plan &plan, ArrayRef<HostTensor> inputs,
                                           std::vector<SmallVector<HostTensor>> &results) const {
  std::atomic<int64_t> next = 0;
  std::atomic<bool> stop = false;
  std::mutex mutex;
  std::optional<std::pair<int64_t, StepError>> firstError;
  int64_t done = 0;
  auto work = [&] {
    for (int64_t chunk; !stop && (chunk = next++) < plan.chunks;) {
      StepError error;
      LogicalResult result = runChunk(plan, chunk, inputs, results[chunk], error);
      std::lock_guard<std::mutex> lock(mutex);
      if (failed(result)) {
        stop = true;
        if (!firstError || chunk < firstError->first)
          firstError = {chunk, error};
        continue;
      }
      done = std::min(done + plan.rows, plan.total);
      if (options.progress && plan.split)
        options.progress(done, plan.total);
    }
  };
  int64_t threads = options.threads ? options.threads : std::max(1u, std::thread::hardware_concurrency());
  threads = options.trace ? 1 : std::min(threads, plan.chunks);
  std::vector<std::thread> others;
  for (int64_t i = 1; i < threads; ++i)
    others.emplace_back(work);
  work();
  for (std::thread &thread : others)
    thread.join();
  if (!firstError)
    return success();
  const StepError &error = firstError->second;
  InFlightDiagnostic diagnostic = error.op ? error.op->emitOpError() : function->emitOpError();
  diagnostic << error.error.getMessage();
  if (plan.split)
    diagnostic.attachNote() << "in the rows from " << firstError->first * plan.rows << " on";
  return diagnostic;
}

LogicalResult Interpreter::run(ArrayRef<HostTensor> inputs, SmallVectorImpl<HostTensor> &results) const {
  FailureOr<Impl::Plan> plan = impl->makePlan(inputs);
  if (failed(plan))
    return failure();
  std::vector<SmallVector<HostTensor>> chunks(plan->chunks);
  if (failed(impl->runChunks(*plan, inputs, chunks)))
    return failure();
  for (size_t i = 0; i < impl->function.getNumResults(); ++i) {
    HostTensor joined = std::move(chunks.front()[i]);
    for (SmallVector<HostTensor> &chunk : llvm::drop_begin(chunks)) {
      joined.shape[0] += chunk[i].shape[0];
      joined.bytes.insert(joined.bytes.end(), chunk[i].bytes.begin(), chunk[i].bytes.end());
    }
    results.push_back(std::move(joined));
  }
  return success();
}

LogicalResult sumac::interpret(func::FuncOp function, ArrayRef<HostTensor> inputs,
                               SmallVectorImpl<HostTensor> &results, const InterpreterOptions &options) {
  FailureOr<std::unique_ptr<Interpreter>> interpreter = Interpreter::create(function, options);
  if (failed(interpreter))
    return failure();
  return (*interpreter)->run(inputs, results);
}
