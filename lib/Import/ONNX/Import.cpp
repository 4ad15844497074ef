//===- Import.cpp - Entry points of the ONNX importer ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads the protobuf message from a file, standard input or memory. Files are
// streamed, not mapped, so that the model's bytes are in memory once.
//
//===----------------------------------------------------------------------===//

#include "sumac/Import/ONNX/Import.h"

#include "Importer.h"
#include "mlir/IR/Diagnostics.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace sumac;

namespace {

/// Feeds a file to protobuf.
class FileStream : public google::protobuf::io::CopyingInputStream {
public:
  explicit FileStream(llvm::sys::fs::file_t file) : file(file) {}

  int Read(void *buffer, int size) override {
    llvm::Expected<size_t> count = llvm::sys::fs::readNativeFile(
        file, MutableArrayRef<char>(static_cast<char *>(buffer), size));
    if (count)
      return static_cast<int>(*count);
    error = llvm::toString(count.takeError());
    return -1;
  }

  const std::string &getError() const { return error; }

private:
  llvm::sys::fs::file_t file;
  std::string error;
};

} // namespace

static bool parse(onnx::proto::ModelProto &model,
                  google::protobuf::io::ZeroCopyInputStream &input) {
  google::protobuf::io::CodedInputStream coded(&input);
  coded.SetTotalBytesLimit(INT_MAX);
  // Graphs nest in attributes of If and Loop; nothing else is deep.
  coded.SetRecursionLimit(64);
  return model.ParseFromCodedStream(&coded) && coded.ConsumedEntireMessage();
}

static OwningOpRef<ModuleOp> importParsed(onnx::proto::ModelProto &model, bool parsed,
                                          StringRef fileName, StringRef folder,
                                          MLIRContext &context) {
  auto loc = FileLineColLoc::get(&context, fileName, 0, 0);
  // An empty message and plain text parse as protobuf now and then.
  if (!parsed || !model.has_graph()) {
    emitError(loc) << "not an ONNX model: "
                   << (parsed ? "it has no graph" : "the file is truncated or of another format");
    return nullptr;
  }
  return onnx::importModel(model, fileName, folder, &context);
}

OwningOpRef<ModuleOp> sumac::importONNX(StringRef path, MLIRContext &context,
                                        const ONNXImportOptions &options) {
  bool isStdin = path == "-";
  StringRef fileName = isStdin ? "<stdin>" : path;
  auto fail = [&](const Twine &reason) {
    emitError(FileLineColLoc::get(&context, fileName, 0, 0)) << "cannot read the model: " << reason;
    return nullptr;
  };
  llvm::sys::fs::file_t file = llvm::sys::fs::getStdinHandle();
  if (!isStdin) {
    if (llvm::sys::fs::is_directory(path))
      return fail("it is a folder");
    llvm::Expected<llvm::sys::fs::file_t> opened = llvm::sys::fs::openNativeFileForRead(path);
    if (!opened)
      return fail(llvm::toString(opened.takeError()));
    file = *opened;
  }

  onnx::proto::ModelProto model;
  FileStream stream(file);
  bool parsed = false;
  {
    google::protobuf::io::CopyingInputStreamAdaptor adaptor(&stream, 1 << 16);
    parsed = parse(model, adaptor);
  }
  if (!isStdin)
    if (std::error_code error = llvm::sys::fs::closeFile(file))
      return fail(error.message());
  if (!stream.getError().empty())
    return fail(stream.getError());

  std::string folder = options.externalDataFolder;
  if (folder.empty() && !isStdin) {
    folder = llvm::sys::path::parent_path(path).str();
    if (folder.empty())
      folder = ".";
  }
  return importParsed(model, parsed, fileName, folder, context);
}

OwningOpRef<ModuleOp> sumac::importONNX(llvm::MemoryBufferRef buffer, MLIRContext &context,
                                        const ONNXImportOptions &options) {
  onnx::proto::ModelProto model;
  bool parsed = false;
  if (buffer.getBufferSize() <= INT_MAX) {
    google::protobuf::io::ArrayInputStream stream(buffer.getBufferStart(),
                                                  static_cast<int>(buffer.getBufferSize()));
    parsed = parse(model, stream);
  }
  return importParsed(model, parsed, buffer.getBufferIdentifier(), options.externalDataFolder,
                      context);
}
