#include "sidecar/geoip/told.h"

#include <gtest/gtest.h>

namespace gatehouse::geoip {
namespace {

std::string database(const std::string& path, const std::string& checksum)
{
    return "{\"path\":\"" + path + "\",\"checksum\":\"" + checksum + "\"}";
}

TEST(GeoipTold, CountsWorkersAndWhatTheyHold)
{
    const auto all =
        told_databases({"[" + database("/a.mmdb", "00000000000000ff") + "," +
                            database("/b.mmdb", "ffffffffffffffff") + "]",
                        "[" + database("/a.mmdb", "00000000000000fe") + "]", "[]", ""});
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all.at("/a.mmdb").workers, 2U);
    EXPECT_EQ(all.at("/a.mmdb").checksums, (std::set<std::uint64_t>{0xfe, 0xff}));
    EXPECT_EQ(all.at("/b.mmdb").checksums, (std::set<std::uint64_t>{0xffff'ffff'ffff'ffff}));
}

TEST(GeoipTold, TakesNothingElse)
{
    for (const auto& hello :
         {std::string{"{}"}, std::string{"[1]"}, std::string{"["},
          "[" + database("relative.mmdb", "1") + "]", "[" + database("/a", "x") + "]",
          "[" + database("/a", "") + "]", "[" + database("/a\\u0000b", "1") + "]",
          "[" + database("/" + std::string(249, 'x'), "1") + "]"}) {
        EXPECT_TRUE(told_databases({hello}).empty()) << hello;
    }
    std::vector<std::string> many;
    for (int i = 0; i < 100; ++i) {
        many.push_back("[" + database("/" + std::to_string(i), "1") + "]");
    }
    EXPECT_EQ(told_databases(many).size(), most_databases);
}

}  // namespace
}  // namespace gatehouse::geoip
