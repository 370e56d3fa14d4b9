#include "sidecar/base/table.h"

#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

namespace gatehouse::sidecar {
namespace {

__extension__ typedef __int128 Wide;
__extension__ typedef unsigned __int128 UnsignedWide;

double number(const Vector& vector, TypeId id, std::uint64_t row) noexcept
{
    switch (id) {
    case TypeId::boolean: return vector.cell<bool>(row) ? 1 : 0;
    case TypeId::int8: return vector.cell<std::int8_t>(row);
    case TypeId::int16: return vector.cell<std::int16_t>(row);
    case TypeId::int32:
    case TypeId::date: return vector.cell<std::int32_t>(row);
    case TypeId::uint8: return vector.cell<std::uint8_t>(row);
    case TypeId::uint16: return vector.cell<std::uint16_t>(row);
    case TypeId::uint32: return vector.cell<std::uint32_t>(row);
    case TypeId::uint64: return static_cast<double>(vector.cell<std::uint64_t>(row));
    case TypeId::float32: return vector.cell<float>(row);
    case TypeId::float64: return vector.cell<double>(row);
    case TypeId::int128: {
        const auto& cell = vector.cell<Int128>(row);
        return static_cast<double>(static_cast<Wide>(cell.upper) << 64 | cell.lower);
    }
    case TypeId::uint128: {
        const auto& cell = vector.cell<UInt128>(row);
        return static_cast<double>(static_cast<UnsignedWide>(cell.upper) << 64 | cell.lower);
    }
    default: return static_cast<double>(vector.cell<std::int64_t>(row));
    }
}

/// What a cell is divided by to get the unit numbers() states; 0: not a number.
double divisor(const Type& type) noexcept
{
    switch (type.id) {
    case TypeId::decimal: return std::pow(10.0, type.scale);
    case TypeId::date: return 1.0 / 86'400;
    case TypeId::timestamp_ms: return 1e3;
    case TypeId::time:
    case TypeId::timestamp_us:
    case TypeId::timestamp_tz: return 1e6;
    case TypeId::timestamp_ns: return 1e9;
    case TypeId::null:
    case TypeId::text:
    case TypeId::blob:
    case TypeId::uuid:
    case TypeId::enumeration:
    case TypeId::list:
    case TypeId::array:
    case TypeId::structure:
    case TypeId::map: return 0;
    default: return 1;
    }
}

}  // namespace

std::size_t cell_size(const Type& type) noexcept
{
    switch (type.id) {
    case TypeId::null:
    case TypeId::array:
    case TypeId::structure: return 0;
    case TypeId::boolean:
    case TypeId::int8:
    case TypeId::uint8: return 1;
    case TypeId::int16:
    case TypeId::uint16: return 2;
    case TypeId::int32:
    case TypeId::uint32:
    case TypeId::float32:
    case TypeId::date: return 4;
    case TypeId::int128:
    case TypeId::uint128:
    case TypeId::uuid:
    case TypeId::text:
    case TypeId::blob:
    case TypeId::list:
    case TypeId::map: return 16;
    case TypeId::decimal:
    case TypeId::enumeration: return cell_size(Type{.id = type.storage});
    default: return 8;
    }
}

std::string_view name_of(TypeId id) noexcept
{
    static constexpr std::array<std::string_view, 30> names{
        "NULL",         "BOOLEAN",   "TINYINT",      "SMALLINT",
        "INTEGER",      "BIGINT",    "UTINYINT",     "USMALLINT",
        "UINTEGER",     "UBIGINT",   "HUGEINT",      "UHUGEINT",
        "FLOAT",        "DOUBLE",    "DECIMAL",      "VARCHAR",
        "BLOB",         "DATE",      "TIME",         "TIMESTAMP_S",
        "TIMESTAMP_MS", "TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE",
        "UUID",         "ENUM",      "LIST",         "ARRAY",
        "STRUCT",       "MAP",
    };
    return names[static_cast<std::size_t>(id)];
}

namespace {

std::uint64_t bytes_of(const Vector& vector, const Type& type) noexcept
{
    std::uint64_t sum = vector.data.size() + vector.validity.size() * sizeof(std::uint64_t);
    if (type.id == TypeId::text || type.id == TypeId::blob) {
        for (std::uint64_t row = 0; row < vector.data.size() / sizeof(Text); ++row) {
            const auto length = vector.cell<Text>(row).length;
            sum += vector.valid(row) && length > Text::short_length ? length : 0;
        }
    }
    for (std::size_t i = 0; i < vector.children.size() && i < type.children.size(); ++i) {
        sum += bytes_of(vector.children[i], type.children[i]);
    }
    return sum;
}

}  // namespace

Table::Table(std::vector<Column> columns, std::vector<Vector> vectors, std::uint64_t rows)
    : data_(std::make_shared<Data>(Data{std::move(columns), std::move(vectors)})), rows_(rows)
{
}

Table Table::of_numbers(std::vector<std::string> names, std::vector<std::vector<double>> values)
{
    const std::uint64_t rows = values.empty() ? 0 : values.front().size();
    std::vector<Column> columns;
    std::vector<Vector> vectors;
    for (std::size_t i = 0; i < names.size(); ++i) {
        columns.push_back({std::move(names[i]), Type{.id = TypeId::float64}});
        const auto* first = reinterpret_cast<const std::byte*>(values[i].data());
        vectors.emplace_back().data.assign(first, first + rows * sizeof(double));
    }
    return Table(std::move(columns), std::move(vectors), rows);
}

std::uint64_t Table::bytes() const noexcept
{
    std::uint64_t sum = selection_ ? selection_->size() * sizeof(std::uint64_t) : 0;
    for (std::size_t i = 0; i < columns().size(); ++i) {
        sum += bytes_of(data_->vectors[i], columns()[i].type);
    }
    return sum;
}

std::optional<std::size_t> Table::column_named(std::string_view name) const noexcept
{
    for (std::size_t i = 0; i < columns().size(); ++i) {
        if (columns()[i].name == name) {
            return i;
        }
    }
    return std::nullopt;
}

Table Table::select(std::span<const std::uint64_t> rows) const
{
    std::vector<std::uint64_t> positions;
    positions.reserve(rows.size());
    for (const std::uint64_t row : rows) {
        positions.push_back(position(row));
    }
    Table selected = *this;
    selected.rows_ = positions.size();
    selected.selection_ = std::make_shared<const std::vector<std::uint64_t>>(std::move(positions));
    return selected;
}

Result<std::vector<double>> Table::numbers(std::size_t column) const
{
    const Type& type = columns()[column].type;
    const double unit = divisor(type);
    if (unit == 0) {
        return Error{"column \"" + columns()[column].name + "\" is " +
                     std::string(name_of(type.id)) + ", not a number"};
    }
    const TypeId storage = type.id == TypeId::decimal ? type.storage : type.id;
    const Vector& cells = vector(column);
    std::vector<double> values(rows_);
    for (std::uint64_t i = 0; i < rows_; ++i) {
        const std::uint64_t row = position(i);
        values[i] = cells.valid(row) ? number(cells, storage, row) / unit
                                     : std::numeric_limits<double>::quiet_NaN();
    }
    return values;
}

}  // namespace gatehouse::sidecar
