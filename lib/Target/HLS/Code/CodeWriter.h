//===- CodeWriter.h - Lines of C++ -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Collects the lines of a function with indentation, and constants beside them.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_TARGET_HLS_CODE_CODEWRITER_H
#define SUMAC_LIB_TARGET_HLS_CODE_CODEWRITER_H

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/raw_ostream.h"

#include <string>

namespace sumac::hls {

/// "ap_int<20>", "ap_uint<8>".
std::string getType(mlir::IntegerType type);
std::string getType(bool isSigned, int64_t bits);
/// The type of a stream of items of so many bits.
std::string getStreamType(int64_t bits);

/// A signed or unsigned integer that holds all values of a range.
struct ValueType {
  bool isSigned = false;
  int64_t bits = 1;
  std::string str() const { return getType(isSigned, bits); }
};
/// The narrowest type for these values.
ValueType getValueType(llvm::ArrayRef<int64_t> values);

/// Writes C++.
class CodeWriter {
public:
  explicit CodeWriter(llvm::raw_ostream &os) : os(os) {}

  /// One line; "#pragma" is not indented.
  void line(const llvm::Twine &text = "");
  /// Lines within braces: "text {", later "}".
  void open(const llvm::Twine &text);
  void close(const llvm::Twine &end = "");
  /// `for (int name = 0; name < count; ++name) {`
  void loop(llvm::StringRef name, int64_t count);
  void pragma(const llvm::Twine &text) { line("#pragma HLS " + text); }

  /// A static constant array of one or two dimensions of a plain integer type.
  void constants(const llvm::Twine &name, llvm::ArrayRef<int64_t> values, int64_t columns = 0);
  /// Rows of packed words, in hexadecimal.
  void words(const llvm::Twine &name, llvm::ArrayRef<uint64_t> values, int64_t columns);

private:
  llvm::raw_ostream &os;
  int indent = 0;
};

} // namespace sumac::hls

#endif // SUMAC_LIB_TARGET_HLS_CODE_CODEWRITER_H
