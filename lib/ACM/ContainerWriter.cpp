//===- ContainerWriter.cpp - Programs to files ----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ContainerFormat.h"
#include "sumac/ACM/Container.h"

#include "llvm/Support/CRC.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace llvm::support;
using namespace sumac::acm;

namespace {
struct Section {
  StringRef type;
  uint32_t flags;
  ArrayRef<uint8_t> bytes;
};
} // namespace

static std::string print(const json::Value &value) {
  std::string text;
  raw_string_ostream(text) << value;
  return text;
}

static ArrayRef<uint8_t> bytesOf(StringRef text) {
  return {text.bytes_begin(), text.size()};
}

/// Lays sections out behind header and table.
static std::vector<uint8_t> layOut(ArrayRef<Section> sections, uint64_t hash) {
  std::vector<uint8_t> file(format::headerSize +
                            sections.size() * format::entrySize);
  for (const auto &[number, section] : enumerate(sections)) {
    uint64_t offset = file.size();
    file.insert(file.end(), section.bytes.begin(), section.bytes.end());
    file.resize(alignTo(file.size(), format::alignment));
    uint8_t *at = &file[format::headerSize + number * format::entrySize];
    std::copy(section.type.begin(), section.type.end(), at);
    endian::write32le(at + format::flagsAt, section.flags);
    endian::write64le(at + format::offsetAt, offset);
    endian::write64le(at + format::sizeAt, section.bytes.size());
    endian::write32le(at + format::crcAt, crc32(section.bytes));
  }
  std::copy(format::magic.begin(), format::magic.end(), file.begin());
  endian::write16le(&file[format::majorAt], format::major);
  endian::write16le(&file[format::minorAt], format::minor);
  endian::write64le(&file[format::hashAt], hash);
  endian::write32le(&file[format::countAt], sections.size());
  ArrayRef<uint8_t> table = ArrayRef(file).slice(
      format::headerSize, sections.size() * format::entrySize);
  endian::write32le(&file[format::tableCRCAt], crc32(table));
  return file;
}

Expected<std::vector<uint8_t>>
sumac::acm::writeContainer(const Container &container) {
  const Machine &machine = container.program.machine;
  if (Error error = machine.check())
    return std::move(error);
  if (Error error = checkEntry(container.entry, machine))
    return std::move(error);
  if (container.data.size() > static_cast<uint64_t>(container.entry.dram))
    return createStringError("there are more data than 'dram' bytes");
  if (container.names && !container.names->getAsObject())
    return createStringError("the names must be a JSON object");
  Expected<std::vector<uint8_t>> instructions = encode(container.program);
  if (!instructions)
    return instructions.takeError();

  std::string description = machine.getCanonicalJSON();
  std::string entry = print(toJSON(container.entry));
  std::string names;
  SmallVector<Section> sections = {
      {format::description, format::mustKnow, bytesOf(description)},
      {format::instructions, format::mustKnow, *instructions},
      {format::data, format::mustKnow, container.data},
      {format::entry, format::mustKnow, bytesOf(entry)}};
  if (container.names) {
    names = print(*container.names);
    sections.push_back({format::names, 0, bytesOf(names)});
  }
  return layOut(sections, machine.getHash());
}
