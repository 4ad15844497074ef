//===- Progress.cpp - What a long job is doing ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shows progress on the standard error output.
//
//===----------------------------------------------------------------------===//

#include "sumac/Driver/Progress.h"

#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassInstrumentation.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/raw_ostream.h"

using namespace sumac;
using std::chrono::milliseconds;

Progress::Progress(bool enabled)
    : enabled(enabled),
      isTerminal(llvm::sys::Process::StandardErrIsDisplayed()),
      start(Clock::now()), last(start) {}

Progress::~Progress() { clear(); }

void Progress::show(const std::string &text) {
  // A terminal gets a line that is overwritten, at most every 100 ms once it is
  // there; a log gets its first line after 5 s and then one every 10 s.
  Clock::time_point now = Clock::now();
  if (isTerminal) {
    if (isShown && now - last < milliseconds(100))
      return;
    llvm::errs() << "\r\033[K" << text;
    isShown = true;
  } else {
    if (now - start < milliseconds(5000) || now - last < milliseconds(10000))
      return;
    llvm::errs() << text << "\n";
  }
  last = now;
}

void Progress::begin(llvm::StringRef newWhat) {
  if (!enabled)
    return;
  what = newWhat.str();
  show(what);
}

void Progress::update(int64_t done, int64_t total) {
  if (enabled)
    show(llvm::formatv("{0}: {1} of {2}", what, done, total).str());
}

void Progress::clear() {
  if (isShown)
    llvm::errs() << "\r\033[K";
  isShown = false;
}

namespace {
struct PassReporter : mlir::PassInstrumentation {
  explicit PassReporter(Progress &progress) : progress(progress) {}

  void runBeforePass(mlir::Pass *pass, mlir::Operation *) override {
    // Adaptors have no argument; the passes inside report themselves.
    if (!pass->getArgument().empty())
      progress.begin(pass->getArgument());
  }

  Progress &progress;
};
} // namespace

void Progress::follow(mlir::PassManager &manager) {
  if (enabled)
    manager.addInstrumentation(std::make_unique<PassReporter>(*this));
}
