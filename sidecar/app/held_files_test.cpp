#include "sidecar/app/held_files.h"

#include <gtest/gtest.h>

namespace gatehouse::app {
namespace {

sources::Fingerprint files(std::int64_t modified_ns)
{
    sources::FileStamp file;
    file.path = "/s.csv";
    file.modified_ns = modified_ns;
    return {{file}};
}

sidecar::Relation rows_of(std::vector<double> values)
{
    return {.rows = {sidecar::Table::of_numbers({"n"}, {std::move(values)})}};
}

TEST(HeldFiles, AreFoundForAsLongAsTheyAreWhatTheyWere)
{
    HeldFiles held{1 << 20};
    EXPECT_FALSE(held.find("s", files(1)));
    held.put("s", files(1), rows_of({1, 2}));
    ASSERT_TRUE(held.find("s", files(1)));
    EXPECT_EQ(held.find("s", files(1))->rows.at(0).rows(), 2u);
    EXPECT_FALSE(held.find("s", files(2)));
    EXPECT_FALSE(held.find("another", files(1)));
    held.put("s", files(2), rows_of({1, 2, 3}));
    EXPECT_FALSE(held.find("s", files(1)));
    EXPECT_EQ(held.find("s", files(2))->rows.at(0).rows(), 3u);
}

TEST(HeldFiles, TakeNoMoreThanTheyMay)
{
    const auto large = rows_of(std::vector<double>(1000));
    HeldFiles held{large.rows.at(0).bytes()};
    held.put("s", files(1), large);
    held.put("another", files(1), rows_of({1}));
    EXPECT_TRUE(held.find("s", files(1)));
    EXPECT_FALSE(held.find("another", files(1)));
    held.put("s", files(2), rows_of({1}));
    held.put("another", files(1), rows_of({1}));
    EXPECT_TRUE(held.find("another", files(1))) << "what was replaced takes no room";
}

TEST(HeldFiles, WhatIsReadBySqlIsNotHeld)
{
    HeldFiles held{1 << 20};
    held.put("s", files(1), {.sql = "read_csv('/s.csv')"});
    EXPECT_FALSE(held.find("s", files(1)));
}

}  // namespace
}  // namespace gatehouse::app
