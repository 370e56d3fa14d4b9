#include "ctl/limit_table.h"

#include "ctl/table.h"

namespace gatehouse::ctl {

namespace {

std::string number(const Json& value)
{
    return value ? std::to_string(value.number()) : "-";
}

/// "10r/s burst=5; 10/minute; 200/day sliding"
std::string windows_text(const Json& zone)
{
    auto text = zone["rate"].text();
    for (const auto& burst : zone["bursts"].items()) {
        if (burst.number() > 0) {
            text += " burst=" + std::to_string(burst.number());
        }
    }
    const auto quota = zone["quota"].text();
    text += !text.empty() && !quota.empty() ? "; " : "";
    text += quota;
    if (const auto window = zone["window"].text(); !window.empty() && window != "gcra") {
        text += " " + window + (zone["align"].text() == "utc" ? " utc" : "");
    }
    return text;
}

std::string filled(const Json& zone)
{
    const auto capacity = zone["capacity"].number();
    return capacity == 0 ? "-" : std::to_string(zone["entries"].number() * 100 / capacity) + " %";
}

/// Which nginx: by one of its workers.
std::string nginx_of(const Json& holder)
{
    const auto workers = holder["workers"].items();
    return workers.empty() ? "-" : std::to_string(workers.front().number());
}

std::string state_of(const Json& window)
{
    return window["limited"].flag()
               ? "limited, next in " + human_duration(window["retry_after_ms"].number())
               : "passes";
}

}  // namespace

std::string zone_table(const Json& zones)
{
    if (zones.items().empty()) {
        return "no connected nginx has a limit zone\n";
    }
    Table table{{"ZONE", "KEY", "WINDOWS", "SIZE", "ENTRIES", "CAPACITY", "FULL", "PASSED",
                 "DELAYED", "REJECTED", "EVICTED"}};
    std::string errors;
    for (const auto& zone : zones.items()) {
        table.add({zone["name"].text(), zone["key"].text(), windows_text(zone),
                   human_bytes(static_cast<std::uint64_t>(zone["bytes"].number())),
                   number(zone["entries"]), number(zone["capacity"]), filled(zone),
                   number(zone["passed"]), number(zone["delayed"]), number(zone["rejected"]),
                   number(zone["evicted_active"])});
        if (const auto error = zone["error"].text(); !error.empty()) {
            errors += "\n" + error;
        }
    }
    return table.text() + (errors.empty() ? "" : errors + "\n");
}

std::string standing_table(const std::vector<KeyStanding>& found)
{
    bool several = false;
    for (const auto& [key, answer] : found) {
        several = several || answer["nginx"].items().size() > 1;
    }
    std::vector<std::string> head{"KEY",  "WINDOW",    "BURST", "LIMIT",
                                  "USED", "REMAINING", "RESET", "STATE"};
    if (several) {
        head.emplace_back("NGINX");
    }
    Table table{head};
    for (const auto& [key, answer] : found) {
        for (const auto& nginx : answer["nginx"].items()) {
            for (const auto& window : nginx["windows"].items()) {
                const auto reset_ms = window["reset_ms"].number();
                std::vector<std::string> row{key,
                                             window["window"].text(),
                                             number(window["burst"]),
                                             number(window["limit"]),
                                             number(window["used"]),
                                             number(window["remaining"]),
                                             reset_ms == 0 ? "-" : human_duration(reset_ms),
                                             state_of(window)};
                if (several) {
                    row.push_back(nginx_of(nginx));
                }
                table.add(std::move(row));
            }
        }
    }
    return table.text();
}

std::string top_table(const Json& zones)
{
    Table table{{"ZONE", "KEY", "REFUSED", "AT LEAST", "HASH"}};
    bool any = false;
    for (const auto& zone : zones.items()) {
        for (const auto& key : zone["keys"].items()) {
            any = true;
            const auto label = key["label"].text();
            const auto refused = key["refused"].number();
            table.add({zone["zone"].text(), label.empty() ? "-" : label, std::to_string(refused),
                       std::to_string(refused - key["error"].number()), key["hash"].text()});
        }
    }
    return any ? table.text() : "no key was refused\n";
}

}  // namespace gatehouse::ctl
