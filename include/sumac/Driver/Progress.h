//===- Progress.h - What a long job is doing --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One line on a terminal that follows the work, or, elsewhere, a line now and
// then once the work turns out to be slow.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DRIVER_PROGRESS_H
#define SUMAC_DRIVER_PROGRESS_H

#include "llvm/ADT/StringRef.h"

#include <chrono>
#include <cstdint>
#include <string>

namespace mlir {
class PassManager;
} // namespace mlir

namespace sumac {

/// Reports to the standard error output.
class Progress {
public:
  explicit Progress(bool enabled);
  ~Progress();

  /// Work begins that is called `what`.
  void begin(llvm::StringRef what);
  /// `done` of `total` units of it are finished.
  void update(int64_t done, int64_t total);
  /// Removes the line; diagnostics may follow.
  void clear();

  /// Reports the passes as they run.
  void follow(mlir::PassManager &manager);

private:
  using Clock = std::chrono::steady_clock;

  void show(const std::string &text);

  bool enabled;
  bool isTerminal;
  bool isShown = false;
  std::string what;
  Clock::time_point start, last;
};

} // namespace sumac

#endif // SUMAC_DRIVER_PROGRESS_H
