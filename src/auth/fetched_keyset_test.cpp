#include "src/auth/fetched_keyset.h"

#include <gtest/gtest.h>

namespace gatehouse::auth {
namespace {

TEST(FetchedKeyset, IsReadAsItWasWritten)
{
    const auto bytes = fetched_keyset_bytes(1767225600, "{\"keys\":\n[]}");
    EXPECT_EQ(bytes, "1767225600\n{\"keys\":\n[]}");
    const auto set = read_fetched_keyset(bytes);
    EXPECT_EQ(set.fetched_at_s, 1767225600);
    EXPECT_EQ(set.json, "{\"keys\":\n[]}");
}

TEST(FetchedKeyset, OtherBytesAreNone)
{
    for (const auto* bytes : {"", "12", "x\n{}", "12x\n{}", "-1\n{}", "\n{}", " 1\n{}",
                              "99999999999999999999\n{}", "{\"keys\":[]}"}) {
        EXPECT_EQ(read_fetched_keyset(bytes).json, "") << bytes;
    }
}

}  // namespace
}  // namespace gatehouse::auth
