#include "sidecar/engine/whole_table.h"

#include <gtest/gtest.h>

namespace gatehouse::engine {
namespace {

using sidecar::Relation;
using sidecar::Table;

Relation held(const std::string& name)
{
    return {.name = name, .rows = {Table::of_numbers({"v"}, {{0.5, 1, 2}})}};
}

TEST(WholeTable, IsWhatIsAskedForHoweverItIsWritten)
{
    const std::vector<Relation> relations{held("other"), held("Series")};
    for (const auto* sql : {"select * from Series", "SELECT*FROM series;",
                            "  select * /* all */ from \"series\" ; -- so"}) {
        EXPECT_TRUE(whole_table(sql, relations)) << sql;
    }
    EXPECT_EQ(whole_table("select * from series", relations)->rows(), 3u);
}

TEST(WholeTable, IsNothingElse)
{
    const std::vector<Relation> relations{held("s")};
    for (const auto* sql : {"select v from s", "select * from s limit 1", "select * from s, s",
                            "select * from t", "from s", "select * from 's'", "select * from a.s",
                            "select * from s where v > 1", "select distinct * from s", ""}) {
        EXPECT_FALSE(whole_table(sql, relations)) << sql;
    }
}

TEST(WholeTable, IsNotOfTypesThatTheEngineMayChange)
{
    sidecar::Type type;
    type.id = sidecar::TypeId::date;
    std::vector<sidecar::Vector> vectors(1);
    vectors[0].data.resize(3 * sizeof(std::int32_t));
    const Relation dates{.name = "s", .rows = {Table{{{"v", type}}, std::move(vectors), 3}}};
    EXPECT_FALSE(whole_table("select * from s", {&dates, 1}));
    Relation pieces = held("s");
    pieces.rows.push_back(pieces.rows.front());
    EXPECT_FALSE(whole_table("select * from s", {&pieces, 1}));
    Relation in_schema = held("s");
    in_schema.schema = "database";
    EXPECT_FALSE(whole_table("select * from s", {&in_schema, 1}));
    const Relation file{.name = "s", .sql = "read_csv(['/s.csv'])"};
    EXPECT_FALSE(whole_table("select * from s", {&file, 1}));
}

}  // namespace
}  // namespace gatehouse::engine
