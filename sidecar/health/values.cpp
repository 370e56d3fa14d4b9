#include "sidecar/health/values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "sidecar/base/time_text.h"
#include "src/base/json_escape.h"

namespace gatehouse::checks {

namespace {

using health::Slot;

std::string quoted(std::string_view text)
{
    std::string out;
    append_json_string(out, text);
    return out;
}

std::string text_or_null(const std::string& text)
{
    return text.empty() ? "null" : quoted(text);
}

std::string number(double value)
{
    if (!std::isfinite(value)) {
        return "null";
    }
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    return {digits.data(), end};
}

std::string number_or_null(const std::optional<double>& value)
{
    return value ? number(*value) : "null";
}

std::string time_or_null(std::int64_t unix_ms)
{
    return unix_ms == 0 ? "null" : quoted(sidecar::utc_text(unix_ms));
}

std::string boolean(bool value)
{
    return value ? "true" : "false";
}

std::string up_or_null(const CheckReport& check)
{
    return check.state == State::unknown ? "null" : boolean(check.state != State::down);
}

std::string result_of(const CheckReport& check)
{
    return check.state == State::down && check.last.timed_out
               ? "timeout"
               : std::string{health::name_of(check.state)};
}

// --- of one check ---

using OfCheck = std::string (*)(const CheckReport& check, const Words& words);

struct CheckValue {
    std::string_view name;
    OfCheck value;
};

const CheckValue check_values[] = {
    {"name", [](const auto& c, const auto&) { return quoted(c.check.name); }},
    {"kind", [](const auto& c, const auto&) { return quoted(c.check.kind); }},
    {"severity", [](const auto& c, const auto&) { return quoted(c.check.severity); }},
    {"up", [](const auto& c, const auto&) { return up_or_null(c); }},
    {"state", [](const auto& c, const auto&) { return quoted(health::name_of(c.state)); }},
    {"status", [](const auto& c, const auto& words) { return quoted(words.of(c.state)); }},
    {"result", [](const auto& c, const auto&) { return quoted(result_of(c)); }},
    {"message", [](const auto& c, const auto&) { return text_or_null(c.message()); }},
    {"value", [](const auto& c, const auto&) { return number_or_null(c.last.value); }},
    {"unit", [](const auto& c, const auto&) { return text_or_null(c.last.unit); }},
    {"latency_ms",
     [](const auto& c, const auto&) {
         return c.checked_at_ms == 0 ? std::string{"null"}
                                     : number(static_cast<double>(c.last.duration.count()) / 1000);
     }},
    {"since", [](const auto& c, const auto&) { return time_or_null(c.since_ms); }},
    {"checked_at", [](const auto& c, const auto&) { return time_or_null(c.checked_at_ms); }},
    {"last_ok", [](const auto& c, const auto&) { return time_or_null(c.last_ok_ms); }},
    {"maintenance", [](const auto& c, const auto&) { return boolean(c.excused); }},
};

std::optional<std::string> of_check(std::string_view name, const CheckReport& check,
                                    const Words& words)
{
    const auto* known = std::find_if(std::begin(check_values), std::end(check_values),
                                     [&](const auto& one) { return one.name == name; });
    if (known != std::end(check_values)) {
        return known->value(check, words);
    }
    constexpr std::string_view fact = "fact.";
    if (!name.starts_with(fact)) {
        return std::nullopt;
    }
    for (const auto& [key, json] : check.last.facts) {
        if (key == name.substr(fact.size())) {
            return json;
        }
    }
    return "null";
}

// --- of the whole ---

struct SlotName {
    std::string_view name;
    Slot slot;
};

constexpr SlotName slots[] = {
    {"timestamp", Slot::timestamp},
    {"naive_timestamp", Slot::naive_timestamp},
    {"unix_time", Slot::unix_time},
    {"uptime_seconds", Slot::uptime_seconds},
    {"request_count", Slot::request_count},
    {"error_count", Slot::error_count},
    {"connections", Slot::connections},
    {"websockets", Slot::websockets},
    {"nginx", Slot::nginx},
};

std::optional<std::string> of_whole(std::string_view name, const Scope& scope)
{
    for (const auto& each : slots) {
        if (each.name == name) {
            const bool has_names = each.slot == Slot::nginx;
            return has_names && scope.report.brief
                       ? std::string{"null"}
                       : std::string{health::slot_mark, static_cast<char>(each.slot)};
        }
    }
    if (name == "status") {
        return quoted(scope.words.of(scope.report.state));
    }
    if (name == "state") {
        return quoted(health::name_of(scope.report.state));
    }
    if (name == "message") {
        return text_or_null(scope.report.message);
    }
    return name == "version" ? std::optional{quoted(scope.report.version)} : std::nullopt;
}

/// Whether `name` is one of those in `list`, which dots separate.
bool is_listed(std::string_view name, std::string_view list)
{
    while (!list.empty()) {
        const auto one = list.substr(0, list.find('.'));
        if (one == name) {
            return true;
        }
        list.remove_prefix(std::min(one.size() + 1, list.size()));
    }
    return false;
}

/// Whether all of those kinds are up; null: not known, and none is known not to be.
std::string all_up(std::string_view kinds, const std::vector<CheckReport>& checks)
{
    bool all_known = true;
    for (const auto& check : checks) {
        if (!is_listed(check.check.kind, kinds) || check.state == State::up) {
            continue;
        }
        if (check.state != State::unknown) {
            return "false";
        }
        all_known = false;
    }
    return all_known ? "true" : "null";
}

/// `check.NAME.VALUE`: of the check of that name; `kind.KIND.VALUE`: of the first of that kind;
/// `all.KIND` or `all.KIND.KIND`.
std::optional<std::string> of_named(std::string_view name, const Scope& scope)
{
    const auto dot = name.find('.');
    const auto selector = name.substr(0, dot);
    if (dot == name.npos || (selector != "check" && selector != "kind" && selector != "all")) {
        return std::nullopt;
    }
    const auto rest = name.substr(dot + 1);
    const auto& all = scope.report.checks;
    if (selector == "all") {
        return all_up(rest, all);
    }
    const auto wanted = rest.substr(0, rest.find('.'));
    const auto value = rest.substr(std::min(wanted.size() + 1, rest.size()));
    for (const auto& check : all) {
        if ((selector == "check" ? check.check.name : check.check.kind) == wanted) {
            return of_check(value, check, scope.words);
        }
    }
    return of_check(value, {}, scope.words) ? std::optional<std::string>{"null"} : std::nullopt;
}

}  // namespace

std::optional<std::string> value_of(std::string_view name, const Scope& scope)
{
    if (scope.check != nullptr) {
        if (auto value = of_check(name, *scope.check, scope.words)) {
            return value;
        }
    }
    if (auto value = of_whole(name, scope)) {
        return value;
    }
    return of_named(name, scope);
}

std::string word_of(std::string_view name, const Scope& scope)
{
    const auto json = value_of(name, scope).value_or("");
    return json.size() >= 2 && json.front() == '"' ? json.substr(1, json.size() - 2) : json;
}

}  // namespace gatehouse::checks
