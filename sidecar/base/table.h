// A table in memory: what a card's SQL yields, what steps transform and what is rendered.
//
// Every column is one contiguous Vector in the cell layout stated at TypeId, which is DuckDB's own.
//
// Thread safety: a Table is immutable; copies are cheap and share memory.
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
    null,     ///< only NULLs
    boolean,  ///< bool
    int8,
    int16,
    int32,
    int64,
    uint8,
    uint16,
    uint32,
    uint64,
    int128,   ///< Int128
    uint128,  ///< UInt128
    float32,
    float64,
    decimal,       ///< `storage`, one of int16 to int128, holds the value times 10^scale
    text,          ///< Text, valid UTF-8
    blob,          ///< Text, any bytes
    date,          ///< int32, days since 1970-01-01
    time,          ///< int64, microseconds since midnight
    timestamp_s,   ///< int64 since 1970-01-01 00:00, no zone; seconds
    timestamp_ms,  ///< the same in milliseconds
    timestamp_us,  ///< microseconds
    timestamp_ns,  ///< nanoseconds
    timestamp_tz,  ///< int64, microseconds since 1970-01-01 00:00 UTC
    uuid,          ///< Int128 with the top bit flipped
    enumeration,   ///< `storage`, one of uint8 to uint32, is an index into `labels`
    list,          ///< ListEntry into children[0]
    array,         ///< row r is rows [r * size, (r + 1) * size) of children[0]
    structure,     ///< one child per field, same rows
    map,           ///< ListEntry into children[0], a structure of key and value
};

struct Type {
    TypeId id = TypeId::null;
    TypeId storage = TypeId::null;                             ///< of decimal and enumeration
    std::uint8_t scale = 0;                                    ///< of decimal
    std::uint32_t size = 0;                                    ///< of array
    std::shared_ptr<const std::vector<std::string>> labels{};  ///< of enumeration
    std::vector<std::string> fields{};                         ///< of structure
    std::vector<Type> children{};                              ///< of list, array, structure, map
};

/// Bytes of one cell; 0 for those without cells of their own: null, array, structure.
std::size_t cell_size(const Type& type) noexcept;

/// As SQL names the type, without parameters.
std::string_view name_of(TypeId id) noexcept;

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

/// A string cell: up to 12 bytes from `head` on, or a pointer behind the first four.
struct Text {
    static constexpr std::uint32_t short_length = 12;

    std::uint32_t length;
    char head[4];
    const char* data;

    std::string_view view() const noexcept
    {
        const char* in_place = reinterpret_cast<const char*>(this) + offsetof(Text, head);
        return {length <= short_length ? in_place : data, length};
    }
};
static_assert(sizeof(Text) == 16 && sizeof(ListEntry) == 16 && sizeof(Int128) == 16);

/// The cells of one column. Look at a parent's validity first: below a NULL the children are
/// anything.
struct Vector {
    std::vector<std::byte> data;
    std::vector<std::uint64_t> validity;  ///< bit r % 64 of word r / 64; empty: every row is valid
    std::vector<Vector> children;
    std::uint64_t child_rows = 0;                ///< of list and map: rows of children[0]
    std::vector<std::unique_ptr<char[]>> texts;  ///< where long Text cells point

    bool valid(std::uint64_t row) const noexcept
    {
        return validity.empty() || (validity[row >> 6] >> (row & 63) & 1) != 0;
    }

    /// REQUIRES: Cell is the C++ type stated beside the column's TypeId.
    template <class Cell>
    const Cell& cell(std::uint64_t row) const noexcept
    {
        return reinterpret_cast<const Cell*>(data.data())[row];
    }
};

struct Column {
    std::string name;
    Type type;
};

class Table {
public:
    /// REQUIRES: one vector per column, each of `rows` rows.
    Table(std::vector<Column> columns, std::vector<Vector> vectors, std::uint64_t rows);

    /// A table of DOUBLE columns. REQUIRES: one vector per name, all of one length.
    static Table of_numbers(std::vector<std::string> names,
                            std::vector<std::vector<double>> values);

    const std::vector<Column>& columns() const noexcept { return data_->columns; }
    std::uint64_t rows() const noexcept { return rows_; }

    /// Bytes held, of rows that a selection leaves out as well.
    std::uint64_t bytes() const noexcept;

    std::optional<std::size_t> column_named(std::string_view name) const noexcept;

    const Vector& vector(std::size_t column) const noexcept { return data_->vectors[column]; }

    /// Where the table's i-th row is in its vectors.
    std::uint64_t position(std::uint64_t i) const noexcept
    {
        return selection_ ? (*selection_)[i] : i;
    }

    bool is_selection() const noexcept { return selection_ != nullptr; }

    /// The named rows in the given order, sharing this table's memory. REQUIRES: each < rows().
    Table select(std::span<const std::uint64_t> rows) const;

    /// One column as doubles: numbers and booleans as they are, dates and timestamps as seconds
    /// since 1970, times as seconds since midnight, NULL as NaN. Fails for a column of another
    /// type.
    Result<std::vector<double>> numbers(std::size_t column) const;

private:
    struct Data {
        std::vector<Column> columns;
        std::vector<Vector> vectors;
    };

    std::shared_ptr<const Data> data_;
    std::shared_ptr<const std::vector<std::uint64_t>> selection_;  ///< null: all rows in order
    std::uint64_t rows_ = 0;
};

}  // namespace gatehouse::sidecar
