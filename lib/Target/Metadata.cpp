//===- Metadata.cpp - What an artifact says of itself -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Target/Metadata.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

llvm::Expected<llvm::json::Object> sumac::readMetadata(llvm::StringRef folder) {
  llvm::SmallString<128> path(folder);
  llvm::sys::path::append(path, "metadata.json");
  auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!file)
    return llvm::createStringError("cannot read '" + path.str() + "': " + file.getError().message());
  auto value = llvm::json::parse((*file)->getBuffer());
  if (!value)
    return value.takeError();
  llvm::json::Object *object = value->getAsObject();
  if (!object)
    return llvm::createStringError("'" + path.str() + "' is no JSON object");
  return std::move(*object);
}

llvm::Expected<sumac::ModulePorts> sumac::readPorts(const llvm::json::Object &metadata, llvm::StringRef folder) {
  auto fail = [&](llvm::StringRef what) {
    return llvm::createStringError("metadata.json in '" + folder + "' has no valid \"" + what + "\"");
  };
  ModulePorts ports;
  ports.hasRawEntry = true;
  for (auto [key, list] : {std::pair{"inputs", &ports.inputs}, {"outputs", &ports.outputs}}) {
    const llvm::json::Array *array = metadata.getArray(key);
    if (!array || array->empty())
      return fail(key);
    for (const llvm::json::Value &entry : *array) {
      auto port = parsePort(entry);
      if (!port)
        return port.takeError();
      if (port->shape.empty())
        return fail("shape");
      list->push_back(std::move(*port));
    }
  }
  return ports;
}
