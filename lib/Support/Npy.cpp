//===- Npy.cpp - NumPy files ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The .npy format (NEP 1): a magic string, a version, the length of a header,
// the header (the literal of a Python dictionary) and the elements. A .npz file
// is a zip archive of them; libzip reads and writes it.
//
//===----------------------------------------------------------------------===//

#include "sumac/Support/Npy.h"

#include "sumac/Support/OutputFile.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <zip.h>

using namespace sumac;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;
using llvm::Twine;

static Error makeError(StringRef name, const Twine &what) {
  return llvm::createStringError("'" + name + "' " + what);
}

//===----------------------------------------------------------------------===//
// Header
//===----------------------------------------------------------------------===//

static constexpr StringRef magic = "\x93NUMPY";

namespace {
struct Header {
  std::optional<std::string> type;
  std::optional<bool> fortranOrder;
  std::optional<llvm::SmallVector<int64_t, 4>> shape;
};

/// Parses the literal of a dictionary whose values are strings, truth values
/// and tuples of integers. Every method returns false where the text is
/// another.
class HeaderParser {
public:
  explicit HeaderParser(StringRef text) : text(text) {}

  bool parse(Header &header) {
    if (!take('{'))
      return false;
    while (!take('}')) {
      std::string key;
      if (!parseString(key) || !take(':') || !parseEntry(key, header))
        return false;
      if (!take(',') && !peek('}'))
        return false;
    }
    return text.trim().empty();
  }

private:
  bool peek(char c) {
    text = text.ltrim();
    return text.starts_with(StringRef(&c, 1));
  }

  bool take(char c) {
    if (!peek(c))
      return false;
    text = text.drop_front();
    return true;
  }

  bool parseString(std::string &result) {
    text = text.ltrim();
    if (text.empty() || (text[0] != '\'' && text[0] != '"'))
      return false;
    size_t end = text.find(text[0], 1);
    if (end == StringRef::npos)
      return false;
    result = text.slice(1, end).str();
    text = text.drop_front(end + 1);
    return true;
  }

  bool parseEntry(StringRef key, Header &header) {
    if (key == "descr" && !header.type)
      return parseString(header.type.emplace());
    if (key == "shape" && !header.shape)
      return parseShape(header.shape.emplace());
    if (key != "fortran_order" || header.fortranOrder)
      return false;
    text = text.ltrim();
    header.fortranOrder = text.starts_with("True");
    return text.consume_front("True") || text.consume_front("False");
  }

  bool parseShape(llvm::SmallVectorImpl<int64_t> &shape) {
    if (!take('('))
      return false;
    while (!take(')')) {
      int64_t size;
      text = text.ltrim();
      if (text.consumeInteger(10, size) || size < 0 || shape.size() == 32)
        return false;
      shape.push_back(size);
      if (!take(',') && !peek(')'))
        return false;
    }
    return true;
  }

  StringRef text;
};
} // namespace

static std::optional<HostType> parseType(StringRef descr) {
  return llvm::StringSwitch<std::optional<HostType>>(descr)
      .Case("|b1", HostType::Bool)
      .Case("|u1", HostType::U8)
      .Case("|i1", HostType::I8)
      .Case("<u2", HostType::U16)
      .Case("<i2", HostType::I16)
      .Case("<u4", HostType::U32)
      .Case("<i4", HostType::I32)
      .Case("<u8", HostType::U64)
      .Case("<i8", HostType::I64)
      .Case("<f2", HostType::F16)
      .Case("<f4", HostType::F32)
      .Case("<f8", HostType::F64)
      // How NumPy saves the bfloat16 of ml_dtypes.
      .Cases({"<V2", "|V2"}, HostType::BF16)
      .Default(std::nullopt);
}

static StringRef stringifyType(HostType type) {
  static constexpr StringRef names[] = {"|b1", "|u1", "|i1", "<u2", "<i2",
                                        "<u4", "<i4", "<u8", "<i8", "<f2",
                                        "<V2", "<f4", "<f8"};
  return names[static_cast<unsigned>(type)];
}

/// Splits a file into header and elements.
static Expected<std::pair<StringRef, StringRef>> splitFile(StringRef contents,
                                                           StringRef name) {
  if (!contents.consume_front(magic))
    return makeError(name, "is not a NumPy file");
  if (contents.size() < 4)
    return makeError(name, "ends within its header");
  unsigned version = static_cast<unsigned char>(contents[0]);
  if (version < 1 || version > 3)
    return makeError(name,
                     "has the unknown NumPy format version " + Twine(version));
  contents = contents.drop_front(2);
  size_t lengthSize = version == 1 ? 2 : 4;
  if (contents.size() < lengthSize)
    return makeError(name, "ends within its header");
  size_t length = version == 1
                      ? llvm::support::endian::read16le(contents.data())
                      : llvm::support::endian::read32le(contents.data());
  contents = contents.drop_front(lengthSize);
  if (contents.size() < length)
    return makeError(name, "ends within its header");
  return std::pair(contents.take_front(length), contents.drop_front(length));
}

Expected<HostTensor> sumac::parseNpy(StringRef contents, StringRef name) {
  auto parts = splitFile(contents, name);
  if (!parts)
    return parts.takeError();
  auto [text, elements] = *parts;
  Header header;
  if (!HeaderParser(text).parse(header) || !header.type ||
      !header.fortranOrder || !header.shape)
    return makeError(name, "has a header that describes no array of numbers");
  std::optional<HostType> type = parseType(*header.type);
  if (!type)
    return makeError(name, "has elements of type '" +
                               StringRef(*header.type).take_front(16) +
                               "', which is none of bool, (u)int8 to "
                               "(u)int64 and float16 to float64 in "
                               "little-endian order");
  // One dimension, or no element, lies the same way in both orders.
  if (*header.fortranOrder && header.shape->size() > 1)
    return makeError(
        name, "is in Fortran order; save numpy.ascontiguousarray(x) instead");
  std::optional<int64_t> count = getNumElements(*header.shape);
  if (!count ||
      static_cast<uint64_t>(*count) > elements.size() / getByteWidth(*type) ||
      static_cast<uint64_t>(*count) * getByteWidth(*type) != elements.size())
    return makeError(name, "has " + Twine(elements.size()) +
                               " bytes of elements, which is not " +
                               stringifyShape(*header.shape, *type));
  HostTensor tensor;
  tensor.type = *type;
  tensor.shape.assign(header.shape->begin(), header.shape->end());
  tensor.bytes.assign(elements.bytes_begin(), elements.bytes_end());
  return tensor;
}

void sumac::printNpy(const HostTensor &tensor, llvm::raw_ostream &os) {
  std::string header = "{'descr': '" + stringifyType(tensor.type).str() +
                       "', 'fortran_order': False, 'shape': (";
  for (int64_t size : tensor.shape)
    header += std::to_string(size) + ",";
  header += "), }";
  // The elements begin at a multiple of 64 bytes; a newline ends the header.
  size_t prefix = magic.size() + 4;
  header.append((64 - (prefix + header.size() + 1) % 64) % 64, ' ');
  header += '\n';
  char length[2];
  llvm::support::endian::write16le(length,
                                   static_cast<uint16_t>(header.size()));
  os << magic << '\1' << '\0' << StringRef(length, 2) << header;
  os.write(reinterpret_cast<const char *>(tensor.bytes.data()),
           tensor.bytes.size());
}

//===----------------------------------------------------------------------===//
// Archives
//===----------------------------------------------------------------------===//

/// Reads entry `index` of the archive as a tensor named without ".npy".
static Expected<NamedTensor> readEntry(zip_t *archive, uint64_t index,
                                       StringRef path) {
  zip_stat_t stat;
  zip_stat_init(&stat);
  const uint64_t wanted = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE;
  if (zip_stat_index(archive, index, 0, &stat) != 0 ||
      (stat.valid & wanted) != wanted)
    return makeError(path, "is a damaged archive");
  std::string entry = (path + ":" + stat.name).str();
  // Deflate never reaches 1 : 1100, so a larger claim is a lie.
  if (stat.size / 1100 > stat.comp_size + 1)
    return makeError(entry,
                     "is damaged: it claims to be larger than its data can be");
  zip_file_t *file = zip_fopen_index(archive, index, 0);
  if (!file)
    return makeError(entry, Twine("cannot be read: ") + zip_strerror(archive));
  llvm::scope_exit close([&] { zip_fclose(file); });
  std::string contents(stat.size, '\0');
  zip_int64_t count = zip_fread(file, contents.data(), contents.size());
  if (count < 0 || static_cast<uint64_t>(count) != stat.size)
    return makeError(entry, Twine("is damaged: ") + zip_file_strerror(file));
  Expected<HostTensor> tensor = parseNpy(contents, entry);
  if (!tensor)
    return tensor.takeError();
  StringRef name = stat.name;
  name.consume_back(".npy");
  return NamedTensor(name.str(), std::move(*tensor));
}

static std::string stringifyZipError(zip_error_t &error) {
  std::string text = zip_error_strerror(&error);
  zip_error_fini(&error);
  return text;
}

static Expected<std::vector<NamedTensor>>
readArchive(const llvm::MemoryBuffer &buffer, StringRef path) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t *source = zip_source_buffer_create(
      buffer.getBufferStart(), buffer.getBufferSize(), 0, &error);
  zip_t *archive =
      source ? zip_open_from_source(source, ZIP_RDONLY, &error) : nullptr;
  if (!archive) {
    if (source)
      zip_source_free(source);
    return makeError(path, "is no .npz file: " + stringifyZipError(error));
  }
  llvm::scope_exit close([&] { zip_discard(archive); });
  std::vector<NamedTensor> tensors;
  llvm::StringSet<> names;
  for (zip_int64_t index = 0, end = zip_get_num_entries(archive, 0);
       index < end; ++index) {
    Expected<NamedTensor> tensor = readEntry(archive, index, path);
    if (!tensor)
      return tensor.takeError();
    if (!names.insert(tensor->first).second)
      return makeError(path, "has two arrays named '" + tensor->first + "'");
    tensors.push_back(std::move(*tensor));
  }
  return tensors;
}

Expected<std::vector<NamedTensor>> sumac::readNumPyFile(StringRef path) {
  auto buffer =
      llvm::MemoryBuffer::getFileOrSTDIN(path, /*IsText=*/false,
                                         /*RequiresNullTerminator=*/false);
  if (!buffer)
    return llvm::createStringError(buffer.getError(),
                                   "cannot read '" + path +
                                       "': " + buffer.getError().message());
  StringRef contents = (*buffer)->getBuffer();
  if (contents.starts_with("PK"))
    return readArchive(**buffer, path);
  Expected<HostTensor> tensor = parseNpy(contents, path);
  if (!tensor)
    return tensor.takeError();
  return std::vector<NamedTensor>{{"", std::move(*tensor)}};
}

Error sumac::writeNpyFile(StringRef path, const HostTensor &tensor) {
  return writeFile(path, [&](llvm::raw_ostream &os) { printNpy(tensor, os); });
}

/// The archive's bytes, made in memory.
static Expected<std::string> makeArchive(llvm::ArrayRef<NamedTensor> tensors) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t *target = zip_source_buffer_create(nullptr, 0, 0, &error);
  if (!target)
    return llvm::createStringError(stringifyZipError(error));
  llvm::scope_exit free([&] { zip_source_free(target); });
  zip_t *archive = zip_open_from_source(target, ZIP_TRUNCATE, &error);
  if (!archive)
    return llvm::createStringError(stringifyZipError(error));
  // zip_close gives up one reference to `target`, which is read afterwards.
  zip_source_keep(target);
  std::vector<std::string> files(tensors.size());
  for (auto [file, tensor] : llvm::zip(files, tensors)) {
    llvm::raw_string_ostream stream(file);
    printNpy(tensor.second, stream);
    zip_source_t *source =
        zip_source_buffer(archive, file.data(), file.size(), 0);
    zip_int64_t index =
        source ? zip_file_add(archive, (tensor.first + ".npy").c_str(), source,
                              ZIP_FL_ENC_UTF_8)
               : -1;
    if (index < 0 ||
        zip_set_file_compression(archive, index, ZIP_CM_STORE, 0) != 0) {
      std::string text = zip_strerror(archive);
      zip_discard(archive);
      return llvm::createStringError(text);
    }
  }
  if (zip_close(archive) != 0) {
    std::string text = zip_strerror(archive);
    zip_discard(archive);
    return llvm::createStringError(text);
  }
  zip_stat_t stat;
  zip_stat_init(&stat);
  std::string contents;
  if (zip_source_open(target) != 0 || zip_source_stat(target, &stat) != 0)
    return llvm::createStringError("the archive cannot be read back");
  contents.resize(stat.size);
  zip_int64_t count = zip_source_read(target, contents.data(), contents.size());
  zip_source_close(target);
  if (count < 0 || static_cast<uint64_t>(count) != stat.size)
    return llvm::createStringError("the archive cannot be read back");
  return contents;
}

Error sumac::writeNpzFile(StringRef path, llvm::ArrayRef<NamedTensor> tensors) {
  Expected<std::string> contents = makeArchive(tensors);
  if (!contents)
    return makeError(path, "cannot be written: " +
                               llvm::toString(contents.takeError()));
  return writeFile(path, *contents);
}
