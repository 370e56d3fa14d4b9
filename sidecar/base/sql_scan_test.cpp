#include "sidecar/base/sql_scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::sidecar {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> of_kind(std::string_view sql, SqlPieceKind kind)
{
    std::vector<std::string> found;
    for (const SqlPiece& piece : sql_pieces(sql)) {
        if (piece.kind == kind) {
            found.emplace_back(piece.text);
        }
    }
    return found;
}

auto parameters(std::string_view sql)
{
    return of_kind(sql, SqlPieceKind::parameter);
}

TEST(SqlScan, PiecesMakeUpTheText)
{
    const std::string sql =
        "select $a, \"x\"\"y\", 'it''s', E'\\'', 1e5 -- c\n/* /* n */ */ from t$1;";
    std::string joined;
    for (const SqlPiece& piece : sql_pieces(sql)) {
        joined += piece.text;
    }
    EXPECT_EQ(joined, sql);
}

TEST(SqlScan, FindsParametersOutsideOfEverythingElse)
{
    EXPECT_THAT(parameters("where a=$id and b = $Other_1+$2"),
                ElementsAre("$id", "$Other_1", "$2"));
    EXPECT_THAT(parameters("'$a' \"$b\" -- $c\n/* $d /* $e */ $f */"), IsEmpty());
    EXPECT_THAT(parameters("E'\\'$a' || '\\' || $b"), ElementsAre("$b"));
    EXPECT_THAT(parameters("$$ $a $$ $t$ $b $$ $t$ $c"), ElementsAre("$c"));
    EXPECT_THAT(parameters("name$x, $"), IsEmpty());
    EXPECT_THAT(parameters("'never closed $a"), IsEmpty());
}

TEST(SqlScan, ParametersThatTouchOtherPieces)
{
    EXPECT_THAT(parameters("x=$a::int"), ElementsAre("$a"));
    EXPECT_THAT(parameters("f($a,$b)"), ElementsAre("$a", "$b"));
    EXPECT_THAT(parameters("$a--$b\n"), ElementsAre("$a"));
}

TEST(SqlScan, NamesAreComparable)
{
    EXPECT_EQ(name_in({SqlPieceKind::word, "Runs"}), "runs");
    EXPECT_EQ(name_in({SqlPieceKind::quoted_name, "\"Ru\"\"ns\""}), "Ru\"ns");
    EXPECT_EQ(name_in({SqlPieceKind::quoted_name, "\"open"}), "open");
    EXPECT_EQ(name_in({SqlPieceKind::quoted_name, "\"\""}), "");
    EXPECT_EQ(folded_name_in({SqlPieceKind::word, "Now"}), "now");
    EXPECT_EQ(folded_name_in({SqlPieceKind::quoted_name, "\"NOW\""}), "now");
}

TEST(SqlScan, DropsWhatFollowsAStatement)
{
    EXPECT_EQ(without_end("select 1 ; -- done\n;"), "select 1");
    EXPECT_EQ(without_end("select ';'"), "select ';'");
    EXPECT_EQ(without_end(" -- nothing"), "");
}

}  // namespace
}  // namespace gatehouse::sidecar
