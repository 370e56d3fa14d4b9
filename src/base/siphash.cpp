#include "src/base/siphash.h"

#include <bit>
#include <cstring>

namespace gatehouse {

namespace {

// Words are read as they lie in memory.
static_assert(std::endian::native == std::endian::little);

struct State {
    std::uint64_t v0, v1, v2, v3;

    void round() noexcept
    {
        v0 += v1;
        v2 += v3;
        v1 = std::rotl(v1, 13) ^ v0;
        v3 = std::rotl(v3, 16) ^ v2;
        v0 = std::rotl(v0, 32);
        v2 += v1;
        v0 += v3;
        v1 = std::rotl(v1, 17) ^ v2;
        v3 = std::rotl(v3, 21) ^ v0;
        v2 = std::rotl(v2, 32);
    }

    void compress(std::uint64_t word) noexcept
    {
        v3 ^= word;
        round();
        v0 ^= word;
    }

    std::uint64_t finish() noexcept
    {
        round();
        round();
        round();
        return v0 ^ v1 ^ v2 ^ v3;
    }
};

template <class Integer>
std::uint64_t load(const char* bytes) noexcept
{
    Integer value;
    std::memcpy(&value, bytes, sizeof value);
    return value;
}

/// The bytes past the last whole word, and the length in the highest byte. Read in two pieces that
/// overlap: a copy of so few bytes costs more than the hash of a word.
[[gnu::always_inline]] inline std::uint64_t last_word(const char* tail, std::size_t size) noexcept
{
    const std::size_t left = size & 7;
    const std::uint64_t length = static_cast<std::uint64_t>(size) << 56;
    if (left >= 4) [[likely]] {
        return length | load<std::uint32_t>(tail) |
               load<std::uint32_t>(tail + left - 4) << (8 * (left - 4));
    }
    if (left >= 2) {
        return length | load<std::uint16_t>(tail) |
               load<std::uint16_t>(tail + left - 2) << (8 * (left - 2));
    }
    return left == 0 ? length : length | load<unsigned char>(tail);
}

[[gnu::always_inline]] inline void absorb(State& state, std::string_view bytes) noexcept
{
    const char* next = bytes.data();
    for (const char* end = next + (bytes.size() & ~std::size_t{7}); next != end; next += 8) {
        state.compress(load<std::uint64_t>(next));
    }
    state.compress(last_word(next, bytes.size()));
}

/// The constants are "somepseudorandomlygeneratedbytes".
State begin(const SipKey& key) noexcept
{
    return {key.k0 ^ 0x736f6d6570736575, key.k1 ^ 0x646f72616e646f6d, key.k0 ^ 0x6c7967656e657261,
            key.k1 ^ 0x7465646279746573};
}

}  // namespace

std::uint64_t siphash13_64(const SipKey& key, std::string_view bytes) noexcept
{
    State state = begin(key);
    absorb(state, bytes);
    state.v2 ^= 0xff;
    return state.finish();
}

Hash128 siphash13(const SipKey& key, std::string_view bytes) noexcept
{
    State state = begin(key);
    state.v1 ^= 0xee;  // marks a result of 128 bits
    absorb(state, bytes);
    state.v2 ^= 0xee;
    Hash128 result;
    result.low = state.finish();
    state.v1 ^= 0xdd;
    result.high = state.finish();
    return result;
}

}  // namespace gatehouse
