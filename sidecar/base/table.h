// A table in memory: what a card's SQL yields, what steps transform and what is rendered.
//
// Columns are vectors of up to a few thousand rows ("chunks"), laid out as DuckDB lays them out, so that a query's
// result is taken over without a copy. A table made by a step brings its own memory in the same layout.
//
// Invariants
//   1. Every chunk has at least one row and one Vector per column.
//   2. The bytes a chunk points at never change and live as long as any table that refers to them.
//   3. No nulls hide in the validity of a parent: a NULL struct has NULL or unspecified children, look at the parent.
//
// Thread safety: immutable after construction; copies are cheap and share memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace gatehouse::sidecar {

enum class TypeId : std::uint8_t {
    null,          ///< only NULLs
    boolean,       ///< bool
    int8, int16, int32, int64,
    uint8, uint16, uint32, uint64,
    int128,        ///< Int128
    uint128,       ///< UInt128
    float32, float64,
    decimal,       ///< `storage` holds the value times 10^scale: int16, int32, int64 or int128
    text,          ///< Text, valid UTF-8
    blob,          ///< Text, any bytes
    date,          ///< int32, days since 1970-01-01
    time,          ///< int64, microseconds since midnight
    timestamp_s, timestamp_ms, timestamp_us, timestamp_ns,  ///< int64 since 1970-01-01 00:00, no zone
    timestamp_tz,  ///< int64, microseconds since 1970-01-01 00:00 UTC
    uuid,          ///< Int128 with the top bit flipped
    enumeration,   ///< `storage` (uint8, uint16, uint32) is an index into `labels`
    list,          ///< ListEntry into children[0]
    array,         ///< row r holds children[0] rows [r * size, (r + 1) * size)
    structure,     ///< one child per field, same rows
    map,           ///< ListEntry into children[0], a structure of key and value
};

struct Type {
    TypeId id = TypeId::null;
    TypeId storage = TypeId::null;  ///< of decimal and enumeration
    std::uint8_t scale = 0;         ///< of decimal
    std::uint32_t size = 0;         ///< of array
    std::string name;               ///< as SQL spells it, for messages
    std::shared_ptr<const std::vector<std::string>> labels;  ///< of enumeration
    std::vector<std::string> fields;                         ///< of structure
    std::vector<Type> children;                              ///< of list, array, structure, map
};

struct Int128 {
    std::uint64_t lower;
    std::int64_t upper;
};
struct UInt128 {
    std::uint64_t lower;
    std::uint64_t upper;
};
struct ListEntry {
    std::uint64_t offset;
    std::uint64_t length;
};

/// A string cell: up to 12 bytes in place, else a pointer behind four bytes of prefix.
struct Text {
    std::uint32_t length;
    union {
        char in_place[12];
        struct {
            char prefix[4];
            const char* data;
        } outside;
    };

    std::string_view view() const noexcept
    {
        return {length <= sizeof in_place ? in_place : outside.data, length};
    }
};
static_assert(sizeof(Text) == 16 && sizeof(ListEntry) == 16 && sizeof(Int128) == 16);

/// The rows of one column in one chunk. Points at memory it does not own.
struct Vector {
    const void* data = nullptr;
    const std::uint64_t* validity = nullptr;  ///< bit r of word r / 64; null: every row is valid
    std::vector<Vector> children;

    bool valid(std::uint64_t row) const noexcept
    {
        return validity == nullptr || (validity[row >> 6] >> (row & 63) & 1) != 0;
    }

    /// REQUIRES: Cell is the C++ type stated beside the column's TypeId.
    template <class Cell>
    const Cell& cell(std::uint64_t row) const noexcept
    {
        return static_cast<const Cell*>(data)[row];
    }
};

/// Vectors of equal length and whatever keeps their bytes alive.
struct Block {
    std::vector<Vector> columns;
    std::shared_ptr<const void> memory;
};

/// Rows of a block: all of them, or those a selection names, in its order.
class Chunk {
public:
    Chunk(std::shared_ptr<const Block> block, std::uint32_t rows)
        : block_(std::move(block)), rows_(rows)
    {
    }
    Chunk(std::shared_ptr<const Block> block, std::vector<std::uint32_t> selection)
        : block_(std::move(block)),
          rows_(static_cast<std::uint32_t>(selection.size())),
          selection_(std::move(selection))
    {
    }

    std::uint32_t rows() const noexcept { return rows_; }

    /// Position of the chunk's i-th row inside its vectors.
    std::uint32_t row(std::uint32_t i) const noexcept
    {
        return selection_.empty() ? i : selection_[i];
    }
    const Vector& column(std::size_t index) const noexcept { return block_->columns[index]; }
    const std::shared_ptr<const Block>& block() const noexcept { return block_; }

private:
    std::shared_ptr<const Block> block_;
    std::uint32_t rows_;
    std::vector<std::uint32_t> selection_;  ///< empty: the rows from 0
};

struct Column {
    std::string name;
    Type type;
};

class Table {
public:
    Table(std::vector<Column> columns, std::vector<Chunk> chunks);

    /// A table of DOUBLE columns; NaN stays NaN. REQUIRES: as many values for every name.
    static Table of_numbers(std::vector<std::string> names, std::vector<std::vector<double>> values);

    const std::vector<Column>& columns() const noexcept { return columns_; }
    std::span<const Chunk> chunks() const noexcept { return chunks_; }
    std::uint64_t rows() const noexcept { return rows_; }

    std::optional<std::size_t> column_named(std::string_view name) const noexcept;

    /// The rows at these ascending positions, sharing this table's memory. REQUIRES: each < rows().
    Table select(std::span<const std::uint64_t> positions) const;

    /// One column as doubles: numbers and booleans as they are, dates and times as seconds since 1970 (or midnight), NULL as
    /// NaN. Fails for a column of another type.
    Result<std::vector<double>> numbers(std::size_t column) const;

private:
    std::vector<Column> columns_;
    std::vector<Chunk> chunks_;
    std::uint64_t rows_ = 0;
};

}  // namespace gatehouse::sidecar
