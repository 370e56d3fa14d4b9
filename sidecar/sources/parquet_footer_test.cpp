#include "sidecar/sources/parquet_footer.h"

#include <gtest/gtest.h>

#include <sstream>

#include "sidecar/sources/test_parquet.h"

namespace gatehouse::sources {
namespace {

using namespace std::string_literals;
using namespace test;

std::string said_of(const std::string& file)
{
    std::istringstream bytes(file);
    return parquet_objection(bytes).value_or("");
}

std::string said_of_footer(const std::string& footer)
{
    return said_of(parquet_file(footer));
}

constexpr auto too_deep = "its columns are nested in more than 64 groups";
constexpr auto damaged = "its footer is damaged";

TEST(ParquetFooter, GroupsWithinEachOtherAreCounted)
{
    EXPECT_EQ(said_of_footer(metadata(nested(0))), "");
    EXPECT_EQ(said_of_footer(metadata(nested(64))), "");
    EXPECT_EQ(said_of_footer(metadata(nested(65))), too_deep);
    EXPECT_EQ(said_of_footer(metadata(nested(20'000))), too_deep);
}

TEST(ParquetFooter, GroupsBesideEachOtherAreNot)
{
    std::string schema = list_of(12, 201) + group(100);
    for (unsigned i = 0; i < 100; ++i) {
        schema += group(1) + leaf();
    }
    EXPECT_EQ(said_of_footer(metadata(schema)), "");
}

TEST(ParquetFooter, TheLastSchemaCounts)
{
    EXPECT_EQ(said_of_footer("\x29" + nested(1) + "\x09\x04" + nested(65) + '\0'), too_deep)
        << "field 2, and field 2 again";
    EXPECT_EQ(said_of_footer("\x49\x0c\x09\x04" + nested(65) + '\0'), too_deep)
        << "field 4, and then field 2";
}

/// What has the type of no field that is known is skipped: 13 is an empty map, 3 a byte.
TEST(ParquetFooter, OtherFieldsAreSkipped)
{
    const auto before =
        "\xbb\x00"               // field 11: no pairs
        "\x1b\x01\x38\x07\x01x"  // field 12: a pair of a byte and a string
        "\x11\x12"               // fields 13 and 14: true, false
        "\x17"
        "12345678"                  // field 15: a double
        "\x1c\x19\x21\x01\x02\x00"  // field 16: a structure of a list of two booleans
        "\x09\x04"s;
    EXPECT_EQ(said_of_footer(before + nested(64) + '\0'), "");
    EXPECT_EQ(said_of_footer(before + nested(65) + '\0'), too_deep);
}

TEST(ParquetFooter, WhatReadersWouldReadDifferentlyIsDamaged)
{
    const auto schema = "\x29" + nested(1);
    EXPECT_EQ(said_of_footer(schema + "\x29\x13" + "\x00\0"s), damaged)
        << "row groups are structures, not bytes";
    EXPECT_EQ(said_of_footer(schema + "\x2d\0"s), damaged) << "there is no type 13";
    EXPECT_EQ(said_of_footer(schema + "\xa9" + list_of(3, 0xffffffff) + '\0'), damaged)
        << "a length is less than 2^31";
    EXPECT_EQ(said_of_footer(schema + std::string(100, '\xcc')), damaged)
        << "structures within structures";
    EXPECT_EQ(said_of_footer(schema + '\xa9' + std::string(100, '\x19') + std::string(100, '\0')),
              damaged)
        << "lists within lists";
    EXPECT_EQ(said_of_footer(schema + "\xa6" + std::string(11, '\xff') + '\0'), damaged)
        << "a number of more than 64 bits";
}

TEST(ParquetFooter, ItIsReadNoFurtherThanTheFile)
{
    EXPECT_EQ(said_of_footer("\x29" + list_of(12, 1'000'000) + group(1)), damaged);
}

TEST(ParquetFooter, ItsLengthMayLie)
{
    const auto footer = metadata(nested(1));
    EXPECT_EQ(said_of(parquet_file(footer, footer.size() + 1)), damaged);
    EXPECT_EQ(said_of(parquet_file(footer, 0xffffffff)), damaged);
    EXPECT_EQ(said_of(parquet_file(footer, 0xfffffff8)), damaged) << "plus eight, 0 of 32 bits";
}

TEST(ParquetFooter, WhatIsNoParquetIsLeftToTheEngine)
{
    EXPECT_EQ(said_of(""), "");
    EXPECT_EQ(said_of("PAR1"), "");
    EXPECT_EQ(said_of("this is not a Parquet file, is it?"), "");
    EXPECT_EQ(said_of("PAR1" + metadata(nested(100)) + "\x20\0\0\0PARE"s), "");
}

}  // namespace
}  // namespace gatehouse::sources
