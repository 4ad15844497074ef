//===- Order.h - What tokens order ------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The partial order of a program's instructions, as vector clocks: how many
// instructions of each unit have begun, and have ended, for certain, before an
// instruction begins or ends. The order comes from tokens and from the units'
// own order, and does not depend on how fast units are.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_SIMULATOR_ACM_ORDER_H
#define SUMAC_LIB_SIMULATOR_ACM_ORDER_H

#include "sumac/ACM/Instruction.h"

#include <deque>

namespace sumac::acm {

/// Numbers of instructions of each unit.
struct Clock {
  std::array<uint32_t, numUnits> begun = {}, ended = {};

  void join(const Clock &other) {
    for (unsigned unit = 0; unit < numUnits; ++unit) {
      begun[unit] = std::max(begun[unit], other.begun[unit]);
      ended[unit] = std::max(ended[unit], other.ended[unit]);
    }
  }
};

/// The four counters of tokens: load to execute, execute to load, execute to
/// store, store to execute.
constexpr unsigned numChannels = 4;
/// The channels that an instruction waits for.
llvm::SmallVector<unsigned, 2> getWaits(const Instruction &instruction);
/// The channels that an instruction signals.
llvm::SmallVector<unsigned, 2> getSignals(const Instruction &instruction);
/// The unit that gives tokens of a channel, and the unit that takes them.
Unit getGiver(unsigned channel);
Unit getTaker(unsigned channel);

/// Goes through a program's instructions in an order that its tokens and queues
/// allow, each as soon as it can begin.
class OrderWalk {
public:
  explicit OrderWalk(const Program &program);

  /// An instruction that could begin.
  struct Event {
    size_t instruction; ///< its number in the program
    Unit unit;
    uint32_t index; ///< its number in its unit
    Clock begin;    ///< what is before its begin, by tokens
  };
  /// The next one, or nothing at the end and in a deadlock.
  std::optional<Event> next();

  /// A deadlock, or a counter that can pass 255; success at the end.
  llvm::Error finish() const;

private:
  struct Token {
    Clock ordered; ///< by tokens
    Clock bounded; ///< by queues, too
  };
  struct UnitState {
    std::vector<size_t> instructions; ///< fetched
    std::vector<Clock> begins;        ///< bounded, of those that began
    std::vector<std::array<uint32_t, numChannels>> taken; ///< before each
    std::array<uint32_t, numChannels> takenNow = {};
    Token begin, end; ///< of the last that began
  };
  void fetch();
  bool canBegin(const UnitState &state) const;
  Event begin(Unit unit);
  void give(unsigned channel, const Token &token, size_t instruction);
  UnitState &getState(Unit unit) { return units[static_cast<unsigned>(unit)]; }
  const UnitState &getState(Unit unit) const {
    return units[static_cast<unsigned>(unit)];
  }

  const Program &program;
  size_t fetched = 0;
  Clock fetchClock;
  std::array<UnitState, numUnits> units;
  std::array<std::deque<Token>, numChannels> channels;
  std::array<uint32_t, numChannels> given = {};
  std::string overflow; ///< of a counter
};

} // namespace sumac::acm

#endif // SUMAC_LIB_SIMULATOR_ACM_ORDER_H
