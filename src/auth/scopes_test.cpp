#include "src/auth/scopes.h"

#include <gtest/gtest.h>

#include <vector>

namespace gatehouse::auth {
namespace {

using Names = std::vector<std::string>;

TEST(Scopes, AreSortedAndJoined)
{
    EXPECT_EQ(*join_scopes(Names{"write", "boards:write", "read"}), "boards:write read write");
    EXPECT_EQ(*join_scopes(Names{}), "");
    EXPECT_EQ(*join_scopes(Names{std::string(64, 'a')}), std::string(64, 'a'));
}

TEST(Scopes, RefuseWhatIsNoName)
{
    for (const auto& names :
         {Names{""}, Names{"a  b"}, Names{"a b"}, Names{"*"}, Names{"read", "read"}, Names{"\"r\""},
          Names{"caf\xc3\xa9"}, Names{"a\n"}, Names{std::string(65, 'a')}}) {
        EXPECT_FALSE(join_scopes(names)) << names.front();
    }
}

TEST(Scopes, RefuseMoreThanAHundred)
{
    Names names;
    for (int i = 0; i < 100; ++i) {
        names.push_back("scope" + std::to_string(i));
    }
    EXPECT_TRUE(join_scopes(names));
    names.emplace_back("one-more");
    EXPECT_FALSE(join_scopes(names));
}

TEST(Scopes, MatchWholeNamesOnly)
{
    EXPECT_TRUE(has_scope("read", "read"));
    EXPECT_TRUE(has_scope("a read", "read"));
    EXPECT_TRUE(has_scope("read z", "read"));
    EXPECT_TRUE(has_scope("a  read  z", "read"));
    for (const auto* name : {"rea", "reader", "READ", "*", "", "a read", " read"}) {
        EXPECT_FALSE(has_scope("a read  z", name)) << name;
    }
    EXPECT_FALSE(has_scope("", "read"));
    EXPECT_FALSE(has_scope("*", "read"));
}

}  // namespace
}  // namespace gatehouse::auth
