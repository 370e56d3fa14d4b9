#include "src/base/constant_time.h"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse {
namespace {

TEST(ConstantTime, TellsEveryTextFromEveryOtherOfOneBitLess)
{
    for (std::size_t size = 0; size <= 40; ++size) {
        const std::string text(size, 'x');
        EXPECT_TRUE(equal_in_constant_time(text, std::string(size, 'x')));
        EXPECT_FALSE(equal_in_constant_time(text, text + "x"));
        for (std::size_t bit = 0; bit < 8 * size; ++bit) {
            auto other = text;
            other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << bit % 8));
            EXPECT_FALSE(equal_in_constant_time(text, other)) << size << ' ' << bit;
        }
    }
}

}  // namespace
}  // namespace gatehouse
