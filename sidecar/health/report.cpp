#include "sidecar/health/report.h"

namespace gatehouse::checks {

namespace {

/// What one check makes of the whole.
State contribution(const CheckReport& report)
{
    const auto severity = severity_of(report.check.severity);
    if (severity == Severity::info || report.is_set_aside()) {
        return State::up;
    }
    if (report.state == State::unknown && severity != Severity::critical) {
        return report.checked_at_ms == 0 ? State::up : State::degraded;
    }
    if (report.state == State::unknown) {
        return State::down;
    }
    if (report.state == State::down) {
        return severity == Severity::critical ? State::down : State::degraded;
    }
    return report.state;
}

}  // namespace

Severity severity_of(const std::string& word) noexcept
{
    return word == "info"       ? Severity::info
           : word == "critical" ? Severity::critical
                                : Severity::degrading;
}

State state_for_alerts(const CheckReport& report) noexcept
{
    if (report.is_set_aside() || !report.overdue) {
        return report.excused ? State::unknown : report.state;
    }
    switch (severity_of(report.check.severity)) {
    case Severity::critical: return State::down;
    case Severity::degrading: return State::degraded;
    case Severity::info: return State::unknown;
    }
    return State::unknown;
}

void judge(Report& report)
{
    report.state = State::up;
    report.message.clear();
    for (const auto& check : report.checks) {
        if (const auto made = contribution(check); made > report.state) {
            report.state = made;
            report.message = check.check.name + ": " + check.message();
        }
    }
}

Report brief(Report report)
{
    report.brief = true;
    report.message = report.state == State::up ? "" : health::name_of(report.state);
    for (auto& check : report.checks) {
        check.last = {};
        check.waits_for.clear();
    }
    return report;
}

}  // namespace gatehouse::checks
