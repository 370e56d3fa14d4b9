#include "sidecar/config/sql_names.h"

#include <gtest/gtest.h>

namespace gatehouse::config {
namespace {

using Names = std::set<std::string>;

TEST(SqlIdentifiers, WordsInLowerCase)
{
    EXPECT_EQ(sql_identifiers("SELECT a.B FROM Stats_1"),
              (Names{"select", "a", "b", "from", "stats_1"}));
}

TEST(SqlIdentifiers, QuotedOnesAreWhole)
{
    EXPECT_EQ(sql_identifiers(R"("my-stats","a ""b""")"), (Names{"my-stats", "a \"b\""}));
    EXPECT_EQ(sql_identifiers(R"("a")"), (Names{"a"}));
    EXPECT_EQ(sql_identifiers(R"("a)"), (Names{"a"}));
}

TEST(SqlIdentifiers, NotInStringsAndComments)
{
    EXPECT_EQ(sql_identifiers("'stats' 'it''s stats' x"), (Names{"x"}));
    EXPECT_EQ(sql_identifiers("x -- stats\ny /* stats */ z"), (Names{"x", "y", "z"}));
    EXPECT_EQ(sql_identifiers("$$ stats $$ x $t$ stats $$ $t$ y $1 $name"), (Names{"x", "y"}));
    for (const char* open : {"'stats", "--stats", "/*stats", "$$stats", "/*", "'", "$", "-"}) {
        EXPECT_EQ(sql_identifiers(open), Names{}) << open;
    }
}

TEST(SqlRelations, BehindFromAndJoin)
{
    EXPECT_EQ(sql_relations("select a, b from Stats s join \"my-card\" using (a) where c = 1"),
              (Names{"stats", "my-card"}));
    EXPECT_EQ(sql_relations("from x, y as z, (select * from q), w order by a, b"),
              (Names{"x", "y", "q", "w"}));
    EXPECT_EQ(sql_relations("select (select max(a) from inner_one) from (a join b on a.x = b.x)"),
              (Names{"inner_one", "a", "b"}));
    EXPECT_EQ(sql_relations("select * from a union all select * from b limit 5"),
              (Names{"a", "b"}));
    EXPECT_EQ(sql_relations("select * from a, lateral (select * from c) l"), (Names{"a", "c"}));
}

TEST(SqlRelations, NotColumnsFunctionsSchemasAndNamesOfWith)
{
    EXPECT_EQ(sql_relations("select yearly, date from stats group by yearly, date"),
              (Names{"stats"}));
    EXPECT_EQ(sql_relations("select * from range(3), main.t, x.y"), Names{});
    EXPECT_EQ(sql_relations("with w as (select * from a), v(b, c) as (select * from w) select * "
                            "from v, w"),
              (Names{"a"}));
    EXPECT_EQ(sql_relations("select extract(year from date) from s where a is distinct from b"),
              (Names{"s"}));
    EXPECT_EQ(sql_relations("select 'from x' -- from y\nfrom z"), (Names{"z"}));
    for (const char* broken :
         {"", "from", "from (", "))from", "from ,", "join join", "with w as ("}) {
        (void)sql_relations(broken);
    }
    EXPECT_EQ(sql_relations("))) from a"), (Names{"a"}));
}

}  // namespace
}  // namespace gatehouse::config
