// Cards from SQL to bytes: shapes and formats.
#include "sidecar/app/card_test.h"

namespace gatehouse::app {
namespace {

TEST_F(CardTest, Shapes)
{
    const std::string sql = "SELECT * FROM (VALUES (1, 'x'), (2, NULL)) t(a, b)";
    EXPECT_EQ(body(sql), R"([{"a":1,"b":"x"},{"a":2,"b":null}])");
    EXPECT_EQ(body(sql, Shape::columns), R"({"a":[1,2],"b":["x",null]})");
    EXPECT_EQ(body(sql, Shape::series),
              R"({"b":[{"time":1,"value":"x"},{"time":2,"value":null}]})");
    EXPECT_EQ(body("SELECT 1 AS a, 2 AS b", Shape::object), R"({"a":1,"b":2})");
    EXPECT_EQ(value("42"), "42");
}

TEST_F(CardTest, ShapesOfNothing)
{
    const std::string sql = "SELECT 1 AS a, 2 AS b WHERE false";
    EXPECT_EQ(body(sql), "[]");
    EXPECT_EQ(body(sql, Shape::columns), R"({"a":[],"b":[]})");
    EXPECT_EQ(body(sql, Shape::series), R"({"b":[]})");
    EXPECT_EQ(body(sql, Shape::records, "csv"), "a,b\r\n");
    EXPECT_EQ(body(sql, Shape::records, "ndjson"), "");
}

TEST_F(CardTest, ShapesThatDoNotFit)
{
    EXPECT_THAT(body("SELECT 1 AS a FROM range(2)", Shape::object), HasSubstr("exactly one row"));
    EXPECT_THAT(body("SELECT 1 AS a WHERE false", Shape::object), HasSubstr("0 rows of 1 columns"));
    EXPECT_THAT(body("SELECT 1 AS a, 2 AS b", Shape::value), HasSubstr("one row of one column"));
    EXPECT_THAT(body("SELECT 1 AS a", Shape::series), HasSubstr("1 rows of 1 columns"));
}

TEST_F(CardTest, FormatsDoNotDependOnTheShape)
{
    const std::string sql = "SELECT 1 AS a, 'x' AS b";
    EXPECT_EQ(body(sql, Shape::object, "columns"), R"({"a":[1],"b":["x"]})");
    EXPECT_EQ(body(sql, Shape::object, "csv"), "a,b\r\n1,x\r\n");
    EXPECT_EQ(body(sql, Shape::object, "ndjson"), "{\"a\":1,\"b\":\"x\"}\n");
    EXPECT_EQ(body("SELECT 1", Shape::value, "csv"), "1\r\n1\r\n");
}

// Expected: RFC 4180 §2.
TEST_F(CardTest, CsvIsQuotedWhereNeeded)
{
    const char* sql = R"(SELECT 'a,b' AS "x,y", 'say "hi"' AS "q""", e'l1\nl2' AS n, '' AS e,
        NULL AS z, ' s ' AS sp, 1.5::DOUBLE AS d, 'nan'::DOUBLE AS nn, '-inf'::DOUBLE AS i,
        [1, 2] AS l, DATE '2026-01-02' AS dt)";
    EXPECT_EQ(
        body(sql, Shape::records, "csv"),
        "\"x,y\",\"q\"\"\",n,e,z,sp,d,nn,i,l,dt\r\n"
        "\"a,b\",\"say \"\"hi\"\"\",\"l1\nl2\",\"\",, s ,1.5,NaN,-inf,\"[1,2]\",2026-01-02\r\n");
}

TEST_F(CardTest, NamesAreEscaped)
{
    EXPECT_EQ(body(R"(SELECT 1 AS "a""b\", 2 AS "é", 3 AS " ")"), R"([{"a\"b\\":1,"é":2," ":3}])");
    EXPECT_THAT(error("SELECT 1 AS a, 2 AS a"), HasSubstr("two columns called \"a\""));
}

TEST_F(CardTest, EveryEncodingIsListedAfterItsIdentity)
{
    card_.formats = {"json", "csv"};
    Result<ComputedCard> computed = compute("SELECT i FROM range(1000) t(i)");
    ASSERT_TRUE(computed);
    ASSERT_EQ(computed->representations.size(), 2u);
    computed = compressed(card_, std::move(*computed));
    EXPECT_EQ(computed->rows, 1000u);
    ASSERT_EQ(computed->representations.size(), 8u);
    EXPECT_EQ(computed->representations[0].encoding, Encoding::identity);
    EXPECT_EQ(computed->representations[0].content_type, "application/json");
    EXPECT_EQ(computed->representations[4].encoding, Encoding::identity);
    EXPECT_EQ(computed->representations[4].content_type, "text/csv; charset=utf-8; header=present");
    EXPECT_EQ(computed->representations[7].encoding, Encoding::zstd);
}

}  // namespace
}  // namespace gatehouse::app
