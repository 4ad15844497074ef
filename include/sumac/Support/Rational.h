//===- Rational.h - Exact integers and rationals ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Value classes around GMP's integers and rationals. Every float constant of a
// model is taken as the rational number that it is, so these are the numbers
// that the compiler computes with.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_SUPPORT_RATIONAL_H
#define SUMAC_SUPPORT_RATIONAL_H

#include <cstdint>
#include <gmp.h>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace sumac {

__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 UInt128;

/// value / 2^shift as an integer: rounded down, or to nearest with ties to even
/// (shift > 0 then; |value| < 2^126).
inline Int128 shiftRight(Int128 value, int64_t shift, bool halfEven) {
  if (halfEven)
    value += (Int128(1) << (shift - 1)) - 1 + ((value >> shift) & 1);
  return value >> shift;
}

/// An integer of any size.
class Integer {
public:
  Integer() { mpz_init(value); }
  template <typename T, typename = std::enable_if_t<std::is_integral_v<T> &&
                                                    sizeof(T) <= 8>>
  Integer(T number) {
    if constexpr (std::is_signed_v<T>)
      mpz_init_set_si(value, static_cast<long>(number));
    else
      mpz_init_set_ui(value, static_cast<unsigned long>(number));
  }
  Integer(Int128 number);
  explicit Integer(mpz_srcptr number) { mpz_init_set(value, number); }
  Integer(const Integer &other) { mpz_init_set(value, other.value); }
  Integer(Integer &&other) noexcept {
    mpz_init(value);
    mpz_swap(value, other.value);
  }
  Integer &operator=(const Integer &other) {
    mpz_set(value, other.value);
    return *this;
  }
  Integer &operator=(Integer &&other) noexcept {
    mpz_swap(value, other.value);
    return *this;
  }
  ~Integer() { mpz_clear(value); }

  mpz_ptr get() { return value; }
  mpz_srcptr get() const { return value; }

  Integer &operator+=(const Integer &other) {
    mpz_add(value, value, other.value);
    return *this;
  }
  Integer &operator-=(const Integer &other) {
    mpz_sub(value, value, other.value);
    return *this;
  }
  Integer &operator*=(const Integer &other) {
    mpz_mul(value, value, other.value);
    return *this;
  }
  friend Integer operator+(Integer a, const Integer &b) { return a += b; }
  friend Integer operator-(Integer a, const Integer &b) { return a -= b; }
  friend Integer operator*(Integer a, const Integer &b) { return a *= b; }
  Integer operator-() const;
  Integer abs() const;
  /// this * 2^bits.
  Integer shl(unsigned bits) const;
  /// floor(this / 2^bits).
  Integer shr(unsigned bits) const;
  /// floor(this / divisor), for a divisor other than zero.
  Integer floorDiv(const Integer &divisor) const;

  int sign() const { return mpz_sgn(value); }
  bool isZero() const { return sign() == 0; }
  bool isOdd() const { return mpz_odd_p(value); }
  int compare(const Integer &other) const {
    int order = mpz_cmp(value, other.value);
    return (order > 0) - (order < 0);
  }
  /// Number of bits of the magnitude; 0 for 0.
  unsigned bitLength() const {
    return isZero() ? 0 : static_cast<unsigned>(mpz_sizeinbase(value, 2));
  }
  /// Bits of the shortest two's complement form (1 for 0 and -1, 8 for -128).
  unsigned signedBits() const;
  /// Zero bits below the lowest one bit; 0 for 0.
  unsigned trailingZeros() const {
    return isZero() ? 0 : static_cast<unsigned>(mpz_scan1(value, 0));
  }
  std::optional<int64_t> toInt64() const;
  /// The value limited to int64's range.
  int64_t toInt64Saturated() const;
  double toDouble() const;
  /// Decimal text.
  std::string toString() const;
  /// Reads an optional sign and decimal digits, nothing else.
  static std::optional<Integer> parse(std::string_view text);

private:
  mpz_t value;
};

inline bool operator==(const Integer &a, const Integer &b) {
  return a.compare(b) == 0;
}
inline bool operator!=(const Integer &a, const Integer &b) {
  return a.compare(b) != 0;
}
inline bool operator<(const Integer &a, const Integer &b) {
  return a.compare(b) < 0;
}
inline bool operator<=(const Integer &a, const Integer &b) {
  return a.compare(b) <= 0;
}
inline bool operator>(const Integer &a, const Integer &b) {
  return a.compare(b) > 0;
}
inline bool operator>=(const Integer &a, const Integer &b) {
  return a.compare(b) >= 0;
}

/// A rational number, always in lowest terms with a positive denominator.
class Rational {
public:
  Rational() { mpq_init(value); }
  template <typename T, typename = std::enable_if_t<std::is_integral_v<T> &&
                                                    sizeof(T) <= 8>>
  Rational(T number) {
    mpq_init(value);
    if constexpr (std::is_signed_v<T>)
      mpq_set_si(value, static_cast<long>(number), 1);
    else
      mpq_set_ui(value, static_cast<unsigned long>(number), 1);
  }
  Rational(const Integer &number) {
    mpq_init(value);
    mpq_set_z(value, number.get());
  }
  explicit Rational(mpq_srcptr number) {
    mpq_init(value);
    mpq_set(value, number);
  }
  /// numerator / denominator; the denominator is not zero.
  Rational(const Integer &numerator, const Integer &denominator);
  Rational(const Rational &other) : Rational(other.value) {}
  Rational(Rational &&other) noexcept {
    mpq_init(value);
    mpq_swap(value, other.value);
  }
  Rational &operator=(const Rational &other) {
    mpq_set(value, other.value);
    return *this;
  }
  Rational &operator=(Rational &&other) noexcept {
    mpq_swap(value, other.value);
    return *this;
  }
  ~Rational() { mpq_clear(value); }

  /// The exact value of a float; nothing for infinities and NaN.
  static std::optional<Rational> fromDouble(double number);
  /// The exact value of a finite float (infinities and NaN give 0).
  static Rational exactly(double finite) {
    return fromDouble(finite).value_or(Rational());
  }
  /// mantissa * 2^exponent.
  static Rational dyadic(const Integer &mantissa, int64_t exponent);

  mpq_ptr get() { return value; }
  mpq_srcptr get() const { return value; }
  Integer numerator() const { return Integer(mpq_numref(value)); }
  Integer denominator() const { return Integer(mpq_denref(value)); }

  Rational &operator+=(const Rational &other) {
    mpq_add(value, value, other.value);
    return *this;
  }
  Rational &operator-=(const Rational &other) {
    mpq_sub(value, value, other.value);
    return *this;
  }
  Rational &operator*=(const Rational &other) {
    mpq_mul(value, value, other.value);
    return *this;
  }
  /// The divisor is not zero.
  Rational &operator/=(const Rational &other) {
    mpq_div(value, value, other.value);
    return *this;
  }
  friend Rational operator+(Rational a, const Rational &b) { return a += b; }
  friend Rational operator-(Rational a, const Rational &b) { return a -= b; }
  friend Rational operator*(Rational a, const Rational &b) { return a *= b; }
  friend Rational operator/(Rational a, const Rational &b) { return a /= b; }
  Rational operator-() const;
  Rational abs() const;
  /// this^exponent; nothing for 0 to a negative power or beyond 2^20 bits.
  std::optional<Rational> pow(int64_t exponent) const;
  /// The root of the given degree (>= 1), where it is rational.
  std::optional<Rational> root(const Integer &degree) const;

  int sign() const { return mpq_sgn(value); }
  bool isZero() const { return sign() == 0; }
  bool isInteger() const { return mpz_cmp_ui(mpq_denref(value), 1) == 0; }
  /// Whether the denominator is a power of two.
  bool isDyadic() const;
  int compare(const Rational &other) const {
    int order = mpq_cmp(value, other.value);
    return (order > 0) - (order < 0);
  }
  Integer floor() const;
  Integer ceil() const;

  /// Rounded once to nearest even, subnormals and overflow to infinity
  /// included.
  double toDoubleNearest() const;
  float toFloat() const;
  /// Whether the number is a double exactly.
  bool isDouble() const;

  /// Canonical text: a dyadic number as a hexadecimal float with an odd
  /// mantissa ("0x1.8p-3", "-0x1p+0", "0x0p+0"), any other as "p/q".
  std::string toString() const;
  /// Reads hexadecimal floats, decimal integers and floats, and "p/q".
  /// Exponents beyond +-65536 (binary) or +-4096 (decimal) and texts beyond
  /// 65536 characters are refused, so no text makes a number of more than
  /// some hundred kilobits.
  static std::optional<Rational> parse(std::string_view text);
  /// Reads the longest number at the start of `text` and removes it from there.
  static std::optional<Rational> consume(std::string_view &text);

private:
  mpq_t value;
};

inline bool operator==(const Rational &a, const Rational &b) {
  return mpq_equal(a.get(), b.get());
}
inline bool operator!=(const Rational &a, const Rational &b) {
  return !mpq_equal(a.get(), b.get());
}
inline bool operator<(const Rational &a, const Rational &b) {
  return a.compare(b) < 0;
}
inline bool operator<=(const Rational &a, const Rational &b) {
  return a.compare(b) <= 0;
}
inline bool operator>(const Rational &a, const Rational &b) {
  return a.compare(b) > 0;
}
inline bool operator>=(const Rational &a, const Rational &b) {
  return a.compare(b) >= 0;
}

} // namespace sumac

#endif // SUMAC_SUPPORT_RATIONAL_H
