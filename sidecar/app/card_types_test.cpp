// Cards from SQL to bytes: the JSON form of every type.
#include <random>

#include "sidecar/app/card_test.h"

namespace gatehouse::app {
namespace {

TEST_F(CardTest, IntegersKeepEveryDigit)
{
    EXPECT_EQ(value("true"), "true");
    EXPECT_EQ(value("(-128)::TINYINT"), "-128");
    EXPECT_EQ(value("255::UTINYINT"), "255");
    EXPECT_EQ(value("(-32768)::SMALLINT"), "-32768");
    EXPECT_EQ(value("65535::USMALLINT"), "65535");
    EXPECT_EQ(value("(-2147483648)::INTEGER"), "-2147483648");
    EXPECT_EQ(value("4294967295::UINTEGER"), "4294967295");
    EXPECT_EQ(value("9223372036854775807::BIGINT"), "9223372036854775807");
    EXPECT_EQ(value("(-9223372036854775808)::BIGINT"), "-9223372036854775808");
    EXPECT_EQ(value("18446744073709551615::UBIGINT"), "18446744073709551615");
    EXPECT_EQ(value("170141183460469231731687303715884105727::HUGEINT"),
              "170141183460469231731687303715884105727");
    EXPECT_EQ(value("(-170141183460469231731687303715884105728)::HUGEINT"),
              "-170141183460469231731687303715884105728");
    EXPECT_EQ(value("340282366920938463463374607431768211455::UHUGEINT"),
              "340282366920938463463374607431768211455");
    EXPECT_EQ(value("(-1)::HUGEINT"), "-1");
    EXPECT_EQ(value("10000000000000000000::HUGEINT"), "10000000000000000000");
}

TEST_F(CardTest, DecimalsKeepEveryDigit)
{
    EXPECT_EQ(value("1.5::DECIMAL(4,2)"), "1.50");
    EXPECT_EQ(value("(-0.05)::DECIMAL(9,2)"), "-0.05");
    EXPECT_EQ(value("0::DECIMAL(18,3)"), "0.000");
    EXPECT_EQ(value("1234567890123456789012345678.0123456789::DECIMAL(38,10)"),
              "1234567890123456789012345678.0123456789");
    EXPECT_EQ(value("(-0.0000000001)::DECIMAL(38,10)"), "-0.0000000001");
    EXPECT_EQ(value("7::DECIMAL(5,0)"), "7");
}

// Expected: repr() of Python 3.
TEST_F(CardTest, DoublesAreTheShortestThatReadBack)
{
    EXPECT_EQ(value("0.1::DOUBLE"), "0.1");
    EXPECT_EQ(value("1::DOUBLE"), "1.0");
    EXPECT_EQ(value("'-0'::DOUBLE"), "-0.0");
    EXPECT_EQ(value("100000::DOUBLE"), "100000.0");
    EXPECT_EQ(value("1e15::DOUBLE"), "1000000000000000.0");
    EXPECT_EQ(value("1e16::DOUBLE"), "1e+16");
    EXPECT_EQ(value("0.0001::DOUBLE"), "0.0001");
    EXPECT_EQ(value("0.00001::DOUBLE"), "1e-05");
    EXPECT_EQ(value("1.7976931348623157e308::DOUBLE"), "1.7976931348623157e+308");
    EXPECT_EQ(value("5e-324::DOUBLE"), "5e-324");
    EXPECT_EQ(value("9007199254740993::DOUBLE"), "9007199254740992.0");
    EXPECT_EQ(value("0.1::FLOAT"), "0.1");
    EXPECT_EQ(value("16777216::FLOAT"), "16777216.0");
}

TEST_F(CardTest, WhatJsonCannotSayIsNull)
{
    EXPECT_EQ(value("'nan'::DOUBLE"), "null");
    EXPECT_EQ(value("'inf'::DOUBLE"), "null");
    EXPECT_EQ(value("'-inf'::FLOAT"), "null");
    EXPECT_EQ(value("NULL"), "null");
    EXPECT_EQ(value("NULL::VARCHAR"), "null");
    EXPECT_EQ(value("['nan'::DOUBLE, 1]"), "[null,1.0]");
}

// Expected: ISO 8601, and RFC 3339 where there is a zone.
TEST_F(CardTest, TimesAreIso8601)
{
    EXPECT_EQ(value("DATE '2026-01-02'"), R"("2026-01-02")");
    EXPECT_EQ(value("DATE '1969-12-31'"), R"("1969-12-31")");
    EXPECT_EQ(value("DATE '2000-02-29'"), R"("2000-02-29")");
    EXPECT_EQ(value("DATE '0044-03-15 (BC)'"), R"("-0043-03-15")");
    EXPECT_EQ(value("DATE '12345-06-07'"), R"("+12345-06-07")");
    EXPECT_EQ(value("DATE 'infinity'"), R"("infinity")");
    EXPECT_EQ(value("TIME '03:04:05.123456'"), R"("03:04:05.123456")");
    EXPECT_EQ(value("TIME '03:04:05'"), R"("03:04:05")");
    EXPECT_EQ(value("TIMESTAMP '2026-01-02 03:04:05.123456'"), R"("2026-01-02T03:04:05.123456")");
    EXPECT_EQ(value("TIMESTAMP '2026-01-02 03:04:05'"), R"("2026-01-02T03:04:05")");
    EXPECT_EQ(value("TIMESTAMP '1969-12-31 23:59:59.5'"), R"("1969-12-31T23:59:59.500000")");
    EXPECT_EQ(value("TIMESTAMP '-infinity'"), R"("-infinity")");
    EXPECT_EQ(value("TIMESTAMP_S '2026-01-02 03:04:05'"), R"("2026-01-02T03:04:05")");
    EXPECT_EQ(value("TIMESTAMP_MS '2026-01-02 03:04:05.007'"), R"("2026-01-02T03:04:05.007")");
    EXPECT_EQ(value("TIMESTAMP_NS '2026-01-02 03:04:05.000000007'"),
              R"("2026-01-02T03:04:05.000000007")");
    EXPECT_EQ(value("TIMESTAMPTZ '2026-01-02 03:04:05.5+02:00'"),
              R"("2026-01-02T01:04:05.500000Z")");
    EXPECT_EQ(value("TIMESTAMPTZ '2026-07-01 12:00:00 America/New_York'"),
              R"("2026-07-01T16:00:00Z")");
}

TEST_F(CardTest, NestedValuesAreJson)
{
    EXPECT_EQ(value("[1, NULL, 3]"), "[1,null,3]");
    EXPECT_EQ(value("[]::INTEGER[]"), "[]");
    EXPECT_EQ(value("[[1, 2], [], NULL]"), "[[1,2],[],null]");
    EXPECT_EQ(value("{'a': 1, 'b\"': [{'c': 'x'}]}"), R"({"a":1,"b\"":[{"c":"x"}]})");
    EXPECT_EQ(value("MAP {'k': 1, 'l': NULL}"), R"({"k":1,"l":null})");
    EXPECT_EQ(value("MAP {1: 'a', 2: 'b'}"), R"({"1":"a","2":"b"})");
    EXPECT_EQ(value("MAP {DATE '2026-01-02': true}"), R"({"2026-01-02":true})");
    EXPECT_EQ(value("MAP {[1, 2]: 'a'}"), R"({"[1,2]":"a"})");
    EXPECT_EQ(value("array_value(1.5::DOUBLE, 2::DOUBLE)"), "[1.5,2.0]");
    EXPECT_EQ(value("[array_value(1, 2), array_value(3, 4)]"), "[[1,2],[3,4]]");
}

TEST_F(CardTest, NestedValuesOfManyRowsKeepTheirPlace)
{
    EXPECT_EQ(body("SELECT CASE WHEN i % 3 = 1 THEN NULL ELSE range(i) END AS l, "
                   "{'i': i, 's': repeat('x', i::INT * 7)} AS s, array_value(i, -i) AS a "
                   "FROM range(4) t(i) ORDER BY i"),
              R"([{"l":[],"s":{"i":0,"s":""},"a":[0,0]},)"
              R"({"l":null,"s":{"i":1,"s":"xxxxxxx"},"a":[1,-1]},)"
              R"({"l":[0,1],"s":{"i":2,"s":"xxxxxxxxxxxxxx"},"a":[2,-2]},)"
              R"({"l":[0,1,2],"s":{"i":3,"s":"xxxxxxxxxxxxxxxxxxxxx"},"a":[3,-3]}])");
    // Over several of DuckDB's chunks of 2,048 rows.
    EXPECT_EQ(body("SELECT sum(len(l)) FROM (SELECT range(i % 5) AS l FROM range(10000) t(i))",
                   Shape::value),
              "20000");
    const std::string lists =
        body("SELECT range(i, i + 2) AS l FROM range(5000) t(i) ORDER BY i", Shape::columns);
    EXPECT_THAT(lists, HasSubstr("[2047,2048],[2048,2049],[2049,2050]"));
    EXPECT_THAT(lists, HasSubstr("[4999,5000]]"));
}

TEST_F(CardTest, OtherTypesAreStrings)
{
    EXPECT_EQ(value("'\\x00\\xFFa'::BLOB"), R"("AP9h")");
    EXPECT_EQ(value("''::BLOB"), R"("")");
    EXPECT_EQ(value("'f'::BLOB"), R"("Zg==")");
    EXPECT_EQ(value("'123e4567-e89b-12d3-a456-426614174000'::UUID"),
              R"("123e4567-e89b-12d3-a456-426614174000")");
    EXPECT_EQ(value("'fffffffe-0000-0000-0000-000000000001'::UUID"),
              R"("fffffffe-0000-0000-0000-000000000001")");
    EXPECT_EQ(value("'b'::ENUM('a', 'b')"), R"("b")");
    EXPECT_EQ(value("INTERVAL '1 day 2 hours'"), R"("1 day 02:00:00")");
    EXPECT_EQ(value("'0110'::BIT"), R"("0110")");
    EXPECT_EQ(value("union_value(n := 5)"), R"("5")");
    EXPECT_EQ(value("[INTERVAL '1 day']"), R"(["1 day"])");
    EXPECT_EQ(value("{'i': INTERVAL '1 day', 'n': 1}"), R"({"i":"1 day","n":1})");
}

TEST_F(CardTest, StringsAreEscaped)
{
    EXPECT_EQ(value(R"('a"b\c')"), R"("a\"b\\c")");
    EXPECT_EQ(value("chr(8) || chr(9) || chr(10) || chr(12) || chr(13) || chr(1) || chr(31)"),
              R"("\b\t\n\f\r\u0001\u001f")");
    EXPECT_EQ(value("'é€😀'"), "\"é€😀\"");
    EXPECT_EQ(value("repeat('ab', 300)").size(), 602u);
    EXPECT_EQ(value("'twelve bytes'"), "\"twelve bytes\"");
    EXPECT_EQ(value("'thirteen byte'"), "\"thirteen byte\"");
}

/// What the card makes of the file's rows and of the types of its columns.
struct Seen {
    std::string rows, types;
};

// A small CSV whose columns are beyond doubt is read without DuckDB's guess: it must be the same.
TEST_F(CardTest, PlainCsvsAreReadAsDuckDbGuessesThem)
{
    const std::vector<std::string> cells{"0",
                                         "-0",
                                         "7",
                                         "-12",
                                         "123456789012345678",
                                         "0.5",
                                         "-1.25",
                                         "3.0",
                                         "one",
                                         "zwei",
                                         "truely",
                                         "12 monkeys",
                                         "x-1",
                                         "1.2.3",
                                         "",
                                         "2024-02-30",
                                         "1e5",
                                         "true",
                                         "nano",
                                         "information",
                                         "2.04315914e-01",
                                         "1.5E+02",
                                         "1e-05"};
    Directory directory;
    std::mt19937 random{20'26};
    for (int round = 0; round < 80; ++round) {
        std::string text = "a,b,c\n";
        const auto kinds = 1 + random() % cells.size();
        for (auto rows = 1 + random() % 4; rows > 0; --rows) {
            for (int column = 0; column < 3; ++column) {
                const auto& cell =
                    cells[(random() % kinds + static_cast<unsigned>(column) * 5) % cells.size()];
                text += cell + (column < 2 ? "," : "\n");
            }
        }
        const auto file = directory.write("s.csv", text);
        const auto seen = [&](const std::vector<std::string>& null_strings) {
            config_ = {};
            config_.engine.memory_limit = 256u << 20;
            card_.sources.clear();
            source("s", file).csv.null_strings = null_strings;
            return Seen{body("select * from s"),
                        body("select typeof(a) as a, typeof(b) as b, typeof(c) as c from s")};
        };
        const auto guessed = seen({"NEVER"});  // said, so that DuckDB guesses
        const auto plain = seen({});
        EXPECT_EQ(plain.rows, guessed.rows) << text;
        EXPECT_EQ(plain.types, guessed.types) << text;
    }
}

// The same of the first rows of a large one, where a later value must still not be changed.
TEST_F(CardTest, LargeCsvsAreReadAsDuckDbGuessesThem)
{
    Directory directory;
    const std::string filler(100, 'x');
    const auto file_of = [&](const std::string& first, const std::string& last,
                             const std::string& end_of_line) {
        std::string text = "\xef\xbb\xbfn,v,t,filler" + end_of_line;
        while (text.size() < 9u << 20) {
            text += first + "," + filler + end_of_line;
        }
        return directory.write("s.csv", text + last + "," + filler + end_of_line);
    };
    const auto seen = [&](const std::string& file, const std::vector<std::string>& null_strings) {
        config_ = {};
        config_.engine.memory_limit = 256u << 20;
        card_.sources.clear();
        source("s", file).csv.null_strings = null_strings;
        const auto rows = compute("select count(*), min(n), max(n), min(v), max(v), max(t) from s");
        return rows ? Seen{rows->representations.at(0).body,
                           body("select typeof(n) as n, typeof(v) as v, typeof(t) as t from s "
                                "limit 1")}
                    : Seen{rows.error().message, ""};
    };
    const std::vector<std::vector<std::string>> files{
        {"1,0.5,one", "2,1.5e-05,two", "\n"},
        {"1,2.04315914e-01,one", "2,1.5,two", "\n"},
        {"1,0.5,one", "2,1.5,two", "\r\n"},
        {"1,0.5,one", "2.5,1.5,two", "\n"},
        {"1,0.5,one", "2,none,two", "\n"},
        {"1,0.5,one", "2,,\"t, wo\"", "\n"},
        {"1,0.5,2026-01-02", "2,1,2026-01-03", "\n"},
    };
    for (const auto& each : files) {
        const auto file = file_of(each[0], each[1], each[2]);
        const auto guessed = seen(file, {"NEVER"});
        const auto found = seen(file, {});
        EXPECT_EQ(found.rows, guessed.rows) << each[1];
        EXPECT_EQ(found.types, guessed.types) << each[1];
    }
}

}  // namespace
}  // namespace gatehouse::app
