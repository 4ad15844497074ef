//===- Backend.h - What a target gives the compiler -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A back end registers a name, options, a cost model, a pipeline, an emitter
// and a loader through one interface. The tools loop over the registered back
// ends and know none by name; one may live in a plugin.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_TARGET_BACKEND_H
#define SUMAC_TARGET_BACKEND_H

#include "sumac/Support/HostTensor.h"
#include "sumac/Target/OptionSet.h"
#include "sumac/Target/OutputFolder.h"

#include "mlir/IR/Attributes.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Support/LLVM.h"
#include "llvm/Support/Error.h"

#include <functional>
#include <memory>
#include <optional>

namespace mlir {
class DialectRegistry;
class OpPassManager;
} // namespace mlir

namespace sumac {

/// The levels of the IR (docs/command-line.md), in the order in which the
/// compiler passes through them.
enum class Level { Imported, Model, Integer, Sums, Target };

llvm::StringRef stringifyLevel(Level level);
std::optional<Level> parseLevel(llvm::StringRef text);

/// Bounds of integers, both included.
struct Bounds {
  int64_t min, max;
};

/// One input or output of an executable. The first dimension of `shape` is the
/// batch where it is dynamic (ShapedType::kDynamic).
struct Port {
  /// The name in the ONNX graph.
  std::string name;
  /// The declared type, and the shape with dynamic dimensions.
  HostType type = HostType::F32;
  llvm::SmallVector<int64_t, 4> shape;
  /// The type at the integer boundary: input codes, output codes or
  /// accumulators; the declared type where the port has no integer form.
  HostType rawType = HostType::F32;
  /// What values are allowed, where that is less than the host type holds (an
  /// input of type uint4, codes of a narrow range).
  std::optional<Bounds> bounds, rawBounds;
  /// The code's grid as an attribute in text form (`#sumac.grid<...>`), empty
  /// where the port has no integer form.
  std::string grid;
  /// For inputs: a module, as text, whose function @main makes codes from
  /// values of the declared type; empty where both are the same.
  std::string encoder;
  /// For outputs: the offset added behind the grid, as an attribute in text
  /// form, or empty.
  std::string offset;
  /// For outputs: a module, as text, whose function @main makes values of the
  /// declared type from raw ones; empty where both are the same.
  std::string decoder;
};

/// The ports of a module with a function @main and, perhaps, @main_raw (see
/// sumac-add-raw-entry). Diagnoses types that have no host form.
struct ModulePorts {
  std::vector<Port> inputs, outputs;
  bool hasRawEntry = false;
};
mlir::FailureOr<ModulePorts> getModulePorts(mlir::ModuleOp module);

/// Ports as entries of "inputs" and "outputs" in an artifact's metadata.json.
llvm::json::Object toJSON(const Port &port);
llvm::Expected<Port> parsePort(const llvm::json::Value &value);

/// A model that can run on this machine.
class Executable {
public:
  virtual ~Executable();

  virtual llvm::ArrayRef<Port> getInputs() const = 0;
  virtual llvm::ArrayRef<Port> getOutputs() const = 0;

  /// Whether run() takes and gives integers when asked for `raw`.
  virtual bool hasRawEntry() const = 0;

  /// Asks to be told how many rows are done and how many there are. A run that
  /// is quick need not.
  virtual void setProgress(const std::function<void(int64_t, int64_t)> &progress) {}

  /// Whether run() takes leading dimensions that are a multiple of fixed
  /// declared ones. Otherwise runBatches() (Driver/Run.h) splits such inputs.
  virtual bool takesBatchMultiples() const { return false; }

  /// The most bit planes of activations that setPlanes() takes; 0 where the
  /// model was not compiled to be told their number.
  virtual int64_t getMostPlanes() const { return 0; }
  /// How many bit planes later runs use, 1 to getMostPlanes(). Without a call
  /// they use all.
  virtual void setPlanes(int64_t planes) {}

  /// Runs the model on inputs that checkInputs() accepts. With `raw`, inputs
  /// and outputs have the ports' raw types. Thread-safe.
  virtual llvm::Expected<std::vector<HostTensor>>
  run(llvm::ArrayRef<HostTensor> inputs, bool raw) const = 0;

  /// Checks number, types, shapes and bounds of inputs; the error names the
  /// input. Leading dimensions may be a multiple of fixed declared ones, by one
  /// factor for all inputs, which is returned.
  llvm::Expected<int64_t> checkInputs(llvm::ArrayRef<HostTensor> inputs,
                                      bool raw) const;
};

/// What a layer costs on a target, by form and storage.
class CostModel {
public:
  virtual ~CostModel();

  /// What getCost() counts: "cycles", "LUTs", ...
  virtual llvm::StringRef getUnit() const = 0;

  /// The cost of one row through `layer` (an op of the integer level) when it
  /// is computed in `form`, a FormAttrInterface; nothing where the target
  /// cannot.
  virtual std::optional<double> getCost(mlir::Operation *layer,
                                        mlir::Attribute form,
                                        const OptionSet &options) const = 0;
};

/// What a whole model takes and gives on a target, for readers and for programs.
struct Estimate {
  std::string text;
  llvm::json::Object object;
};

/// A target.
class Backend {
public:
  virtual ~Backend();

  /// The name after --target, one word.
  virtual llvm::StringRef getName() const = 0;
  /// One line for --help.
  virtual llvm::StringRef getDescription() const = 0;

  /// Whether commands use the target where none is named. Not so of one that takes
  /// minutes.
  virtual bool isDefault() const { return true; }

  /// The level at which the pipelines take the module over; the core lowers to
  /// it. Level::Model means a back end without pipelines that runs any level.
  virtual Level getInputLevel() const { return Level::Integer; }

  virtual void registerDialects(mlir::DialectRegistry &registry) const {}
  virtual void declareOptions(OptionSet &options) const {}
  virtual const CostModel *getCostModel() const { return nullptr; }
  /// Whether entries with the attribute `sumac.planes` get an argument for the
  /// number of bit planes (sumac-add-planes-argument).
  virtual bool takesPlanes() const { return false; }

  /// Whether the target computes layers in their forms itself, so that the core
  /// does not write them as sums.
  virtual bool computesForms() const { return false; }

  /// Adds the passes from the integer level to the sums level: the choice of
  /// form, storage and tiling, written as attributes.
  virtual llvm::Error buildSumsPipeline(mlir::OpPassManager &manager,
                                        const OptionSet &options) const;

  /// Adds the passes from there to what emit() and load() take.
  virtual llvm::Error buildPipeline(mlir::OpPassManager &manager,
                                    const OptionSet &options) const;

  /// Whether there is an estimate of a whole model, and it, for a module as left
  /// by the pipeline. It writes nothing and takes milliseconds.
  virtual bool hasEstimate() const { return false; }
  virtual mlir::FailureOr<Estimate> getEstimate(mlir::ModuleOp module, const OptionSet &options) const;

  /// Writes the artifact named `name`. Diagnoses on the module.
  virtual bool canEmit() const { return false; }
  virtual mlir::LogicalResult emit(mlir::ModuleOp module, llvm::StringRef name,
                                   const OptionSet &options,
                                   OutputFolder &folder) const;

  /// Makes the module, as left by the pipeline, run on this machine. Diagnoses
  /// on the module. The module may be destroyed afterwards.
  virtual mlir::FailureOr<std::unique_ptr<Executable>>
  load(mlir::ModuleOp module, const OptionSet &options) const;

  /// Loads an artifact that emit() wrote to `folder`; metadata.json names the
  /// back end as "target".
  virtual llvm::Expected<std::unique_ptr<Executable>>
  loadArtifact(llvm::StringRef folder, const OptionSet &options) const;

  /// What an artifact, a folder or a file of one, consists of and takes; nothing
  /// where it is none of this back end's, or there is nothing to say.
  virtual llvm::Expected<std::optional<Estimate>> inspectArtifact(llvm::StringRef path) const;
};

/// Adds a back end; a later one of the same name is ignored.
void registerBackend(std::unique_ptr<Backend> backend);
/// The back end of that name, or null.
const Backend *lookupBackend(llvm::StringRef name);
/// All of them, ordered by name.
std::vector<const Backend *> getBackends();

/// `static BackendRegistration<CPUBackend> registration;` in the back end's
/// file.
template <typename BackendT> struct BackendRegistration {
  BackendRegistration() noexcept { registerBackend(std::make_unique<BackendT>()); }
};

} // namespace sumac

#endif // SUMAC_TARGET_BACKEND_H
