// Paths as nginx 1.22 finds a location by them: the expected ones were read off its $uri.
#include "src/http/path.h"

#include <gtest/gtest.h>

namespace gatehouse::http {
namespace {

TEST(NormalPath, IsNginxsUri)
{
    const std::pair<const char*, const char*> cases[] = {
        {"/", "/"},
        {"/a/b", "/a/b"},
        {"/a/b/", "/a/b/"},
        {"//a///b", "/a/b"},
        {"/a/./b/.", "/a/b/"},
        {"/a/../b", "/b"},
        {"/a/b/..", "/a/"},
        {"/a/b/../", "/a/"},
        {"/%61%2Fb", "/a/b"},
        {"/a/%2e%2e/b", "/b"},
        {"/a%3Fb", "/a?b"},
        {"/a%23b", "/a#b"},
        {"/100%25", "/100%"},
        {"/%2525", "/%25"},
        {"/a+b", "/a+b"},
        {"/...", "/..."},
        {"/.a/..b", "/.a/..b"},
        {"/%C3%A9", "/\xC3\xA9"},
    };
    for (const auto& [raw, path] : cases) {
        EXPECT_EQ(normal_path(raw), path) << raw;
    }
}

TEST(NormalPath, IsNothingForWhatNginxRefuses)
{
    for (const char* raw : {"", "a", "*", "http://h/a", "/..", "/a/../..", "/%2e%2e", "/%", "/%4",
                            "/%4g", "/%00", "/a/%", "/%-1"}) {
        EXPECT_FALSE(normal_path(raw)) << raw;
    }
}

TEST(NormalPath, IsNothingForFragmentsAndWhatIsNoUtf8)
{
    for (const char* raw : {"/a#b", "/%ff", "/\xC3", "/%C3"}) {
        EXPECT_FALSE(normal_path(raw)) << raw;
    }
}

}  // namespace
}  // namespace gatehouse::http
