// Types and SQL of PostgreSQL, without a server: bytes as its documentation and source have them.
// What a server says is tested by t/38-postgres.t.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "sidecar/databases/postgres_sql.h"
#include "sidecar/databases/postgres_table.h"

namespace gatehouse::databases {
namespace {

using namespace std::string_literals;
using sidecar::Table;
using sidecar::TypeId;
using sidecar::VectorWriter;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string sql(const std::string& text)
{
    const Result<NumberedSql> made = numbered(text);
    return made ? made->sql : "error: " + made.error().message;
}

TEST(PostgresSql, ParametersAreNumbered)
{
    const Result<NumberedSql> made =
        numbered("select $b, $a, $b, '$c', \"$d\", $$ $e $$, /* $f */ x$g -- $h\n;");
    ASSERT_TRUE(made);
    EXPECT_EQ(made->sql, "select $1, $2, $1, '$c', \"$d\", $$ $e $$, /* $f */ x$g");
    EXPECT_THAT(made->parameters, ElementsAre("b", "a"));
}

TEST(PostgresSql, OnlyOneQuery)
{
    EXPECT_EQ(sql("/* a */ (select 1)"), "/* a */ (select 1)");
    EXPECT_EQ(sql("values (1) ; "), "values (1)");
    for (const char* bad :
         {"delete from t", "set x = 1", "copy t to stdout", "begin", "select 1; select 2", "", ";",
          "-- nothing", "explain select 1", "do $$begin end$$", "select $1"}) {
        EXPECT_THAT(sql(bad), HasSubstr("error: ")) << bad;
    }
    EXPECT_THAT(sql("select 1\0"s + "2"), HasSubstr("NUL"));
}

/// A numeric on the wire: count, weight, sign, scale, then digits of base 10,000.
std::string words(std::initializer_list<int> values)
{
    std::string bytes;
    for (const int value : values) {
        bytes += static_cast<char>(value >> 8 & 0xff);
        bytes += static_cast<char>(value & 0xff);
    }
    return bytes;
}

int modifier(int precision, int scale)
{
    return (precision << 16 | scale) + 4;
}

double numeric(const std::string& bytes)
{
    VectorWriter to(*type_of(1700, -1));
    EXPECT_TRUE(append(to, 1700, bytes));
    return std::move(to).finish().cell<double>(0);
}

TEST(PostgresTypes, NumericsWithoutPrecisionAreDoubles)
{
    EXPECT_EQ(numeric(words({0, 0, 0, 0})), 0);
    EXPECT_EQ(numeric(words({2, 0, 0, 2, 12, 3400})), 12.34);
    EXPECT_EQ(numeric(words({2, 0, 0x4000, 2, 12, 3400})), -12.34);
    EXPECT_EQ(numeric(words({1, 2, 0, 0, 5})), 5e8);
    EXPECT_EQ(numeric(words({1, -1, 0, 4, 1})), 0.0001);
    EXPECT_TRUE(std::isnan(numeric(words({0, 0, 0xC000, 0}))));
    EXPECT_EQ(numeric(words({0, 0, 0xD000, 0})), std::numeric_limits<double>::infinity());
}

TEST(PostgresTypes, NumericsWithPrecisionAreDecimals)
{
    const sidecar::Type type = *type_of(1700, modifier(6, 2));
    EXPECT_EQ(type.id, TypeId::decimal);
    EXPECT_EQ(type.storage, TypeId::int32);
    VectorWriter to(type);
    EXPECT_TRUE(append(to, 1700, words({2, 0, 0x4000, 2, 1234, 5600})));  // -1234.56
    EXPECT_TRUE(append(to, 1700, words({1, -1, 0, 2, 700})));             // 0.07
    EXPECT_TRUE(append(to, 1700, words({1, 0, 0, 2, 3})));                // 3.00
    EXPECT_TRUE(append(to, 1700, words({0, 0, 0xC000, 0})));              // NaN
    const sidecar::Vector cells = std::move(to).finish();
    EXPECT_EQ(cells.cell<std::int32_t>(0), -123'456);
    EXPECT_EQ(cells.cell<std::int32_t>(1), 7);
    EXPECT_EQ(cells.cell<std::int32_t>(2), 300);
    EXPECT_FALSE(cells.valid(3));
    EXPECT_EQ(type_of(1700, modifier(4, 0))->storage, TypeId::int16);
    EXPECT_EQ(type_of(1700, modifier(38, 10))->storage, TypeId::int128);
    EXPECT_EQ(type_of(1700, modifier(39, 0))->id, TypeId::float64);
}

TEST(PostgresTypes, WhatIsInfiniteIsNull)
{
    VectorWriter dates(*type_of(1082, -1));
    EXPECT_TRUE(append(dates, 1082, "\x7f\xff\xff\xff"));
    EXPECT_TRUE(append(dates, 1082, "\xff\xff\xff\xff"));  // 1999-12-31
    const sidecar::Vector cells = std::move(dates).finish();
    EXPECT_FALSE(cells.valid(0));
    EXPECT_EQ(cells.cell<std::int32_t>(1), 10'956);
    VectorWriter times(*type_of(1184, -1));
    EXPECT_TRUE(append(times, 1184, "\x80\0\0\0\0\0\0\0"s));
    EXPECT_TRUE(append(times, 1184, "\0\0\0\0\0\0\0\x01"s));
    const sidecar::Vector stamps = std::move(times).finish();
    EXPECT_FALSE(stamps.valid(0));
    EXPECT_EQ(stamps.cell<std::int64_t>(1), 946'684'800'000'001);
}

TEST(PostgresTypes, UnknownTypesAreAskedForAsText)
{
    for (const Oid oid : {0u, 600u, 869u, 1186u, 16'500u, 4'000'000'000u}) {
        EXPECT_FALSE(type_of(oid, -1)) << oid;
    }
}

/// Every cut of a good value, and every type given the bytes of another, is an error or a value;
/// never a read past the end (the sanitizers look).
TEST(PostgresTypes, BytesThatAreNoValueAreRefused)
{
    const std::string array =
        "\0\0\0\x01\0\0\0\0\0\0\0\x17\0\0\0\x02\0\0\0\x01\0\0\0\x04\0\0\0\x05\xff\xff\xff\xff"s;
    VectorWriter good(*type_of(1007, -1));
    ASSERT_TRUE(append(good, 1007, array));
    EXPECT_EQ(good.elements().rows(), 2u);
    for (std::size_t size = 0; size < array.size(); ++size) {
        for (const Oid oid : {16u, 20u, 21u, 23u, 700u, 701u, 1082u, 1114u, 1700u, 2950u, 1007u,
                              1231u, 1009u, 2951u}) {
            VectorWriter to(*type_of(oid, -1));
            const Result<void> added = append(to, oid, array.substr(0, size));
            if (oid == 1007) {
                EXPECT_FALSE(added) << size;
            }
        }
    }
    VectorWriter two(*type_of(1007, -1));
    EXPECT_THAT(append(two, 1007, "\0\0\0\x02"s + array.substr(4)).error().message,
                HasSubstr("several dimensions"));
}

TEST(PostgresTable, ReadsWhatCopySends)
{
    const std::string header = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"s;
    const std::string row = "\0\x02\0\0\0\x04\0\0\0\x07\xff\xff\xff\xff"s;
    const Job job{Clock::now(), 10, 1 << 20, {}};
    const auto fresh = [] {
        return PostgresTable({{"a", *type_of(23, -1)}, {"b", *type_of(25, -1)}}, {23, 25});
    };
    PostgresTable table = fresh();
    EXPECT_FALSE(*table.add_copied(header + row, job));
    EXPECT_FALSE(*table.add_copied(row, job));
    EXPECT_TRUE(*table.add_copied("\xff\xff", job));
    const Table done = std::move(table).finish();
    EXPECT_EQ(done.rows(), 2u);
    EXPECT_EQ(done.vector(0).cell<std::int32_t>(1), 7);
    EXPECT_FALSE(done.vector(1).valid(0));
    const std::string all = header + row;
    for (std::size_t size = 1; size < all.size(); ++size) {
        PostgresTable cut = fresh();
        const Result<bool> added = cut.add_copied(all.substr(0, size), job);
        EXPECT_EQ(static_cast<bool>(added), size == header.size()) << size;
    }
    PostgresTable few = fresh();
    const Job one_row{Clock::now(), 1, 1 << 20, {}};
    EXPECT_FALSE(few.add_copied(header + row + row, one_row));
}

}  // namespace
}  // namespace gatehouse::databases
