#include "sidecar/link/hello.h"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::sidecar {
namespace {

TEST(Hello, SaysWhoTheWorkerIs)
{
    const auto hello = parse_hello(
        R"({"pid": 42, "worker": 1, "nginx": "1.22.1", "module": "0.1.0", "generation": 7, "routes": [],
            "master": 41, "prefix": "/etc/nginx/"})");
    ASSERT_TRUE(hello);
    EXPECT_EQ(hello->pid, 42);
    EXPECT_EQ(hello->slot, 1);
    EXPECT_EQ(hello->master, 41);
    EXPECT_EQ(hello->prefix, "/etc/nginx/");
    EXPECT_EQ(hello->nginx, "1.22.1");
    EXPECT_EQ(hello->generation, 7u);
}

TEST(Hello, TakesWhatIsThere)
{
    const auto hello = parse_hello(R"({"pid": "no number", "nginx": 5})");
    ASSERT_TRUE(hello);
    EXPECT_EQ(hello->pid, 0);
    EXPECT_EQ(hello->nginx, "");
}

TEST(Hello, PassesTheZonesOfLimitsOn)
{
    const auto hello = parse_hello(R"({"pid": 1, "limit_zones": [{"name": "api"}]})");
    ASSERT_TRUE(hello);
    EXPECT_EQ(hello->limit_zones, R"([{"name":"api"}])");
    EXPECT_EQ(parse_hello(R"({"limit_zones": "api"})")->limit_zones, "");
}

TEST(Hello, RefusesWhatIsNoObject)
{
    for (const std::string text :
         {"", "[]", "{", "null", "{\"a\":1,\"a\":2}", "\x00\xff", "{} x"}) {
        EXPECT_FALSE(parse_hello(text)) << text;
    }
    EXPECT_FALSE(parse_hello(std::string(60'000, '[')));
}

TEST(Hello, CutsLongTexts)
{
    const auto hello = parse_hello("{\"nginx\": \"" + std::string(10'000, 'x') + "\"}");
    ASSERT_TRUE(hello);
    EXPECT_EQ(hello->nginx.size(), 64u);
}

}  // namespace
}  // namespace gatehouse::sidecar
