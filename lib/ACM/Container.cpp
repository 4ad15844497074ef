//===- Container.cpp - Programs from files --------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads containers that may be truncated, corrupted or hostile: every number is
// checked before it is used, and every byte of the file is accounted for.
//
//===----------------------------------------------------------------------===//

#include "sumac/ACM/Container.h"

#include "ContainerFormat.h"
#include "JSON.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/CRC.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;
using namespace llvm::support;
using namespace sumac::acm;

namespace {

struct Section {
  std::string type; ///< printable
  uint64_t entryOffset = 0, offset = 0, size = 0;
  uint32_t flags = 0, crc = 0;
};

/// Reads one file.
class Reader {
public:
  explicit Reader(MemoryBufferRef buffer)
      : name(buffer.getBufferIdentifier()),
        file(reinterpret_cast<const uint8_t *>(buffer.getBufferStart()),
             buffer.getBufferSize()) {}

  Expected<Container> read();

private:
  Error fail(uint64_t offset, const Twine &message) const {
    return createStringError((name.empty() ? "" : name + ": ") + "offset " +
                             Twine(offset) + ": " + message);
  }
  Error checkZero(uint64_t begin, uint64_t end, const Twine &what) const;
  Error readHeader();
  Error readTable();
  Error readSection(uint64_t number);
  Error checkLayout();
  bool isKnown(StringRef type) const;

  const Section *find(StringRef type) const;
  ArrayRef<uint8_t> getBytes(const Section &section) const {
    return file.slice(section.offset, section.size);
  }
  StringRef getText(const Section &section) const {
    return toStringRef(getBytes(section));
  }
  /// The section's JSON, which must be an object.
  Expected<json::Value> getJSON(const Section &section) const;

  Error readMachine(Container &container) const;
  Error readInstructions(Container &container) const;
  Error readEntryAndData(Container &container) const;
  Error readNames(Container &container) const;

  StringRef name;
  ArrayRef<uint8_t> file;
  uint64_t count = 0;
  std::vector<Section> sections;
};

} // namespace

static const StringLiteral knownTypes[] = {format::description,
                                           format::instructions, format::data,
                                           format::entry, format::names};

bool Reader::isKnown(StringRef type) const {
  return is_contained(knownTypes, type);
}

const Section *Reader::find(StringRef type) const {
  for (const Section &section : sections)
    if (section.type == type)
      return &section;
  return nullptr;
}

Error Reader::checkZero(uint64_t begin, uint64_t end, const Twine &what) const {
  for (uint64_t offset = begin; offset < end; ++offset)
    if (file[offset] != 0)
      return fail(offset, what + " must be 0");
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Header and table
//===----------------------------------------------------------------------===//

Error Reader::readHeader() {
  if (file.size() < format::headerSize)
    return fail(file.size(), "the file ends within the header");
  if (!toStringRef(file).starts_with(format::magic))
    return fail(0, "this is no container: the magic is not " + format::magic);
  uint16_t major = endian::read16le(&file[format::majorAt]);
  if (major != format::major)
    return fail(format::majorAt, "version " + Twine(major) +
                                     " is not supported, only " +
                                     Twine(format::major));
  count = endian::read32le(&file[format::countAt]);
  if (count > (file.size() - format::headerSize) / format::entrySize)
    return fail(format::countAt, "the table of " + Twine(count) +
                                     " sections ends behind the file");
  if (file.size() % format::alignment != 0)
    return fail(file.size(), "the size of the file is no multiple of 64");
  ArrayRef<uint8_t> table =
      file.slice(format::headerSize, count * format::entrySize);
  if (crc32(table) != endian::read32le(&file[format::tableCRCAt]))
    return fail(format::tableCRCAt, "the checksum of the table is wrong");
  return checkZero(format::headerUsed, format::headerSize,
                   "the header's last bytes");
}

Error Reader::readSection(uint64_t number) {
  Section section;
  uint64_t at = format::headerSize + number * format::entrySize;
  section.entryOffset = at;
  StringRef type = toStringRef(file.slice(at, 4));
  section.type = all_of(type, isPrint) ? type.str() : toHex(type);
  section.flags = endian::read32le(&file[at + format::flagsAt]);
  section.offset = endian::read64le(&file[at + format::offsetAt]);
  section.size = endian::read64le(&file[at + format::sizeAt]);
  section.crc = endian::read32le(&file[at + format::crcAt]);
  std::string what = "section " + section.type + ": ";

  if ((section.flags & ~format::mustKnow) != 0)
    return fail(at + format::flagsAt, what + "there are unknown flags");
  if (!isKnown(section.type) && section.flags == format::mustKnow)
    return fail(at, what + "the type is not known, and must be");
  if (find(section.type))
    return fail(at, what + "it is there twice");
  if (section.offset % format::alignment != 0)
    return fail(at + format::offsetAt, what + "the offset " +
                                           Twine(section.offset) +
                                           " is no multiple of 64");
  if (section.offset > file.size() ||
      section.size > file.size() - section.offset)
    return fail(at + format::offsetAt, what + "it ends behind the file");
  if (Error error = checkZero(at + format::entryUsed, at + format::entrySize,
                              what + "the entry's last bytes"))
    return error;
  if (crc32(getBytes(section)) != section.crc)
    return fail(section.offset, what + "the checksum is wrong");
  sections.push_back(std::move(section));
  return Error::success();
}

/// Sections do not overlap, and what lies between them is 0.
Error Reader::checkLayout() {
  std::vector<const Section *> order;
  order.reserve(sections.size());
  for (const Section &section : sections)
    order.push_back(&section);
  llvm::sort(order, [](const Section *a, const Section *b) {
    return std::pair(a->offset, a->size) < std::pair(b->offset, b->size);
  });
  uint64_t end = format::headerSize + count * format::entrySize;
  for (const Section *section : order) {
    if (section->offset < end)
      return fail(section->entryOffset + format::offsetAt,
                  "section " + section->type +
                      ": it overlaps what lies before it");
    if (Error error = checkZero(end, section->offset, "bytes between sections"))
      return error;
    end = section->offset + section->size;
  }
  return checkZero(end, file.size(), "bytes behind the sections");
}

Error Reader::readTable() {
  // Each type is there once: the table cannot be long unless types are unknown.
  constexpr uint64_t mostSections = 256;
  if (count > mostSections)
    return fail(format::countAt, "there are more than 256 sections");
  for (uint64_t number = 0; number < count; ++number)
    if (Error error = readSection(number))
      return error;
  for (StringRef type :
       {format::description, format::instructions, format::entry})
    if (!find(type))
      return fail(format::headerSize, "there is no section " + type);
  return checkLayout();
}

//===----------------------------------------------------------------------===//
// Sections
//===----------------------------------------------------------------------===//

Expected<json::Value> Reader::getJSON(const Section &section) const {
  Expected<json::Value> value = parseJSON(getText(section));
  if (!value)
    return fail(section.offset,
                "section " + section.type + ": " + toString(value.takeError()));
  if (!value->getAsObject())
    return fail(section.offset,
                "section " + section.type + ": it must be a JSON object");
  return value;
}

Error Reader::readMachine(Container &container) const {
  const Section &section = *find(format::description);
  Expected<json::Value> json = getJSON(section);
  if (!json)
    return json.takeError();
  Expected<Machine> machine = Machine::fromJSON(*json);
  if (!machine)
    return fail(section.offset, toString(machine.takeError()));
  if (machine->getCanonicalJSON() != getText(section))
    return fail(section.offset, "the machine description is not canonical");
  if (machine->getHash() != endian::read64le(&file[format::hashAt]))
    return fail(format::hashAt,
                "the hash is not that of the machine description");
  container.program.machine = std::move(*machine);
  return Error::success();
}

Error Reader::readInstructions(Container &container) const {
  const Section &section = *find(format::instructions);
  const Machine &machine = container.program.machine;
  uint64_t size = machine.getInstructionBytes();
  if (section.size % size != 0)
    return fail(section.offset + section.size / size * size,
                "an instruction is cut off");
  uint64_t number = section.size / size;
  if (number > static_cast<uint64_t>(machine.instructions))
    return fail(section.offset,
                Twine(number) + " instructions are more than the " +
                    Twine(machine.instructions) + " words of their memory");
  container.program.instructions.reserve(number);
  for (uint64_t i = 0; i < number; ++i) {
    uint64_t offset = section.offset + i * size;
    Expected<Instruction> instruction =
        decode(machine, file.slice(offset, size));
    if (!instruction)
      return fail(offset, "instruction " + Twine(i) + ": " +
                              toString(instruction.takeError()));
    container.program.instructions.push_back(*instruction);
  }
  return Error::success();
}

Error Reader::readEntryAndData(Container &container) const {
  const Section &section = *find(format::entry);
  Expected<json::Value> json = getJSON(section);
  if (!json)
    return json.takeError();
  Expected<Entry> entry = readEntry(*json, container.program.machine);
  if (!entry)
    return fail(section.offset, "section ENTR: " + toString(entry.takeError()));
  container.entry = std::move(*entry);
  const Section *data = find(format::data);
  if (!data)
    return Error::success();
  if (data->size > static_cast<uint64_t>(container.entry.dram))
    return fail(data->offset, "section DATA: it is larger than 'dram'");
  container.data = getBytes(*data).vec();
  return Error::success();
}

Error Reader::readNames(Container &container) const {
  const Section *section = find(format::names);
  if (!section)
    return Error::success();
  Expected<json::Value> names = getJSON(*section);
  if (!names)
    return names.takeError();
  container.names = std::move(*names);
  return Error::success();
}

Expected<Container> Reader::read() {
  Container container;
  if (Error error = readHeader())
    return std::move(error);
  if (Error error = readTable())
    return std::move(error);
  if (Error error = readMachine(container))
    return std::move(error);
  if (Error error = readInstructions(container))
    return std::move(error);
  if (Error error = readEntryAndData(container))
    return std::move(error);
  if (Error error = readNames(container))
    return std::move(error);
  return container;
}

Program Container::getRepeated() const {
  Program repeated = program;
  auto begin = repeated.instructions.begin();
  size_t first = std::min<size_t>(entry.repeat, repeated.instructions.size());
  repeated.instructions.erase(begin, begin + static_cast<int64_t>(first));
  return repeated;
}

std::string Container::getName(size_t instruction) const {
  const json::Object *object = names ? names->getAsObject() : nullptr;
  const json::Array *all = object ? object->getArray("instructions") : nullptr;
  if (!all || instruction >= all->size())
    return "";
  return (*all)[instruction].getAsString().value_or("").str();
}

Expected<Container> sumac::acm::readContainer(MemoryBufferRef buffer) {
  return Reader(buffer).read();
}
