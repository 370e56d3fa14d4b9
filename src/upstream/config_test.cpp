#include "src/upstream/config.h"

#include <gtest/gtest.h>

namespace gatehouse::upstream {
namespace {

constexpr const char* written =
    R"([{"name":"app","uri":"/health?deep=1","interval_ms":5000,"timeout_ms":3000,"fails":3,)"
    R"("passes":2,"status":"200-399","critical":true,"peers":["127.0.0.1:8001","unix:/run/a.sock"]}])";

TEST(UpstreamConfig, IsReadAsItIsWritten)
{
    const auto read = parse_config(written);
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_EQ(read->size(), 1u);
    const auto& app = read->front();
    EXPECT_EQ(app.name, "app");
    EXPECT_EQ(app.check.uri, "/health?deep=1");
    EXPECT_EQ(app.check.interval_ms, 5000);
    EXPECT_EQ(app.check.timeout_ms, 3000);
    EXPECT_EQ(app.check.fails, 3u);
    EXPECT_EQ(app.check.passes, 2u);
    EXPECT_TRUE(app.check.statuses.contains(399));
    EXPECT_TRUE(app.check.critical);
    EXPECT_EQ(app.peers, (std::vector<std::string>{"127.0.0.1:8001", "unix:/run/a.sock"}));
    EXPECT_EQ(config_text(*read), written);
}

TEST(UpstreamConfig, OfNothingIsAnEmptyList)
{
    EXPECT_EQ(config_text({}), "[]");
    const auto read = parse_config("[]");
    ASSERT_TRUE(read);
    EXPECT_TRUE(read->empty());
}

TEST(UpstreamConfig, RefusesWhatIsNoList)
{
    const std::string good = written;
    const auto with = [&](const std::string& old, const std::string& replacement) {
        auto text = good;
        return text.replace(text.find(old), old.size(), replacement);
    };
    for (const auto& text :
         {std::string{}, std::string{"{}"}, std::string{"[1]"}, std::string{"[{}]"},
          good.substr(0, good.size() - 1), with("5000", "0"), with("3000", "\"3s\""),
          with("\"fails\":3", "\"fails\":0"), with("200-399", "ok"), with("\"uri\"", "\"url\""),
          with("\"127.0.0.1:8001\"", "1"), with("\"passes\":2", "\"passes\":-1")}) {
        EXPECT_FALSE(parse_config(text)) << text;
    }
}

}  // namespace
}  // namespace gatehouse::upstream
