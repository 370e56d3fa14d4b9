// For tests: a cap table in this process's own memory.
#pragma once

#include <string_view>
#include <vector>

#include "src/base/siphash.h"
#include "src/conn/cap_table.h"

namespace gatehouse::conn {

class TestTable {
public:
    explicit TestTable(std::size_t cells = 64, unsigned slots = 16)
        : cells_(cells), counters_(cells * slots), table_{cells_, counters_, slots, used_}
    {
    }
    TestTable(const TestTable&) = delete;
    TestTable& operator=(const TestTable&) = delete;

    CapTable* operator->() { return &table_; }
    CapTable& operator*() { return table_; }

    static CellKey key(std::uint64_t number)
    {
        return CellKey::of(siphash13({1, 2}, {reinterpret_cast<const char*>(&number), 8}), 0);
    }

    /// Whether every cell could be given to another key.
    bool all_idle() const
    {
        for (const auto& counter : counters_) {
            if (!CounterValue{counter.load()}.idle()) {
                return false;
            }
        }
        return true;
    }

private:
    std::vector<Cell> cells_;
    std::vector<Counter> counters_;
    Counter used_{0};
    CapTable table_;
};

}  // namespace gatehouse::conn
