#include "sidecar/databases/postgres_types.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "src/base/utf8.h"

namespace gatehouse::databases {
namespace {

using sidecar::Int128;
using sidecar::Type;
using sidecar::TypeId;
using sidecar::VectorWriter;

__extension__ typedef __int128 Wide;

constexpr std::int32_t days_to_2000 = 10'957;
constexpr std::int64_t micros_to_2000 = 946'684'800'000'000;
constexpr Oid numeric_oid = 1700;
constexpr Oid jsonb_oid = 3802;
constexpr Oid inet_oid = 869;

struct Known {
    Oid oid, array;
    TypeId id;
};

/// From pg_type.dat; type ids are fixed for ever.
constexpr std::array<Known, 21> known_types{{
    {16, 1000, TypeId::boolean},
    {21, 1005, TypeId::int16},
    {23, 1007, TypeId::int32},
    {20, 1016, TypeId::int64},
    {26, 1028, TypeId::uint32},
    {700, 1021, TypeId::float32},
    {701, 1022, TypeId::float64},
    {25, 1009, TypeId::text},
    {1043, 1015, TypeId::text},
    {1042, 1014, TypeId::text},
    {19, 1003, TypeId::text},
    {17, 1001, TypeId::blob},
    {1082, 1182, TypeId::date},
    {1083, 1183, TypeId::time},
    {1114, 1115, TypeId::timestamp_us},
    {1184, 1185, TypeId::timestamp_tz},
    {2950, 2951, TypeId::uuid},
    {114, 199, TypeId::text},
    {jsonb_oid, 3807, TypeId::text},
    {numeric_oid, 1231, TypeId::float64},
    {705, 0, TypeId::text},  // unknown: a literal
}};

/// Bytes in network order, read from the front; what is not there reads as nothing.
class Reader {
public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {}

    template <class T>
    T take()
    {
        T value{};
        if (bytes_.size() < sizeof(T)) {
            failed_ = true;
            return value;
        }
        unsigned char raw[sizeof(T)];
        for (std::size_t i = 0; i < sizeof(T); ++i) {
            raw[std::endian::native == std::endian::little ? sizeof(T) - 1 - i : i] =
                static_cast<unsigned char>(bytes_[i]);
        }
        std::memcpy(&value, raw, sizeof(T));
        bytes_.remove_prefix(sizeof(T));
        return value;
    }

    std::string_view take(std::size_t size)
    {
        if (bytes_.size() < size) {
            failed_ = true;
            return {};
        }
        const std::string_view front = bytes_.substr(0, size);
        bytes_.remove_prefix(size);
        return front;
    }

    /// Everything was there, and nothing is left.
    bool done() const noexcept { return !failed_ && bytes_.empty(); }
    bool failed() const noexcept { return failed_; }

private:
    std::string_view bytes_;
    bool failed_ = false;
};

TypeId decimal_storage(int precision) noexcept
{
    return precision <= 4    ? TypeId::int16
           : precision <= 9  ? TypeId::int32
           : precision <= 18 ? TypeId::int64
                             : TypeId::int128;
}

/// The modifier of numeric(p, s) holds both; a scale below 0 or above the precision has no
/// counterpart.
Type numeric_type(int modifier)
{
    const int precision = (modifier - 4) >> 16 & 0xffff;
    const int scale = (modifier - 4) & 0x7ff;
    if (modifier < 4 || precision > 38 || scale > precision) {
        return {.id = TypeId::float64};
    }
    return {.id = TypeId::decimal,
            .storage = decimal_storage(precision),
            .scale = static_cast<std::uint8_t>(scale)};
}

/// A numeric on the wire: digits of base 10,000, the first of which counts 10,000^weight.
struct Numeric {
    std::uint16_t digits = 0;
    std::int16_t weight = 0;
    std::uint16_t sign = 0;
    std::array<std::uint16_t, 32> first{};  // as many as a decimal of 38 digits can have, and more

    static constexpr std::uint16_t negative = 0x4000;
    bool is_number() const noexcept { return sign == 0 || sign == negative; }
};

/// A value times 10^scale; nothing when it has no such form.
std::optional<Wide> scaled(const Numeric& number, int scale)
{
    Wide value = 0;
    int exponent = scale + 4 * (number.weight - number.digits + 1);
    for (int i = 0; i < number.digits; ++i) {
        if (__builtin_mul_overflow(value, Wide{10'000}, &value) ||
            __builtin_add_overflow(value, Wide{number.first[static_cast<std::size_t>(i)]},
                                   &value)) {
            return std::nullopt;
        }
    }
    for (; exponent > 0; --exponent) {
        if (value != 0 && __builtin_mul_overflow(value, Wide{10}, &value)) {
            return std::nullopt;
        }
    }
    for (; exponent < 0; ++exponent) {
        value /= 10;  // digits past the scale are zeros
    }
    return number.sign == Numeric::negative ? -value : value;
}

void append_decimal(VectorWriter& to, Wide value)
{
    switch (to.type().storage) {
    case TypeId::int16: to.cell(static_cast<std::int16_t>(value)); break;
    case TypeId::int32: to.cell(static_cast<std::int32_t>(value)); break;
    case TypeId::int64: to.cell(static_cast<std::int64_t>(value)); break;
    default:
        to.cell(Int128{static_cast<std::uint64_t>(value), static_cast<std::int64_t>(value >> 64)});
    }
}

/// Of a numeric of any size, by the digits themselves: as exact as a double can be.
double as_double(std::uint16_t sign, std::int16_t weight, const std::string& digits)
{
    const std::string text = (sign == Numeric::negative ? "-0." : "0.") + digits + "e" +
                             std::to_string(4 * (weight + 1));
    return std::strtod(text.c_str(), nullptr);
}

std::string four_digits(std::uint16_t group)
{
    std::string text = std::to_string(group);
    return std::string(text.size() < 4 ? 4 - text.size() : 0, '0') + text;
}

Result<void> malformed()
{
    return Error{"PostgreSQL sent a value that is none of its type"};
}

Result<void> append_numeric(VectorWriter& to, std::string_view bytes)
{
    Reader in(bytes);
    Numeric number;
    number.digits = in.take<std::uint16_t>();
    number.weight = in.take<std::int16_t>();
    number.sign = in.take<std::uint16_t>();
    in.take<std::uint16_t>();  // the scale to show
    std::string digits;
    for (std::size_t i = 0; i < number.digits && !in.failed(); ++i) {
        const auto group = in.take<std::uint16_t>();
        if (group > 9999) {
            return malformed();
        }
        digits += four_digits(group);
        if (i < number.first.size()) {
            number.first[i] = group;
        }
    }
    if (!in.done()) {
        return malformed();
    }
    if (to.type().id == TypeId::float64) {
        const double special = number.sign == 0xC000   ? std::numeric_limits<double>::quiet_NaN()
                               : number.sign == 0xD000 ? std::numeric_limits<double>::infinity()
                                                       : -std::numeric_limits<double>::infinity();
        to.cell(number.is_number() ? as_double(number.sign, number.weight, digits) : special);
        return {};
    }
    const auto value = number.is_number() && number.digits <= number.first.size()
                           ? scaled(number, to.type().scale)
                           : std::nullopt;
    if (value) {
        append_decimal(to, *value);
    } else {
        to.null();
    }
    return {};
}

void append_date(VectorWriter& to, std::int32_t days)
{
    std::int32_t since_1970 = 0;
    const bool infinite = days == std::numeric_limits<std::int32_t>::max() ||
                          days == std::numeric_limits<std::int32_t>::min();
    if (infinite || __builtin_add_overflow(days, days_to_2000, &since_1970)) {
        to.null();
    } else {
        to.cell(since_1970);
    }
}

void append_timestamp(VectorWriter& to, std::int64_t micros)
{
    std::int64_t since_1970 = 0;
    const bool infinite = micros == std::numeric_limits<std::int64_t>::max() ||
                          micros == std::numeric_limits<std::int64_t>::min();
    if (infinite || __builtin_add_overflow(micros, micros_to_2000, &since_1970)) {
        to.null();
    } else {
        to.cell(since_1970);
    }
}

void append_text(VectorWriter& to, std::string_view bytes)
{
    // A database in SQL_ASCII holds any bytes.
    std::string repaired;
    bool valid = true;
    for (std::string_view rest = bytes; !rest.empty();) {
        const Utf8Step step = utf8_step(rest);
        if (!step.valid && valid) {
            valid = false;
            repaired = bytes.substr(0, bytes.size() - rest.size());
        }
        if (!valid) {
            repaired += step.valid ? rest.substr(0, step.size) : utf8_replacement;
        }
        rest.remove_prefix(step.size);
    }
    to.text(valid ? bytes : std::string_view{repaired});
}

Result<void> append_scalar(VectorWriter& to, Oid oid, std::string_view bytes)
{
    if (oid == numeric_oid) {
        return append_numeric(to, bytes);
    }
    Reader in(bytes);
    switch (to.type().id) {
    case TypeId::boolean: {
        const bool value = in.take<std::uint8_t>() != 0;
        if (!in.done()) {
            return malformed();
        }
        to.cell(value);
        return {};
    }
    case TypeId::text:
        if (oid == jsonb_oid) {
            in.take<std::uint8_t>();  // a version
            bytes.remove_prefix(std::min<std::size_t>(1, bytes.size()));
        }
        append_text(to, bytes);
        return {};
    case TypeId::blob: to.text(bytes); return {};
    case TypeId::uuid: {
        const auto upper = in.take<std::uint64_t>();
        const auto lower = in.take<std::uint64_t>();
        if (!in.done()) {
            return malformed();
        }
        to.cell(Int128{lower, static_cast<std::int64_t>(upper ^ std::uint64_t{1} << 63)});
        return {};
    }
    default: break;
    }
    const std::size_t size = sidecar::cell_size(to.type());
    if (bytes.size() != size) {
        return malformed();
    }
    switch (to.type().id) {
    case TypeId::int16: to.cell(in.take<std::int16_t>()); break;
    case TypeId::int32: to.cell(in.take<std::int32_t>()); break;
    case TypeId::uint32: to.cell(in.take<std::uint32_t>()); break;
    case TypeId::float32: to.cell(in.take<float>()); break;
    case TypeId::float64: to.cell(in.take<double>()); break;
    case TypeId::date: append_date(to, in.take<std::int32_t>()); break;
    case TypeId::timestamp_us:
    case TypeId::timestamp_tz: append_timestamp(to, in.take<std::int64_t>()); break;
    default: to.cell(in.take<std::int64_t>());  // int64 and time
    }
    return {};
}

Result<void> append_array(VectorWriter& to, std::string_view bytes)
{
    Reader in(bytes);
    const auto dimensions = in.take<std::int32_t>();
    in.take<std::int32_t>();  // whether it has NULLs
    const auto element = in.take<Oid>();
    if (dimensions > 1) {
        return Error{"an array has several dimensions; cast it, as with to_json(…)::text"};
    }
    std::int32_t count = 0;
    if (dimensions == 1) {
        count = in.take<std::int32_t>();
        in.take<std::int32_t>();  // the first index
    }
    for (std::int32_t i = 0; i < count && !in.failed(); ++i) {
        const auto size = in.take<std::int32_t>();
        if (size < 0) {
            to.elements().null();
        } else if (Result<void> added = append_scalar(to.elements(), element,
                                                      in.take(static_cast<std::size_t>(size)));
                   !added) {
            return added;
        }
    }
    if (!in.done()) {
        return malformed();
    }
    to.list();
    return {};
}

}  // namespace

std::optional<Type> type_of(Oid oid, int modifier)
{
    if (oid == numeric_oid) {
        return numeric_type(modifier);
    }
    for (const Known& known : known_types) {
        if (known.oid == oid) {
            return Type{.id = known.id};
        }
        if (known.array == oid && oid != 0) {
            return Type{.id = TypeId::list,
                        .children = {known.oid == numeric_oid ? numeric_type(modifier)
                                                              : Type{.id = known.id}}};
        }
    }
    return std::nullopt;
}

std::string as_text(const std::string& expression, Oid oid)
{
    // The cast of an address adds a mask that is not shown: 10.0.0.1/32.
    return oid == inet_oid ? "CASE WHEN " + expression + " IS NOT NULL THEN format('%s', " +
                                 expression + ") END"
                           : expression + "::text";
}

Result<void> append(VectorWriter& to, Oid oid, std::string_view bytes)
{
    return to.type().id == TypeId::list ? append_array(to, bytes) : append_scalar(to, oid, bytes);
}

}  // namespace gatehouse::databases
