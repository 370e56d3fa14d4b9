// A cell: sixteen bytes of shared memory that change in one step.
//
//   0        8        16
//   | tag    | word   |
//
// Thread safety: all of it, between processes too. Whoever dies between two steps leaves a cell as
// some step made it.
#pragma once

#include <cstdint>

#include "src/base/crash_point.h"

namespace gatehouse {

struct CellValue {
    std::uint64_t tag = 0;
    std::uint64_t word = 0;
};

class alignas(16) Cell {
public:
    std::uint64_t tag() const noexcept { return __atomic_load_n(&tag_, __ATOMIC_ACQUIRE); }
    std::uint64_t word() const noexcept { return __atomic_load_n(&word_, __ATOMIC_ACQUIRE); }

    /// Makes `desired` of `expected` if that is what the cell holds. A full barrier.
    bool replace(CellValue expected, CellValue desired) noexcept
    {
        crash_point();
        const bool done = compare_and_swap(expected, desired);
        crash_point();
        return done;
    }

private:
    bool compare_and_swap(CellValue expected, CellValue desired) noexcept;

    std::uint64_t tag_ = 0;
    std::uint64_t word_ = 0;
};

static_assert(sizeof(Cell) == 16 && alignof(Cell) == 16);

#if defined(__x86_64__)

// cmpxchg16b; the compiler needs -mcx16 to emit it in place.
inline bool Cell::compare_and_swap(CellValue expected, CellValue desired) noexcept
{
    __extension__ using Wide [[gnu::may_alias]] = unsigned __int128;
    const auto wide = [](CellValue value) { return (Wide{value.word} << 64) | value.tag; };
    return __sync_bool_compare_and_swap(reinterpret_cast<Wide*>(this), wide(expected),
                                        wide(desired));
}

#elif defined(__aarch64__)

// By hand: the library's fallback may take a lock of its own process, which guards nothing here.
inline bool Cell::compare_and_swap(CellValue expected, CellValue desired) noexcept
{
    std::uint64_t tag;
    std::uint64_t word;
    std::uint32_t failed;
    do {
        asm volatile("ldaxp %0, %1, %2" : "=&r"(tag), "=&r"(word) : "Q"(*this) : "memory");
        // A pair was read in one step only if it can be stored back, whether it fits or not.
        const bool same = tag == expected.tag && word == expected.word;
        const CellValue next = same ? desired : CellValue{tag, word};
        asm volatile("stlxp %w0, %2, %3, %1"
                     : "=&r"(failed), "=Q"(*this)
                     : "r"(next.tag), "r"(next.word)
                     : "memory");
        if (failed == 0) {
            asm volatile("dmb ish" ::: "memory");
            return same;
        }
    } while (true);
}

#else
#error "a cell needs a compare-and-swap of 16 bytes: x86-64 or aarch64"
#endif

}  // namespace gatehouse
