#include "src/geo/verify.h"

#include <gmock/gmock.h>

#include "src/geo/test_database.h"

namespace gatehouse::geo {
namespace {

using testing::HasSubstr;

std::string flaw_of(const std::string& bytes)
{
    const auto result = verify(as_bytes(bytes));
    return result ? "" : result.error().message;
}

TestDatabase small()
{
    TestDatabase source;
    source.add("192.0.2.0/24", country_record("DE"));
    source.add("2001:db8::/32", country_record("JP"));
    return source;
}

std::string flaw_with_value(const std::string& value)
{
    auto source = small();
    source.add("198.51.100.0/24", value);
    return flaw_of(source.bytes());
}

std::string flaw_with_metadata(const char* name, const std::string& value)
{
    auto source = small();
    source.metadata[name] = value;
    return flaw_of(source.bytes());
}

TEST(GeoVerify, AcceptsWhatTheFormatAllows)
{
    EXPECT_EQ(flaw_of(small().bytes()), "");
    EXPECT_EQ(flaw_with_value(text_value(std::string(200, 'x'))), "");
    EXPECT_EQ(flaw_with_value(control(3, 8) + "12345678"), "");
    EXPECT_EQ(flaw_with_value(control(14, 1)), "");
    EXPECT_EQ(flaw_with_value(control(11, 2) + text_value("a") + control(15, 4) + "1234"), "");
    EXPECT_EQ(flaw_with_value(number_value(10, ~0ULL)), "");

    for (const auto* pointer :
         {"\x20\0", "\x38\0\0\0\0"}) {  // to offset 0, in the least and most bytes
        const std::string bytes{pointer, pointer[0] == ' ' ? 2U : 5U};
        EXPECT_EQ(flaw_with_value(map_value({{"again", bytes}})), "");
    }
    EXPECT_THAT(flaw_with_value(map_value({{"x", std::string{"\x28\0\0", 3}}})),
                HasSubstr("beyond the end at byte 2048"));
    EXPECT_THAT(flaw_with_value(map_value({{"x", std::string{"\x31\0\0\2", 4}}})),
                HasSubstr("beyond the end at byte 17303554"));

    auto shared = small();  // records of others are pointed to, and IPv4 hangs in twice
    shared.add("203.0.113.0/24", map_value({{"again", pointer_value(0)}}));
    shared.add_offset("198.51.100.0/24", 0);
    EXPECT_EQ(flaw_of(shared.bytes()), "");
}

TEST(GeoVerify, RefusesDamagedValues)
{
    EXPECT_THAT(flaw_with_value(control(3, 7) + "1234567"), HasSubstr("no value"));
    EXPECT_THAT(flaw_with_value(control(12, 0)), HasSubstr("no value"));
    EXPECT_THAT(flaw_with_value(control(2, 28) + "short"), HasSubstr("no value"));
    EXPECT_THAT(flaw_with_value(std::string{"\x5f\xff\xff\xff", 4}), HasSubstr("no value"));
    EXPECT_THAT(flaw_with_value(std::string{"\xff\xff\xff\xff", 4}), HasSubstr("no value"));
    EXPECT_THAT(flaw_with_value(text_value("\xc3(")), HasSubstr("no UTF-8"));
    EXPECT_THAT(flaw_with_value(control(7, 1) + u32_value(1) + u32_value(2)),
                HasSubstr("key that is no text"));
    EXPECT_THAT(flaw_with_value(map_value({{"x", pointer_value(2000)}})),
                HasSubstr("beyond the end"));

    auto source = small();
    const auto at = static_cast<unsigned>(source.data.size());
    source.add("198.51.100.0/24", map_value({{"x", pointer_value(at)}}));
    EXPECT_THAT(flaw_of(source.bytes()), HasSubstr("contains itself"));

    source = small();
    const auto pointer_at = static_cast<unsigned>(source.data.size());
    source.data += pointer_value(0);
    source.add("198.51.100.0/24", map_value({{"x", pointer_value(pointer_at)}}));
    EXPECT_THAT(flaw_of(source.bytes()), HasSubstr("pointer to a pointer"));

    std::string deep = text_value("x");
    for (int i = 0; i < 100; ++i) {
        deep = control(11, 1) + deep;
    }
    EXPECT_THAT(flaw_with_value(deep), HasSubstr("too deep"));
}

/// A chain of maps, each of which points to the one before twice: 2^30 ways through 30 of them.
TEST(GeoVerify, GoesThroughSharedValuesOnce)
{
    auto source = small();
    unsigned before = 0;
    for (int i = 0; i < 30; ++i) {
        const auto at = static_cast<unsigned>(source.data.size());
        source.data += map_value({{"a", pointer_value(before)}, {"b", pointer_value(before)}});
        before = at;
    }
    source.add_offset("198.51.100.0/24", before);
    EXPECT_EQ(flaw_of(source.bytes()), "");
}

TEST(GeoVerify, RefusesADamagedTree)
{
    auto source = small();
    source.add_offset("198.51.100.0/24", source.data.size());
    EXPECT_THAT(flaw_of(source.bytes()), HasSubstr("leads out of its data"));

    source = small();
    source.nodes[0][1] = TestDatabase::data_base - 16;  // read as a record within the separator
    source.nodes[0][1] = static_cast<std::int64_t>(source.nodes.size()) + 3;
    EXPECT_THAT(flaw_of(source.bytes()), HasSubstr("leads out of its data"));

    source = small();
    source.nodes[5][1] = 5;
    EXPECT_THAT(flaw_of(source.bytes()), HasSubstr("deeper than an address"));

    source = small();
    source.ip_version = 4;  // with a tree of IPv6
    EXPECT_THAT(flaw_of(source.bytes()), HasSubstr("deeper than an address"));
}

TEST(GeoVerify, RefusesImpossibleMetadata)
{
    EXPECT_THAT(flaw_with_metadata("node_count", u32_value(1 << 20)), HasSubstr("shorter than"));
    EXPECT_THAT(flaw_with_metadata("node_count", u64_value(~0ULL)), HasSubstr("a search tree of"));
    EXPECT_THAT(flaw_with_metadata("node_count", u32_value(0)), HasSubstr("a search tree of 0"));
    EXPECT_THAT(flaw_with_metadata("node_count", text_value("9")), HasSubstr("\"node_count\""));
    EXPECT_THAT(flaw_with_metadata("record_size", u16_value(26)), HasSubstr("26 bits"));
    EXPECT_THAT(flaw_with_metadata("ip_version", u16_value(5)), HasSubstr("IP version 5"));
    EXPECT_THAT(flaw_with_metadata("binary_format_major_version", u16_value(3)),
                HasSubstr("version 3"));
    EXPECT_THAT(flaw_with_metadata("build_epoch", u64_value(~0ULL)),
                HasSubstr("time of its build"));
    EXPECT_THAT(flaw_with_metadata("database_type", u16_value(1)), HasSubstr("database_type"));
    EXPECT_THAT(flaw_of(""), HasSubstr("no MaxMind database"));
    EXPECT_THAT(flaw_of("\xAB\xCD\xEFMaxMind.com"), HasSubstr("metadata are damaged"));
    EXPECT_THAT(flaw_of(small().bytes() + std::string(200 << 10, 'x')),
                HasSubstr("no MaxMind database"));
}

TEST(GeoVerify, RefusesEveryTruncation)
{
    const auto whole = small().bytes();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_NE(flaw_of(whole.substr(0, size)), "") << size;
    }
}

}  // namespace
}  // namespace gatehouse::geo
