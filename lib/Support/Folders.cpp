//===- Folders.cpp - Folders of Sumac's own -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Support/Folders.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <dlfcn.h>

using namespace llvm;
using namespace sumac;

Expected<std::string> sumac::findInstalledFolder(StringRef name, StringRef file) {
  static int anchor;
  Dl_info info;
  SmallString<256> path;
  if (dladdr(&anchor, &info) && !sys::fs::real_path(info.dli_fname, path)) {
    sys::path::remove_filename(path);
    sys::path::append(path, "..", "share", "sumac", name);
    sys::path::remove_dots(path, /*remove_dot_dot=*/true);
    if (sys::fs::exists(path + "/" + file))
      return path.str().str();
  }
  return createStringError("Sumac is not installed in full: there is no '" + path + "/" + file + "'");
}

Expected<std::unique_ptr<TemporaryFolder>> TemporaryFolder::create() {
  SmallString<128> path;
  if (std::error_code code = sys::fs::createUniqueDirectory("sumac", path))
    return createStringError(code, "cannot make a temporary folder");
  return std::make_unique<TemporaryFolder>(path.str());
}

TemporaryFolder::~TemporaryFolder() { (void)sys::fs::remove_directories(path); }
