#include "sidecar/base/clean_text.h"

#include <gtest/gtest.h>

namespace gatehouse::sidecar {
namespace {

TEST(CleanText, ReplacesWhatIsNoUtf8AndNul)
{
    EXPECT_EQ(clean_text("Zürich €"), "Zürich €");
    EXPECT_EQ(clean_text({"a\xFC\0z", 4}), "a\xEF\xBF\xBD\xEF\xBF\xBDz");
    EXPECT_EQ(clean_text(""), "");
}

TEST(CleanText, CutsBetweenCharacters)
{
    EXPECT_EQ(clean_text("abü", 4), "abü");
    EXPECT_EQ(clean_text("abü", 3), "ab") << "of two bytes, the second does not fit";
    EXPECT_EQ(clean_text("ab\xFC", 4), "ab") << "what replaces it has three bytes";
    EXPECT_EQ(clean_text("ab", 0), "");
}

}  // namespace
}  // namespace gatehouse::sidecar
