#include "sidecar/render/number_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

namespace gatehouse::render {
namespace {

__extension__ typedef unsigned __int128 Wide;

char* copy(char* to, const char* text) noexcept
{
    return std::copy_n(text, std::strlen(text), to);
}

/// Digits of `fraction`, of which there are six with zeros in front, without the zeros at the end
/// but for one.
char* write_fraction(char* to, std::uint64_t fraction) noexcept
{
    char* end = write_padded(to, fraction, 6);
    while (end > to + 1 && end[-1] == '0') {
        --end;
    }
    return end;
}

/// What has at most six decimals, as most measurements do, takes a third of the time. No two
/// decimals of 15 digits are the same double, so this is the shortest text as well. Null: has more.
char* write_six_decimals(char* to, double value) noexcept
{
    const double size = std::abs(value);
    if (!(size >= 1e-4 && size < 1e9)) {
        return nullptr;
    }
    // Rounded somehow: the comparison below decides.
    const auto millionths =
        static_cast<std::uint64_t>(size * 1e6 + 0.5);  // NOLINT(bugprone-incorrect-roundings)
    if (static_cast<double>(millionths) / 1e6 != size) {
        return nullptr;
    }
    if (value < 0) {
        *to++ = '-';
    }
    to = write_integer(to, millionths / 1'000'000);
    *to++ = '.';
    return write_fraction(to, millionths % 1'000'000);
}

template <class Float>
char* write_shortest(char* to, Float value) noexcept
{
    if (!std::isfinite(value)) {
        return copy(to, std::isnan(value) ? "NaN" : value < 0 ? "-inf" : "inf");
    }
    char* const limit = to + longest_number;
    const Float size = std::abs(value);
    if (size != 0 && (size < static_cast<Float>(1e-4) || size >= static_cast<Float>(1e16))) {
        return std::to_chars(to, limit, value, std::chars_format::scientific).ptr;
    }
    char* end = std::to_chars(to, limit, value, std::chars_format::fixed).ptr;
    // Below 1e16 the conversion is exact for integers.
    if (static_cast<Float>(static_cast<std::int64_t>(value)) == value) {
        *end++ = '.';
        *end++ = '0';
    }
    return end;
}

Wide magnitude(sidecar::Int128 value) noexcept
{
    const Wide bits =
        static_cast<Wide>(static_cast<std::uint64_t>(value.upper)) << 64 | value.lower;
    return value.upper < 0 ? Wide{0} - bits : bits;
}

/// The digits of a value of up to 39, in 19s that fit a machine word.
char* write_wide(char* to, Wide value) noexcept
{
    constexpr std::uint64_t base = 10'000'000'000'000'000'000u;
    if (value < base) {
        return write_integer(to, static_cast<std::uint64_t>(value));
    }
    return write_padded(write_wide(to, value / base), static_cast<std::uint64_t>(value % base), 19);
}

}  // namespace

char* write_float(char* to, double value) noexcept
{
    char* const end = write_six_decimals(to, value);
    return end != nullptr ? end : write_shortest(to, value);
}

char* write_float(char* to, float value) noexcept
{
    return write_shortest(to, value);
}

char* write_integer(char* to, std::int64_t value) noexcept
{
    return std::to_chars(to, to + longest_number, value).ptr;
}

char* write_integer(char* to, std::uint64_t value) noexcept
{
    return std::to_chars(to, to + longest_number, value).ptr;
}

char* write_integer(char* to, sidecar::Int128 value) noexcept
{
    if (value.upper < 0) {
        *to++ = '-';
    }
    return write_wide(to, magnitude(value));
}

char* write_integer(char* to, sidecar::UInt128 value) noexcept
{
    return write_wide(to, static_cast<Wide>(value.upper) << 64 | value.lower);
}

char* write_decimal(char* to, sidecar::Int128 unscaled, unsigned scale) noexcept
{
    char digits[longest_number];
    if (unscaled.upper < 0) {
        *to++ = '-';
    }
    char* const end = write_wide(digits, magnitude(unscaled));
    const auto length = static_cast<std::size_t>(end - digits);
    if (scale == 0) {
        return std::copy(digits, end, to);
    }
    const std::size_t whole = length > scale ? length - scale : 0;
    to = whole == 0 ? copy(to, "0") : std::copy_n(digits, whole, to);
    *to++ = '.';
    to = std::fill_n(to, scale - (length - whole), '0');
    return std::copy(digits + whole, end, to);
}

char* write_padded(char* to, std::uint64_t value, unsigned width) noexcept
{
    char digits[longest_number];
    char* const end = write_integer(digits, value);
    const auto length = static_cast<unsigned>(end - digits);
    to = std::fill_n(to, width > length ? width - length : 0, '0');
    return std::copy(digits, end, to);
}

}  // namespace gatehouse::render
