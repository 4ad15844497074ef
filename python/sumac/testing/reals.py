# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Exact real numbers for the evaluation of small models: rationals, square roots and enclosures of the rest.

A number is an int, a Fraction, a Surd (a sum of rational multiples of square roots) or a Function (a value of exp and
its kin, known as closely as asked). Comparisons are decided exactly or raise Undecided; nothing is ever rounded on the
way.
"""

import decimal
from fractions import Fraction
from math import ceil, floor, isqrt

#: Functions are refined up to this many bits before a comparison is given up.
MOST_BITS = 4096


class Undecided(ArithmeticError):
    """Two numbers that may be equal, at least one of them a Function."""


class Irrational:
    """What Surd and Function share; subclasses define enclose(bits), + and *."""

    def enclose(self, bits):
        """Rationals (low, high) around the number, the closer the more bits."""
        raise NotImplementedError

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -other

    def __rsub__(self, other):
        return -self + other

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def __lt__(self, other):
        return sign(self - other) < 0

    def __le__(self, other):
        return sign(self - other) <= 0

    def __gt__(self, other):
        return sign(self - other) > 0

    def __ge__(self, other):
        return sign(self - other) >= 0


class Surd(Irrational):
    """A sum of c * sqrt(n): `terms` maps integers n > 0 to rationals c, no two n with a square ratio, no c zero.

    Such square roots are linearly independent over the rationals, so the number is zero only if it has no terms.
    """

    def __init__(self, terms):
        self.terms = terms

    @staticmethod
    def simplify(pairs):
        """The number sum of c * sqrt(n), as a Fraction where it is rational."""
        terms = {}
        for radicand, factor in pairs:
            for known in terms:
                root = isqrt(radicand * known)
                if root * root == radicand * known:
                    radicand, factor = known, factor * Fraction(root, known)
                    break
            terms[radicand] = terms.get(radicand, 0) + factor
        terms = {n: c for n, c in terms.items() if c}
        if not terms:
            return Fraction(0)
        if len(terms) == 1:
            ((radicand, factor),) = terms.items()
            if isqrt(radicand) ** 2 == radicand:
                return factor * isqrt(radicand)
        return Surd(terms)

    def _pairs(self):
        return list(self.terms.items())

    def __add__(self, other):
        if isinstance(other, (int, Fraction)):
            return Surd.simplify([*self._pairs(), (1, Fraction(other))])
        if isinstance(other, Surd):
            return Surd.simplify([*self._pairs(), *other._pairs()])
        return NotImplemented

    def __mul__(self, other):
        if isinstance(other, (int, Fraction)):
            return Surd.simplify([(n, c * other) for n, c in self._pairs()])
        if isinstance(other, Surd):
            return Surd.simplify([(n * m, c * d) for n, c in self._pairs() for m, d in other._pairs()])
        return NotImplemented

    def __truediv__(self, other):
        if isinstance(other, (int, Fraction)):
            return self * (1 / Fraction(other))
        return self * other.reciprocal()

    def __rtruediv__(self, other):
        return self.reciprocal() * other

    def reciprocal(self):
        """1 / self, for one term only."""
        if len(self.terms) != 1:
            raise ValueError("division by a sum of square roots")
        ((radicand, factor),) = self.terms.items()
        return Surd.simplify([(radicand, 1 / (factor * radicand))])

    def enclose(self, bits):
        low = high = Fraction(0)
        for radicand, factor in self.terms.items():
            root = isqrt(radicand << (2 * bits))
            ends = sorted((factor * Fraction(root, 1 << bits), factor * Fraction(root + 1, 1 << bits)))
            low, high = low + ends[0], high + ends[1]
        return low, high


class Function(Irrational):
    """A number known by its enclosures only. Equal keys, if given, mean equal numbers."""

    def __init__(self, enclose, key=None):
        self.enclose = enclose
        self.key = key

    def __add__(self, other):
        def enclosure(bits):
            (a, b), (c, d) = self.enclose(bits), enclose(other, bits)
            return a + c, b + d

        return Function(enclosure)

    def __sub__(self, other):
        if self.key is not None and isinstance(other, Function) and self.key == other.key:
            return Fraction(0)
        return self + -other

    def __mul__(self, other):
        if isinstance(other, (int, Fraction)) and other == 0:
            return Fraction(0)

        def enclosure(bits):
            (a, b), (c, d) = self.enclose(bits), enclose(other, bits)
            products = (a * c, a * d, b * c, b * d)
            return min(products), max(products)

        return Function(enclosure)

    def __truediv__(self, other):
        return self * (1 / Fraction(other) if isinstance(other, (int, Fraction)) else other.reciprocal())


def enclose(x, bits):
    """Rationals (low, high) around any number."""
    if isinstance(x, (int, Fraction)):
        return Fraction(x), Fraction(x)
    return x.enclose(bits)


def _refine(x, decide):
    """The first result but None that decide(low, high) gives on ever closer enclosures of x."""
    bits = 64
    while bits <= MOST_BITS:
        low, high = x.enclose(bits)
        result = decide(low, high)
        if result is not None:
            return result
        bits *= 2
    raise Undecided("a value too close to a boundary to decide")


def sign(x):
    """-1, 0 or 1."""
    if isinstance(x, (int, Fraction)):
        return (x > 0) - (x < 0)
    return _refine(x, lambda low, high: 1 if low > 0 else -1 if high < 0 else None)


def whole(x):
    """The greatest integer that is not above x."""
    if isinstance(x, (int, Fraction)):
        return floor(x)
    return _refine(x, lambda low, high: floor(low) if floor(low) == floor(high) else None)


def square_root(x):
    """The square root of a rational number >= 0."""
    x = Fraction(x)
    if x < 0:
        raise ValueError("the square root of a negative number")
    if x == 0:
        return Fraction(0)
    return Surd.simplify([(x.numerator * x.denominator, Fraction(1, x.denominator))])


# ---- Rounding ----------------------------------------------------------------


def _to_even(n, half):
    return n + (half > 0 or (half == 0 and n % 2 == 1))


#: From (floor of x, sign of x - floor - 1/2, whether x is no integer, whether x < 0) to the rounded x.
ROUNDING_MODES = {
    "ROUND": lambda n, half, inside, negative: _to_even(n, half),
    "HALF_EVEN": lambda n, half, inside, negative: _to_even(n, half),
    "CEIL": lambda n, half, inside, negative: n + inside,
    "FLOOR": lambda n, half, inside, negative: n,
    "UP": lambda n, half, inside, negative: n + (inside and not negative),
    "DOWN": lambda n, half, inside, negative: n + (inside and negative),
    "HALF_UP": lambda n, half, inside, negative: n + (half > 0 or (half == 0 and not negative)),
    "HALF_DOWN": lambda n, half, inside, negative: n + (half > 0 or (half == 0 and negative)),
}


def round_to_integer(x, mode="HALF_EVEN"):
    """x rounded as one of ROUNDING_MODES says."""
    n = whole(x)
    inside = not isinstance(x, (int, Fraction)) or x != n
    half = sign(x - n - Fraction(1, 2)) if inside else -1
    return ROUNDING_MODES[mode.upper()](n, half, inside, n < 0)


#: By numpy's name of the type: bits of the significand, the smallest exponent of a unit, the largest power of two.
FLOATS = {"float16": (11, -24, 16), "float32": (24, -149, 128), "float64": (53, -1074, 1024)}


def _rational_to_float(x, digits, smallest, largest):
    if x == 0:
        return 0.0
    exponent = abs(x.numerator).bit_length() - x.denominator.bit_length()  # floor(log2 |x|), or one more
    if Fraction(2) ** exponent > abs(x):
        exponent -= 1
    unit = Fraction(2) ** max(exponent - digits + 1, smallest)
    rounded = round(x / unit) * unit  # half to even
    if abs(rounded) >= Fraction(2) ** largest:
        return float("inf") if x > 0 else float("-inf")
    return float(rounded)


def round_to_float(x, name="float32"):
    """x rounded once to the nearest float of numpy's type `name`, ties to even."""
    if isinstance(x, float):
        return x
    form = FLOATS[name]
    if isinstance(x, (int, Fraction)):
        return _rational_to_float(Fraction(x), *form)

    def decide(low, high):
        low, high = _rational_to_float(low, *form), _rational_to_float(high, *form)
        return low if low == high else None

    return _refine(x, decide)


# ---- Functions ---------------------------------------------------------------


def _exponential(x, bits):
    """Rationals around exp(x), x rational and of moderate size, to a relative error of about 2^-bits."""
    digits = bits * 31 // 100 + 16
    low = decimal.Context(prec=digits, rounding=decimal.ROUND_FLOOR, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)
    high = decimal.Context(prec=digits, rounding=decimal.ROUND_CEILING, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)
    ends = []
    for context, step in ((low, decimal.Context.next_minus), (high, decimal.Context.next_plus)):
        argument = context.divide(decimal.Decimal(x.numerator), decimal.Decimal(x.denominator))
        ends.append(Fraction(step(context, context.exp(argument))))
    return ends


#: Beyond it exp(-|x|) is taken as something between 0 and 2^-FAR: below every float.
FAR = 8000


def sigmoid(x):
    """1 / (1 + exp(-x))."""
    if isinstance(x, (int, Fraction)) and x == 0:
        return Fraction(1, 2)

    def at(end, bits):
        if end > FAR:
            return 1 - Fraction(1, 1 << FAR), Fraction(1)
        if end < -FAR:
            return Fraction(0), Fraction(1, 1 << FAR)
        low, high = _exponential(-end, bits)
        return 1 / (1 + high), 1 / (1 + low)

    def enclosure(bits):
        low, high = enclose(x, bits + 16)
        return at(low, bits)[0], at(high, bits)[1]

    return Function(enclosure, ("sigmoid", _key(x)))


def tanh(x):
    """2 sigmoid(2 x) - 1."""
    if isinstance(x, (int, Fraction)) and x == 0:
        return Fraction(0)
    inner = sigmoid(x * 2)

    def enclosure(bits):
        # Near 0 both terms cancel: digits enough for the smallest arguments that floats have.
        low, high = inner.enclose(bits + 320)
        return 2 * low - 1, 2 * high - 1

    return Function(enclosure, ("tanh", _key(x)))


def softmax(row):
    """exp(x) over the sum of all exp(x) of the row, a list of numbers."""
    row = list(row)
    if len(row) == 1:
        return [Fraction(1)]
    name = tuple(map(_key, row))

    def exponentials(bits):
        ends = [enclose(x, bits + 16) for x in row]
        top = ceil(max(high for _, high in ends))
        tiny = (Fraction(0), Fraction(1, 1 << FAR))
        return [
            tiny if high - top < -FAR else (_exponential(low - top, bits)[0], _exponential(high - top, bits)[1])
            for low, high in ends
        ]

    def share(index):
        def enclosure(bits):
            all_ends = exponentials(bits)
            low, high = all_ends[index]
            others = [ends for i, ends in enumerate(all_ends) if i != index]
            return low / (low + sum(h for _, h in others)), high / (high + sum(x for x, _ in others))

        return Function(enclosure, ("softmax", name, name[index]))

    return [share(index) for index in range(len(row))]


def _key(x):
    """Something equal for equal numbers."""
    if isinstance(x, (int, Fraction)):
        return Fraction(x)
    if isinstance(x, Surd):
        return tuple(sorted(x.terms.items()))
    return x.key if x.key is not None else id(x)
