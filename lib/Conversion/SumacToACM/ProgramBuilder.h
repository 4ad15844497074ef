//===- ProgramBuilder.h - Layers to a program -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Places values and words in the memories, and orders loads, executes and stores by
// tokens (docs/ACM/compiler.md).
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_CONVERSION_SUMACTOACM_PROGRAMBUILDER_H
#define SUMAC_LIB_CONVERSION_SUMACTOACM_PROGRAMBUILDER_H

#include "Formats.h"
#include "sumac/ACM/Container.h"

#include <array>
#include <set>

namespace sumac::acm {

/// Names and metadata of the ports, in the function's order.
struct PortNames {
  std::vector<std::string> inputs, outputs;
};

struct ProgramOptions {
  int64_t images = 0; ///< of a run; 0: as many as fit, at most 64
  /// All words are there before the first execute, where memories hold all of them.
  bool preloads = false;
  std::vector<Format> formats = {Format::Dense, Format::Bitmask, Format::CSR};
};

class ProgramBuilder {
public:
  ProgramBuilder(const Machine &machine, mlir::func::FuncOp function, std::vector<Layer> layers,
                 const ProgramOptions &options)
      : machine(machine), function(function), layers(std::move(layers)), options(options) {}

  /// Diagnoses what the machine is too small for.
  mlir::FailureOr<Container> build(const PortNames &names);

private:
  /// Words of a part of a layer's blocks, which are in the memories at one time.
  struct Chunk {
    size_t layer = 0;
    int64_t first = 0, count = 0;                      ///< blocks
    int64_t codes = 0, indices = 0, parameters = 0;    ///< first words
    int64_t codeWords = 0, indexWords = 0, parameterWords = 0;
  };
  struct LayerPlan {
    llvm::SmallVector<Schedule, 1> schedules; ///< of each branch
    int64_t codeWords = 0, indexWords = 0, parameterWords = 0; ///< of a block
  };
  /// Whether every block of the layer's result begins at a line: executes of single
  /// blocks can write it.
  bool hasBlockLines(size_t layer) const { return layers[layer].branches.size() > 1 || paddedLayers.count(layer) != 0; }
  /// Lines of the activation memory that hold a value.
  struct Region {
    int64_t first = 0;
    size_t begin = 0, end = 0; ///< layers that write it and that read it last
  };

  mlir::LogicalResult checkNumbers(const Layer &layer);
  int64_t getSpreadWords(mlir::Value input) const;
  void placeValues();
  mlir::LogicalResult schedule();
  using Cost = std::array<int64_t, 3>;
  Cost getCost(const Schedule &schedule) const;
  Cost getCost() const;
  mlir::LogicalResult chooseInputs();
  mlir::LogicalResult makeChunks();
  mlir::FailureOr<int64_t> getChunkBlocks(size_t layer);
  bool fitsMemories() const;
  mlir::LogicalResult placeActivations();
  bool placeLines(int64_t images);
  int64_t getBeats(const LayerPlan &plan) const { return (machine.rows >> plan.schedules[0].fold) / machine.outputs; }
  int64_t getResultWords(const Layer &layer, const LayerPlan &plan) const;

  void addData(llvm::ArrayRef<uint8_t> bytes, Instruction &load);
  void loadInputs(const PortNames &names);
  void loadChunk(const Chunk &chunk, bool waits, bool signals);
  void loadWords(Memory memory, int64_t address, llvm::ArrayRef<uint8_t> bytes, std::vector<Instruction> &loads);
  std::vector<uint8_t> packParameters(const Chunk &chunk, size_t branch);
  void packRecords(const Layer &layer, const Branch &branch, unsigned pass, int64_t firstOutput,
                   llvm::MutableArrayRef<uint8_t> word);
  void executeChunk(const Chunk &chunk, bool waits, bool signalsLoad, bool signalsStore);
  void addChunks();
  Instruction makeExecute(const Chunk &chunk, size_t branch);
  void executeBranches(const Chunk &chunk, std::vector<Instruction> &executes);
  mlir::LogicalResult storeOutputs(const PortNames &names);
  void add(const Instruction &instruction, const std::string &name);
  llvm::json::Array describeLayers() const;

  const Machine &machine;
  mlir::func::FuncOp function;
  std::vector<Layer> layers;
  ProgramOptions options;
  std::vector<LayerPlan> plans;
  std::set<size_t> paddedLayers;
  /// Whether inputs of several lines have as many elements in each, up to a word.
  bool spreadsInputs = false;
  llvm::DenseMap<mlir::Value, Placement> placements;
  llvm::DenseMap<mlir::Value, Region> regions;
  /// First words of results that leave the program.
  llvm::DenseMap<mlir::Value, int64_t> results;
  std::vector<Chunk> chunks;
  bool isResident = true;
  int64_t images = 1, resultWords = 0;
  Container container;
  std::vector<std::string> names;
};

} // namespace sumac::acm

#endif // SUMAC_LIB_CONVERSION_SUMACTOACM_PROGRAMBUILDER_H
