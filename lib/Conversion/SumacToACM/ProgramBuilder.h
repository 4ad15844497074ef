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

#include "Parts.h"
#include "sumac/ACM/Container.h"

#include <map>
#include <set>

namespace sumac::acm {

/// Names and metadata of the ports, in the function's order.
struct PortNames {
  std::vector<std::string> inputs, outputs;
};

struct ProgramOptions {
  int64_t images = 0; ///< of a run; 0: as many as fit, at most 64
  /// All words are there before the first execute, where memories hold all of them;
  /// later runs begin behind their loads.
  bool preloads = true;
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
  /// Blocks of a part, for some of the branches, whose words are in the memories at one
  /// time.
  struct Chunk {
    size_t layer = 0, part = 0;
    int64_t first = 0, count = 0; ///< blocks
    size_t branch = 0, branches = 0;
    int64_t image = 0, images = 0;
    int64_t plane = 0, planes = 1; ///< of the result
    Words start, words;
    size_t data = 0;  ///< the chunk that has the same data in DRAM: itself, or one before
    int64_t half = 0; ///< of the memories, where words come in turn
  };
  /// Lines of the activation memory that hold a value.
  struct Region {
    int64_t first = 0;
    size_t begin = 0, end = 0; ///< layers that write it and that read it last
  };

  mlir::LogicalResult checkNumbers(const Layer &layer);
  int64_t getSpreadWords(mlir::Value input) const;
  void placeValues();
  int64_t getMostImages() const;
  mlir::LogicalResult chooseResidentParts(Aim aim);
  mlir::LogicalResult chooseInputs(Aim aim);
  mlir::LogicalResult chooseStreamedParts(size_t layer);
  mlir::LogicalResult choosePlan();
  mlir::LogicalResult chooseTiledPlan();
  mlir::LogicalResult chooseStreamedPlan();
  Words getHalves() const;
  bool fitsMemories() const;
  void makeChunks();
  void addChunk(Chunk chunk);
  void addTiles(size_t layer, size_t part);
  int64_t countInstructions(const Chunk &chunk) const;
  int64_t countInstructions();
  /// Whether an execute computes all images of a chunk. Sums of several branches stay in
  /// the output stage, one block of one image at a time.
  bool isOneExecute(const Chunk &chunk) const {
    return layers[chunk.layer].branches.size() == 1 && tiledLayers.count(chunk.layer) == 0;
  }
  void findRegions();
  mlir::LogicalResult placeActivations();
  mlir::LogicalResult place();
  bool placeLines();
  int64_t getResultWords(size_t layer) const;

  void addData(llvm::ArrayRef<uint8_t> bytes, Instruction &load);
  void loadInputs(const PortNames &names);
  Instruction loadTile(const Chunk &chunk);
  bool isStreamed(mlir::Value value) const { return tileLines != 0 && mlir::isa<mlir::BlockArgument>(value); }
  void loadChunk(size_t chunk, bool waits, bool signals);
  void addChunkData(const Chunk &chunk, std::vector<Instruction> &loads);
  void loadWords(Memory memory, int64_t address, int64_t words, std::vector<Instruction> &loads);
  std::vector<uint8_t> packParameters(const Chunk &chunk, size_t branch);
  void packRecords(const Layer &layer, const Branch &branch, unsigned pass, OutputRange range,
                   llvm::MutableArrayRef<uint8_t> word);
  void executeChunk(const Chunk &chunk, bool waits, bool signalsLoad, bool signalsStore);
  void preloadChunks();
  void addChunks(bool isPreloaded);
  Instruction makeExecute(const Chunk &chunk, size_t branch, int64_t block, int64_t image, int64_t plane);
  void executeBranches(const Chunk &chunk, std::vector<Instruction> &executes);
  std::vector<size_t> getSignallingLayers();
  mlir::LogicalResult storeOutputs(const PortNames &names);
  void add(const Instruction &instruction, const std::string &name);
  void describeLayers();
  llvm::json::Array describeParts();

  const Machine &machine;
  mlir::func::FuncOp function;
  std::vector<Layer> layers;
  ProgramOptions options;
  std::vector<llvm::SmallVector<Part, 2>> plans; ///< of each layer
  /// Layers of which not even a block has room: its branches' words come one after another.
  std::set<size_t> tiledLayers;
  /// Lines that tiles of the function's inputs have, where the activation memory does not
  /// hold an image: they come with the words, in turn to two halves of a region. 0: it does.
  int64_t tileLines = 0;
  /// Whether inputs of several lines have as many elements in each, up to a word.
  bool spreadsInputs = false;
  Placements placements;
  llvm::DenseMap<mlir::Value, Region> regions;
  /// First words of results that leave the program.
  llvm::DenseMap<mlir::Value, int64_t> results;
  std::vector<Chunk> chunks;
  /// Instructions of chunks that are not made, as no program has room for them.
  int64_t beyond = 0;
  std::vector<std::vector<int64_t>> chunkData; ///< where DRAM has each load of a chunk
  bool isResident = true;
  int64_t images = 1;
  Container container;
  std::vector<std::string> names;
  /// What reports say about layers; and where each branch of a layer is in it.
  llvm::json::Array descriptions;
};

} // namespace sumac::acm

#endif // SUMAC_LIB_CONVERSION_SUMACTOACM_PROGRAMBUILDER_H
