#include "src/health/slots.h"

#include <gtest/gtest.h>

namespace gatehouse::health {
namespace {

std::string filled(std::string_view body)
{
    std::string out;
    append_filled(out, body, [](std::string& text, Slot slot) {
        text += '<';
        text += static_cast<char>(slot);
        text += '>';
    });
    return out;
}

TEST(HealthSlots, AreFilledWhereverTheyStand)
{
    EXPECT_EQ(filled(""), "");
    EXPECT_EQ(filled("plain"), "plain");
    EXPECT_EQ(filled("\x01t"), "<t>");
    EXPECT_EQ(filled("{\"a\":\x01t,\"b\":\x01u}"), "{\"a\":<t>,\"b\":<u>}");
    EXPECT_EQ(filled("\x01\x01\x01t"), "<\x01><t>");
}

std::string seconds(std::uint64_t microseconds)
{
    std::string out;
    append_seconds(out, microseconds);
    return out;
}

TEST(HealthSlots, TellSeconds)
{
    EXPECT_EQ(seconds(0), "0.000000");
    EXPECT_EQ(seconds(1), "0.000001");
    EXPECT_EQ(seconds(1'767'323'045'678'901), "1767323045.678901");
}

}  // namespace
}  // namespace gatehouse::health
