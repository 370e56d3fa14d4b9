#include "src/http/cache_control.h"

#include <gtest/gtest.h>

namespace gatehouse::http {

namespace {

// Directives of RFC 9111 §5.2.2, RFC 5861 and RFC 8246.
TEST(PrivateCacheControl, IsForPrivateCachesAlone)
{
    EXPECT_EQ(private_cache_control("max-age=60"), "private, max-age=60");
    EXPECT_EQ(private_cache_control("public, max-age=60"), "private, max-age=60");
    EXPECT_EQ(private_cache_control("Public,max-age=60 , S-MaxAge=600, proxy-revalidate"),
              "private, max-age=60");
    EXPECT_EQ(private_cache_control("max-age=60, must-revalidate, stale-if-error=3600, immutable"),
              "private, max-age=60, must-revalidate, stale-if-error=3600, immutable");
    EXPECT_EQ(private_cache_control("no-cache"), "private, no-cache");
    EXPECT_EQ(private_cache_control(""), "private");
    EXPECT_EQ(private_cache_control(", ,"), "private");
}

TEST(PrivateCacheControl, LeavesAloneWhatIsSo)
{
    EXPECT_EQ(private_cache_control("no-store"), "no-store");
    EXPECT_EQ(private_cache_control("private, max-age=60"), "private, max-age=60");
    EXPECT_EQ(private_cache_control("max-age=60, No-Store"), "max-age=60, No-Store");
    EXPECT_EQ(private_cache_control("s-maxage=0, PRIVATE"), "s-maxage=0, PRIVATE");
}

// RFC 9111 §5.2.2.7: with field names it restricts these fields, and all else may be shared.
TEST(PrivateCacheControl, FieldNamesRestrictTheseAlone)
{
    EXPECT_EQ(private_cache_control("private=\"Set-Cookie\", max-age=60"), "private, max-age=60");
    EXPECT_EQ(private_cache_control("no-cache=\"a, public, b\", max-age=1"),
              "private, no-cache=\"a, public, b\", max-age=1");
    EXPECT_EQ(private_cache_control("x=\"\\\", no-store\", max-age=1"),
              "private, x=\"\\\", no-store\", max-age=1");
    EXPECT_EQ(private_cache_control("x=\"open, no-store"), "private, x=\"open, no-store");
    EXPECT_EQ(private_cache_control("x=\"\\"), "private, x=\"\\");
}

}  // namespace

}  // namespace gatehouse::http
