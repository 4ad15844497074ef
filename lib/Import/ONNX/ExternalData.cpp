//===- ExternalData.cpp - Tensor data outside the model file --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A model names files and positions in them. A name is trusted only where the
// file, all links followed, lies inside the model's folder, and a position only
// where the file is that long.
//
//===----------------------------------------------------------------------===//

#include "Importer.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace sumac::onnx;

ExternalDataReader::ExternalDataReader(StringRef folder) : folder(folder) {}

namespace {
struct Place {
  std::string location;
  uint64_t offset = 0;
  std::optional<uint64_t> length;
};
} // namespace

static FailureOr<Place> getPlace(const proto::TensorProto &tensor, Location loc) {
  Place place;
  for (const proto::StringStringEntryProto &entry : tensor.external_data()) {
    StringRef key = entry.key(), value = entry.value();
    if (key == "location") {
      place.location = value.str();
    } else if (key == "offset" || key == "length") {
      uint64_t number = 0;
      if (value.getAsInteger(10, number))
        return emitError(loc) << "external data " << key << " '" << value << "' is not a number";
      if (key == "offset")
        place.offset = number;
      else
        place.length = number;
    }
  }
  if (place.location.empty())
    return emitError(loc) << "external data names no file";
  return place;
}

/// The file's path with links followed, if it lies inside `folder`.
static FailureOr<std::string> resolve(StringRef folder, StringRef location, Location loc) {
  namespace path = llvm::sys::path;
  auto outside = [&]() -> FailureOr<std::string> {
    return emitError(loc) << "external data '" << location
                          << "' lies outside the model's folder; only files inside it are read";
  };
  if (location.contains('\0') || location.contains('\\') || path::is_absolute(location) ||
      llvm::is_contained(llvm::make_range(path::begin(location), path::end(location)), ".."))
    return outside();

  SmallString<256> file(folder), realFolder, realFile;
  path::append(file, location);
  std::error_code error = llvm::sys::fs::real_path(folder, realFolder);
  if (!error)
    error = llvm::sys::fs::real_path(file, realFile);
  if (error)
    return emitError(loc) << "cannot read external data '" << location << "': " << error.message();
  if (!realFolder.ends_with("/"))
    realFolder += '/';
  if (!realFile.starts_with(realFolder))
    return outside();
  return realFile.str().str();
}

FailureOr<std::string> ExternalDataReader::read(const proto::TensorProto &tensor, uint64_t size,
                                                Location loc) const {
  if (folder.empty())
    return emitError(loc) << "the model has external data, but was not read from a file beside which "
                             "to look for it";
  FailureOr<Place> place = getPlace(tensor, loc);
  if (failed(place))
    return failure();
  FailureOr<std::string> path = resolve(folder, place->location, loc);
  if (failed(path))
    return failure();

  auto fail = [&](const Twine &reason) -> FailureOr<std::string> {
    return emitError(loc) << "cannot read external data '" << place->location << "': " << reason;
  };
  llvm::sys::fs::file_status status;
  if (std::error_code error = llvm::sys::fs::status(*path, status))
    return fail(error.message());
  if (status.type() != llvm::sys::fs::file_type::regular_file)
    return fail("it is not a regular file");
  uint64_t fileSize = status.getSize();
  if (place->length && *place->length != size)
    return fail("the tensor takes " + Twine(size) + " bytes, but the length is " +
                Twine(*place->length));
  if (place->offset > fileSize || size > fileSize - place->offset)
    return fail("bytes " + Twine(place->offset) + " to " + Twine(place->offset) + " + " +
                Twine(size) + " are beyond its end at " + Twine(fileSize));

  llvm::Expected<llvm::sys::fs::file_t> file = llvm::sys::fs::openNativeFileForRead(*path);
  if (!file)
    return fail(llvm::toString(file.takeError()));
  llvm::scope_exit close([&] { (void)llvm::sys::fs::closeFile(*file); });
  std::string bytes(size, '\0');
  for (uint64_t done = 0; done < size;) {
    llvm::Expected<size_t> count = llvm::sys::fs::readNativeFileSlice(
        *file, MutableArrayRef<char>(bytes.data() + done, size - done), place->offset + done);
    if (!count)
      return fail(llvm::toString(count.takeError()));
    if (*count == 0)
      return fail("it ends early");
    done += *count;
  }
  return bytes;
}
