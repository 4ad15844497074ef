//===- CheckOrder.cpp - Races and deadlocks -------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Goes through the instructions in an order that their tokens allow, and keeps,
// for each word, unit and kind of access, the last instruction. An access races
// with an earlier one of another unit unless that one has ended for certain; as
// units end instructions in order, the last one is the only one to look at.
//
//===----------------------------------------------------------------------===//

#include "Order.h"
#include "sumac/ACM/Geometry.h"
#include "sumac/Simulator/ACM/Check.h"

#include <map>

using namespace llvm;
using namespace sumac::acm;

namespace {

/// For each word the last instruction of a unit that accessed it, in intervals.
class LastAccess {
public:
  struct Found {
    uint32_t index;
    int64_t word;
  };

  /// The latest instruction, if it is not below `ended`, that accessed a word
  /// of [begin, end). Counts the intervals it looks at.
  std::optional<Found> findLatest(int64_t begin, int64_t end, uint32_t ended,
                                  int64_t &looked) const {
    std::optional<Found> found;
    for (auto it = findFirst(begin); it != map.end() && it->first < end; ++it) {
      ++looked;
      if (it->second.index >= ended &&
          (!found || it->second.index > found->index))
        found = {it->second.index, std::max(begin, it->first)};
    }
    return found;
  }

  /// Instruction `index`, the latest of all, accesses [begin, end).
  void set(int64_t begin, int64_t end, uint32_t index, int64_t &looked) {
    auto it = findFirst(begin);
    while (it != map.end() && it->first < end) {
      ++looked;
      auto [first, interval] = *it;
      it = map.erase(it);
      if (first < begin)
        map[first] = {begin, interval.index};
      if (interval.end > end)
        map[end] = {interval.end, interval.index};
    }
    ++looked;
    map[begin] = {end, index};
  }

private:
  struct Interval {
    int64_t end;
    uint32_t index;
  };
  /// The first interval that ends behind `begin`.
  std::map<int64_t, Interval>::const_iterator findFirst(int64_t begin) const {
    auto it = map.upper_bound(begin);
    if (it != map.begin() && std::prev(it)->second.end > begin)
      --it;
    return it;
  }
  std::map<int64_t, Interval>::iterator findFirst(int64_t begin) {
    auto it = map.upper_bound(begin);
    if (it != map.begin() && std::prev(it)->second.end > begin)
      --it;
    return it;
  }

  std::map<int64_t, Interval> map;
};

/// Looks for races among the instructions that it is given.
class RaceFinder {
public:
  RaceFinder(const Program &program, const OrderOptions &options)
      : program(program), options(options) {}

  Error visit(const OrderWalk::Event &event);

private:
  Error visitRow(const OrderWalk::Event &event, const Access &access,
                 int64_t begin, int64_t end);
  Error fail(const OrderWalk::Event &event, const Access &access, Unit other,
             LastAccess::Found found) const;

  const Program &program;
  const OrderOptions &options;
  int64_t looked = 0;
  /// By space, unit, and whether it is a write.
  LastAccess last[numSpaces][numUnits][2];
  /// Numbers in the program of each unit's instructions.
  std::vector<size_t> numbers[numUnits];
};

} // namespace

Error RaceFinder::fail(const OrderWalk::Event &event, const Access &access,
                       Unit other, LastAccess::Found found) const {
  size_t first = numbers[static_cast<unsigned>(other)][found.index];
  size_t second = event.instruction;
  if (second < first)
    std::swap(first, second);
  return createStringError(
      "instructions " + Twine(first) + " and " + Twine(second) +
      " race: no token orders their accesses to " +
      stringifySpace(access.space) +
      (access.space == dramSpace ? " at byte " : " at word ") +
      Twine(found.word));
}

Error RaceFinder::visitRow(const OrderWalk::Event &event, const Access &access,
                           int64_t begin, int64_t end) {
  for (Unit other : {Unit::Load, Unit::Execute, Unit::Store}) {
    if (other == event.unit)
      continue;
    unsigned unit = static_cast<unsigned>(other);
    // Two reads do not race.
    for (unsigned isWrite = access.isWrite ? 0 : 1; isWrite < 2; ++isWrite)
      if (auto found = last[access.space][unit][isWrite].findLatest(
              begin, end, event.begin.ended[unit], looked))
        return fail(event, access, other, *found);
  }
  unsigned unit = static_cast<unsigned>(event.unit);
  last[access.space][unit][access.isWrite ? 1 : 0].set(begin, end, event.index,
                                                       looked);
  if (looked > options.maxIntervals)
    return createStringError(
        "instruction " + Twine(event.instruction) +
        ": the search for races was given up: it has looked at " +
        Twine(options.maxIntervals) + " intervals of memory");
  return Error::success();
}

Error RaceFinder::visit(const OrderWalk::Event &event) {
  numbers[static_cast<unsigned>(event.unit)].push_back(event.instruction);
  const Instruction &instruction = program.instructions[event.instruction];
  for (const Access &access : getAccesses(program.machine, instruction)) {
    // Rows without gaps are one.
    bool isOne = access.rows == 1 || access.stride <= access.size;
    int64_t rows = isOne ? 1 : access.rows;
    for (int64_t row = 0; row < rows; ++row) {
      int64_t begin = access.begin + row * access.stride;
      int64_t end = isOne ? access.getEnd() : begin + access.size;
      if (Error error = visitRow(event, access, begin, end))
        return error;
    }
  }
  return Error::success();
}

Error sumac::acm::checkOrder(const Program &program,
                             const OrderOptions &options) {
  OrderWalk walk(program);
  auto finder = std::make_unique<RaceFinder>(program, options);
  Error race = Error::success();
  while (std::optional<OrderWalk::Event> event = walk.next())
    if (!race)
      race = finder->visit(*event);
  // Who waits for ever does not race.
  if (Error error = walk.finish()) {
    consumeError(std::move(race));
    return error;
  }
  return race;
}
