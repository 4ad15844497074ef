//===- ContainerTest.cpp - Containers that are not what they say ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/ACM/Container.h"
#include "TestMachine.h"
#include "sumac/ACM/Assembly.h"
#include "sumac/Simulator/ACM/RandomProgram.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CRC.h"
#include "llvm/Support/Endian.h"
#include "gtest/gtest.h"

using namespace llvm;
using namespace llvm::support;
using namespace sumac::acm;

using Bytes = std::vector<uint8_t>;

static Bytes makeFile() {
  Random random(7);
  Container container =
      makeRandomProgram(getTestMachine(), random, {1, 5, 16, 20});
  Port port;
  port.name = "x";
  port.elements = 5;
  container.entry.inputs.push_back(port);
  container.names = json::Object{};
  return cantFail(writeContainer(container));
}

static std::string refuse(const Bytes &bytes) {
  Expected<Container> container =
      readContainer(MemoryBufferRef(toStringRef(bytes), "a.acm"));
  return container ? "" : toString(container.takeError());
}

/// Makes the checksum of the table right again.
static void sealTable(Bytes &bytes) {
  uint32_t count = endian::read32le(&bytes[16]);
  endian::write32le(&bytes[20], crc32(ArrayRef(bytes).slice(64, count * 64)));
}

static uint8_t *getEntry(Bytes &bytes, unsigned number) {
  return &bytes[64 + number * 64];
}

/// Makes a section's checksum right again.
static void sealSection(Bytes &bytes, unsigned number) {
  uint8_t *entry = getEntry(bytes, number);
  auto section = ArrayRef(bytes).slice(endian::read64le(entry + 8),
                                       endian::read64le(entry + 16));
  endian::write32le(entry + 24, crc32(section));
  sealTable(bytes);
}

TEST(ACMContainer, Layout) {
  Bytes bytes = makeFile();
  EXPECT_EQ(refuse(bytes), "");
  EXPECT_EQ(bytes.size() % 64, 0u);
  EXPECT_EQ(toStringRef(ArrayRef(bytes).take_front(4)), "SACM");
  EXPECT_EQ(endian::read64le(&bytes[8]), getTestMachine().getHash());
  const char *types[] = {"DESC", "INST", "DATA", "ENTR", "NAME"};
  for (unsigned i = 0; i < 5; ++i) {
    EXPECT_EQ(toStringRef(ArrayRef(getEntry(bytes, i), 4)), types[i]);
    EXPECT_EQ(endian::read64le(getEntry(bytes, i) + 8) % 64, 0u);
  }
}

/// Every truncation and every changed byte is noticed.
TEST(ACMContainer, EveryByte) {
  Bytes bytes = makeFile();
  for (size_t size = 0; size < bytes.size(); ++size)
    EXPECT_TRUE(StringRef(refuse(Bytes(bytes.begin(), bytes.begin() + size)))
                    .starts_with("a.acm: offset "));
  for (size_t at = 0; at < bytes.size(); ++at)
    for (uint8_t bit : {0x01, 0x80}) {
      // A greater minor version is none.
      if (at == 6 || at == 7)
        continue;
      bytes[at] ^= bit;
      EXPECT_NE(refuse(bytes), "") << at;
      bytes[at] ^= bit;
    }
}

TEST(ACMContainer, Header) {
  Bytes bytes = makeFile();
  EXPECT_EQ(refuse({}), "a.acm: offset 0: the file ends within the header");
  auto change = [&](size_t at, uint8_t value) {
    Bytes changed = bytes;
    changed[at] = value;
    return refuse(changed);
  };
  EXPECT_EQ(change(0, 'X'),
            "a.acm: offset 0: this is no container: the magic is not SACM");
  EXPECT_EQ(change(4, 2),
            "a.acm: offset 4: version 2 is not supported, only 1");
  EXPECT_EQ(change(6, 9), "");
  EXPECT_EQ(change(8, bytes[8] ^ 1), "a.acm: offset 8: the hash is not that of "
                                     "the machine description");
  EXPECT_EQ(change(19, 1), "a.acm: offset 16: the table of 16777221 sections "
                           "ends behind the file");
  EXPECT_EQ(change(20, bytes[20] ^ 1),
            "a.acm: offset 20: the checksum of the table is wrong");
  EXPECT_EQ(change(30, 1),
            "a.acm: offset 30: the header's last bytes must be 0");
}

TEST(ACMContainer, Table) {
  auto refuseTable = [](function_ref<void(Bytes &)> change) {
    Bytes bytes = makeFile();
    change(bytes);
    sealTable(bytes);
    return refuse(bytes);
  };
  auto set = [](unsigned number, unsigned at, uint64_t value) {
    return [=](Bytes &bytes) {
      endian::write64le(getEntry(bytes, number) + at, value);
    };
  };
  EXPECT_EQ(refuseTable(set(1, 8, 12345)),
            "a.acm: offset 136: section INST: the offset 12345 is no multiple "
            "of 64");
  EXPECT_EQ(refuseTable(set(1, 8, uint64_t(1) << 63)),
            "a.acm: offset 136: section INST: it ends behind the file");
  EXPECT_EQ(refuseTable(set(1, 16, ~uint64_t(0))),
            "a.acm: offset 136: section INST: it ends behind the file");
  EXPECT_EQ(refuseTable([](Bytes &bytes) { getEntry(bytes, 0)[4] = 2; }),
            "a.acm: offset 68: section DESC: there are unknown flags");
  EXPECT_EQ(refuseTable([](Bytes &bytes) { getEntry(bytes, 0)[60] = 2; }),
            "a.acm: offset 124: section DESC: the entry's last bytes must be "
            "0");
  EXPECT_EQ(refuseTable([](Bytes &bytes) { getEntry(bytes, 2)[0] = 'X'; }),
            "a.acm: offset 192: section XATA: the type is not known, and must "
            "be");
  // Sections that need not be known are skipped.
  EXPECT_EQ(refuseTable([](Bytes &bytes) { getEntry(bytes, 4)[0] = 'X'; }), "");
  EXPECT_EQ(refuseTable([](Bytes &bytes) {
              getEntry(bytes, 3)[0] = 'X';
              getEntry(bytes, 3)[4] = 0;
            }),
            "a.acm: offset 64: there is no section ENTR");
  EXPECT_EQ(refuseTable([](Bytes &bytes) {
              std::copy_n(getEntry(bytes, 0), 64, getEntry(bytes, 4));
            }),
            "a.acm: offset 320: section DESC: it is there twice");
}

TEST(ACMContainer, Overlap) {
  Bytes bytes = makeFile();
  // NAME is where DESC is.
  uint8_t *names = getEntry(bytes, 4);
  endian::write64le(names + 8, endian::read64le(getEntry(bytes, 0) + 8));
  sealSection(bytes, 4);
  EXPECT_EQ(refuse(bytes), "a.acm: offset 72: section DESC: it overlaps what "
                           "lies before it");
  // And within the table.
  bytes = makeFile();
  endian::write64le(getEntry(bytes, 4) + 8, 64);
  endian::write64le(getEntry(bytes, 4) + 16, 0);
  sealSection(bytes, 4);
  EXPECT_EQ(refuse(bytes), "a.acm: offset 328: section NAME: it overlaps what "
                           "lies before it");
}

/// Changes text in a section, and all checksums so that they agree.
static std::string refuseText(unsigned number, StringRef from, StringRef to) {
  Bytes bytes = makeFile();
  uint64_t offset = endian::read64le(getEntry(bytes, number) + 8);
  auto at = std::search(bytes.begin() + offset, bytes.end(), from.begin(),
                        from.end());
  EXPECT_NE(at, bytes.end());
  EXPECT_EQ(from.size(), to.size());
  std::copy(to.begin(), to.end(), at);
  sealSection(bytes, number);
  std::string message = refuse(bytes);
  // Without the offset, which depends on sizes.
  return StringRef(message).split(": ").second.split(": ").second.str();
}

TEST(ACMContainer, Sections) {
  EXPECT_EQ(refuseText(0, "\"rows\":8", "\"rows\":7"),
            "machine description: 'rows' must be a power of two");
  EXPECT_EQ(refuseText(0, "\"queue\":4", "\"queue\":5"),
            "the hash is not that of the machine description");
  EXPECT_EQ(refuseText(0, "\"queue\":4,\"rows\":8", "\"rows\":8,\"queue\":4"),
            "the machine description is not canonical");
  EXPECT_EQ(refuseText(3, "\"images\":1", "\"images\":0"),
            "section ENTR: 'images' must be an integer of 1 to 65535");
  EXPECT_EQ(refuseText(3, "\"elements\":5", "\"elementz\":5"),
            "section ENTR: 'inputs[0].elements' is missing");
  EXPECT_EQ(refuseText(3, "\"address\":0", "\"address\":3"),
            "section ENTR: port 'x': 'address', 'stride' and 'plane_stride' "
            "must be multiples of dma.bytes");
  EXPECT_EQ(refuseText(4, "{}", "[]"),
            "section NAME: it must be a JSON object");
  EXPECT_TRUE(
      StringRef(refuseText(4, "{}", "{\xff")).starts_with("section NAME: ["));
}

TEST(ACMContainer, Instructions) {
  Bytes bytes = makeFile();
  uint64_t offset = endian::read64le(getEntry(bytes, 1) + 8);
  bytes[offset + 28] |= 7;
  sealSection(bytes, 1);
  EXPECT_EQ(refuse(bytes), "a.acm: offset " + std::to_string(offset + 28) +
                               ": instruction 1: 'opcode' 7 is reserved");
}

TEST(ACMContainer, Writer) {
  Container container;
  container.program.machine = getTestMachine();
  container.data.resize(8);
  auto refuseWrite = [&] {
    return toString(writeContainer(container).takeError());
  };
  EXPECT_EQ(refuseWrite(), "there are more data than 'dram' bytes");
  container.entry.dram = 64;
  Port port;
  port.name = "y";
  port.elements = 33;
  container.entry.outputs = {port};
  EXPECT_EQ(refuseWrite(), "port 'y': it ends behind 'dram'");
  container.entry.outputs[0].elements = 32;
  container.entry.images = 2;
  EXPECT_EQ(refuseWrite(), "port 'y': images overlap");
  container.entry.outputs[0].planeStride = 8;
  EXPECT_EQ(refuseWrite(), "port 'y': planes overlap");
  container.entry.outputs[0].memory = Memory::Results;
  EXPECT_EQ(refuseWrite(),
            "port 'y': 'plane_stride' must be 0 but for activations");
  container.entry.outputs = {port};
  container.entry.outputs[0].elements = 32;
  container.entry.images = 1;
  container.names = json::Value(3);
  EXPECT_EQ(refuseWrite(), "the names must be a JSON object");
  container.entry.repeat = container.program.machine.instructions;
  EXPECT_EQ(refuseWrite(), "'repeat' must be the number of an instruction");
}

TEST(ACMContainer, Ports) {
  Machine machine = getTestMachine();
  Port port;
  port.elements = 6; // two words of 4 bytes, each at 8 bytes
  port.stride = 16;
  port.isSigned = true;
  EXPECT_EQ(port.getBytes(machine), 16);
  Bytes dram(32, 0xee);
  writePort(port, machine, 1, Bytes{1, 2, 3, 4, 0xff, 6}, dram);
  EXPECT_EQ(Bytes(dram.begin() + 16, dram.end()),
            (Bytes{1, 2, 3, 4, 0xee, 0xee, 0xee, 0xee, 0xff, 6, 0, 0, 0xee,
                   0xee, 0xee, 0xee}));
  std::vector<int64_t> elements(6);
  readPort(port, machine, 1, dram, elements);
  EXPECT_EQ(elements, (std::vector<int64_t>{1, 2, 3, 4, -1, 6}));

  // Of 16 bits, in two planes.
  port.elements = 3;
  port.stride = 0;
  port.planeStride = 8;
  EXPECT_EQ(port.getPlanes(), 2);
  writePort(port, machine, 0, Bytes{1, 2, 0xfe, 0xff, 0x80, 3}, dram);
  EXPECT_EQ(Bytes(dram.begin(), dram.begin() + 4), (Bytes{1, 0xfe, 0x80, 0}));
  EXPECT_EQ(Bytes(dram.begin() + 8, dram.begin() + 12),
            (Bytes{2, 0xff, 3, 0}));
  elements.resize(3);
  readPort(port, machine, 0, dram, elements);
  EXPECT_EQ(elements, (std::vector<int64_t>{513, -2, 896}));
  port.planeStride = 0;

  // Sums of 48 bits.
  port.memory = Memory::Results;
  port.elements = 2;
  Bytes sums(24, 0xff);
  sums[6] = 5;
  elements.resize(2);
  readPort(port, machine, 0, sums, elements);
  EXPECT_EQ(elements, (std::vector<int64_t>{-1, -251}));
}

TEST(ACMContainer, Names) {
  Container container;
  container.program =
      cantFail(assemble("machine tiny\nload\nload\nload\nfinish"));
  EXPECT_EQ(container.getName(0), "");
  container.names =
      json::Object{{"instructions", json::Array{"fc1", "fc1", "fc2\n"}}};
  EXPECT_EQ(container.getName(1), "fc1");
  EXPECT_EQ(container.getName(3), "");

  std::string text = disassemble(container.program, [&](size_t number) {
    return container.getName(number);
  });
  StringRef first = "machine tiny\n// fc1\nload memory = codes";
  EXPECT_EQ(StringRef(text).take_front(first.size()), first);
  EXPECT_EQ(StringRef(text).count("//"), 2u);
  EXPECT_TRUE(StringRef(text).contains("// fc2?\nload"));
  EXPECT_EQ(cantFail(assemble(text)).instructions,
            container.program.instructions);
  container.names = json::Object{{"instructions", json::Array{3}}};
  EXPECT_EQ(container.getName(0), "");
}
