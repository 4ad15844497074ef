//===- Container.h - Programs as files --------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The container of a program: its machine, instructions, the DRAM it begins
// with, and where a run's inputs and outputs lie (docs/ACM/specification.md,
// section 6).
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_ACM_CONTAINER_H
#define SUMAC_ACM_CONTAINER_H

#include "sumac/ACM/Instruction.h"

#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBufferRef.h"

#include <optional>

namespace sumac::acm {

/// An input or an output of a run in DRAM. Its elements lie as they do in the
/// memory that they are loaded to or stored from, word by word: `lanes` bytes
/// or `outputs` numbers of sum_bits in each pitch.
struct Port {
  std::string name;
  /// Activations, or, outputs only, Results.
  Memory memory = Memory::Activations;
  int64_t address = 0;  ///< byte of the first image, a multiple of dma.bytes
  int64_t stride = 0;   ///< bytes between images, a multiple of dma.bytes
  int64_t elements = 0; ///< of an image, 1 ... 2^24
  bool isSigned = false;
  /// Where elements have 16 bits: bytes from the plane of their low bytes to that
  /// of their high bytes. 0: elements have 8.
  int64_t planeStride = 0;
  /// What the compiler says about the port; any JSON.
  llvm::json::Value metadata = nullptr;

  /// Elements of a word of the memory.
  int64_t getWordElements(const Machine &machine) const;
  int64_t getElementBits(const Machine &machine) const;
  int64_t getPlanes() const { return planeStride == 0 ? 1 : 2; }
  /// Bytes of DRAM that an image takes, or a plane of it.
  int64_t getBytes(const Machine &machine) const;
};

/// What a run is.
struct Entry {
  int64_t images = 1; ///< of a run, 1 ... 65535
  int64_t dram = 0;   ///< bytes of DRAM that the program needs, up to 2^32
  /// The instruction at which runs after the first one begin: they find the
  /// memories as the run before left them. 0: at the first instruction, too.
  int64_t repeat = 0;
  std::vector<Port> inputs, outputs;
};

struct Container {
  Program program;
  std::vector<uint8_t> data; ///< DRAM from address 0 on, at most `entry.dram`
  Entry entry;
  /// The section of names; any JSON object.
  std::optional<llvm::json::Value> names;

  /// The instructions of runs after the first one.
  Program getRepeated() const;

  /// What the names say that an instruction belongs to, or "".
  std::string getName(size_t instruction) const;
};

/// Reads a container. Whatever the bytes are, the answer is a container that
/// keeps to section 6, or an error with the offset and the reason. What the
/// instructions say is not looked at: see sumac/Simulator/ACM/Check.h.
llvm::Expected<Container> readContainer(llvm::MemoryBufferRef buffer);

/// The bytes of a container. Errors: what readContainer would not read.
llvm::Expected<std::vector<uint8_t>> writeContainer(const Container &container);

/// The entry as JSON and back; the error names the key.
llvm::json::Value toJSON(const Entry &entry);
llvm::Expected<Entry> readEntry(const llvm::json::Value &json,
                                const Machine &machine);
/// Whether ports lie in DRAM as they must. The error names the port.
llvm::Error checkEntry(const Entry &entry, const Machine &machine);

/// Puts image `image` of codes into DRAM, as many bytes an element as the port
/// has planes, the low one first; bytes of the last word behind them become 0.
/// `dram` holds the entry's bytes, `codes` the port's elements.
void writePort(const Port &port, const Machine &machine, int64_t image,
               llvm::ArrayRef<uint8_t> codes,
               llvm::MutableArrayRef<uint8_t> dram);
/// Takes image `image` out of DRAM, one number an element.
void readPort(const Port &port, const Machine &machine, int64_t image,
              llvm::ArrayRef<uint8_t> dram,
              llvm::MutableArrayRef<int64_t> elements);

} // namespace sumac::acm

#endif // SUMAC_ACM_CONTAINER_H
