#include "sidecar/health/report.h"

#include <gtest/gtest.h>

namespace gatehouse::checks {
namespace {

CheckReport check(const std::string& severity, State state)
{
    CheckReport report;
    report.check.name = severity;
    report.check.severity = severity;
    report.state = state;
    report.checked_at_ms = 1;
    report.last.message = "why";
    return report;
}

State whole(std::vector<CheckReport> checks)
{
    Report report;
    report.checks = std::move(checks);
    judge(report);
    return report.state;
}

TEST(HealthReport, WithoutChecksIsUp)
{
    EXPECT_EQ(whole({}), State::up);
}

TEST(HealthReport, SeverityDecides)
{
    EXPECT_EQ(whole({check("info", State::down)}), State::up);
    EXPECT_EQ(whole({check("degrading", State::down)}), State::degraded);
    EXPECT_EQ(whole({check("critical", State::down)}), State::down);
    EXPECT_EQ(whole({check("critical", State::degraded)}), State::degraded);
    EXPECT_EQ(whole({check("info", State::degraded)}), State::up);
}

TEST(HealthReport, TheWorstCounts)
{
    EXPECT_EQ(whole({check("degrading", State::down), check("critical", State::down),
                     check("critical", State::up)}),
              State::down);
}

TEST(HealthReport, WhatIsNotRunYetIsNotReadyWhereItIsCritical)
{
    auto critical = check("critical", State::unknown), other = check("degrading", State::unknown);
    critical.checked_at_ms = other.checked_at_ms = 0;
    EXPECT_EQ(whole({critical}), State::down);
    EXPECT_EQ(whole({other}), State::up);
}

TEST(HealthReport, WhatIsNotKnownAnyMoreIsNotGood)
{
    EXPECT_EQ(whole({check("critical", State::unknown)}), State::down);
    EXPECT_EQ(whole({check("degrading", State::unknown)}), State::degraded);
    EXPECT_EQ(whole({check("info", State::unknown)}), State::up);
    auto pending = check("critical", State::unknown);
    pending.pending = true;
    EXPECT_EQ(whole({pending}), State::up);
}

TEST(HealthReport, ExcusedAndWaitingChecksDoNotCount)
{
    auto excused = check("critical", State::down);
    excused.excused = true;
    EXPECT_EQ(whole({excused}), State::up);
    auto waiting = check("critical", State::unknown);
    waiting.waits_for = "database";
    EXPECT_EQ(whole({waiting}), State::up);
}

TEST(HealthReport, AlertsTakeWhatIsOverdueForWhatItMakesOfTheWhole)
{
    const auto overdue = [](const char* severity) {
        auto report = check(severity, State::unknown);
        report.overdue = true;
        return report;
    };
    EXPECT_EQ(state_for_alerts(overdue("critical")), State::down);
    EXPECT_EQ(state_for_alerts(overdue("degrading")), State::degraded);
    EXPECT_EQ(state_for_alerts(overdue("info")), State::unknown);
    auto excused = overdue("critical");
    excused.excused = true;
    EXPECT_EQ(state_for_alerts(excused), State::unknown);
    EXPECT_EQ(state_for_alerts(check("critical", State::unknown)), State::unknown) << "not run yet";
}

TEST(HealthReport, AlertsAreQuietOfWhatIsExcused)
{
    auto report = check("info", State::down);
    EXPECT_EQ(state_for_alerts(report), State::down);
    report.excused = true;
    EXPECT_EQ(state_for_alerts(report), State::unknown);
}

TEST(HealthReport, NamesTheFirstOfTheWorst)
{
    Report report;
    report.checks = {check("degrading", State::down), check("critical", State::down)};
    judge(report);
    EXPECT_EQ(report.message, "critical: why");
}

}  // namespace
}  // namespace gatehouse::checks
