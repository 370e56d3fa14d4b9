#include "src/http/accept_encoding.h"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::http {
namespace {

constexpr EncodingSet set_of(std::initializer_list<Encoding> encodings)
{
    EncodingSet set;
    for (const Encoding encoding : encodings) {
        set.insert(encoding);
    }
    return set;
}

constexpr EncodingSet all =
    set_of({Encoding::identity, Encoding::gzip, Encoding::br, Encoding::zstd});
constexpr EncodingSet identity_and_gzip = set_of({Encoding::identity, Encoding::gzip});

std::string_view chosen(std::string_view field, EncodingSet available = all)
{
    return name_of(choose_encoding(field, available));
}

TEST(ChooseEncoding, ExamplesOfRfc9110)
{
    EXPECT_EQ(chosen("compress, gzip"), "gzip");
    EXPECT_EQ(chosen(""), "identity");
    EXPECT_EQ(chosen("*"), "zstd");
    EXPECT_EQ(chosen("compress;q=0.5, gzip;q=1.0"), "gzip");
    EXPECT_EQ(chosen("gzip;q=1.0, identity; q=0.5, *;q=0"), "gzip");
}

TEST(ChooseEncoding, WhatBrowsersAndToolsSend)
{
    EXPECT_EQ(chosen("gzip, deflate, br, zstd"), "zstd");
    EXPECT_EQ(chosen("gzip, deflate, br"), "br");
    EXPECT_EQ(chosen("gzip, deflate"), "gzip");
    EXPECT_EQ(chosen("deflate, gzip, br, zstd", identity_and_gzip), "gzip");
    EXPECT_EQ(chosen("identity"), "identity");
}

TEST(ChooseEncoding, HigherWeightBeatsOurOrder)
{
    EXPECT_EQ(chosen("zstd;q=0.1, br;q=0.2, gzip;q=0.3"), "gzip");
    EXPECT_EQ(chosen("zstd;q=0.998, br;q=0.999"), "br");
    EXPECT_EQ(chosen("identity, gzip;q=0.5"), "identity");
    EXPECT_EQ(chosen("gzip;q=0.5, *;q=0.8"), "zstd");
    EXPECT_EQ(chosen("gzip;q=0.5, *;q=0.8", identity_and_gzip), "identity");
}

TEST(ChooseEncoding, OurOrderDecidesATie)
{
    EXPECT_EQ(chosen("gzip;q=0.5, br;q=0.5, zstd;q=0.5"), "zstd");
    EXPECT_EQ(chosen("gzip;q=0.5, br;q=0.50"), "br");
    EXPECT_EQ(chosen("identity;q=0.5, gzip;q=0.500"), "gzip");
}

TEST(ChooseEncoding, IdentityThatIsNotNamedComesLast)
{
    EXPECT_EQ(chosen("gzip;q=0.001"), "gzip");
}

TEST(ChooseEncoding, RefusedCodingsAreNotSent)
{
    EXPECT_EQ(chosen("gzip;q=0"), "identity");
    EXPECT_EQ(chosen("gzip;q=0, *"), "zstd");
    EXPECT_EQ(chosen("gzip;q=0, *", identity_and_gzip), "identity");
    EXPECT_EQ(chosen("zstd;q=0, br;q=0.000, gzip"), "gzip");
}

TEST(ChooseEncoding, NothingAcceptableIsIdentity)
{
    EXPECT_EQ(chosen("*;q=0"), "identity");
    EXPECT_EQ(chosen("identity;q=0"), "identity");
    EXPECT_EQ(chosen("identity;q=0, *;q=0"), "identity");
    EXPECT_EQ(chosen("gzip;q=0, identity;q=0", identity_and_gzip), "identity");
    EXPECT_EQ(chosen("identity;q=0, gzip", set_of({})), "identity");
}

TEST(ChooseEncoding, RefusedIdentityLeavesTheOthers)
{
    EXPECT_EQ(chosen("identity;q=0, gzip;q=0.1"), "gzip");
    EXPECT_EQ(chosen("identity;q=0, *;q=0.1"), "zstd");
}

TEST(ChooseEncoding, SpellingsOfTheSame)
{
    EXPECT_EQ(chosen("GZip"), "gzip");
    EXPECT_EQ(chosen("x-gzip"), "gzip");
    EXPECT_EQ(chosen("X-GZIP ; Q=0.5"), "gzip");
    EXPECT_EQ(chosen("\tbr\t;\tq=1"), "br");
    EXPECT_EQ(chosen("IDENTITY;q=1, gzip;q=0.9"), "identity");
}

TEST(ChooseEncoding, NamedTwiceHasItsLowestWeight)
{
    EXPECT_EQ(chosen("gzip, gzip;q=0"), "identity");
    EXPECT_EQ(chosen("gzip;q=0, gzip"), "identity");
    EXPECT_EQ(chosen("gzip, x-gzip;q=0.2, br;q=0.5"), "br");
}

TEST(ChooseEncoding, MalformedMembersAreNotThere)
{
    EXPECT_EQ(chosen("gzip;q=1.5"), "identity");
    EXPECT_EQ(chosen("gzip;q=0.1234, br;q=0.1"), "br");
    EXPECT_EQ(chosen("gzip;q, br;q=, zstd;q=x"), "identity");
    EXPECT_EQ(chosen("gzip;level=9, br;q=0.5"), "br");
    EXPECT_EQ(chosen("gz ip, brr, b"), "identity");
    EXPECT_EQ(chosen("\"gzip\""), "identity");
    EXPECT_EQ(chosen(",,;,=;q,gzip"), "gzip");
    EXPECT_EQ(chosen(std::string_view("gzip\0", 5)), "identity");
}

TEST(ChooseEncoding, HugeFieldsAreCut)
{
    std::string field = "br;q=0.5";
    while (field.size() < 1'000'000) {
        field += ",gzi";
    }
    EXPECT_EQ(chosen(field + ",gzip"), "br");
}

}  // namespace
}  // namespace gatehouse::http
