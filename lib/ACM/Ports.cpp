//===- Ports.cpp - Inputs and outputs of a run ----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "JSON.h"
#include "sumac/ACM/Bits.h"
#include "sumac/ACM/Container.h"

#include "llvm/Support/MathExtras.h"

using namespace llvm;
using namespace sumac::acm;

static constexpr int64_t maxDram = int64_t(1) << 32;
static constexpr int64_t maxElements = int64_t(1) << 24;
static constexpr int64_t maxImages = 65535;

int64_t Port::getWordElements(const Machine &machine) const {
  return memory == Memory::Results ? machine.outputs : machine.lanes;
}

int64_t Port::getElementBits(const Machine &machine) const {
  return memory == Memory::Results ? machine.sumBits : 8;
}

int64_t Port::getBytes(const Machine &machine) const {
  int64_t words = divideCeil(elements, getWordElements(machine));
  return words * machine.getPitch(memory);
}

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

static Error checkPort(const Port &port, const Entry &entry,
                       const Machine &machine, bool isInput) {
  auto fail = [&](const Twine &message) {
    return createStringError("port '" + port.name + "': " + message);
  };
  if (port.memory != Memory::Activations &&
      (isInput || port.memory != Memory::Results))
    return fail("'memory' must be activations" +
                Twine(isInput ? "" : " or results"));
  if (port.elements < 1 || port.elements > maxElements)
    return fail("'elements' must be 1 ... 2^24");
  for (int64_t bytes : {port.address, port.stride, port.planeStride})
    if (bytes < 0 || bytes > maxDram || bytes % machine.dmaBytes != 0)
      return fail("'address', 'stride' and 'plane_stride' must be multiples of "
                  "dma.bytes");
  int64_t size = port.getBytes(machine);
  if (port.planeStride != 0) {
    if (port.memory != Memory::Activations)
      return fail("'plane_stride' must be 0 but for activations");
    if (port.planeStride < size)
      return fail("planes overlap");
    size += port.planeStride;
  }
  if (entry.images > 1 && port.stride < size)
    return fail("images overlap");
  if (port.address + (entry.images - 1) * port.stride + size > entry.dram)
    return fail("it ends behind 'dram'");
  return Error::success();
}

Error sumac::acm::checkEntry(const Entry &entry, const Machine &machine) {
  if (entry.images < 1 || entry.images > maxImages)
    return createStringError("'images' must be 1 ... 65535");
  if (entry.dram < 0 || entry.dram > maxDram)
    return createStringError("'dram' must be 0 ... 2^32");
  if (entry.repeat < 0 || entry.repeat >= machine.instructions)
    return createStringError("'repeat' must be the number of an instruction");
  for (const Port &port : entry.inputs)
    if (Error error = checkPort(port, entry, machine, true))
      return error;
  for (const Port &port : entry.outputs)
    if (Error error = checkPort(port, entry, machine, false))
      return error;
  return Error::success();
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

static json::Value toJSON(ArrayRef<Port> ports) {
  json::Array array;
  for (const Port &port : ports) {
    json::Object object{{"name", port.name},
                        {"memory", stringifyMemory(port.memory)},
                        {"address", port.address},
                        {"stride", port.stride},
                        {"elements", port.elements},
                        {"is_signed", port.isSigned},
                        {"metadata", port.metadata}};
    if (port.planeStride != 0)
      object["plane_stride"] = port.planeStride;
    array.push_back(std::move(object));
  }
  return array;
}

json::Value sumac::acm::toJSON(const Entry &entry) {
  json::Object object{{"images", entry.images},
                      {"dram", entry.dram},
                      {"inputs", ::toJSON(entry.inputs)},
                      {"outputs", ::toJSON(entry.outputs)}};
  if (entry.repeat != 0)
    object["repeat"] = entry.repeat;
  return object;
}

static Port readPort(ObjectReader &entry, const json::Value &json,
                     StringRef where) {
  Port port;
  ObjectReader reader(json, where);
  port.name = reader.getString("name");
  std::string memory = reader.getString("memory");
  if (memory == "results")
    port.memory = Memory::Results;
  else if (memory != "activations")
    reader.fail("memory", "must be \"activations\" or \"results\"");
  port.address = reader.getInteger("address", 0, maxDram);
  port.stride = reader.getInteger("stride", 0, maxDram);
  port.elements = reader.getInteger("elements", 1, maxElements);
  port.isSigned = reader.getBoolean("is_signed");
  if (reader.getOptional("plane_stride"))
    port.planeStride = reader.getInteger("plane_stride", 0, maxDram);
  if (const json::Value *metadata = reader.get("metadata"))
    port.metadata = *metadata;
  entry.fail(reader.finish());
  return port;
}

static std::vector<Port> readPorts(ObjectReader &entry, StringRef key) {
  std::vector<Port> ports;
  const json::Value *value = entry.get(key);
  const json::Array *array = value ? value->getAsArray() : nullptr;
  if (value && !array)
    entry.fail(key, "must be an array");
  if (!array)
    return ports;
  for (const auto &[number, port] : enumerate(*array))
    ports.push_back(
        readPort(entry, port, (key + "[" + Twine(number) + "].").str()));
  return ports;
}

Expected<Entry> sumac::acm::readEntry(const json::Value &json,
                                      const Machine &machine) {
  Entry entry;
  ObjectReader reader(json);
  entry.images = reader.getInteger("images", 1, maxImages);
  entry.dram = reader.getInteger("dram", 0, maxDram);
  entry.inputs = readPorts(reader, "inputs");
  entry.outputs = readPorts(reader, "outputs");
  if (reader.getOptional("repeat"))
    entry.repeat =
        reader.getInteger("repeat", 0, machine.instructions - 1);
  Error error = reader.finish();
  if (!error)
    error = checkEntry(entry, machine);
  if (error)
    return std::move(error);
  return entry;
}

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

void sumac::acm::writePort(const Port &port, const Machine &machine,
                           int64_t image, ArrayRef<uint8_t> codes,
                           MutableArrayRef<uint8_t> dram) {
  size_t lanes = machine.lanes, pitch = machine.getPitch(port.memory);
  size_t planes = port.getPlanes(), elements = codes.size() / planes;
  for (size_t plane = 0; plane < planes; ++plane) {
    size_t at =
        port.address + image * port.stride + plane * port.planeStride;
    for (size_t done = 0; done < elements; done += lanes, at += pitch)
      for (size_t lane = 0; lane < lanes; ++lane)
        dram[at + lane] = done + lane < elements
                              ? codes[(done + lane) * planes + plane]
                              : 0;
  }
}

void sumac::acm::readPort(const Port &port, const Machine &machine,
                          int64_t image, ArrayRef<uint8_t> dram,
                          MutableArrayRef<int64_t> elements) {
  int64_t perWord = port.getWordElements(machine);
  unsigned bits = port.getElementBits(machine);
  int64_t begin = port.address + image * port.stride;
  auto get = [&](int64_t i, int64_t first, bool isSigned) {
    int64_t byte = first + i / perWord * machine.getPitch(port.memory);
    int64_t offset = 8 * byte + i % perWord * bits;
    return isSigned ? getSignedBits(dram, offset, bits)
                    : static_cast<int64_t>(getBits(dram, offset, bits));
  };
  for (int64_t i = 0, end = elements.size(); i < end; ++i)
    elements[i] = port.planeStride == 0
                      ? get(i, begin, port.isSigned)
                      : get(i, begin, false) +
                            256 * get(i, begin + port.planeStride, port.isSigned);
}
