#include "src/auth/rejection.h"

#include <gtest/gtest.h>

#include <set>

namespace gatehouse::auth {
namespace {

TEST(Rejection, EachHasItsOwnWord)
{
    std::set<std::string_view> words;
    for (int i = 0; i < rejection_count; ++i) {
        const auto word = reason_of(static_cast<Rejection>(i));
        EXPECT_EQ(word.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos);
        EXPECT_FALSE(word.empty());
        words.insert(word);
    }
    EXPECT_EQ(words.size(), rejection_count);
    EXPECT_EQ(reason_of(Rejection::none), "ok");
    EXPECT_EQ(reason_of(Rejection::unknown_kid), "unknown_kid");
    EXPECT_EQ(reason_of(Rejection::audience), "audience");
    EXPECT_EQ(reason_of(Rejection::expired), "expired");
}

TEST(Rejection, TheClientLearnsOneThingOnly)
{
    for (int i = 1; i < rejection_count; ++i) {
        const auto rejection = static_cast<Rejection>(i);
        EXPECT_EQ(client_message(rejection),
                  rejection == Rejection::expired ? "Token expired" : "Invalid token");
    }
}

}  // namespace
}  // namespace gatehouse::auth
