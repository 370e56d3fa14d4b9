#include "src/http/query.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace gatehouse::http {
namespace {

using Kind = FormatQuery::Kind;
using Count = QueryParameter::Count;

TEST(FindFormat, Named)
{
    const auto format_in = [](std::string_view query) {
        const FormatQuery found = find_format(query);
        return found.kind == Kind::named ? name_of(found.format) : "none";
    };
    EXPECT_EQ(format_in("format=json"), "json");
    EXPECT_EQ(format_in("format=columns"), "columns");
    EXPECT_EQ(format_in("format=csv"), "csv");
    EXPECT_EQ(format_in("format=ndjson"), "ndjson");
    EXPECT_EQ(format_in("a=1&format=csv&b"), "csv");
    EXPECT_EQ(format_in("&&format=csv&&"), "csv");
    EXPECT_EQ(format_in("%66orma%74=%63s%76"), "csv");
}

TEST(FindFormat, Absent)
{
    for (const auto* query : {"", "&", "=", "a=1", "format2=csv", "xformat=csv", "Format=csv",
                              "a=format=csv", "a;format=csv", "format%=csv", "%format=csv",
                              "%zzformat=csv", "format[]=csv", "format+=csv", "forma=csv"}) {
        EXPECT_EQ(find_format(query).kind, Kind::absent) << query;
    }
}

TEST(FindFormat, Duplicate)
{
    for (const auto* query : {"format=csv&format=csv", "format=csv&a&format=json", "format&format",
                              "format=csv&%66ormat=csv"}) {
        EXPECT_EQ(find_format(query).kind, Kind::duplicate) << query;
    }
}

TEST(FindFormat, Unknown)
{
    for (const auto* query :
         {"format", "format=", "format=xml", "format=CSV", "format=csv%00", "format=%", "format=%6",
          "format=cs%7", "format=csv+", "format=%zzcsv", "format=csv=", "format=csv;a=1"}) {
        EXPECT_EQ(find_format(query).kind, Kind::unknown) << query;
    }
}

TEST(FindFormat, HugeQueries)
{
    EXPECT_EQ(find_format("format=" + std::string(65536, 'c')).kind, Kind::unknown);
    EXPECT_EQ(find_format("x=" + std::string(65536, '%') + "&format=csv").kind, Kind::named);
    std::string query;
    for (int i = 0; i < 10000; ++i) {
        query += "p" + std::to_string(i) + "=1&";
    }
    EXPECT_EQ(find_format(query).kind, Kind::absent);
    EXPECT_EQ(find_format(query + "format=csv").kind, Kind::named);
}

TEST(FindParameter, ValueStaysEncoded)
{
    const QueryParameter found = find_parameter("a=%41+b=c&b=2", "a");
    EXPECT_EQ(found.count, Count::one);
    EXPECT_EQ(found.raw_value, "%41+b=c");
}

TEST(FindParameter, FirstOfSeveral)
{
    const QueryParameter found = find_parameter("a=1&b&a=2&a=3", "a");
    EXPECT_EQ(found.count, Count::several);
    EXPECT_EQ(found.raw_value, "1");
    EXPECT_EQ(find_parameter("a=1&b&a=2", "b").count, Count::one);
    EXPECT_EQ(find_parameter("a=1&b&a=2", "c").count, Count::none);
}

TEST(PercentDecode, Decodes)
{
    std::array<char, 8> buffer;
    EXPECT_EQ(percent_decode("", buffer), "");
    EXPECT_EQ(percent_decode("a%2Fb%2f+%2B", buffer), "a/b/ +");
    EXPECT_EQ(percent_decode("%E2%82%AC", buffer), "\xE2\x82\xAC");
    EXPECT_EQ(percent_decode("%41%41%41%41%41%41%41%41", buffer), "AAAAAAAA");
    EXPECT_EQ(percent_decode("%39%30%3a%7F", buffer), "90:\x7F");
    EXPECT_EQ(percent_decode("%00", buffer), std::string_view("\0", 1));
    EXPECT_EQ(percent_decode("%2541", buffer), "%41");  // once
}

TEST(PercentDecode, RefusesMalformedAndTooLong)
{
    std::array<char, 8> buffer;
    for (const auto* raw : {"%", "%4", "a%", "%4g", "%g4", "%%41", "% 41", "123456789"}) {
        EXPECT_FALSE(percent_decode(raw, buffer)) << raw;
    }
}

}  // namespace
}  // namespace gatehouse::http
