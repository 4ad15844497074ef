//===- TestModule.h - Functions from text -----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_UNITTESTS_INTERPRETER_TESTMODULE_H
#define SUMAC_UNITTESTS_INTERPRETER_TESTMODULE_H

#include "sumac/InitAll.h"
#include "sumac/Interpreter/Interpreter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"

namespace sumac {

/// A parsed module; errors are collected in `messages`.
class TestModule {
public:
  explicit TestModule(llvm::StringRef text) : context(getRegistry()), handler(&context, [this](mlir::Diagnostic &diagnostic) {
      messages += diagnostic.str() + "\n";
      return mlir::success();
    }) {
    module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  }

  mlir::func::FuncOp getFunction() { return module ? *module->getOps<mlir::func::FuncOp>().begin() : nullptr; }

  std::string messages;

private:
  static mlir::DialectRegistry getRegistry() {
    mlir::DialectRegistry registry;
    registry.insert<mlir::arith::ArithDialect, mlir::func::FuncDialect, mlir::linalg::LinalgDialect,
                    mlir::tensor::TensorDialect>();
    registerAllDialects(registry);
    return registry;
  }

  mlir::MLIRContext context;
  mlir::ScopedDiagnosticHandler handler;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

/// A float32 tensor.
inline HostTensor makeFloats(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<float> values) {
  HostTensor tensor(HostType::F32, shape);
  std::copy(values.begin(), values.end(), tensor.getData<float>().begin());
  return tensor;
}

} // namespace sumac

#endif // SUMAC_UNITTESTS_INTERPRETER_TESTMODULE_H
