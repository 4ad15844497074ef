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
  llvm::json::Object names;
};
} // namespace

static llvm::Error fail(StringRef attribute, llvm::Error error) {
  return llvm::createStringError("'" + attribute + "': " + llvm::toString(std::move(error)));
}

static llvm::Expected<ProgramHead> readHead(ProgramOp program) {
  ProgramHead head;
  auto machine = Machine::read(program.getMachine());
  if (!machine)
    return fail("machine", machine.takeError());
  head.machine = std::move(*machine);
  auto json = llvm::json::parse(program.getEntry());
  if (!json)
    return fail("entry", json.takeError());
  auto entry = readEntry(*json, head.machine);
  if (!entry)
    return fail("entry", entry.takeError());
  head.entry = std::move(*entry);
  if (!program.getNames())
    return head;
  auto names = llvm::json::parse(*program.getNames());
  if (!names)
    return fail("names", names.takeError());
  if (!names->getAsObject() || names->getAsObject()->get("instructions"))
    return fail("names", llvm::createStringError("must be a JSON object without the key \"instructions\", which locations say"));
  head.names = std::move(*names->getAsObject());
  return head;
}

LogicalResult ProgramOp::verifyInstructions(const Machine &machine) {
  Block &block = getBody().front();
  if (block.getNumArguments() != 0)
    return emitOpError("has arguments; its inputs are ports of 'entry'");
  size_t count = 0;
  for (Operation &op : block) {
    if (!isa<FinishOp, LoadOp, StoreOp, ExecuteOp>(op))
      return op.emitOpError("is no instruction");
    FailureOr<Instruction> instruction = getInstruction(&op);
    if (failed(instruction))
      return failure();
    std::vector<uint8_t> bytes;
    if (llvm::Error error = encode(machine, *instruction, bytes))
      return op.emitOpError() << llvm::toString(std::move(error));
    ++count;
  }
  if (count > static_cast<size_t>(machine.instructions))
    return emitOpError() << "has " << count << " instructions, and the machine words for " << machine.instructions;
  return success();
}

LogicalResult ProgramOp::verifyRegions() {
  auto head = readHead(*this);
  if (!head)
    return emitOpError() << llvm::toString(head.takeError());
  if (failed(verifyPayload([&] { return emitOpError("'data': "); }, getData())))
    return failure();
  if (!getData().getElementType().isUnsignedInteger(8))
    return emitOpError("'data' must be of type ui8");
  if (getData().getNumElements() > head->entry.dram)
    return emitOpError() << "'data' has " << getData().getNumElements() << " bytes; 'entry' says that DRAM has " << head->entry.dram;
  return verifyInstructions(head->machine);
}

/// The name that a location holds.
static StringRef getName(Location location) {
  auto name = location->findInstanceOf<NameLoc>();
  return name ? name.getName().getValue() : StringRef();
}

/// The bytes of verified data.
static std::vector<uint8_t> getBytes(ElementsAttr data) {
  ArrayRef<char> raw;
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(data))
    raw = resource.getRawHandle().getBlob()->getData();
  else
    raw = cast<DenseElementsAttr>(data).getRawData();
  std::vector<uint8_t> bytes(raw.begin(), raw.end());
  if (data.isSplat() && !bytes.empty())
    bytes.assign(data.getNumElements(), bytes.front());
  return bytes;
}

FailureOr<Container> acm::getContainer(ProgramOp program) {
  auto head = readHead(program);
  if (!head)
    return program.emitError() << llvm::toString(head.takeError());
  if (!isPayloadPresent(program.getData()))
    return program.emitError("the data of the program is not in the file");
  Container container;
  container.program.machine = std::move(head->machine);
  container.entry = std::move(head->entry);
  container.data = getBytes(program.getData());
  llvm::json::Array names;
  bool hasNames = false;
  for (Operation &op : program.getBody().front()) {
    FailureOr<Instruction> instruction = getInstruction(&op);
    if (failed(instruction))
      return failure();
    container.program.instructions.push_back(*instruction);
    StringRef name = getName(op.getLoc());
    hasNames |= !name.empty();
    names.push_back(llvm::json::fixUTF8(name));
  }
  if (hasNames)
    head->names["instructions"] = std::move(names);
  if (hasNames || program.getNames())
    container.names = std::move(head->names);
  return container;
}

/// What a container's names say but those of instructions; null if it is nothing.
static StringAttr getOtherNames(OpBuilder &builder, const Container &container) {
  const llvm::json::Object *names = container.names ? container.names->getAsObject() : nullptr;
  if (!names)
    return nullptr;
  llvm::json::Object others = *names;
  bool hadInstructions = others.erase("instructions");
  if (others.empty() && hadInstructions)
    return nullptr;
  return builder.getStringAttr(llvm::formatv("{0}", llvm::json::Value(std::move(others))).str());
}

ProgramOp acm::buildProgram(OpBuilder &builder, Location location, StringRef name, const Container &container) {
  auto type = RankedTensorType::get({static_cast<int64_t>(container.data.size())},
                                    builder.getIntegerType(8, /*isSigned=*/false));
  ArrayRef<char> bytes(reinterpret_cast<const char *>(container.data.data()), container.data.size());
  ElementsAttr data;
  if (bytes.empty())
    data = DenseElementsAttr::get(type, ArrayRef<uint8_t>());
  else
    data = DenseResourceElementsAttr::get(type, "dram", HeapAsmResourceBlob::allocateAndCopyWithAlign(bytes, alignof(uint8_t)));
  std::string entry = llvm::formatv("{0}", toJSON(container.entry));
  auto program = ProgramOp::create(builder, location, builder.getStringAttr(name),
                                   builder.getStringAttr(container.program.machine.getCanonicalJSON()),
                                   builder.getStringAttr(entry), getOtherNames(builder, container), data);
  OpBuilder::InsertionGuard guard(builder);
  builder.createBlock(&program.getBody());
  for (auto [i, instruction] : llvm::enumerate(container.program.instructions)) {
    std::string layer = container.getName(i);
    Location at = layer.empty() ? location : NameLoc::get(builder.getStringAttr(layer));
    buildInstruction(builder, at, instruction);
  }
  return program;
}
