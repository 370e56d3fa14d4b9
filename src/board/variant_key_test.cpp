#include "src/board/variant_key.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace gatehouse::board {
namespace {

std::string key(std::string_view path, std::string_view query = {})
{
    std::array<char, longest_variant_key> buffer;
    const auto outcome = variant_key(path, query, buffer);
    return outcome ? std::string{outcome.key} : "! " + std::string{describe(outcome.flaw)};
}

KeyFlaw flaw(std::string_view path, std::string_view query = {})
{
    std::array<char, longest_variant_key> buffer;
    return variant_key(path, query, buffer).flaw;
}

// Expected keys are what Python 3.11 gives for
//     quote(path, safe="/!$&'()*+,;=:@") + '?' + '&'.join(quote(n, safe='') + '=' + quote(v,
//     safe='')
//         for n, v in sorted(((n, v) for n, v in parse_qsl(query, keep_blank_values=True)
//                             if n != 'format'), key=lambda p: p[0].encode()))
// (quote leaves the unreserved characters of RFC 3986 plain).

TEST(VariantKey, IsThePathWithoutParameters)
{
    EXPECT_EQ(key("/"), "/");
    EXPECT_EQ(key("/api/simulations/7/charts"), "/api/simulations/7/charts");
    EXPECT_EQ(key("/a:b@c!$&'()*+,;=-._~"), "/a:b@c!$&'()*+,;=-._~");
    EXPECT_EQ(key("/a", "format=csv"), "/a");
    EXPECT_EQ(key("/a", "%66orma%74=csv&format=json&format"), "/a");
    EXPECT_EQ(key("/a", "&&&"), "/a");
}

TEST(VariantKey, IsTheCallersPathWhereNothingDiffers)
{
    std::array<char, longest_variant_key> buffer;
    constexpr std::string_view path = "/api/simulations/7/charts";
    EXPECT_EQ(variant_key(path, {}, buffer).key.data(), path.data());
}

TEST(VariantKey, EncodesThePath)
{
    EXPECT_EQ(key("/50% a?b#c"), "/50%25%20a%3Fb%23c");
    EXPECT_EQ(key("/Z\xC3\xBCrich"), "/Z%C3%BCrich");
    EXPECT_EQ(key("/a\"<>[]\\^`{|}"), "/a%22%3C%3E%5B%5D%5C%5E%60%7B%7C%7D");
    EXPECT_EQ(key("/a\r\nX: y\x7f"), "/a%0D%0AX:%20y%7F");
}

TEST(VariantKey, TellsPathsFromQueries)
{
    EXPECT_EQ(key("/a?b=1"), "/a%3Fb=1");
    EXPECT_EQ(key("/a", "b=1"), "/a?b=1");
    EXPECT_EQ(key("/a%3Fb=1"), "/a%253Fb=1");
}

TEST(VariantKey, DecodesAndEncodesParameters)
{
    EXPECT_EQ(key("/a", "id=7"), "/a?id=7");
    EXPECT_EQ(key("/a", "%69d=%37"), "/a?id=7");
    EXPECT_EQ(key("/a", "q=a+b"), "/a?q=a%20b");
    EXPECT_EQ(key("/a", "q=a%2Bb"), "/a?q=a%2Bb");
    EXPECT_EQ(key("/a", "q=%2f%2F/"), "/a?q=%2F%2F%2F");
    EXPECT_EQ(key("/a", "q=%c3%bc\xC3\xBC"), "/a?q=%C3%BC%C3%BC");
    EXPECT_EQ(key("/a", "q=1=2"), "/a?q=1%3D2");
    EXPECT_EQ(key("/a", "q=%0d%0aX:y"), "/a?q=%0D%0AX%3Ay");
    EXPECT_EQ(key("/a", "a[]=1"), "/a?a%5B%5D=1");
    EXPECT_EQ(key("/a", "FORMAT=csv"), "/a?FORMAT=csv");
    EXPECT_EQ(key("/a", "formats=1&%66ormat_=2"), "/a?format_=2&formats=1");
}

TEST(VariantKey, GivesANameWithoutAValueTheEmptyOne)
{
    EXPECT_EQ(key("/a", "q"), "/a?q=");
    EXPECT_EQ(key("/a", "q="), "/a?q=");
    EXPECT_EQ(key("/a", "=1"), "/a?=1");
    EXPECT_EQ(key("/a", "="), "/a?=");
}

TEST(VariantKey, SortsByName)
{
    EXPECT_EQ(key("/a", "b=1&a=2"), "/a?a=2&b=1");
    EXPECT_EQ(key("/a", "b=2&a=9&b=1&a=8"), "/a?a=9&a=8&b=2&b=1");
    EXPECT_EQ(key("/a", "ab=1&a=2&abc=3"), "/a?a=2&ab=1&abc=3");
    // By bytes of names, not of their encoding, in which '%' would come before all letters.
    EXPECT_EQ(key("/a", "%C3%BC=1&z=2"), "/a?z=2&%C3%BC=1");
    EXPECT_EQ(key("/a", "%C3%BD=1&%C3%BC=2"), "/a?%C3%BC=2&%C3%BD=1");
    EXPECT_EQ(key("/a", "a-=1&a+=2&a=3"), "/a?a=3&a%20=2&a-=1");
    EXPECT_EQ(key("/a", "z=1&format=csv&y=2"), "/a?y=2&z=1");
}

TEST(VariantKey, IsTheSameForTheSameRequest)
{
    const auto expected = key("/a", "from=2024-01-01&limit=10");
    EXPECT_EQ(key("/a", "limit=10&from=2024-01-01"), expected);
    EXPECT_EQ(key("/a", "l%69mit=1%30&&from=2024%2D01-01&format=csv"), expected);
}

TEST(VariantKey, RefusesWhatCannotBeAKey)
{
    EXPECT_EQ(flaw(""), KeyFlaw::not_a_path);
    EXPECT_EQ(flaw("a"), KeyFlaw::not_a_path);
    EXPECT_EQ(flaw("/a", "q=%"), KeyFlaw::bad_escape);
    EXPECT_EQ(flaw("/a", "q=%1"), KeyFlaw::bad_escape);
    EXPECT_EQ(flaw("/a", "q=%1g"), KeyFlaw::bad_escape);
    EXPECT_EQ(flaw("/a", "%zz=1"), KeyFlaw::bad_escape);
    EXPECT_EQ(flaw("/a", "q=%00"), KeyFlaw::nul);
    EXPECT_EQ(flaw("/a", std::string_view{"q=\0", 3}), KeyFlaw::nul);
    EXPECT_EQ(flaw(std::string_view{"/a\0b", 4}), KeyFlaw::nul);
    EXPECT_EQ(flaw("/a\xFF"), KeyFlaw::bad_utf8);
    EXPECT_EQ(flaw("/a", "q=%ff"), KeyFlaw::bad_utf8);
    EXPECT_EQ(flaw("/a", "q=%C0%AF"), KeyFlaw::bad_utf8);  // an overlong '/'
    EXPECT_EQ(flaw("/a", "q=%ED%A0%80"), KeyFlaw::bad_utf8);
    EXPECT_EQ(flaw("/a", "q=%C3&r=%BC"), KeyFlaw::bad_utf8);
}

TEST(VariantKey, IsBounded)
{
    EXPECT_EQ(flaw("/" + std::string(2047, 'a')), KeyFlaw::none);
    EXPECT_EQ(flaw("/" + std::string(2048, 'a')), KeyFlaw::too_long);
    EXPECT_EQ(flaw("/a", "q=" + std::string(2043, 'v')), KeyFlaw::none);
    EXPECT_EQ(flaw("/a", "q=" + std::string(2044, 'v')), KeyFlaw::too_long);
    EXPECT_EQ(flaw("/a", "q=" + std::string(681, '/')), KeyFlaw::none);  // 5 + 3 * 681 = 2048
    EXPECT_EQ(flaw("/a", "q=" + std::string(682, '/')), KeyFlaw::too_long);
    EXPECT_EQ(flaw("/a", "q=" + std::string(65536, '+')), KeyFlaw::too_long);
    std::string query;
    for (int i = 0; i < 32; ++i) {
        query += "&p" + std::to_string(i) + "=" + std::to_string(i) + "&format=csv";
    }
    EXPECT_EQ(flaw("/a", query), KeyFlaw::none);
    EXPECT_EQ(flaw("/a", query + "&q=1"), KeyFlaw::too_many);
}

TEST(VariantKey, ComesApartAgain)
{
    const auto name = split_variant_key("/Z%C3%BCrich%3F?a=&b=x%20y%2Bz&b=2");
    ASSERT_TRUE(name);
    EXPECT_EQ(name->path, "/Z\xC3\xBCrich?");
    EXPECT_EQ(name->parameters, (std::vector<KeyParameter>{{"a", ""}, {"b", "x y+z"}, {"b", "2"}}));
    EXPECT_TRUE(split_variant_key("/"));
    EXPECT_EQ(split_variant_key("/a+b")->path, "/a+b");
}

TEST(VariantKey, ComesApartOnlyIfItIsOne)
{
    for (const std::string_view no :
         {"",         "a",      "/a?",      "/a?b",     "/a?b=1&", "/a?&b=1",   "/a?b=1&a=2",
          "/a?b=%2f", "/a?b=+", "/a?b=%41", "/a?b=1?2", "/a%2Fb",  "/\xC3\xBC", "/a?format=csv",
          "/a?b=%",   "/a%",    "/a?b=%00", "/a?b=%FF", "/a b",    "/a?b=c d"}) {
        EXPECT_FALSE(split_variant_key(no)) << no;
    }
}

TEST(VariantKey, IsPutTogetherFromParameters)
{
    const std::vector<KeyParameter> parameters{{"to", "a b"}, {"format", "csv"}, {"id", "7"}};
    EXPECT_EQ(join_variant_key("/c\xC3\xBC", parameters).key, "/c%C3%BC?id=7&to=a%20b");
    EXPECT_EQ(join_variant_key("/c", std::vector<KeyParameter>{{"a", "\xFF"}}).flaw,
              KeyFlaw::bad_utf8);
    EXPECT_EQ(join_variant_key("/c", std::vector<KeyParameter>(33, {"a", "1"})).flaw,
              KeyFlaw::too_many);
}

// The paths that nginx 1.22.1 logs as $uri for these targets.
TEST(NormalizedPath, IsNginxsUri)
{
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"/", "/"},
        {"/a/b", "/a/b"},
        {"//a///b//", "/a/b/"},
        {"/a/./b/.", "/a/b/"},
        {"/a/../b/..", "/"},
        {"/a/b/..", "/a/"},
        {"/a/%2e%2E/b", "/b"},
        {"/a%2Fb", "/a/b"},
        {"/a%2F%2fb", "/a/b"},
        {"/a%3Fb%23c%25d", "/a?b#c%d"},
        {"/%C3%BC+%2B", "/\xC3\xBC++"},
        {"/.a/..b/c..", "/.a/..b/c.."},
        {"/a#b", "/a"},
    };
    for (const auto& [target, path] : cases) {
        EXPECT_EQ(normalized_path(target), path) << target;
    }
    for (const std::string_view bad : {"", "a", "/..", "/a/../..", "/%", "/%4", "/%zz", "/%00"}) {
        EXPECT_EQ(normalized_path(bad), std::nullopt) << bad;
    }
}

}  // namespace
}  // namespace gatehouse::board
