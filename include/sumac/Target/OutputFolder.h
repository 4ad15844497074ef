//===- OutputFolder.h - Files written aside, then moved ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The folder that a back end writes to. Files go to a temporary folder on the
// same file system and are moved into place when all of them are complete, so a
// failure leaves nothing behind and destroys nothing.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_TARGET_OUTPUTFOLDER_H
#define SUMAC_TARGET_OUTPUTFOLDER_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <memory>
#include <string>
#include <vector>

namespace sumac {

/// Collects the files of one artifact.
class OutputFolder {
public:
  /// Prepares to fill the folder `target`, which need not exist yet.
  static llvm::Expected<std::unique_ptr<OutputFolder>>
  create(llvm::StringRef target);
  ~OutputFolder();
  OutputFolder(const OutputFolder &) = delete;
  OutputFolder &operator=(const OutputFolder &) = delete;

  /// The folder as the user named it.
  llvm::StringRef getTarget() const { return target; }

  /// The folder that holds the files until commit().
  llvm::StringRef getTemporary() const { return temporary; }

  /// Where file `name` lies until commit(), for tools such as linkers that
  /// write files themselves. `name` may contain folders, which are made.
  llvm::Expected<std::string> getPath(llvm::StringRef name);

  /// Writes file `name`.
  llvm::Error write(llvm::StringRef name,
                    llvm::function_ref<void(llvm::raw_ostream &)> writer);
  llvm::Error write(llvm::StringRef name, llvm::StringRef contents);

  /// The files that were written, sorted.
  std::vector<std::string> getFiles() const;

  /// For an artifact that has its folder to itself: writes a manifest of what
  /// was written so far. commit() then removes what the manifest of the artifact
  /// before names and this one does not have. Files that someone changed since
  /// stay, as do those that Sumac did not write.
  llvm::Error writeManifest();

  /// Moves everything to the target; existing files of the same names are
  /// replaced, others stay unless there is a manifest.
  llvm::Error commit();

private:
  OutputFolder(llvm::StringRef target, llvm::StringRef temporary,
               std::vector<std::string> made)
      : target(target), temporary(temporary), made(std::move(made)) {}

  std::string target;
  std::string temporary;
  /// Folders made for the target; removed again if nothing is committed.
  std::vector<std::string> made;
  bool committed = false;
};

} // namespace sumac

#endif // SUMAC_TARGET_OUTPUTFOLDER_H
