#include "ctl/top_frame.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "ctl/table.h"
#include "src/base/json_escape.h"

namespace gatehouse::ctl {

namespace {

constexpr std::array<const char*, 5> card_states{"fresh", "stale", "failed", "pending",
                                                 "on_demand"};

std::string fixed(double value)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", value);
    return text;
}

/// Three significant digits, for durations.
std::string milliseconds(double ms)
{
    char text[32];
    if (ms >= 1000) {
        std::snprintf(text, sizeof text, "%.1f s", ms / 1000);
    } else {
        std::snprintf(text, sizeof text, ms >= 10 ? "%.0f ms" : "%.2f ms", ms);
    }
    return text;
}

std::string percentile(const Traffic::Percentiles& durations, double ms)
{
    return durations.known ? milliseconds(ms) : "-";
}

std::array<std::int64_t, card_states.size()> count_cards(const Json& cards)
{
    std::array<std::int64_t, card_states.size()> counts{};
    for (const auto& card : cards.items()) {
        const auto* state = std::find(card_states.begin(), card_states.end(), card["state"].text());
        if (state != card_states.end()) {
            ++counts[static_cast<std::size_t>(state - card_states.begin())];
        }
    }
    return counts;
}

std::string card_line(const Json& cards)
{
    const auto counts = count_cards(cards);
    std::string line = std::to_string(cards.items().size());
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] > 0) {
            line += ", " + std::to_string(counts[i]) + " " + card_states[i];
        }
    }
    return line;
}

std::string head_lines(const Traffic& traffic, const Json& status)
{
    const auto workers = status["workers"].items();
    const auto& all = traffic.all;
    std::string text = "gatehouse    " + std::to_string(workers.size()) + " nginx workers linked" +
                       (workers.empty() ? "" : ", nginx " + workers.front()["nginx"].text()) +
                       "; gatehoused " + status["version"].text() + ", up " +
                       human_duration(status["uptime_ms"].number()) + "\n";
    text += "requests     " + fixed(all.total) + "/s";
    for (std::size_t i = 0; i < status_classes; ++i) {
        const bool usual = i > 0 && i < status_classes - 1;
        if (usual || all.requests[i] > 0) {
            text += std::string{"  "} + status_class_names[i] + " " + fixed(all.requests[i]);
        }
    }
    text += "\nduration     p50 " + percentile(all.durations, all.durations.p50_ms) + "  p95 " +
            percentile(all.durations, all.durations.p95_ms) + "  p99 " +
            percentile(all.durations, all.durations.p99_ms) + "\n";
    text += "websockets   " + std::to_string(traffic.websockets) + " open\n";
    return text + "cards        " + card_line(status["cards"]) + "\n";
}

std::string limit_lines(const Traffic& traffic)
{
    std::string text;
    if (!traffic.limits.empty()) {
        Table table{{"LIMIT", "PASSED/S", "DELAYED/S", "REJECTED/S", "REJECTED"}};
        for (const auto& limit : traffic.limits) {
            table.add({limit.zone, fixed(limit.passed), fixed(limit.delayed), fixed(limit.rejected),
                       std::to_string(limit.rejected_ever)});
        }
        text += "\n" + table.text();
    }
    if (!traffic.caps.empty()) {
        Table table{{"CAP", "ACTIVE", "REJECTED/S"}};
        for (const auto& cap : traffic.caps) {
            table.add({cap.zone, std::to_string(cap.active), fixed(cap.rejected)});
        }
        text += "\n" + table.text();
    }
    return text;
}

std::string endpoint_lines(const Traffic& traffic, std::size_t most)
{
    Table table{{"ENDPOINT", "REQ/S", "2XX", "3XX", "4XX", "5XX", "P50", "P95", "P99"}};
    const auto shown = std::min(most, traffic.endpoints.size());
    for (std::size_t i = 0; i < shown; ++i) {
        const auto& one = traffic.endpoints[i];
        const auto& durations = one.durations;
        table.add({one.name, fixed(one.total), fixed(one.requests[1]), fixed(one.requests[2]),
                   fixed(one.requests[3]), fixed(one.requests[4]),
                   percentile(durations, durations.p50_ms), percentile(durations, durations.p95_ms),
                   percentile(durations, durations.p99_ms)});
    }
    return "\n" + table.text();
}

// --- JSON ---

void append_member(std::string& json, const char* name, double value)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.3f", std::isfinite(value) ? value : 0.0);
    json += std::string{json.back() == '{' ? "\"" : ",\""} + name + "\":" + text;
}

void append_member(std::string& json, const char* name, std::int64_t value)
{
    json += std::string{json.back() == '{' ? "\"" : ",\""} + name + "\":" + std::to_string(value);
}

void append_member(std::string& json, const char* name, const std::string& value)
{
    json += std::string{json.back() == '{' ? "\"" : ",\""} + name + "\":";
    append_json_string(json, value);
}

void append_rates(std::string& json, const Traffic::Endpoint& endpoint)
{
    append_member(json, "requests_per_s", endpoint.total);
    for (std::size_t i = 0; i < status_classes; ++i) {
        append_member(json, status_class_names[i], endpoint.requests[i]);
    }
    if (endpoint.durations.known) {
        append_member(json, "p50_ms", endpoint.durations.p50_ms);
        append_member(json, "p95_ms", endpoint.durations.p95_ms);
        append_member(json, "p99_ms", endpoint.durations.p99_ms);
    }
}

template <class Row, class Write>
void append_list(std::string& json, const char* name, const std::vector<Row>& rows,
                 const Write& write)
{
    json += std::string{",\""} + name + "\":[";
    for (const auto& row : rows) {
        json += json.back() == '[' ? "{" : ",{";
        write(row);
        json += '}';
    }
    json += ']';
}

}  // namespace

std::string top_text(const Traffic& traffic, const Json& status, std::size_t lines)
{
    const auto head = head_lines(traffic, status);
    const auto limits = limit_lines(traffic);
    const auto used =
        std::count(head.begin(), head.end(), '\n') + std::count(limits.begin(), limits.end(), '\n');
    constexpr std::size_t own = 2;  // the empty line and the table's head
    const auto taken = static_cast<std::size_t>(used) + own;
    return head + limits + endpoint_lines(traffic, lines > taken ? lines - taken : 0);
}

std::string top_json(const Traffic& traffic, const Json& status)
{
    std::string json = "{";
    append_member(json, "seconds", traffic.seconds);
    append_rates(json, traffic.all);
    append_member(json, "websockets", traffic.websockets);
    append_member(json, "workers", static_cast<std::int64_t>(status["workers"].items().size()));
    json += ",\"cards\":{";
    const auto cards = count_cards(status["cards"]);
    for (std::size_t i = 0; i < cards.size(); ++i) {
        append_member(json, card_states[i], cards[i]);
    }
    json += '}';
    append_list(json, "limits", traffic.limits, [&](const Traffic::Limit& limit) {
        append_member(json, "zone", limit.zone);
        append_member(json, "passed_per_s", limit.passed);
        append_member(json, "delayed_per_s", limit.delayed);
        append_member(json, "rejected_per_s", limit.rejected);
        append_member(json, "rejected", limit.rejected_ever);
    });
    append_list(json, "caps", traffic.caps, [&](const Traffic::Cap& cap) {
        append_member(json, "zone", cap.zone);
        append_member(json, "active", cap.active);
        append_member(json, "rejected_per_s", cap.rejected);
    });
    append_list(json, "endpoints", traffic.endpoints, [&](const Traffic::Endpoint& endpoint) {
        append_member(json, "endpoint", endpoint.name);
        append_rates(json, endpoint);
    });
    return json + "}\n";
}

}  // namespace gatehouse::ctl
