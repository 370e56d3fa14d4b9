#include "sidecar/health/layout.h"

#include <gtest/gtest.h>
#include <jansson.h>

#include <memory>

namespace gatehouse::checks {
namespace {

struct Decref {
    void operator()(json_t* value) const noexcept { json_decref(value); }
};
using Json = std::unique_ptr<json_t, Decref>;

CheckReport check(const std::string& name, const std::string& kind, State state)
{
    CheckReport report;
    report.check.name = name;
    report.check.kind = kind;
    report.state = state;
    report.checked_at_ms = 1'767'323'045'678;  // 2026-01-02T03:04:05.678Z
    report.last.state = state;
    report.last.message = "no \"answer\"";
    report.last.value = 42.5;
    report.last.duration = std::chrono::microseconds{1500};
    report.last.facts = {{"size_bytes", "1048576"}, {"exists", "true"}};
    return report;
}

std::string rendered(const std::string& layout)
{
    Report report;
    report.version = "1.2.3";
    report.checks = {check("database", "postgres", State::down), check("ecg", "file", State::up)};
    report.checks[0].check.severity = "critical";
    judge(report);
    Words words;
    words.up = "healthy";
    words.down = "unhealthy";
    const Json json{json_loads(layout.c_str(), JSON_DECODE_ANY, nullptr)};
    EXPECT_TRUE(json) << layout;
    return render(json.get(), report, words);
}

TEST(HealthLayout, OtherJsonStaysAsItIs)
{
    EXPECT_EQ(rendered(R"({"a":[1,2.5,true,null,"text","$","$$status"],"b":{}})"),
              R"({"a":[1,2.5,true,null,"text","$","$status"],"b":{}})");
}

TEST(HealthLayout, NamesOfTheWhole)
{
    EXPECT_EQ(rendered(R"(["$status","$state","$message","$version"])"),
              R"(["unhealthy","down","database: no \"answer\"","1.2.3"])");
}

TEST(HealthLayout, NamesOfOneCheck)
{
    EXPECT_EQ(rendered(R"(["$check.database.up","$check.ecg.fact.size_bytes","$kind.file.value"])"),
              R"([false,1048576,42.5])");
    EXPECT_EQ(rendered(R"(["$check.nobody.up","$kind.cpu.value","$check.ecg.fact.none"])"),
              R"([null,null,null])");
}

TEST(HealthLayout, AllOfAKind)
{
    EXPECT_EQ(rendered(R"(["$all.file","$all.postgres","$all.redis"])"), "[true,false,true]");
}

TEST(HealthLayout, EveryCheck)
{
    EXPECT_EQ(rendered(R"({"checks":{"$checks":{"status":"$status"}}})"),
              R"({"checks":{"database":{"status":"unhealthy"},"ecg":{"status":"healthy"}}})");
    EXPECT_EQ(rendered(R"({"$checks":["$latency_ms"],"$key":"$name:responseTime"})"),
              R"({"database:responseTime":[1.5],"ecg:responseTime":[1.5]})");
    EXPECT_EQ(rendered(R"({"$checks":"$fact.exists","$kind":"file"})"), R"({"ecg":true})");
    EXPECT_EQ(rendered(R"({"$checks":"$checked_at","$kind":"file"})"),
              R"({"ecg":"2026-01-02T03:04:05.678Z"})");
}

TEST(HealthLayout, Choices)
{
    EXPECT_EQ(rendered(R"({"$case":"$state","up":1,"down":2})"), "2");
    EXPECT_EQ(rendered(R"({"$checks":{"$case":"$result","up":"u","down":"d"}})"),
              R"({"database":"d","ecg":"u"})");
    EXPECT_EQ(rendered(R"({"$case":"$version","down":"else"})"), R"("else")");
    EXPECT_EQ(rendered(R"({"$case":"$version"})"), "null");
}

TEST(HealthLayout, SlotsAreLeftToNginx)
{
    EXPECT_EQ(rendered(R"({"at":"$timestamp","n":"$request_count"})"),
              "{\"at\":\x01t,\"n\":\x01r}");
}

TEST(HealthLayout, NamesThatDoNotExistAreFound)
{
    const auto flaw = [](const std::string& layout) {
        const Json json{json_loads(layout.c_str(), JSON_DECODE_ANY, nullptr)};
        const auto sound = check_layout(json.get());
        return sound ? "" : sound.error().message;
    };
    EXPECT_EQ(flaw(R"({"a":"$stauts"})"), "there is no value \"$stauts\"");
    EXPECT_EQ(flaw(R"({"a":["$name"]})"), "there is no value \"$name\"");
    EXPECT_EQ(flaw(R"({"$checks":"$name"})"), "");
    EXPECT_EQ(flaw(R"({"$case":"$state","up":"$nobody"})"), "there is no value \"$nobody\"");
    EXPECT_EQ(flaw(R"({"$ckecks":1})"), "there is no key \"$ckecks\"");
    EXPECT_EQ(flaw(R"({"a":"$check.db.vaule"})"), "there is no value \"$check.db.vaule\"");
    EXPECT_EQ(flaw(R"({"$checks":1,"$key":"$typo"})"), "there is no value \"$typo\"");
    EXPECT_EQ(flaw(R"({"$checks":1,"$key":"a:$name"})"), "");
    EXPECT_EQ(flaw(R"({"$checks":1,"$kind":"nokind"})"), "there is no kind of check \"nokind\"");
    EXPECT_EQ(flaw(R"({"$checks":1,"$kind":["file","nokind"]})"),
              "there is no kind of check \"nokind\"");
    EXPECT_EQ(flaw(R"({"$checks":1,"$kind":["cache","upstream"]})"), "");
    EXPECT_EQ(flaw(R"({"a":"$kind.cup.value"})"), "there is no kind of check \"cup\"");
    EXPECT_EQ(flaw(R"({"a":"$all.cache.flie"})"), "there is no kind of check \"flie\"");
    EXPECT_EQ(flaw(R"({"$case":"$state"})"), "\"$case\" has nothing to choose from");
    EXPECT_EQ(flaw(R"(["$status","$kind.cpu.value","$all.file","text","$$x"])"), "");
}

}  // namespace
}  // namespace gatehouse::checks
