#include "src/base/siphash.h"

#include <bit>
#include <cstring>

namespace gatehouse {

namespace {

// Words are read as they lie in memory.
static_assert(std::endian::native == std::endian::little);

constexpr int compression_rounds = 1;
constexpr int finalization_rounds = 3;

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
        for (int i = 0; i < compression_rounds; ++i) {
            round();
        }
        v0 ^= word;
    }

    std::uint64_t finish() noexcept
    {
        for (int i = 0; i < finalization_rounds; ++i) {
            round();
        }
        return v0 ^ v1 ^ v2 ^ v3;
    }
};

/// The bytes past the last whole word, and the length in the highest byte.
std::uint64_t last_word(const char* tail, std::size_t size) noexcept
{
    std::uint64_t word = 0;
    std::memcpy(&word, tail, size & 7);
    return word | (static_cast<std::uint64_t>(size) << 56);
}

}  // namespace

Hash128 siphash13(const SipKey& key, std::string_view bytes) noexcept
{
    // The constants are "somepseudorandomlygeneratedbytes"; 0xee marks a result of 128 bits.
    State state{key.k0 ^ 0x736f6d6570736575, key.k1 ^ 0x646f72616e646f6d ^ 0xee,
                key.k0 ^ 0x6c7967656e657261, key.k1 ^ 0x7465646279746573};
    const char* next = bytes.data();
    for (const char* end = next + (bytes.size() & ~std::size_t{7}); next != end; next += 8) {
        std::uint64_t word;
        std::memcpy(&word, next, 8);
        state.compress(word);
    }
    state.compress(last_word(next, bytes.size()));
    state.v2 ^= 0xee;
    Hash128 result;
    result.low = state.finish();
    state.v1 ^= 0xdd;
    result.high = state.finish();
    return result;
}

}  // namespace gatehouse
