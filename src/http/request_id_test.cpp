#include "src/http/request_id.h"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::http {
namespace {

TEST(RequestId, DigitsAndUuids)
{
    // RFC 9562, appendix A.
    EXPECT_TRUE(is_request_id("919108f7-52d1-4320-9bac-f847db4148a8"));
    EXPECT_TRUE(is_request_id("919108F7-52D1-4320-9BAC-F847DB4148A8"));
    EXPECT_TRUE(is_request_id("919108f752d143209bacf847db4148a8"));
    EXPECT_TRUE(is_request_id(std::string(32, '0')));
}

TEST(RequestId, NothingElse)
{
    for (const char* text :
         {"", "7", "919108f7-52d1-4320-9bac-f847db4148a", "919108f7-52d1-4320-9bac-f847db4148a8a",
          "919108f7-52d1-4320-9bac-F847DB4148A8", "919108f752d143209bacf847db4148ag",
          "919108f7052d1-4320-9bac-f847db4148a8", "919108f75-2d1-4320-9bac-f847db4148a8",
          "919108f752d143209bacf847db41\r\na8", "--------------------------------"}) {
        EXPECT_FALSE(is_request_id(text)) << text;
    }
}

}  // namespace
}  // namespace gatehouse::http
