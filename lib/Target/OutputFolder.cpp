//===- OutputFolder.cpp - Files written aside, then moved ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The temporary folder is made inside the target where that exists, else beside
// it: a rename then never leaves the file system.
//
//===----------------------------------------------------------------------===//

#include "sumac/Target/OutputFolder.h"

#include "Manifest.h"

#include "sumac/Support/OutputFile.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace sumac;
using llvm::Error;
using llvm::StringRef;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

static Error makeError(StringRef what, StringRef name, std::error_code code) {
  return llvm::createStringError(code, "cannot " + what + " '" + name +
                                           "': " + code.message());
}

/// Makes `folder` with its parents and adds those that did not exist to `made`,
/// outermost first.
static std::error_code makeFolders(StringRef folder,
                                   std::vector<std::string> &made) {
  if (folder.empty() || fs::is_directory(folder))
    return {};
  if (std::error_code code = makeFolders(path::parent_path(folder), made))
    return code;
  if (std::error_code code =
          fs::create_directory(folder, /*IgnoreExisting=*/false, fs::all_all))
    return code;
  made.push_back(folder.str());
  return {};
}

static void removeFolders(llvm::ArrayRef<std::string> made) {
  for (const std::string &folder : llvm::reverse(made))
    (void)fs::remove(folder); // fails, as it should, where something else is inside
}

llvm::Expected<std::unique_ptr<OutputFolder>>
OutputFolder::create(StringRef target) {
  // A trailing slash would make the target its own parent.
  StringRef trimmed = target.rtrim('/');
  target = trimmed.empty() ? target : trimmed;
  if (target.empty())
    return llvm::createStringError("the output folder's name is empty");
  if (fs::exists(target) && !fs::is_directory(target))
    return llvm::createStringError("cannot write to '" + target +
                                   "': it exists and is not a folder");
  std::vector<std::string> made;
  llvm::SmallString<128> prefix(
      fs::is_directory(target) ? target : path::parent_path(target));
  if (std::error_code code = makeFolders(prefix, made)) {
    removeFolders(made);
    return makeError("make folder", prefix, code);
  }
  path::append(prefix, ".sumac");
  std::string temporary;
  std::error_code code;
  for (int attempt = 0; attempt < 16; ++attempt) {
    temporary = makeUniqueName(prefix);
    code =
        fs::create_directory(temporary, /*IgnoreExisting=*/false, fs::all_all);
    if (code != std::errc::file_exists)
      break;
  }
  if (code) {
    removeFolders(made);
    return makeError("write to", target, code);
  }
  return std::unique_ptr<OutputFolder>(
      new OutputFolder(target, temporary, std::move(made)));
}

OutputFolder::~OutputFolder() {
  (void)fs::remove_directories(temporary);
  if (!committed)
    removeFolders(made);
}

llvm::Expected<std::string> OutputFolder::getPath(StringRef name) {
  if (path::is_absolute(name) ||
      llvm::is_contained(llvm::make_range(path::begin(name), path::end(name)),
                         ".."))
    return llvm::createStringError("'" + name + "' leaves the output folder");
  llvm::SmallString<128> file(temporary);
  path::append(file, name);
  StringRef folder = path::parent_path(file);
  if (std::error_code code =
          fs::create_directories(folder, /*IgnoreExisting=*/true, fs::all_all))
    return makeError("make folder", folder, code);
  return file.str().str();
}

Error OutputFolder::write(
    StringRef name, llvm::function_ref<void(llvm::raw_ostream &)> writer) {
  llvm::Expected<std::string> file = getPath(name);
  if (!file)
    return file.takeError();
  std::error_code code;
  llvm::raw_fd_ostream stream(*file, code);
  if (code)
    return makeError("write", *file, code);
  writer(stream);
  stream.close();
  if (stream.has_error()) {
    code = stream.error();
    stream.clear_error();
    return makeError("write", *file, code);
  }
  return Error::success();
}

Error OutputFolder::write(StringRef name, StringRef contents) {
  return write(name, [&](llvm::raw_ostream &os) { os << contents; });
}

/// Moves what is in `from` to the existing folder `to`.
static Error moveContents(StringRef from, StringRef to) {
  std::error_code code;
  std::vector<std::string> entries;
  for (fs::directory_iterator it(from, code), end; it != end && !code;
       it.increment(code))
    entries.push_back(it->path());
  if (code)
    return makeError("read", from, code);
  for (const std::string &entry : entries) {
    llvm::SmallString<128> destination(to);
    path::append(destination, path::filename(entry));
    if (fs::is_directory(entry) && fs::is_directory(destination)) {
      if (Error error = moveContents(entry, destination))
        return error;
      continue;
    }
    code = fs::rename(entry, destination);
    if (code)
      return makeError("replace", destination, code);
  }
  return Error::success();
}

std::vector<std::string> OutputFolder::getFiles() const {
  std::vector<std::string> files;
  std::error_code code;
  for (fs::recursive_directory_iterator it(temporary, code), end;
       it != end && !code; it.increment(code))
    if (!fs::is_directory(it->path()))
      files.push_back(StringRef(it->path())
                          .drop_front(temporary.size())
                          .ltrim('/')
                          .str());
  llvm::sort(files);
  return files;
}

Error OutputFolder::writeManifest() {
  llvm::Expected<std::string> manifest = makeManifest(temporary, getFiles());
  return manifest ? write(kManifestName, *manifest) : manifest.takeError();
}

/// Removes files, and folders that are empty then.
static Error removeFiles(StringRef folder,
                         llvm::ArrayRef<std::string> files) {
  for (StringRef name : files) {
    llvm::SmallString<128> file(folder);
    path::append(file, name);
    if (std::error_code code = fs::remove(file))
      return makeError("remove", file, code);
    for (StringRef parent = path::parent_path(name); !parent.empty();
         parent = path::parent_path(parent))
      if (fs::remove(folder + "/" + parent))
        break; // something else is inside
  }
  return Error::success();
}

Error OutputFolder::commit() {
  std::vector<std::string> files = getFiles(), old;
  if (llvm::is_contained(files, kManifestName)) {
    old = findUnchangedFiles(target);
    llvm::erase_if(old, [&](const std::string &file) {
      return llvm::binary_search(files, file);
    });
  }
  if (!fs::is_directory(target)) {
    if (std::error_code code = fs::rename(temporary, target))
      return makeError("write to", target, code);
  } else if (Error error = moveContents(temporary, target)) {
    return error;
  }
  committed = true;
  return removeFiles(target, old);
}
