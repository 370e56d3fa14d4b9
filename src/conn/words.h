// The two words that a cap's count is made of.
//
//   a counter, one per key and worker slot        a cell's word, one per key
//    31     30 … 27   26 … 0                       63   62 … 15   14 … 11   10 … 0
//   | trying | turn  | held |                     | 0  | stamp   | turn    | slot + 1 |
//
// held    how many requests of the key this worker serves
// turn    counts the worker's admissions of the key, modulo 16; while `trying`, of the one to come
// stamp   makes every word unlike all others: milliseconds and a count; when the key last came in
// slot    who admitted the last request of the key, and in which of its turns; 0: nobody yet
#pragma once

#include <algorithm>
#include <cstdint>

namespace gatehouse::conn {

class CounterValue {
public:
    static constexpr int held_bits = 27;
    static constexpr std::uint32_t most_held = (std::uint32_t{1} << held_bits) - 1;
    static constexpr unsigned turns = 16;

    constexpr explicit CounterValue(std::uint32_t bits) noexcept : bits_(bits) {}

    constexpr std::uint32_t bits() const noexcept { return bits_; }
    constexpr std::uint32_t held() const noexcept { return bits_ & most_held; }
    constexpr unsigned turn() const noexcept { return (bits_ >> held_bits) % turns; }
    constexpr bool trying() const noexcept { return (bits_ & trying_bit) != 0; }

    /// Nobody may take the cell of a counter that is not idle.
    constexpr bool idle() const noexcept { return (bits_ & (trying_bit | most_held)) == 0; }

    constexpr CounterValue begun() const noexcept
    {
        return CounterValue{trying_bit | ((turn() + 1) % turns) << held_bits | held()};
    }

    /// Of a begun one.
    constexpr CounterValue admitted() const noexcept
    {
        return CounterValue{(bits_ & ~trying_bit) + 1};
    }

    /// The turn stays: a later one of this slot is not to be taken for an earlier one.
    constexpr CounterValue emptied() const noexcept
    {
        return CounterValue{bits_ & ~(trying_bit | most_held)};
    }

private:
    static constexpr std::uint32_t trying_bit = std::uint32_t{1} << 31;
    std::uint32_t bits_;
};

class CellWord {
public:
    static constexpr int slot_bits = 11;
    static constexpr int turn_bits = 4;
    static constexpr int stamp_bits = 48;

    /// How many words one worker can make in a millisecond before its stamps run ahead of time,
    /// which does no harm.
    static constexpr int count_bits = 7;

    constexpr explicit CellWord(std::uint64_t bits) noexcept : bits_(bits) {}

    static constexpr CellWord of_nobody(std::uint64_t stamp) noexcept
    {
        return CellWord{(stamp & stamp_mask) << (turn_bits + slot_bits)};
    }
    static constexpr CellWord of(std::uint64_t stamp, unsigned slot, unsigned turn) noexcept
    {
        return CellWord{of_nobody(stamp).bits_ | std::uint64_t{turn} << slot_bits | (slot + 1)};
    }

    /// Later than `last`, and than all of earlier milliseconds.
    static constexpr std::uint64_t next_stamp(std::uint64_t last, std::uint64_t now_ms) noexcept
    {
        return std::max(last + 1, now_ms << count_bits);
    }

    constexpr std::uint64_t bits() const noexcept { return bits_; }
    constexpr bool has_slot() const noexcept { return (bits_ & slot_mask) != 0; }
    constexpr unsigned slot() const noexcept
    {
        return static_cast<unsigned>(bits_ & slot_mask) - 1;
    }
    constexpr unsigned turn() const noexcept
    {
        return static_cast<unsigned>(bits_ >> slot_bits) % CounterValue::turns;
    }
    constexpr std::uint64_t came_in_ms() const noexcept
    {
        return bits_ >> (turn_bits + slot_bits + count_bits);
    }

private:
    static constexpr std::uint64_t slot_mask = (std::uint64_t{1} << slot_bits) - 1;
    static constexpr std::uint64_t stamp_mask = (std::uint64_t{1} << stamp_bits) - 1;
    std::uint64_t bits_;
};

static_assert(CellWord::slot_bits + CellWord::turn_bits + CellWord::stamp_bits == 63);
static_assert(1U << CellWord::turn_bits == CounterValue::turns);

}  // namespace gatehouse::conn
