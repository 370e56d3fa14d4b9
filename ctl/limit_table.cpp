#include "ctl/limit_table.h"

#include <set>
#include <utility>

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

/// Which nginx: its master process, and the prefix that people know it by.
std::string nginx_of(const Json& holder)
{
    const auto master = holder["master"].number();
    return master == 0 ? "-" : std::to_string(master) + " " + holder["prefix"].text();
}

/// Adds a column that tells one nginx from another, where there is more than one.
class NginxColumn {
public:
    void see(const Json& holder) { seen_.insert(nginx_of(holder)); }

    std::vector<std::string> head(std::vector<std::string> names) const
    {
        return with(std::move(names), "NGINX");
    }
    std::vector<std::string> row(std::vector<std::string> cells, const Json& holder) const
    {
        return with(std::move(cells), nginx_of(holder));
    }

private:
    std::vector<std::string> with(std::vector<std::string> cells, const std::string& last) const
    {
        if (seen_.size() > 1) {
            cells.push_back(last);
        }
        return cells;
    }

    std::set<std::string> seen_;
};

std::string state_of(const Json& window)
{
    return window["limited"].flag()
               ? "limited, next in " + human_duration(window["retry_after_ms"].number())
               : "passes";
}

std::vector<std::string> cells_of(const Json& zone)
{
    return {zone["name"].text(),
            zone["key"].text(),
            windows_text(zone),
            human_bytes(static_cast<std::uint64_t>(zone["bytes"].number())),
            number(zone["entries"]),
            number(zone["capacity"]),
            filled(zone),
            number(zone["passed"]),
            number(zone["delayed"]),
            number(zone["rejected"]),
            number(zone["evicted_active"])};
}

std::vector<std::string> cells_of(const std::string& key, const Json& window)
{
    const auto reset_ms = window["reset_ms"].number();
    return {key,
            window["window"].text(),
            number(window["burst"]),
            number(window["limit"]),
            number(window["used"]),
            number(window["remaining"]),
            reset_ms == 0 ? "-" : human_duration(reset_ms),
            state_of(window)};
}

}  // namespace

std::string zone_table(const Json& zones)
{
    if (zones.items().empty()) {
        return "no connected nginx has a limit zone\n";
    }
    NginxColumn nginx;
    for (const auto& zone : zones.items()) {
        nginx.see(zone);
    }
    Table table{nginx.head({"ZONE", "KEY", "WINDOWS", "SIZE", "ENTRIES", "CAPACITY", "FULL",
                            "PASSED", "DELAYED", "REJECTED", "EVICTED"})};
    std::string errors;
    for (const auto& zone : zones.items()) {
        table.add(nginx.row(cells_of(zone), zone));
        if (const auto error = zone["error"].text(); !error.empty()) {
            errors += "\n" + error;
        }
    }
    return table.text() + (errors.empty() ? "" : errors + "\n");
}

std::string standing_table(const std::vector<KeyStanding>& found)
{
    NginxColumn column;
    for (const auto& [key, answer] : found) {
        for (const auto& nginx : answer["nginx"].items()) {
            column.see(nginx);
        }
    }
    Table table{
        column.head({"KEY", "WINDOW", "BURST", "LIMIT", "USED", "REMAINING", "RESET", "STATE"})};
    for (const auto& [key, answer] : found) {
        for (const auto& nginx : answer["nginx"].items()) {
            for (const auto& window : nginx["windows"].items()) {
                table.add(column.row(cells_of(key, window), nginx));
            }
        }
    }
    return table.text();
}

std::string top_table(const Json& zones)
{
    NginxColumn nginx;
    for (const auto& zone : zones.items()) {
        nginx.see(zone);
    }
    Table table{nginx.head({"ZONE", "KEY", "REFUSED", "AT LEAST", "HASH"})};
    bool any = false;
    for (const auto& zone : zones.items()) {
        for (const auto& key : zone["keys"].items()) {
            any = true;
            const auto label = key["label"].text();
            const auto refused = key["refused"].number();
            table.add(nginx.row(
                {zone["zone"].text(), label.empty() ? "-" : label, std::to_string(refused),
                 std::to_string(refused - key["error"].number()), key["hash"].text()},
                zone));
        }
    }
    return any ? table.text() : "no key was refused\n";
}

}  // namespace gatehouse::ctl
