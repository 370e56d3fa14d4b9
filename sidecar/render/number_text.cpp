#include "sidecar/render/number_text.h"

#include <algorithm>
#include <array>
#include <bit>
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

/// "00", "01", … "99"
constexpr auto digit_pairs = [] {
    std::array<char, 200> pairs{};
    for (std::size_t i = 0; i < 100; ++i) {
        pairs[2 * i] = static_cast<char>('0' + i / 10);
        pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
    }
    return pairs;
}();

char* write_pair(char* to, std::uint32_t value) noexcept
{
    std::memcpy(to, digit_pairs.data() + 2 * value, 2);
    return to + 2;
}

/// REQUIRES: value < 10,000
char* write_four(char* to, std::uint32_t value) noexcept
{
    return write_pair(write_pair(to, value / 100), value % 100);
}

/// The first byte in memory is the lowest of a word: zeros are counted and shifted out without
/// branches, which random numbers would mislead.
static_assert(std::endian::native == std::endian::little);

/// Without zeros in front. REQUIRES: value < 10,000
char* write_up_to_four(char* to, std::uint32_t value) noexcept
{
    char digits[4];
    write_four(digits, value);
    std::uint32_t word = 0;
    std::memcpy(&word, digits, sizeof word);
    // The highest bit makes the last digit stay, also of 0.
    const int zeros = std::countr_zero((word ^ 0x30303030u) | 0x80000000u) / 8;
    word >>= 8 * zeros;
    std::memcpy(to, &word, sizeof word);
    return to + 4 - zeros;
}

/// Most numbers are short.
char* write_unsigned(char* to, std::uint64_t value) noexcept
{
    if (value < 10'000) {
        return write_up_to_four(to, static_cast<std::uint32_t>(value));
    }
    if (value < 100'000'000) {
        const auto small = static_cast<std::uint32_t>(value);
        return write_four(write_up_to_four(to, small / 10'000), small % 10'000);
    }
    return std::to_chars(to, to + longest_number, value).ptr;
}

/// Digits of `fraction`, of which there are six with zeros in front, without the zeros at the end
/// but for one.
char* write_fraction(char* to, std::uint32_t fraction) noexcept
{
    char digits[8]{};
    write_pair(write_four(digits, fraction / 100), fraction % 100);
    std::uint64_t word = 0;
    std::memcpy(&word, digits, sizeof word);
    std::memcpy(to, &word, sizeof word);
    // The lowest bit makes the first digit stay.
    const std::uint64_t not_zero = (word ^ 0x303030303030u) | 1;
    return to + (71 - std::countl_zero(not_zero)) / 8;
}

/// What has at most six decimals, as most measurements do, takes a third of the time. No two
/// decimals of 15 digits are the same double, so this is the shortest text as well. Null: has more.
char* write_six_decimals(char* to, double value) noexcept
{
    const double size = std::abs(value);
    if (!(size >= 1e-4 && size < 1e9)) {
        return nullptr;
    }
    // Rounded somehow: the division below decides, but is not needed for most that have more.
    const double scaled = size * 1e6;
    const auto millionths =
        static_cast<std::uint64_t>(scaled + 0.5);  // NOLINT(bugprone-incorrect-roundings)
    const auto rounded = static_cast<double>(millionths);
    if (std::abs(rounded - scaled) > scaled * 1e-15 || rounded / 1e6 != size) {
        return nullptr;
    }
    *to = '-';
    to += std::signbit(value);
    to = write_unsigned(to, millionths / 1'000'000);
    *to++ = '.';
    return write_fraction(to, static_cast<std::uint32_t>(millionths % 1'000'000));
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
    auto size = static_cast<std::uint64_t>(value);
    if (value < 0) {
        *to++ = '-';
        size = 0 - size;
    }
    return write_unsigned(to, size);
}

char* write_integer(char* to, std::uint64_t value) noexcept
{
    return write_unsigned(to, value);
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
