#include "sidecar/alerts/message.h"

#include <gtest/gtest.h>
#include <jansson.h>

namespace gatehouse::alerts {
namespace {

constexpr std::int64_t at_ms = 1'767'323'045'678;  // date -u -d @1767323045.678

Alert alert(Phase phase = Phase::firing)
{
    Alert alert;
    alert.fingerprint = "0123456789abcdef";
    alert.rule = "db-down";
    alert.target = "db";
    alert.severity = "critical";
    alert.summary = "The database does not answer";
    alert.detail = "check \"db\" is down: it hung up";
    alert.runbook = "https://wiki.example.com/db";
    alert.phase = phase;
    alert.value = 3;
    alert.pending_ms = alert.firing_ms = at_ms;
    alert.resolved_ms = phase == Phase::resolved ? at_ms + 60'000 : 0;
    return alert;
}

TEST(AlertMessage, IsJson)
{
    EXPECT_EQ(
        json_of({"ops", {alert()}}),
        R"({"version":"1","receiver":"ops","status":"firing","test":false,"alerts":[)"
        R"({"status":"firing","rule":"db-down","target":"db","severity":"critical",)"
        R"("summary":"The database does not answer","detail":"check \"db\" is down: it hung up",)"
        R"("value":3,"starts_at":"2026-01-02T03:04:05.678Z","ends_at":null,)"
        R"("runbook":"https://wiki.example.com/db","fingerprint":"0123456789abcdef"}]})");
}

TEST(AlertMessage, FiresWhereOneOfItsAlertsDoes)
{
    EXPECT_EQ(Message({"ops", {alert(Phase::resolved)}}).status(), Phase::resolved);
    EXPECT_EQ(Message({"ops", {alert(Phase::resolved), alert()}}).status(), Phase::firing);
    EXPECT_NE(json_of({"ops", {alert(Phase::resolved)}}).find("\"2026-01-02T03:05:05.678Z\""),
              std::string::npos);
}

TEST(AlertMessage, DataMakeNoLinesOfTheirOwn)
{
    auto forged = alert();
    forged.target = "a\r\n[FIRING] critical: b";
    forged.summary = "c\u2028d\u0085e\vf";
    forged.detail = "g\n[RESOLVED] h";
    forged.runbook = "i\nj";
    EXPECT_EQ(text_of({"ops", {forged}}),
              "[FIRING] critical: db-down (a  [FIRING] critical: b): c d e f\n"
              "  g [RESOLVED] h\n"
              "  since 2026-01-02T03:04:05.678Z\n"
              "  what to do: i j\n");
}

TEST(AlertMessage, IsText)
{
    EXPECT_EQ(text_of({"ops", {alert(), alert(Phase::resolved)}}),
              "[FIRING] critical: db-down (db): The database does not answer\n"
              "  check \"db\" is down: it hung up\n"
              "  since 2026-01-02T03:04:05.678Z\n"
              "  what to do: https://wiki.example.com/db\n"
              "\n"
              "[RESOLVED] critical: db-down (db): The database does not answer\n"
              "  check \"db\" is down: it hung up\n"
              "  since 2026-01-02T03:04:05.678Z, over at 2026-01-02T03:05:05.678Z\n"
              "  what to do: https://wiki.example.com/db\n");
    EXPECT_EQ(title_of({"ops", {alert()}}),
              "[FIRING] critical: db-down (db): The database does not answer");
    EXPECT_EQ(title_of({"ops", {alert(), alert(), alert()}}),
              "[FIRING] critical: db-down (db): The database does not answer (and 2 more)");
}

TEST(AlertMessage, TextsAreOfAReadableLength)
{
    const auto text = text_of({"ops", std::vector<Alert>(50, alert())});
    EXPECT_NE(text.find("\nand 30 more: gatehousectl alert list\n"), std::string::npos);
}

TEST(AlertMessage, NothingIsInterpreted)
{
    auto strange = alert();
    strange.summary = "100 % %n %s {{ $value }} ${HOME} <!channel> & \"\n\r\x01";
    const auto json = json_of({"ops", {strange}});
    json_error_t error;
    json_t* parsed = json_loads(json.c_str(), 0, &error);
    ASSERT_NE(parsed, nullptr) << error.text;
    EXPECT_EQ(std::string{json_string_value(json_object_get(
                  json_array_get(json_object_get(parsed, "alerts"), 0), "summary"))},
              strange.summary);
    json_decref(parsed);
    EXPECT_NE(
        text_of({"ops", {strange}}).find(strange.summary.substr(0, strange.summary.find('\n'))),
        std::string::npos);
}

TEST(AlertMessage, IsEscapedForSlack)
{
    auto strange = alert();
    strange.summary = "<!channel> a & b > c";
    const auto json = slack_json_of({"ops", {strange}});
    EXPECT_NE(json.find("&lt;!channel&gt; a &amp; b &gt; c"), std::string::npos);
    EXPECT_EQ(json.find('<'), std::string::npos);
    EXPECT_TRUE(json.starts_with("{\"text\":\""));
}

// printf '1767323045.{"a":1}' | openssl dgst -sha256 -hmac secret
TEST(AlertMessage, IsSigned)
{
    EXPECT_EQ(signature("secret", 1'767'323'045, R"({"a":1})"),
              "t=1767323045,v1="
              "5801ec7c2609536b21e872dabc58e02401283cba52f83527f288b9a0036a4941");
}

TEST(AlertMessage, HasAKeyOfItsOwn)
{
    const Message message{"ops", {alert()}};
    EXPECT_EQ(message.key(), (Message{"ops", {alert()}}.key()));
    EXPECT_NE(message.key(), (Message{"dev", {alert()}}.key()));
    EXPECT_NE(message.key(), (Message{"ops", {alert(Phase::resolved)}}.key()));
    auto again = alert();
    again.told["ops"] = {Phase::firing, at_ms};
    EXPECT_NE(message.key(), (Message{"ops", {again}}.key()));
    auto later = alert();
    later.pending_ms += 1;
    EXPECT_NE(message.key(), (Message{"ops", {later}}.key()));
}

TEST(AlertMessage, ForATrialSaysSo)
{
    const auto json = json_of(test_message("ops", at_ms));
    EXPECT_NE(json.find("\"test\":true"), std::string::npos);
    EXPECT_NE(json.find("\"rule\":\"test\""), std::string::npos);
}

}  // namespace
}  // namespace gatehouse::alerts
