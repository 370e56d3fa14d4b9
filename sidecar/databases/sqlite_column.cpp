#include "sidecar/databases/sqlite_column.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <utility>

#include "sidecar/base/vector_writer.h"
#include "sidecar/databases/calendar.h"
#include "src/base/utf8.h"

namespace gatehouse::databases {
namespace {

using sidecar::Type;
using sidecar::TypeId;
using sidecar::VectorWriter;

constexpr std::size_t block_size = 64 << 10;
constexpr std::int64_t largest_exact = std::int64_t{1} << 53;

std::string upper(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return out;
}

bool contains(std::string_view text, std::string_view part) noexcept
{
    return text.find(part) != text.npos;
}

/// What a column of NULLs is, by SQLite's own rules of affinity and the types it has no cells for.
TypeId type_declared(std::string_view declared)
{
    if (declared.empty()) {
        return TypeId::null;
    }
    if (contains(declared, "BOOL")) {
        return TypeId::boolean;
    }
    if (declared == "DATE") {
        return TypeId::date;
    }
    if (contains(declared, "DATETIME") || contains(declared, "TIMESTAMP")) {
        return TypeId::timestamp_us;
    }
    if (contains(declared, "INT")) {
        return TypeId::int64;
    }
    if (contains(declared, "CHAR") || contains(declared, "CLOB") || contains(declared, "TEXT")) {
        return TypeId::text;
    }
    return contains(declared, "BLOB") ? TypeId::blob : TypeId::float64;
}

std::string number_text(auto value)
{
    std::array<char, 64> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    return {buffer.data(), end};
}

std::string hexadecimal(std::string_view bytes)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out = "X'";
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out += '\'';
}

bool valid_utf8(std::string_view text) noexcept
{
    while (!text.empty()) {
        const Utf8Step step = utf8_step(text);
        if (!step.valid) {
            return false;
        }
        text.remove_prefix(step.size);
    }
    return true;
}

}  // namespace

SqliteColumn::SqliteColumn(std::string_view declared) : declared_(upper(declared)) {}

void SqliteColumn::null()
{
    kinds_ |= 1u << static_cast<unsigned>(Kind::null);
    cells_.push_back({Kind::null, 0, {0}});
}

void SqliteColumn::integer(std::int64_t value)
{
    kinds_ |= 1u << static_cast<unsigned>(Kind::integer);
    cells_.push_back({Kind::integer, 0, {value}});
}

void SqliteColumn::real(double value)
{
    kinds_ |= 1u << static_cast<unsigned>(Kind::real);
    Cell cell{Kind::real, 0, {0}};
    cell.real = value;
    cells_.push_back(cell);
}

void SqliteColumn::text(std::string_view bytes)
{
    keep(Kind::text, bytes);
}

void SqliteColumn::blob(std::string_view bytes)
{
    keep(Kind::blob, bytes);
}

void SqliteColumn::keep(Kind kind, std::string_view bytes)
{
    kinds_ |= 1u << static_cast<unsigned>(kind);
    if (bytes.size() > block_left_) {
        block_left_ = std::max(bytes.size(), block_size);
        block_next_ =
            arena_.emplace_back(std::make_unique_for_overwrite<char[]>(block_left_)).get();
        arena_bytes_ += block_left_;
    }
    Cell cell{kind, static_cast<std::uint32_t>(bytes.size()), {0}};
    cell.bytes = block_next_;
    if (!bytes.empty()) {
        std::memcpy(block_next_, bytes.data(), bytes.size());
    }
    block_next_ += bytes.size();
    block_left_ -= bytes.size();
    cells_.push_back(cell);
}

/// Every cell that is not NULL fits, and there is one.
bool SqliteColumn::all(bool (*fits)(const Cell&)) const
{
    return (kinds_ & ~1u) != 0 && std::all_of(cells_.begin(), cells_.end(), [&](const Cell& cell) {
               return cell.kind == Kind::null || fits(cell);
           });
}

bool SqliteColumn::only(Kind kind) const noexcept
{
    return (kinds_ & ~1u) == 1u << static_cast<unsigned>(kind);
}

bool SqliteColumn::is_zero_or_one(const Cell& cell)
{
    return cell.kind == Kind::integer && (cell.integer == 0 || cell.integer == 1);
}

bool SqliteColumn::is_date(const Cell& cell)
{
    return cell.kind == Kind::text && days_in(cell.view()).has_value();
}

bool SqliteColumn::is_timestamp(const Cell& cell)
{
    return cell.kind == Kind::text && microseconds_in(cell.view()).has_value();
}

bool SqliteColumn::is_exact_number(const Cell& cell)
{
    return cell.kind == Kind::real ||
           (cell.kind == Kind::integer && cell.integer <= largest_exact &&
            cell.integer >= -largest_exact);
}

bool SqliteColumn::is_utf8(const Cell& cell)
{
    return cell.kind == Kind::text && valid_utf8(cell.view());
}

Type SqliteColumn::type() const
{
    if ((kinds_ & ~1u) == 0) {
        return {.id = type_declared(declared_)};
    }
    const TypeId declared = type_declared(declared_);
    if (declared == TypeId::boolean && all(is_zero_or_one)) {
        return {.id = TypeId::boolean};
    }
    if (declared == TypeId::date && all(is_date)) {
        return {.id = TypeId::date};
    }
    if (declared == TypeId::timestamp_us && all(is_timestamp)) {
        return {.id = TypeId::timestamp_us};
    }
    if (only(Kind::integer)) {
        return {.id = TypeId::int64};
    }
    if (!has(Kind::text) && !has(Kind::blob) && all(is_exact_number)) {
        return {.id = TypeId::float64};
    }
    return {.id = only(Kind::blob) ? TypeId::blob : TypeId::text};
}

std::string SqliteColumn::shown(const Cell& cell)
{
    switch (cell.kind) {
    case Kind::integer: return number_text(cell.integer);
    case Kind::real: return number_text(cell.real);
    case Kind::text:
        if (!is_utf8(cell)) {
            return hexadecimal(cell.view());
        }
        return std::string(cell.view());
    default: return hexadecimal(cell.view());
    }
}

sidecar::Vector SqliteColumn::finish(const Type& type) &&
{
    VectorWriter out(type);
    for (const Cell& cell : cells_) {
        if (cell.kind == Kind::null) {
            out.null();
            continue;
        }
        switch (type.id) {
        case TypeId::boolean: out.cell(cell.integer == 1); break;
        case TypeId::date: out.cell(*days_in(cell.view())); break;
        case TypeId::timestamp_us: out.cell(*microseconds_in(cell.view())); break;
        case TypeId::int64: out.cell(cell.integer); break;
        case TypeId::float64:
            out.cell(cell.kind == Kind::real ? cell.real : static_cast<double>(cell.integer));
            break;
        case TypeId::blob: out.text(cell.view()); break;
        default:
            if (is_utf8(cell)) {
                out.text(cell.view());
            } else {
                out.text(shown(cell));
            }
        }
    }
    return std::move(out).finish();
}

}  // namespace gatehouse::databases
