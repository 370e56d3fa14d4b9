#include "sidecar/audit/line.h"

#include <gtest/gtest.h>

#include "src/telemetry/test_region.h"

namespace gatehouse::audit_log {
namespace {

using telemetry::NameKind;
using telemetry::Outcome;
using telemetry::Reason;
using telemetry::Stage;

template <class Enum>
std::uint8_t byte(Enum value)
{
    return static_cast<std::uint8_t>(value);
}

class AuditLineTest : public telemetry::RegionTest {
protected:
    std::string line() const
    {
        const auto names = reader();
        return decision_line(7, decision, {0x1f, 3, 42}, &names);
    }

    audit::Decision decision;
};

TEST_F(AuditLineTest, HasEveryMember)
{
    decision.at_ms = 1'767'323'045'678;  // date -ud @1767323045: 2026-01-02 03:04:05
    decision.request_id = {0x01, 0xab};
    decision.client = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1};
    decision.stage = byte(Stage::limit);
    decision.verdict = byte(Outcome::refused);
    decision.reason = byte(Reason::quota);
    decision.method = 1;
    decision.status = 429;
    decision.endpoint = *region.intern(NameKind::endpoint, "/api");
    decision.zone = *region.intern(NameKind::limit_zone, "app");
    decision.country = {'D', 'E'};
    decision.user = "alice";
    decision.token_id = "A0000001";
    EXPECT_EQ(line(),
              R"({"seq":7,"time":"2026-01-02T03:04:05.678Z",)"
              R"("request_id":"01ab0000000000000000000000000000","client":"192.0.2.1",)"
              R"("user":"alice","token_id":"A0000001","route":"/api","method":"GET","status":429,)"
              R"("verdict":"refused","stage":"limit","reason":"quota","rule":"app","country":"DE",)"
              R"("ring":"000000000000001f/3/42")");
}

TEST_F(AuditLineTest, TheIdOfAClientIsWrittenAsHeWroteIt)
{
    // RFC 9562, appendix A.
    decision.request_id = {0x91, 0x91, 0x08, 0xf7, 0x52, 0xd1, 0x43, 0x20,
                           0x9b, 0xac, 0xf8, 0x47, 0xdb, 0x41, 0x48, 0xa8};
    EXPECT_NE(line().find("\"919108f752d143209bacf847db4148a8\""), std::string::npos);
    decision.request_id_form = audit::uuid_with_dashes;
    EXPECT_NE(line().find("\"919108f7-52d1-4320-9bac-f847db4148a8\""), std::string::npos);
    decision.request_id_form = audit::uuid_with_dashes | audit::upper_case;
    EXPECT_NE(line().find("\"919108F7-52D1-4320-9BAC-F847DB4148A8\""), std::string::npos);
}

TEST_F(AuditLineTest, WhatIsNotKnownIsNull)
{
    const auto text = line();
    for (const auto* name : {"request_id", "client", "user", "token_id", "rule", "country"}) {
        EXPECT_NE(text.find(std::string{"\""} + name + "\":null"), std::string::npos) << name;
    }
}

TEST_F(AuditLineTest, NothingBreaksOutOfAValue)
{
    decision.user = "a\"}\n{\"seq\":8\x1b[31m\x00\xff";
    decision.rule = "\r\n";
    decision.country = {'"', '}'};
    decision.stage = decision.verdict = decision.reason = decision.method = 255;
    decision.endpoint = decision.zone = 60000;
    const auto text = line();
    EXPECT_EQ(text.find('\n'), std::string::npos);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_NE(text.find(R"("user":"a\"}\n{\"seq\":8\u001b[31m)"), std::string::npos) << text;
    EXPECT_NE(text.find(R"("country":null)"), std::string::npos);
}

TEST(AuditOrigin, ReadsWhatItWrites)
{
    const Origin origin{~std::uint64_t{0}, 1023, 17};
    EXPECT_EQ(Origin::parse(origin.text()), origin);
    for (const auto* text :
         {"", "/", "//", "1/2", "1/2/", "1/1024/3", "x/1/2", "1/2/3/4", "1//3"}) {
        EXPECT_FALSE(Origin::parse(text)) << text;
    }
}

}  // namespace
}  // namespace gatehouse::audit_log
