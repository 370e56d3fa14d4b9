// How many requests of each key are being served, counted so that a worker's death takes its share
// away: one counter per key and worker slot, each written by its worker.
//
// To admit a request a worker
//   1  reads the key's cell word, which names the last admission: whose it was, and its turn,
//   2  completes that one (below),
//   3  adds up the row of counters; as many as the limit: refused,
//   4  marks its own counter `trying`,
//   5  puts a word of its own into the cell, if the word is still the one of step 1,
//   6  raises its own counter and takes the mark away, in one step.
//
// Invariants:
// - The limit is never passed. Step 5 puts all admissions of a key into one order. It succeeds only
//   if nobody was admitted since step 1; all who were before are in the sum of step 3, unless they
//   left: each of them but the last was completed by its successor, the last one by step 2.
// - "Complete": a counter that is `trying`, in the very turn that the word names, belongs to an
//   admission between its steps 5 and 6. Whoever sees that does step 6 in its place, by a
//   compare-and-swap. So nobody waits for a worker that is slow, stopped or dead. A mark in any
//   other turn stands before step 5: it is nobody's admission yet, and counts nothing.
// - A refusal is true: if the word is the same after the sum as before, all that were counted were
//   there when the sum began.
// - A cell is given to another key only if its row is idle, and its word is the one that was read
//   before the row was. An admission is visible in its row from step 4 on and changes the word in
//   step 5: one of the two fails. A mark that is seen in the row of another key counts nothing.
// - A killed worker leaves counters that reap() empties; until then they count.
//
// Thread safety: all members, between processes too, where each slot has one user at a time and a
// Writer one thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>

#include "src/base/cell_table.h"
#include "src/base/crash_point.h"
#include "src/conn/words.h"

namespace gatehouse::conn {

using Counter = std::atomic<std::uint32_t>;
static_assert(Counter::is_always_lock_free && sizeof(Counter) == 4);

/// One counted request. Has no destructor: whoever dies without release() is reaped.
class Hold {
public:
    Hold() = default;
    explicit Hold(Counter& counter) noexcept : counter_(&counter) {}

    explicit operator bool() const noexcept { return counter_ != nullptr; }

    /// By the worker that got it, once.
    void release() noexcept
    {
        crash_point();
        counter_->store(counter_->load(std::memory_order_relaxed) - 1, std::memory_order_release);
        counter_ = nullptr;
    }

private:
    Counter* counter_ = nullptr;
};

/// A worker, as it writes to one table.
struct Writer {
    unsigned slot = 0;
    std::uint64_t last_stamp = 0;
};

/// What happens between two steps on shared memory: nothing, but for tests.
struct NoStep {
    void operator()() const noexcept { crash_point(); }
};

class CapTable {
public:
    static constexpr std::uint32_t largest_limit = CounterValue::most_held;

    CapTable() = default;

    /// `counters` are `stride` for each cell. `slots_used`: how many of them were ever written.
    /// REQUIRES: all zero when first used; cells as CellTable wants them.
    CapTable(std::span<Cell> cells, std::span<Counter> counters, unsigned stride,
             Counter& slots_used) noexcept
        : cells_(cells), counters_(counters.data()), stride_(stride), slots_used_(&slots_used)
    {
    }

    enum class Verdict : std::uint8_t {
        admitted,
        refused,
        no_room,  ///< no cell is idle where the key would lie: it is not counted
    };

    struct Answer {
        Verdict verdict;
        Hold hold;  ///< of an admitted one
    };

    /// REQUIRES: 1 ≤ limit ≤ largest_limit; the writer's slot is below the stride.
    template <class Step = NoStep>
    Answer acquire(Writer& writer, const CellKey& key, std::uint32_t limit, std::uint64_t now_ms,
                   const Step& step = {}) noexcept;

    /// How many of a key are held, as of some moment during the call.
    std::uint64_t held(const CellKey& key) const noexcept;

    /// How many of all keys.
    std::uint64_t held() const noexcept;

    /// Gives back what a worker held that died. One pass over the table.
    void reap(unsigned slot) noexcept;

    CellTable& cells() noexcept { return cells_; }

private:
    /// So long after its last admission a key keeps its cell while others are to be had.
    static constexpr std::uint64_t keep_ms = 2000;

    /// Each failed attempt is an admission of somebody else.
    static constexpr int most_attempts = 4096;

    /// Which cells may be given to another key.
    template <class Step>
    struct Idle {
        const CapTable& table;
        const Step& step;
        std::uint64_t before_ms;  ///< the last admission, at the latest

        bool is_free(std::size_t index, std::uint64_t word) const noexcept
        {
            step();
            const bool free = CellWord{word}.came_in_ms() <= before_ms && table.is_idle(index);
            step();
            return free;
        }
        bool evicts() const noexcept { return false; }
    };

    Counter* row_of(const Cell* cell) const noexcept { return row(cells_.index_of(cell)); }
    Counter* row(std::size_t index) const noexcept { return counters_ + index * stride_; }

    /// To be read after a cell's word: who is named there has raised it before.
    unsigned slots_used() const noexcept { return slots_used_->load(std::memory_order_acquire); }

    bool is_idle(std::size_t index) const noexcept;
    void use_slot(unsigned slot) noexcept;

    template <class Step>
    Cell* make_cell(Writer& writer, const CellKey& key, std::uint64_t now_ms,
                    const Step& step) noexcept;
    template <class Step>
    static void complete(Counter* row, CellWord word, const Step& step) noexcept;
    template <class Step>
    std::uint64_t sum(const Counter* row, const Step& step) const noexcept;

    CellTable cells_;
    Counter* counters_ = nullptr;
    unsigned stride_ = 0;
    Counter* slots_used_ = nullptr;
};

template <class Step>
Cell* CapTable::make_cell(Writer& writer, const CellKey& key, std::uint64_t now_ms,
                          const Step& step) noexcept
{
    writer.last_stamp = CellWord::next_stamp(writer.last_stamp, now_ms);
    const auto word = CellWord::of_nobody(writer.last_stamp).bits();
    const auto long_ago_ms = now_ms > keep_ms ? now_ms - keep_ms : 0;
    for (const auto before_ms : {long_ago_ms, ~std::uint64_t{0}}) {
        const auto claimed =
            cells_.claim(key, word, ticks_of_ms(now_ms), Idle<Step>{*this, step, before_ms});
        if (claimed.cell != nullptr) {
            return claimed.cell;
        }
    }
    return nullptr;
}

template <class Step>
void CapTable::complete(Counter* row, CellWord word, const Step& step) noexcept
{
    if (!word.has_slot()) {
        return;
    }
    auto& counter = row[word.slot()];
    step();
    const CounterValue value{counter.load(std::memory_order_acquire)};
    if (value.trying() && value.turn() == word.turn()) {
        auto expected = value.bits();
        step();
        // Fails if it was completed meanwhile, which is as good.
        (void)counter.compare_exchange_strong(expected, value.admitted().bits(),
                                              std::memory_order_acq_rel);
    }
}

template <class Step>
std::uint64_t CapTable::sum(const Counter* row, const Step& step) const noexcept
{
    std::uint64_t total = 0;
    const Counter* const end = row + slots_used();
    for (; row != end; ++row) {
        step();
        total += CounterValue{row->load(std::memory_order_acquire)}.held();
    }
    return total;
}

template <class Step>
CapTable::Answer CapTable::acquire(Writer& writer, const CellKey& key, std::uint32_t limit,
                                   std::uint64_t now_ms, const Step& step) noexcept
{
    use_slot(writer.slot);
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        step();
        auto [cell, word] = cells_.find(key);
        if (cell == nullptr) {
            cell = make_cell(writer, key, now_ms, step);
            if (cell == nullptr) {
                return {Verdict::no_room, {}};
            }
            continue;
        }
        Counter* const row = row_of(cell);
        complete(row, CellWord{word}, step);
        if (sum(row, step) >= limit) {
            step();
            if (cell->word() == word && cell->tag() == key.tag) {
                return {Verdict::refused, {}};
            }
            continue;
        }
        auto& own = row[writer.slot];
        const CounterValue before{own.load(std::memory_order_relaxed)};
        const auto begun = before.begun();
        writer.last_stamp = CellWord::next_stamp(writer.last_stamp, now_ms);
        step();
        own.store(begun.bits(), std::memory_order_release);
        step();
        const auto next = CellWord::of(writer.last_stamp, writer.slot, begun.turn());
        const bool done = cell->replace({key.tag, word}, {key.tag, next.bits()});
        step();
        own.store(done ? begun.admitted().bits() : before.bits(), std::memory_order_release);
        if (done) {
            return {Verdict::admitted, Hold{own}};
        }
    }
    return {Verdict::refused, {}};
}

}  // namespace gatehouse::conn
