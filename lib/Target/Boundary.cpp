//===- Boundary.cpp - Floats around integers -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Target/Boundary.h"

#include "sumac/Dialect/Sumac/IR/SumacDialect.h"
#include "sumac/Driver/Diagnostics.h"
#include "sumac/Interpreter/Interpreter.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Parser/Parser.h"

using namespace mlir;
using namespace sumac;

struct Boundary::Impl {
  /// A function of one tensor; nothing where the tensor stays as it is.
  struct Conversion {
    std::string port;
    OwningOpRef<ModuleOp> module;
    std::unique_ptr<Interpreter> interpreter;
  };

  llvm::Expected<Conversion> parse(const Port &port, StringRef text);
  llvm::Expected<std::vector<HostTensor>> convert(llvm::ArrayRef<Conversion> conversions,
                                                  llvm::ArrayRef<HostTensor> tensors);

  MLIRContext context;
  std::vector<Conversion> encoders, decoders;
};

llvm::Expected<Boundary::Impl::Conversion> Boundary::Impl::parse(const Port &port, StringRef text) {
  Conversion conversion{port.name, {}, {}};
  if (text.empty())
    return conversion;
  DiagnosticCollector errors(&context);
  auto fail = [&] { return errors.takeError("the conversion of '" + port.name + "' at the boundary is damaged"); };
  conversion.module = parseSourceString<ModuleOp>(text, ParserConfig(&context));
  auto function = conversion.module ? conversion.module->lookupSymbol<func::FuncOp>("main") : func::FuncOp();
  if (!function || function.getNumArguments() != 1 || function.getNumResults() != 1)
    return fail();
  InterpreterOptions options;
  options.threads = 0;
  auto interpreter = Interpreter::create(function, options);
  if (failed(interpreter))
    return fail();
  conversion.interpreter = std::move(*interpreter);
  return conversion;
}

llvm::Expected<std::vector<HostTensor>> Boundary::Impl::convert(llvm::ArrayRef<Conversion> conversions,
                                                                llvm::ArrayRef<HostTensor> tensors) {
  std::vector<HostTensor> results;
  for (auto [conversion, tensor] : llvm::zip(conversions, tensors)) {
    if (!conversion.interpreter) {
      results.push_back(tensor);
      continue;
    }
    DiagnosticCollector errors(&context);
    SmallVector<HostTensor> converted;
    if (failed(conversion.interpreter->run(tensor, converted)))
      return errors.takeError("'" + conversion.port + "' cannot be converted");
    results.push_back(std::move(converted[0]));
  }
  return results;
}

Boundary::Boundary(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}
Boundary::~Boundary() = default;

llvm::Expected<std::unique_ptr<Boundary>> Boundary::create(const ModulePorts &ports) {
  auto impl = std::make_unique<Impl>();
  impl->context.loadDialect<func::FuncDialect, tensor::TensorDialect, SumacDialect>();
  auto add = [&](const Port &port, StringRef text, std::vector<Impl::Conversion> &to) -> llvm::Error {
    auto conversion = impl->parse(port, text);
    if (!conversion)
      return conversion.takeError();
    to.push_back(std::move(*conversion));
    return llvm::Error::success();
  };
  for (const Port &port : ports.inputs)
    if (llvm::Error error = add(port, port.encoder, impl->encoders))
      return std::move(error);
  for (const Port &port : ports.outputs)
    if (llvm::Error error = add(port, port.decoder, impl->decoders))
      return std::move(error);
  return std::unique_ptr<Boundary>(new Boundary(std::move(impl)));
}

llvm::Expected<std::vector<HostTensor>> Boundary::encode(llvm::ArrayRef<HostTensor> inputs) const {
  return impl->convert(impl->encoders, inputs);
}

llvm::Expected<std::vector<HostTensor>> Boundary::decode(llvm::ArrayRef<HostTensor> outputs) const {
  return impl->convert(impl->decoders, outputs);
}
