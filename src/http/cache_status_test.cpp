#include "src/http/cache_status.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace gatehouse::http {
namespace {

TEST(CacheStatus, Hit)
{
    std::array<char, cache_status_capacity> buffer;
    EXPECT_EQ(format_cache_status_hit(376, buffer), "gatehouse; hit; ttl=376");
    EXPECT_EQ(format_cache_status_hit(0, buffer), "gatehouse; hit; ttl=0");
    EXPECT_EQ(format_cache_status_hit(-412, buffer), "gatehouse; hit; ttl=-412");
}

TEST(CacheStatus, ClampsToFifteenDigits)
{
    std::array<char, cache_status_capacity> buffer;
    EXPECT_EQ(format_cache_status_hit(std::numeric_limits<std::int64_t>::max(), buffer),
              "gatehouse; hit; ttl=999999999999999");
    EXPECT_EQ(format_cache_status_hit(std::numeric_limits<std::int64_t>::min(), buffer),
              "gatehouse; hit; ttl=-999999999999999");
}

}  // namespace
}  // namespace gatehouse::http
