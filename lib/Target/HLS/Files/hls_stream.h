// A stream for building designs without a vendor's tool; its own hls_stream.h
// takes this file's place there.
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Unbounded, as in C simulation: processes run one after the other. Reading from
// an empty stream is a defect of the design and ends the program.
//
// With SUMAC_TRACE defined, every item that is written is printed to the file
// descriptor's stream sumac_trace(), as the stream's name and a hexadecimal number.

#ifndef SUMAC_LOCAL_HLS_STREAM_H
#define SUMAC_LOCAL_HLS_STREAM_H

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string>

#ifdef SUMAC_TRACE
/// Where items are printed; stdout unless the program sets it.
inline std::FILE *&sumac_trace() {
  static std::FILE *file = stdout;
  return file;
}
#endif

namespace hls {

template <typename T> class stream {
public:
  stream() {}
  explicit stream(const char *name) : name(name) {}

  bool empty() const { return items.empty(); }
  bool full() const { return false; }
  std::size_t size() const { return items.size(); }

  T read() {
    if (items.empty()) {
      std::fprintf(stderr, "error: stream '%s' is read while it is empty\n", name.c_str());
      std::abort();
    }
    T item = items.front();
    items.pop_front();
    return item;
  }
  void read(T &item) { item = read(); }

  void write(const T &item) {
#ifdef SUMAC_TRACE
    print(item);
#endif
    items.push_back(item);
  }

private:
#ifdef SUMAC_TRACE
  /// In hexadecimal, without zeros in front.
  void print(const T &item) const {
    std::string digits;
    for (int i = 0; i < T::width; i += 4) {
      int digit = 0;
      for (int bit = 0; bit < 4 && i + bit < T::width; ++bit)
        digit |= int(item[i + bit]) << bit;
      digits += "0123456789abcdef"[digit];
    }
    while (digits.size() > 1 && digits[digits.size() - 1] == '0')
      digits.erase(digits.size() - 1);
    std::fprintf(sumac_trace(), "%s %s\n", name.c_str(), std::string(digits.rbegin(), digits.rend()).c_str());
  }
#endif

  stream(const stream &);
  stream &operator=(const stream &);

  std::string name;
  std::deque<T> items;
};

} // namespace hls

#endif // SUMAC_LOCAL_HLS_STREAM_H
