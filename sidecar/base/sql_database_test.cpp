// Values in and out, the same over SQLite and over PostgreSQL.
#include "sidecar/base/sql_database.h"

#include <limits>

#include "sidecar/base/test_state_database.h"

namespace gatehouse::sidecar {
namespace {

class Values : public StateDatabaseTest {};
INSTANTIATE_TEST_SUITE_P(Of, Values, both_databases, database_name);

TEST_P(Values, ComeBackAsTheyWere)
{
    auto database = connect();
    ASSERT_TRUE(database) << database.error().message;
    const auto word = on_postgres() ? "bigint" : "integer";
    const auto real = on_postgres() ? "double precision" : "real";
    const auto bytes = on_postgres() ? "bytea" : "blob";
    const auto made = (*database)->script("create table v (n " + std::string{word} + ", r " + real +
                                          ", t text, b " + bytes + ")");
    ASSERT_TRUE(made) << made.error().message;
    const std::vector<SqlRow> rows{
        {std::int64_t{-7}, 0.1, std::string{"it's"}, SqlBlob{{"a\0b", 3}}},
        {std::numeric_limits<std::int64_t>::max(), -1e300, std::string{}, SqlBlob{}},
        {std::int64_t{0}, 2.0, std::string{"2"}, SqlBlob{"2"}},
        {std::monostate{}, std::monostate{}, std::monostate{}, std::monostate{}}};
    for (const auto& row : rows) {
        const auto inserted =
            (*database)->run("insert into v (n, r, t, b) values ($1, $2, $3, $4)", row);
        ASSERT_TRUE(inserted) << inserted.error().message;
    }
    const auto found = (*database)->run("select n, r, t, b from v");
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(*found, rows);
}

}  // namespace
}  // namespace gatehouse::sidecar
