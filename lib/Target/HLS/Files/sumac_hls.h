// What all designs share: the parts of an item, packed constants.
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef SUMAC_HLS_H
#define SUMAC_HLS_H

// Widest item of a stream in bits; the headers' own limit is 1024.
#ifndef AP_INT_MAX_W
#define AP_INT_MAX_W 8192
#endif

// A variable of these headers' types is made up of bits that are not set yet.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <ap_int.h>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
#include <hls_stream.h>

namespace sumac {

/// Element `i` of an item with elements of `BITS` bits, the first lowest.
template <int BITS, int WIDTH> inline ap_uint<BITS> get(const ap_uint<WIDTH> &item, int i) {
#pragma HLS inline
  return item.range((i + 1) * BITS - 1, i * BITS);
}

/// Puts element `i` into an item.
template <int BITS, int WIDTH> inline void put(ap_uint<WIDTH> &item, int i, const ap_uint<BITS> &element) {
#pragma HLS inline
  item.range((i + 1) * BITS - 1, i * BITS) = element;
}

/// Code `i` of a row of codes of `BITS` bits that lie packed in words of 64.
template <int BITS, int WORDS> inline ap_uint<BITS> code(const unsigned long long (&words)[WORDS], int i) {
#pragma HLS inline
  const int bit = i * BITS, word = bit / 64, offset = bit % 64;
  unsigned long long bits = words[word] >> offset;
  if (offset + BITS > 64)
    bits |= words[word + (offset + BITS > 64 ? 1 : 0)] << (64 - offset);
  return ap_uint<BITS>(bits);
}

/// Number of bits that are 1.
template <int WIDTH> inline ap_uint<16> popcount(const ap_uint<WIDTH> &bits) {
#pragma HLS inline
  ap_uint<16> count = 0;
  for (int i = 0; i < WIDTH; ++i) {
#pragma HLS unroll
    count += ap_uint<1>(bits[i]);
  }
  return count;
}

} // namespace sumac

#endif // SUMAC_HLS_H
