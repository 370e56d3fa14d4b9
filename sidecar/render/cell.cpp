#include "sidecar/render/cell.h"

#include <cmath>
#include <limits>

#include "sidecar/render/number_text.h"
#include "sidecar/render/string_text.h"
#include "sidecar/render/time_text.h"

namespace gatehouse::render {
namespace {

using sidecar::Int128;
using sidecar::ListEntry;
using sidecar::Text;
using sidecar::Type;
using sidecar::TypeId;
using sidecar::Vector;

/// How the plain text of a type stands in JSON.
enum class Form { number, quoted, string, nested };

Form form_of(TypeId id) noexcept
{
    switch (id) {
    case TypeId::text:
    case TypeId::enumeration: return Form::string;
    case TypeId::list:
    case TypeId::array:
    case TypeId::structure:
    case TypeId::map: return Form::nested;
    case TypeId::blob:
    case TypeId::date:
    case TypeId::time:
    case TypeId::timestamp_s:
    case TypeId::timestamp_ms:
    case TypeId::timestamp_us:
    case TypeId::timestamp_ns:
    case TypeId::timestamp_tz:
    case TypeId::uuid: return Form::quoted;
    default: return Form::number;
    }
}

Int128 widened(std::int64_t value) noexcept
{
    return {static_cast<std::uint64_t>(value), value < 0 ? -1 : 0};
}

Int128 unscaled(const Vector& cells, TypeId storage, std::uint64_t row) noexcept
{
    switch (storage) {
    case TypeId::int16: return widened(cells.cell<std::int16_t>(row));
    case TypeId::int32: return widened(cells.cell<std::int32_t>(row));
    case TypeId::int64: return widened(cells.cell<std::int64_t>(row));
    default: return cells.cell<Int128>(row);
    }
}

std::string_view label(const Vector& cells, const Type& type, std::uint64_t row) noexcept
{
    switch (type.storage) {
    case TypeId::uint8: return (*type.labels)[cells.cell<std::uint8_t>(row)];
    case TypeId::uint16: return (*type.labels)[cells.cell<std::uint16_t>(row)];
    default: return (*type.labels)[cells.cell<std::uint32_t>(row)];
    }
}

std::string_view string_of(const Vector& cells, const Type& type, std::uint64_t row) noexcept
{
    return type.id == TypeId::enumeration ? label(cells, type, row) : cells.cell<Text>(row).view();
}

/// 8-4-4-4-12 hexadecimal digits.
char* write_uuid(char* to, Int128 value) noexcept
{
    constexpr char digits[] = "0123456789abcdef";
    const std::uint64_t upper = static_cast<std::uint64_t>(value.upper) ^ (std::uint64_t{1} << 63);
    for (unsigned i = 0; i < 32; ++i) {
        if (i == 8 || i == 12 || i == 16 || i == 20) {
            *to++ = '-';
        }
        const std::uint64_t half = i < 16 ? upper : value.lower;
        *to++ = digits[half >> (60 - i % 16 * 4) & 15];
    }
    return to;
}

template <class Cell>
char* write_small(char* to, const Vector& cells, std::uint64_t row) noexcept
{
    using Wide = std::conditional_t<std::is_signed_v<Cell>, std::int64_t, std::uint64_t>;
    return write_integer(to, static_cast<Wide>(cells.cell<Cell>(row)));
}

char* write_boolean(char* to, bool value) noexcept
{
    const std::string_view text = value ? "true" : "false";
    std::memcpy(to, text.data(), text.size());
    return to + text.size();
}

/// Text of a number or of what JSON quotes, blobs apart; neither needs escapes.
char* write_plain(char* to, const Vector& cells, const Type& type, std::uint64_t row) noexcept
{
    const auto stamp = [&](unsigned digits, const char* zone) {
        return write_timestamp(to, cells.cell<std::int64_t>(row), digits, zone);
    };
    switch (type.id) {
    case TypeId::boolean: return write_boolean(to, cells.cell<bool>(row));
    case TypeId::int8: return write_small<std::int8_t>(to, cells, row);
    case TypeId::int16: return write_small<std::int16_t>(to, cells, row);
    case TypeId::int32: return write_small<std::int32_t>(to, cells, row);
    case TypeId::int64: return write_small<std::int64_t>(to, cells, row);
    case TypeId::uint8: return write_small<std::uint8_t>(to, cells, row);
    case TypeId::uint16: return write_small<std::uint16_t>(to, cells, row);
    case TypeId::uint32: return write_small<std::uint32_t>(to, cells, row);
    case TypeId::uint64: return write_small<std::uint64_t>(to, cells, row);
    case TypeId::int128: return write_integer(to, cells.cell<Int128>(row));
    case TypeId::uint128: return write_integer(to, cells.cell<sidecar::UInt128>(row));
    case TypeId::float32: return write_float(to, cells.cell<float>(row));
    case TypeId::float64: return write_float(to, cells.cell<double>(row));
    case TypeId::decimal: return write_decimal(to, unscaled(cells, type.storage, row), type.scale);
    case TypeId::date: return write_date(to, cells.cell<std::int32_t>(row));
    case TypeId::time: return write_time(to, cells.cell<std::int64_t>(row));
    case TypeId::timestamp_s: return stamp(0, "");
    case TypeId::timestamp_ms: return stamp(3, "");
    case TypeId::timestamp_us: return stamp(6, "");
    case TypeId::timestamp_ns: return stamp(9, "");
    case TypeId::timestamp_tz: return stamp(6, "Z");
    case TypeId::uuid: return write_uuid(to, cells.cell<Int128>(row));
    default: return to;
    }
}

constexpr std::size_t longest_plain = std::max(longest_number, longest_time);

void plain(Writer& to, const Vector& cells, const Type& type, std::uint64_t row)
{
    if (type.id == TypeId::blob) {
        write_base64(to, cells.cell<Text>(row).view());
        return;
    }
    to.wrote(write_plain(to.room(longest_plain), cells, type, row));
}

void json_quoted(Writer& to, const Vector& cells, const Type& type, std::uint64_t row)
{
    to.put('"');
    plain(to, cells, type, row);
    to.put('"');
}

void json_string(Writer& to, const Vector& cells, const Type& type, std::uint64_t row)
{
    write_json_string(to, string_of(cells, type, row));
}

template <class Float>
void json_float(Writer& to, const Vector& cells, const Type&, std::uint64_t row)
{
    const Float value = cells.cell<Float>(row);
    if (!std::isfinite(value)) {
        to.put("null");
        return;
    }
    to.wrote(write_float(to.room(longest_number), value));
}

void json_elements(Writer& to, const Vector& cells, const Type& type, std::uint64_t first,
                   std::uint64_t count)
{
    const CellWriter element(cells.children[0], type.children[0]);
    to.put('[');
    for (std::uint64_t i = 0; i < count; ++i) {
        if (i > 0) {
            to.put(',');
        }
        element.json(to, first + i);
    }
    to.put(']');
}

void json_list(Writer& to, const Vector& cells, const Type& type, std::uint64_t row)
{
    const auto& entry = cells.cell<ListEntry>(row);
    json_elements(to, cells, type, entry.offset, entry.length);
}

void json_array(Writer& to, const Vector& cells, const Type& type, std::uint64_t row)
{
    json_elements(to, cells, type, row * type.size, type.size);
}

void json_structure(Writer& to, const Vector& cells, const Type& type, std::uint64_t row)
{
    to.put('{');
    for (std::size_t i = 0; i < type.fields.size(); ++i) {
        if (i > 0) {
            to.put(',');
        }
        write_json_string(to, type.fields[i]);
        to.put(':');
        CellWriter(cells.children[i], type.children[i]).json(to, row);
    }
    to.put('}');
}

void json_map(Writer& to, const Vector& cells, const Type& type, std::uint64_t row)
{
    const auto& entry = cells.cell<ListEntry>(row);
    const Vector& pairs = cells.children[0];
    const Type& pair = type.children[0];
    const CellWriter key(pairs.children[0], pair.children[0]);
    const CellWriter value(pairs.children[1], pair.children[1]);
    to.put('{');
    for (std::uint64_t i = 0; i < entry.length; ++i) {
        if (i > 0) {
            to.put(',');
        }
        key.json_key(to, entry.offset + i);
        to.put(':');
        value.json(to, entry.offset + i);
    }
    to.put('}');
}

void json_null(Writer& to, const Vector&, const Type&, std::uint64_t)
{
    to.put("null");
}

char* write_null(char* to) noexcept
{
    std::memcpy(to, "null", 4);
    return to + 4;
}

template <class Cell>
char* json_number(char* to, const Vector& cells, std::uint64_t row)
{
    if constexpr (std::is_floating_point_v<Cell>) {
        const Cell value = cells.cell<Cell>(row);
        return std::isfinite(value) ? write_float(to, value) : write_null(to);
    } else {
        return write_small<Cell>(to, cells, row);
    }
}

/// The types that tables of numbers are made of.
auto number_writer(TypeId id) noexcept -> char* (*)(char*, const Vector&, std::uint64_t)
{
    switch (id) {
    case TypeId::int8: return json_number<std::int8_t>;
    case TypeId::int16: return json_number<std::int16_t>;
    case TypeId::int32: return json_number<std::int32_t>;
    case TypeId::int64: return json_number<std::int64_t>;
    case TypeId::uint8: return json_number<std::uint8_t>;
    case TypeId::uint16: return json_number<std::uint16_t>;
    case TypeId::uint32: return json_number<std::uint32_t>;
    case TypeId::uint64: return json_number<std::uint64_t>;
    case TypeId::float32: return json_number<float>;
    case TypeId::float64: return json_number<double>;
    default: return nullptr;
    }
}

auto json_writer(TypeId id) noexcept
{
    switch (id) {
    case TypeId::null: return json_null;
    case TypeId::float32: return json_float<float>;
    case TypeId::float64: return json_float<double>;
    case TypeId::list: return json_list;
    case TypeId::array: return json_array;
    case TypeId::structure: return json_structure;
    case TypeId::map: return json_map;
    default: break;
    }
    switch (form_of(id)) {
    case Form::quoted: return json_quoted;
    case Form::string: return json_string;
    default: return plain;
    }
}

}  // namespace

CellWriter::CellWriter(const Vector& cells, const Type& type) noexcept
    : cells_(cells), type_(type), json_(json_writer(type.id)), number_(number_writer(type.id))
{
}

void CellWriter::json(Writer& to, const Prefix& prefix, std::uint64_t row) const
{
    if (number_ == nullptr || prefix.room() + longest_number > Writer::largest_room) {
        to.put(prefix);
        json(to, row);
        return;
    }
    // One look for room instead of two.
    char* const at = prefix.copy_to(to.room(prefix.room() + longest_number));
    to.wrote(cells_.valid(row) ? number_(at, cells_, row) : write_null(at));
}

void CellWriter::json(Writer& to, std::uint64_t row) const
{
    if (cells_.valid(row)) {
        json_(to, cells_, type_, row);
    } else {
        to.put("null");
    }
}

void CellWriter::json_key(Writer& to, std::uint64_t row) const
{
    switch (form_of(type_.id)) {
    case Form::number:
    case Form::quoted: json_quoted(to, cells_, type_, row); break;
    case Form::string: json_(to, cells_, type_, row); break;
    case Form::nested: {
        Writer text(std::numeric_limits<std::uint64_t>::max());
        json_(text, cells_, type_, row);
        write_json_string(to, std::move(text).finish());
        break;
    }
    }
}

void CellWriter::csv(Writer& to, std::uint64_t row) const
{
    if (type_.id == TypeId::null || !cells_.valid(row)) {
        return;
    }
    switch (form_of(type_.id)) {
    case Form::number:
    case Form::quoted: plain(to, cells_, type_, row); break;
    case Form::string: write_csv_string(to, string_of(cells_, type_, row)); break;
    case Form::nested: {
        Writer text(std::numeric_limits<std::uint64_t>::max());
        json_(text, cells_, type_, row);
        write_csv_string(to, std::move(text).finish());
        break;
    }
    }
}

}  // namespace gatehouse::render
