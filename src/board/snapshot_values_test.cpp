// ETags and dates of a snapshot against what others compute: xxHash's own test vectors, RFC 9110's
// example and date(1).
#include <gtest/gtest.h>

#include <array>
#include <cstdio>

#include "src/board/snapshot.h"

namespace gatehouse::board {
namespace {

/// The input of xxHash's self test (cli/xsum_sanity_check.c): the top bytes of a running product.
std::string sanity_buffer(std::size_t size)
{
    std::string buffer(size, '\0');
    std::uint64_t state = 2654435761u;
    for (auto& byte : buffer) {
        byte = static_cast<char>(state >> 56);
        state *= 11400714785074694797ull;
    }
    return buffer;
}

TEST(Etag, IsXxh3AsXxHashPublishesIt)
{
    struct Vector {
        std::size_t size;
        const char* hash;
    };
    constexpr std::array vectors{
        Vector{0, "2d06800538d394c2"},    Vector{1, "c44bdff4074eecdb"},
        Vector{6, "27b56a84cd2d7325"},    Vector{12, "a713daf0dfbb77e7"},
        Vector{24, "a3fe70bf9d3510eb"},   Vector{48, "397da259ecba1f11"},
        Vector{80, "bcdefbbb2c47c90a"},   Vector{195, "cd94217ee362ec3a"},
        Vector{403, "cdeb804d65c6dea4"},  Vector{512, "617e49599013cb6b"},
        Vector{2048, "dd59e2c3a5f038e0"}, Vector{2240, "6e73a90539cf2948"},
        Vector{2367, "cb37aeb9e5d361ed"},
    };
    for (const auto& vector : vectors) {
        EXPECT_EQ(etag_of(sanity_buffer(vector.size)), '"' + std::string{vector.hash} + '"')
            << vector.size << " bytes";
    }
}

}  // namespace
}  // namespace gatehouse::board
