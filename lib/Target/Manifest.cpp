//===- Manifest.cpp - Which files of a folder are Sumac's ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Manifest.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SHA256.h"

using namespace sumac;
using llvm::StringRef;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

static llvm::ErrorOr<std::string> hashFile(StringRef file) {
  auto buffer = llvm::MemoryBuffer::getFile(file, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer)
    return buffer.getError();
  return llvm::toHex(llvm::SHA256::hash(llvm::arrayRefFromStringRef((*buffer)->getBuffer())), /*LowerCase=*/true);
}

llvm::Expected<std::string> sumac::makeManifest(StringRef folder, llvm::ArrayRef<std::string> files) {
  std::string text;
  for (const std::string &file : files) {
    llvm::ErrorOr<std::string> hash = hashFile((folder + "/" + file).str());
    if (!hash)
      return llvm::createStringError(hash.getError(), "cannot read '" + folder + "/" + file + "': " + hash.getError().message());
    text += *hash + "  " + file + "\n";
  }
  return text;
}

/// Whether `name` is a file below `folder`, and not by way of "..", a link or a device.
static bool isFileBelow(StringRef folder, StringRef name) {
  if (name.empty() || path::is_absolute(name))
    return false;
  llvm::SmallString<128> place(folder);
  fs::file_status status;
  for (StringRef part : llvm::make_range(path::begin(name), path::end(name))) {
    path::append(place, part);
    if (part == ".." || part == "." || fs::status(place, status, /*follow=*/false) ||
        (status.type() != fs::file_type::directory_file && status.type() != fs::file_type::regular_file))
      return false;
  }
  return status.type() == fs::file_type::regular_file;
}

std::vector<std::string> sumac::findUnchangedFiles(StringRef folder) {
  std::vector<std::string> files;
  if (!isFileBelow(folder, kManifestName))
    return files;
  auto buffer = llvm::MemoryBuffer::getFile(folder + "/" + kManifestName);
  if (!buffer)
    return files;
  llvm::SmallVector<StringRef> lines;
  (*buffer)->getBuffer().split(lines, '\n', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  for (StringRef line : lines) {
    auto [hash, name] = line.split("  ");
    if (!isFileBelow(folder, name))
      continue;
    llvm::ErrorOr<std::string> found = hashFile((folder + "/" + name).str());
    if (found && *found == hash)
      files.push_back(name.str());
  }
  return files;
}
