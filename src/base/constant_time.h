// Comparison of secrets: in time that depends on their length alone.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace gatehouse {

namespace behind {

/// Keeps the compiler from seeing what a number is made of, and so from ending a loop early.
inline std::uint64_t opaque(std::uint64_t number) noexcept
{
    __asm__("" : "+r"(number));
    return number;
}

inline std::uint64_t word_at(const char* bytes) noexcept
{
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    return word;
}

}  // namespace behind

/// Texts of different lengths differ at once: a length is no secret. Some five instructions for
/// eight bytes, where CRYPTO_memcmp takes fifty.
inline bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept
{
    if (a.size() != b.size()) {
        return false;
    }
    std::uint64_t difference = 0;
    std::size_t at = 0;
    for (; at + sizeof difference <= a.size(); at += sizeof difference) {
        difference = behind::opaque(
            difference | (behind::word_at(a.data() + at) ^ behind::word_at(b.data() + at)));
    }
    for (; at < a.size(); ++at) {
        difference = behind::opaque(difference | static_cast<unsigned char>(a[at] ^ b[at]));
    }
    return difference == 0;
}

}  // namespace gatehouse
