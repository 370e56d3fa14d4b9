// A column of a SQLite result: cells of any kind, and the one type that they are shown as.
//
// SQLite has types per cell, not per column. A column becomes
//   BOOLEAN            where it is declared so (the declared type holds BOOL) and all are 0 or 1;
//   DATE               where it is declared DATE and all are texts YYYY-MM-DD;
//   TIMESTAMP          where it is declared DATETIME or TIMESTAMP and all are texts
//                      YYYY-MM-DD HH:MM[:SS[.ffffff]] with a blank or a T between;
//   BIGINT             where all are integers;
//   DOUBLE             where all are numbers, and no integer among them is beyond 2^53;
//   VARCHAR            where all are texts, and where kinds are mixed: numbers then in their
//                      shortest form, blobs and texts that are no UTF-8 as X'00FF';
//   BLOB               where all are blobs.
// NULL fits everywhere. A column of NULLs only has the type that its declaration stands for.
//
// Thread safety: one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/base/table.h"

namespace gatehouse::databases {

class SqliteColumn {
public:
    /// `declared`: the column's declared type; empty for an expression.
    explicit SqliteColumn(std::string_view declared);

    void null();
    void integer(std::int64_t value);
    void real(double value);
    void text(std::string_view bytes);
    void blob(std::string_view bytes);

    std::uint64_t bytes() const noexcept { return cells_.size() * sizeof(Cell) + arena_bytes_; }

    sidecar::Type type() const;

    /// REQUIRES: `type` is this column's type().
    sidecar::Vector finish(const sidecar::Type& type) &&;

private:
    enum class Kind : std::uint8_t { null, integer, real, text, blob };

    struct Cell {
        Kind kind;
        std::uint32_t length;
        union {
            std::int64_t integer;
            double real;
            const char* bytes;
        };

        std::string_view view() const noexcept { return {bytes, length}; }
    };

    void keep(Kind kind, std::string_view bytes);
    bool all(bool (*fits)(const Cell&)) const;
    bool has(Kind kind) const noexcept { return (kinds_ >> static_cast<unsigned>(kind) & 1) != 0; }
    bool only(Kind kind) const noexcept;
    static std::string shown(const Cell& cell);
    static bool is_zero_or_one(const Cell& cell);
    static bool is_date(const Cell& cell);
    static bool is_timestamp(const Cell& cell);
    static bool is_exact_number(const Cell& cell);
    static bool is_utf8(const Cell& cell);

    std::string declared_;  // in upper case
    std::vector<Cell> cells_;
    std::vector<std::unique_ptr<char[]>> arena_;
    std::uint64_t arena_bytes_ = 0;
    std::size_t block_left_ = 0;
    char* block_next_ = nullptr;
    unsigned kinds_ = 0;  // a bit for each Kind that was seen
};

}  // namespace gatehouse::databases
