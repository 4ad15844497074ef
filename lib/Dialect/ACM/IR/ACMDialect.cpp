//===- ACMDialect.cpp - The acm dialect -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Dialect/ACM/IR/ACMDialect.h"

#include "sumac/Dialect/Sumac/IR/Payload.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/OpImplementation.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::acm;

#include "sumac/Dialect/ACM/IR/ACMDialect.cpp.inc"

#define GET_OP_CLASSES
#include "sumac/Dialect/ACM/IR/ACMOps.cpp.inc"

void ACMDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "sumac/Dialect/ACM/IR/ACMOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Instructions
//===----------------------------------------------------------------------===//

static Opcode getOpcode(Operation *op) { return *parseOpcode(op->getName().stripDialect()); }

/// The field of that name which operations of the opcode have as an attribute.
static const Field *lookupField(Opcode opcode, StringRef name) {
  const auto *found = llvm::find_if(getFields(), [&](const Field &field) { return field.name == name; });
  bool isThere = found != getFields().end() && found->member != &Instruction::opcode && found->isIn(opcode);
  return isThere ? found : nullptr;
}

/// The value of a field; nothing where the attribute is none of the field's.
static std::optional<int64_t> getValue(const Field &field, Attribute attribute) {
  if (auto integer = dyn_cast<IntegerAttr>(attribute))
    if (integer.getType().isSignlessInteger(64) && field.values.empty())
      return integer.getInt();
  if (auto name = dyn_cast<StringAttr>(attribute)) {
    const auto *found = llvm::find(field.values, name.getValue());
    if (found != field.values.end())
      return found - field.values.begin();
  }
  return std::nullopt;
}

LogicalResult acm::verifyInstruction(Operation *op) { return getInstruction(op); }

FailureOr<Instruction> acm::getInstruction(Operation *op) {
  Instruction instruction(getOpcode(op));
  for (NamedAttribute attribute : op->getAttrs()) {
    const Field *field = lookupField(instruction.getOpcode(), attribute.getName());
    if (!field)
      return op->emitOpError() << "has no field '" << attribute.getName().getValue() << "'";
    std::optional<int64_t> value = getValue(*field, attribute.getValue());
    if (!value)
      return op->emitOpError() << "field '" << field->name << "' is "
                               << (field->values.empty() ? "a 64-bit integer" : "one of " + llvm::join(field->values, ", "));
    instruction.*field->member = *value;
  }
  return instruction;
}

Operation *acm::buildInstruction(OpBuilder &builder, Location location, const Instruction &instruction) {
  OperationState state(location, "acm." + stringifyOpcode(instruction.getOpcode()).str());
  for (const Field &field : getFields()) {
    int64_t value = instruction.*field.member;
    if (!lookupField(instruction.getOpcode(), field.name))
      continue;
    if (!field.values.empty())
      state.addAttribute(field.name, builder.getStringAttr(field.values[value]));
    else if (value != 0)
      state.addAttribute(field.name, builder.getI64IntegerAttr(value));
  }
  return builder.create(state);
}

//===----------------------------------------------------------------------===//
// Programs
//===----------------------------------------------------------------------===//

namespace {
/// What a program's attributes say.
struct ProgramHead {
  Machine machine;
  Entry entry;
};
} // namespace

static llvm::Expected<ProgramHead> readHead(ProgramOp program) {
  auto machine = Machine::read(program.getMachine());
  if (!machine)
    return machine.takeError();
  auto json = llvm::json::parse(program.getEntry());
  if (!json)
    return json.takeError();
  auto entry = readEntry(*json, *machine);
  if (!entry)
    return entry.takeError();
  return ProgramHead{std::move(*machine), std::move(*entry)};
}

LogicalResult ProgramOp::verifyRegions() {
  auto head = readHead(*this);
  if (!head)
    return emitOpError() << llvm::toString(head.takeError());
  if (!isa<DenseElementsAttr, DenseResourceElementsAttr>(getData()) || !getData().getElementType().isUnsignedInteger(8))
    return emitOpError("data must be dense elements of type ui8");
  for (Operation &op : getBody().front()) {
    if (!isa<FinishOp, LoadOp, StoreOp, ExecuteOp>(op))
      return op.emitOpError("is no instruction");
    FailureOr<Instruction> instruction = getInstruction(&op);
    if (failed(instruction))
      return failure();
    std::vector<uint8_t> bytes;
    if (llvm::Error error = encode(head->machine, *instruction, bytes))
      return op.emitOpError() << llvm::toString(std::move(error));
  }
  return success();
}

/// The name that a location holds.
static StringRef getName(Location location) {
  auto name = location->findInstanceOf<NameLoc>();
  return name ? name.getName().getValue() : StringRef();
}

FailureOr<Container> acm::getContainer(ProgramOp program) {
  auto head = readHead(program);
  if (!head)
    return program.emitError() << llvm::toString(head.takeError());
  Container container;
  container.program.machine = std::move(head->machine);
  container.entry = std::move(head->entry);
  llvm::json::Array names;
  for (Operation &op : program.getBody().front()) {
    FailureOr<Instruction> instruction = getInstruction(&op);
    if (failed(instruction))
      return failure();
    container.program.instructions.push_back(*instruction);
    names.push_back(llvm::json::fixUTF8(getName(op.getLoc())));
  }
  llvm::json::Object allNames{{"instructions", std::move(names)}};
  if (program.getLayers()) {
    auto layers = llvm::json::parse(*program.getLayers());
    if (!layers)
      return program.emitError() << "layers: " << llvm::toString(layers.takeError());
    allNames["layers"] = std::move(*layers);
  }
  container.names = std::move(allNames);
  if (!isPayloadPresent(program.getData()))
    return program.emitError("the data of the program is not in the file");
  SmallVector<int64_t> data = readPayloadIntegers(program.getData());
  container.data.assign(data.begin(), data.end());
  return container;
}

ProgramOp acm::buildProgram(OpBuilder &builder, Location location, StringRef name, const Container &container) {
  auto type = RankedTensorType::get({static_cast<int64_t>(container.data.size())},
                                    builder.getIntegerType(8, /*isSigned=*/false));
  ArrayRef<char> bytes(reinterpret_cast<const char *>(container.data.data()), container.data.size());
  auto data = DenseResourceElementsAttr::get(type, "dram", HeapAsmResourceBlob::allocateAndCopyWithAlign(bytes, 64));
  std::string entry = llvm::formatv("{0}", toJSON(container.entry));
  const llvm::json::Object *names = container.names ? container.names->getAsObject() : nullptr;
  StringAttr about;
  if (const llvm::json::Value *value = names ? names->get("layers") : nullptr)
    about = builder.getStringAttr(llvm::formatv("{0}", *value).str());
  auto program = ProgramOp::create(builder, location, builder.getStringAttr(name),
                                   builder.getStringAttr(container.program.machine.getCanonicalJSON()),
                                   builder.getStringAttr(entry), about, data);
  OpBuilder::InsertionGuard guard(builder);
  builder.createBlock(&program.getBody());
  const llvm::json::Array *layers = names ? names->getArray("instructions") : nullptr;
  for (auto [i, instruction] : llvm::enumerate(container.program.instructions)) {
    auto layer = layers && i < layers->size() ? (*layers)[i].getAsString() : std::nullopt;
    Location at = layer && !layer->empty() ? NameLoc::get(builder.getStringAttr(*layer)) : location;
    buildInstruction(builder, at, instruction);
  }
  return program;
}
