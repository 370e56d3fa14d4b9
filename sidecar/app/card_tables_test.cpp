#include "sidecar/app/card_tables.h"

#include <gtest/gtest.h>

namespace gatehouse::app {
namespace {

using sidecar::Table;

/// 8,000 bytes of cells.
Table thousand()
{
    return Table::of_numbers({"n"}, {std::vector<double>(1000, 1.5)});
}

TEST(CardTables, HoldsWhatACardGave)
{
    CardTables tables{1 << 20};
    EXPECT_FALSE(tables.find("a").table);
    EXPECT_EQ(tables.version("a"), "");
    tables.put("a", "v1", thousand());
    EXPECT_EQ(tables.find("a").table->rows(), 1000u);
    EXPECT_EQ(tables.version("a"), "v1");
    EXPECT_GE(tables.bytes(), 8000u);
    tables.put("a", "v2", thousand());
    EXPECT_LT(tables.bytes(), 16'000u);
    tables.forget("a");
    EXPECT_EQ(tables.bytes(), 0u);
}

TEST(CardTables, AFailureHasNoVersionUntilTheNextPut)
{
    CardTables tables{1 << 20};
    tables.put("a", "v1", thousand());
    tables.fail("a", "why");
    EXPECT_EQ(tables.version("a"), "");
    EXPECT_EQ(tables.find("a").error, "why");
    EXPECT_FALSE(tables.are_current({{"a", "v1"}}));
    tables.put("a", "v1", thousand());
    EXPECT_EQ(tables.find("a").error, "");
    EXPECT_TRUE(tables.are_current({{"a", "v1"}}));
    EXPECT_FALSE(tables.are_current({{"a", "v1"}, {"b", "v1"}}));
}

TEST(CardTables, TheOneReadLongestAgoMakesRoom)
{
    CardTables tables{20'000};
    tables.put("a", "a1", thousand());
    tables.put("b", "b1", thousand());
    (void)tables.find("a");
    tables.put("c", "c1", thousand());
    EXPECT_TRUE(tables.find("a").table);
    EXPECT_FALSE(tables.find("b").table);
    EXPECT_TRUE(tables.find("c").table);
    EXPECT_EQ(tables.version("b"), "b1");
    tables.set_memory_limit(100);
    EXPECT_EQ(tables.bytes(), 0u);
    tables.put("a", "a2", thousand());
    EXPECT_FALSE(tables.find("a").table);
    EXPECT_EQ(tables.version("a"), "a2");
}

TEST(CardTables, BytesCountLongTexts)
{
    const Table short_one = thousand();
    EXPECT_EQ(short_one.bytes(), 8000u);
    EXPECT_EQ(short_one.select(std::vector<std::uint64_t>{1, 2}).bytes(), 8016u);
}

}  // namespace
}  // namespace gatehouse::app
