#include "sidecar/datasets/run_head.h"

#include <gtest/gtest.h>

namespace gatehouse::datasets {
namespace {

/// Name, time and parameters, or the status.
std::string read(std::string_view query)
{
    const auto head = run_head_in(query);
    if (!head) {
        return std::to_string(head.failure().status);
    }
    return head->name + "|" + (head->time_us ? std::to_string(*head->time_us) : "") + "|" +
           head->parameters;
}

TEST(RunHead, IsInTheQuery)
{
    EXPECT_EQ(read(""), "||{}");
    EXPECT_EQ(read("name=night+shift%21"), "night shift!||{}");
    EXPECT_EQ(read("time=1970-01-01T00:00:01.5Z"), "|1500000|{}");
    EXPECT_EQ(read("parameters=%7B%22b%22:1,%22a%22:%5B2%5D%7D"), R"(||{"a":[2],"b":1})");
    EXPECT_EQ(read("param.seed=7&param.rate=0.5&param.on=true&param.none=null&param.name=x"),
              R"(||{"name":"x","none":null,"on":true,"rate":0.5,"seed":7})");
    EXPECT_EQ(read("param.a=%22q%22&param.b=%5B1%5D"), R"(||{"a":"\"q\"","b":"[1]"})");
    EXPECT_EQ(read("unknown=1&run=2"), "||{}");
}

TEST(RunHead, IsRefusedWhenItIsMalformed)
{
    for (const std::string& bad :
         {std::string{"name="}, std::string{"name=a&name=b"}, "name=" + std::string(256, 'a'),
          std::string{"name=%00"}, std::string{"name=%zz"}, std::string{"time=now"},
          std::string{"time=2026-02-30"}, std::string{"time=2026-01-01T25:00:00"},
          std::string{"time=2026-01-01T00:00:00Zx"}, std::string{"time=2026-01-01&time=2026-01-01"},
          std::string{"parameters=1"}, std::string{"parameters=%5B%5D"},
          std::string{"parameters=%7B"}, std::string{"param.=1"},
          std::string{"param.a=1&param.a=2"}, std::string{"param.a=%ff"}}) {
        EXPECT_EQ(read(bad), "400") << bad;
    }
    EXPECT_EQ(read("param.a=" + std::string(70'000, 'a')), "400");
}

TEST(RunTime, IsUtc)
{
    // By date -u -d … +%s.
    EXPECT_EQ(time_in("2026-01-02T03:04:05Z"), 1'767'323'045'000'000);
    EXPECT_EQ(time_in("2026-01-02 03:04:05"), 1'767'323'045'000'000);
    EXPECT_EQ(time_in("2026-01-02T03:04:05.123456789"), 1'767'323'045'123'456);
    EXPECT_EQ(time_in("2024-02-29"), 1'709'164'800'000'000);
    EXPECT_EQ(time_in("1969-12-31T23:59:59"), -1'000'000);
    for (const char* bad : {"", "2026", "2026-1-2", "2026-01-02T", "2026-01-02T03:04", "20260102",
                            "2026-01-02T03:04:05+01:00", " 2026-01-02"}) {
        EXPECT_FALSE(time_in(bad)) << bad;
    }
}

}  // namespace
}  // namespace gatehouse::datasets
