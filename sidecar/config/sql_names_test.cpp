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

}  // namespace
}  // namespace gatehouse::config
