//===- Rational.cpp - Exact integers and rationals ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Support/Rational.h"

#include <algorithm>
#include <cmath>

using namespace sumac;

static constexpr int64_t kMaxBinaryExponent = 65536;
static constexpr int64_t kMaxDecimalExponent = 4096;
static constexpr size_t kMaxTextLength = 65536;
static constexpr int64_t kMaxPowerBits = int64_t(1) << 20;

//===----------------------------------------------------------------------===//
// Integer
//===----------------------------------------------------------------------===//

Integer::Integer(Int128 number) {
  bool negative = number < 0;
  UInt128 magnitude = negative ? -UInt128(number) : UInt128(number);
  mpz_init_set_ui(value, static_cast<unsigned long>(magnitude >> 64));
  mpz_mul_2exp(value, value, 64);
  mpz_add_ui(value, value, static_cast<unsigned long>(magnitude));
  if (negative)
    mpz_neg(value, value);
}

Integer Integer::operator-() const {
  Integer result;
  mpz_neg(result.value, value);
  return result;
}

Integer Integer::abs() const {
  Integer result;
  mpz_abs(result.value, value);
  return result;
}

Integer Integer::shl(unsigned bits) const {
  Integer result;
  mpz_mul_2exp(result.value, value, bits);
  return result;
}

Integer Integer::shr(unsigned bits) const {
  Integer result;
  mpz_fdiv_q_2exp(result.value, value, bits);
  return result;
}

Integer Integer::floorDiv(const Integer &divisor) const {
  Integer result;
  mpz_fdiv_q(result.value, value, divisor.value);
  return result;
}

unsigned Integer::signedBits() const {
  if (sign() >= 0)
    return bitLength() + 1;
  return (*this + Integer(1)).bitLength() + 1;
}

std::optional<int64_t> Integer::toInt64() const {
  static_assert(sizeof(long) == 8, "GMP's long functions must take 64 bits");
  if (!mpz_fits_slong_p(value))
    return std::nullopt;
  return mpz_get_si(value);
}

int64_t Integer::toInt64Saturated() const {
  if (std::optional<int64_t> exact = toInt64())
    return *exact;
  return sign() < 0 ? INT64_MIN : INT64_MAX;
}

double Integer::toDouble() const { return Rational(*this).toDoubleNearest(); }

/// The digits of a number in the given base, without GMP's allocated string.
static std::string digits(mpz_srcptr value, int base) {
  std::string text(mpz_sizeinbase(value, base) + 2, '\0');
  mpz_get_str(text.data(), base, value);
  text.resize(text.find('\0'));
  return text;
}

std::string Integer::toString() const { return digits(value, 10); }

std::optional<Integer> Integer::parse(std::string_view text) {
  bool negative = !text.empty() && text.front() == '-';
  if (!text.empty() && (text.front() == '-' || text.front() == '+'))
    text.remove_prefix(1);
  if (text.empty() || text.size() > kMaxTextLength ||
      text.find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  Integer result;
  mpz_set_str(result.value, std::string(text).c_str(), 10);
  return negative ? -result : result;
}

//===----------------------------------------------------------------------===//
// Rational: making and computing
//===----------------------------------------------------------------------===//

Rational::Rational(const Integer &numerator, const Integer &denominator) {
  mpq_init(value);
  mpz_set(mpq_numref(value), numerator.get());
  mpz_set(mpq_denref(value), denominator.get());
  mpq_canonicalize(value);
}

std::optional<Rational> Rational::fromDouble(double number) {
  if (!std::isfinite(number))
    return std::nullopt;
  Rational result;
  mpq_set_d(result.value, number);
  return result;
}

Rational Rational::dyadic(const Integer &mantissa, int64_t exponent) {
  Rational result(mantissa);
  if (exponent >= 0)
    mpq_mul_2exp(result.value, result.value, exponent);
  else
    mpq_div_2exp(result.value, result.value, -exponent);
  return result;
}

Rational Rational::operator-() const {
  Rational result;
  mpq_neg(result.value, value);
  return result;
}

Rational Rational::abs() const {
  Rational result;
  mpq_abs(result.value, value);
  return result;
}

std::optional<Rational> Rational::pow(int64_t exponent) const {
  if (isZero() && exponent < 0)
    return std::nullopt;
  UInt128 count = exponent < 0 ? -UInt128(exponent) : UInt128(exponent);
  size_t bits = std::max(mpz_sizeinbase(mpq_numref(value), 2),
                         mpz_sizeinbase(mpq_denref(value), 2));
  bool unit = bits == 1; // 0, 1 and -1 stay small
  if (!unit && count > UInt128(kMaxPowerBits) / bits)
    return std::nullopt;
  if (unit && count > 2)
    count = 2 + (count & 1);
  Rational result;
  auto power = static_cast<unsigned long>(count);
  mpz_pow_ui(mpq_numref(result.value), mpq_numref(value), power);
  mpz_pow_ui(mpq_denref(result.value), mpq_denref(value), power);
  if (exponent < 0)
    mpq_inv(result.value, result.value);
  return result;
}

std::optional<Rational> Rational::root(const Integer &degree) const {
  if (degree.sign() <= 0 || (sign() < 0 && !degree.isOdd()))
    return std::nullopt;
  if (isZero() || *this == Rational(1))
    return *this;
  if (*this == Rational(-1))
    return *this;
  // A root of any other rational halves its bits at least; past the number of
  // bits none can be rational.
  size_t bits = mpz_sizeinbase(mpq_numref(value), 2) +
                mpz_sizeinbase(mpq_denref(value), 2);
  if (degree > Integer(bits))
    return std::nullopt;
  unsigned long n = mpz_get_ui(degree.get());
  Rational result;
  if (!mpz_root(mpq_numref(result.value), mpq_numref(value), n) ||
      !mpz_root(mpq_denref(result.value), mpq_denref(value), n))
    return std::nullopt;
  return result;
}

bool Rational::isDyadic() const {
  mpz_srcptr denominator = mpq_denref(value);
  return mpz_scan1(denominator, 0) + 1 == mpz_sizeinbase(denominator, 2);
}

Integer Rational::floor() const {
  Integer result;
  mpz_fdiv_q(result.get(), mpq_numref(value), mpq_denref(value));
  return result;
}

Integer Rational::ceil() const {
  Integer result;
  mpz_cdiv_q(result.get(), mpq_numref(value), mpq_denref(value));
  return result;
}

//===----------------------------------------------------------------------===//
// Rational: rounding to binary floats
//===----------------------------------------------------------------------===//

/// floor(|p/q| / 2^exponent), and in `half` how the rest compares with 1/2.
static Integer scaledQuotient(mpq_srcptr number, int64_t exponent, int &half) {
  Integer dividend(mpq_numref(number)), divisor(mpq_denref(number));
  dividend = dividend.abs();
  if (exponent >= 0)
    divisor = divisor.shl(exponent);
  else
    dividend = dividend.shl(-exponent);
  Integer quotient, rest;
  mpz_fdiv_qr(quotient.get(), rest.get(), dividend.get(), divisor.get());
  half = rest.shl(1).compare(divisor);
  return quotient;
}

/// Rounds to nearest even with `precision` bits, none of them below
/// 2^leastExponent.
static double roundBinary(mpq_srcptr number, int precision,
                          int64_t leastExponent, int64_t greatestExponent) {
  int sign = mpq_sgn(number);
  if (sign == 0)
    return 0.0;
  // 2^(magnitude - 1) < |number| < 2^(magnitude + 1).
  auto magnitude = int64_t(mpz_sizeinbase(mpq_numref(number), 2)) -
                   int64_t(mpz_sizeinbase(mpq_denref(number), 2));
  if (magnitude > greatestExponent + 2)
    return sign * HUGE_VAL;
  if (magnitude < leastExponent - 2)
    return sign * 0.0;
  int64_t exponent = std::max(magnitude - precision, leastExponent);
  int half = 0;
  Integer mantissa = scaledQuotient(number, exponent, half);
  if (mantissa.bitLength() > unsigned(precision))
    mantissa = scaledQuotient(number, ++exponent, half);
  if (half > 0 || (half == 0 && mantissa.isOdd()))
    mantissa += Integer(1);
  double exact = static_cast<double>(mpz_get_ui(mantissa.get()));
  return sign * std::ldexp(exact, static_cast<int>(exponent));
}

double Rational::toDoubleNearest() const {
  return roundBinary(value, 53, -1074, 1024);
}

float Rational::toFloat() const {
  // The double holds the rounded number exactly, or 2^128, which becomes
  // infinity as it should.
  return static_cast<float>(roundBinary(value, 24, -149, 128));
}

bool Rational::isDouble() const {
  std::optional<Rational> nearest = fromDouble(toDoubleNearest());
  return nearest && *nearest == *this;
}

//===----------------------------------------------------------------------===//
// Rational: text
//===----------------------------------------------------------------------===//

std::string Rational::toString() const {
  if (!isDyadic())
    return digits(mpq_numref(value), 10) + "/" + digits(mpq_denref(value), 10);
  if (isZero())
    return "0x0p+0";
  Integer mantissa = numerator().abs();
  int64_t exponent = -int64_t(denominator().trailingZeros());
  unsigned zeros = mantissa.trailingZeros();
  mantissa = mantissa.shr(zeros);
  unsigned fractionBits = mantissa.bitLength() - 1;
  exponent += zeros + fractionBits;
  // The leading one, then the fraction in whole hexadecimal digits.
  std::string hex = digits(mantissa.shl((4 - fractionBits % 4) % 4).get(), 16);
  std::string text = sign() < 0 ? "-0x1" : "0x1";
  if (hex.size() > 1)
    text += "." + hex.substr(1);
  return text + (exponent < 0 ? "p" : "p+") + std::to_string(exponent);
}

/// Removes the characters that satisfy `isDigit` from the start of `text`.
template <typename Predicate>
static std::string takeDigits(std::string_view &text, Predicate isDigit) {
  size_t count = 0;
  while (count < text.size() && isDigit(text[count]))
    ++count;
  std::string result(text.substr(0, count));
  text.remove_prefix(count);
  return result;
}

static bool isDecimalDigit(char c) { return c >= '0' && c <= '9'; }
static bool isHexDigit(char c) {
  return isDecimalDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// Reads "[marker][+-]digits" if it is there; false for an exponent beyond the
/// limit or a marker without digits.
static bool consumeExponent(std::string_view &text, char marker, int64_t limit,
                            int64_t &exponent) {
  exponent = 0;
  if (text.empty() || (text[0] | 0x20) != marker)
    return true;
  std::string_view rest = text.substr(1);
  bool negative = !rest.empty() && rest[0] == '-';
  if (!rest.empty() && (rest[0] == '-' || rest[0] == '+'))
    rest.remove_prefix(1);
  std::string number = takeDigits(rest, isDecimalDigit);
  if (number.empty() || number.size() > 9)
    return false;
  exponent = std::stoll(number);
  if (exponent > limit)
    return false;
  exponent = negative ? -exponent : exponent;
  text = rest;
  return true;
}

/// Reads digits with an optional fraction; `scale` counts the fraction's
/// digits.
template <typename Predicate>
static std::optional<Integer> consumeMantissa(std::string_view &text, int base,
                                              Predicate isDigit,
                                              int64_t &scale) {
  std::string number = takeDigits(text, isDigit);
  scale = 0;
  if (text.size() > 1 && text[0] == '.' && isDigit(text[1])) {
    text.remove_prefix(1);
    std::string fraction = takeDigits(text, isDigit);
    scale = int64_t(fraction.size());
    number += fraction;
  }
  if (number.empty())
    return std::nullopt;
  Integer result;
  mpz_set_str(result.get(), number.c_str(), base);
  return result;
}

static std::optional<Rational> consumeHexadecimal(std::string_view &text) {
  int64_t scale = 0, exponent = 0;
  std::optional<Integer> mantissa =
      consumeMantissa(text, 16, isHexDigit, scale);
  if (!mantissa || !consumeExponent(text, 'p', kMaxBinaryExponent, exponent))
    return std::nullopt;
  return Rational::dyadic(*mantissa, exponent - 4 * scale);
}

static std::optional<Rational> consumeDecimal(std::string_view &text) {
  int64_t scale = 0, exponent = 0;
  std::optional<Integer> mantissa =
      consumeMantissa(text, 10, isDecimalDigit, scale);
  if (!mantissa || scale > kMaxDecimalExponent ||
      !consumeExponent(text, 'e', kMaxDecimalExponent, exponent))
    return std::nullopt;
  std::optional<Rational> power = Rational(10).pow(exponent - scale);
  if (!power)
    return std::nullopt;
  return Rational(*mantissa) * *power;
}

static std::optional<Rational> consumeUnsigned(std::string_view &text) {
  if (text.size() > 2 && text[0] == '0' && (text[1] | 0x20) == 'x') {
    text.remove_prefix(2);
    return consumeHexadecimal(text);
  }
  return consumeDecimal(text);
}

std::optional<Rational> Rational::consume(std::string_view &text) {
  if (text.size() > kMaxTextLength)
    return std::nullopt;
  std::string_view rest = text;
  bool negative = !rest.empty() && rest[0] == '-';
  if (!rest.empty() && (rest[0] == '-' || rest[0] == '+'))
    rest.remove_prefix(1);
  std::optional<Rational> result = consumeUnsigned(rest);
  if (!result)
    return std::nullopt;
  if (!rest.empty() && rest[0] == '/') {
    rest.remove_prefix(1);
    std::optional<Rational> divisor = consumeUnsigned(rest);
    if (!divisor || divisor->isZero())
      return std::nullopt;
    *result /= *divisor;
  }
  text = rest;
  return negative ? -*result : *result;
}

std::optional<Rational> Rational::parse(std::string_view text) {
  std::optional<Rational> result = consume(text);
  if (!text.empty())
    return std::nullopt;
  return result;
}
