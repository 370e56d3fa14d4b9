#include "sidecar/config/check_alerts.h"

#include <netdb.h>

#include <algorithm>
#include <charconv>

#include "sidecar/base/destination.h"
#include "sidecar/base/suggest.h"
#include "sidecar/base/units.h"
#include "src/telemetry/families.h"

namespace gatehouse::config {

namespace {

using telemetry::Metric;
using telemetry::MetricType;

constexpr Milliseconds shortest_window{5'000};
constexpr Milliseconds longest_window{24 * 3'600'000LL};
constexpr Milliseconds shortest_wait{1'000};
constexpr Milliseconds longest_timeout{300'000};

template <class Values>
std::vector<std::string> names_in(const Values& values)
{
    std::vector<std::string> names;
    for (const auto& [name, value] : values) {
        names.push_back(name);
    }
    return names;
}

std::vector<std::string> words_of(std::string_view list)
{
    std::vector<std::string> words;
    while (!list.empty()) {
        const auto size = std::min(list.find(','), list.size());
        words.emplace_back(list.substr(0, size));
        list.remove_prefix(std::min(size + 1, list.size()));
    }
    return words;
}

bool is_port(const std::string& text)
{
    unsigned port = 0;
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, port);
    return read.ec == std::errc{} && read.ptr == end && port > 0 && port <= 65535;
}

/// To an address, however it is written. Null: there is none, or it is a name.
const char* objection_to_host(std::string host, bool allow_private)
{
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
    }
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) {
        return nullptr;
    }
    const auto* objection = sidecar::objection_to(
        *found->ai_addr, allow_private ? sidecar::Reach::anywhere : sidecar::Reach::internet);
    ::freeaddrinfo(found);
    return objection;
}

/// What complains about one object of the configuration.
class Checker {
public:
    Checker(const Node& node, Diagnostics& out) : node_(node), out_(out) {}

protected:
    void complain(const char* key, const std::string& message, const std::string& hint = {})
    {
        const Node* value = find(&node_, key);
        complain(value != nullptr ? *value : node_, message, hint);
    }

    void complain(const Node& node, const std::string& message, const std::string& hint = {})
    {
        error(out_, node, &node == &node_ ? At::key : At::value, message, hint);
    }

    void unknown(const Node& node, const std::string& what, const std::string& name,
                 const std::vector<std::string>& known)
    {
        const auto near = sidecar::did_you_mean(name, known);
        complain(node, "there is no " + what + " " + in_quotes(name),
                 near ? "did you mean " + in_quotes(*near) + '?' : "");
    }

    const Node* member(const char* key) const { return find(&node_, key); }

    void at_least(const char* key, Milliseconds value, Milliseconds least)
    {
        if (member(key) != nullptr && value < least) {
            complain(key, in_quotes(key) + " must be at least " + sidecar::format_duration(least));
        }
    }

    void at_most(const char* key, Milliseconds value, Milliseconds most)
    {
        if (value > most) {
            complain(key, in_quotes(key) + " must be at most " + sidecar::format_duration(most));
        }
    }

    /// The schema has seen that it is one. A name is looked up, and vetted, with each connection.
    void check_url(const std::string& url, bool allow_private)
    {
        const auto scheme = url.find("://");
        if (scheme == url.npos || url.find('@') != url.npos) {
            return;
        }
        const auto begin = scheme + 3;
        const auto authority = url.substr(begin, url.find_first_of("/?#", begin) - begin);
        const auto colon = authority.find(':', authority.rfind(']') + 1);
        if (colon != authority.npos && !is_port(authority.substr(colon + 1))) {
            complain("url", "\"url\": the port must be 1 to 65535");
        }
        const auto* objection = objection_to_host(authority.substr(0, colon), allow_private);
        if (objection != nullptr) {
            complain("url", std::string{"\"url\": the address is out of bounds: "} + objection,
                     objection_to_host(authority.substr(0, colon), true) == nullptr
                         ? "set \"allow_private\": true"
                         : "");
        }
    }

    const Node& node_;
    Diagnostics& out_;
};

class RuleChecker : Checker {
public:
    RuleChecker(const Node& node, const Config& config, Diagnostics& out)
        : Checker(node, out), config_(config), rule_(config.alerts.rules.at(node.name))
    {
    }

    void run()
    {
        check_notify();
        at_least("window", rule_.window, shortest_window);
        at_most("window", rule_.window, longest_window);
        if (rule_.on == "check") {
            check_check();
        } else if (rule_.on == "certificate") {
            check_certificate();
        } else if (rule_.on == "card") {
            check_card();
        } else if (rule_.on == "metric") {
            check_metric();
        }
    }

private:
    void check_notify()
    {
        const Node* list = member("notify");
        for (const Node* item : list != nullptr ? list->children : decltype(list->children){}) {
            const auto name = text_of(item);
            if (name && !config_.alerts.receivers.contains(*name)) {
                unknown(*item, "receiver", *name, names_in(config_.alerts.receivers));
            }
        }
    }

    void check_check()
    {
        const Node* check = member("check");
        if (check != nullptr && rule_.check != "*" && !rule_.check.starts_with("upstream:") &&
            !config_.checks.contains(rule_.check)) {
            unknown(*check, "check", rule_.check, names_in(config_.checks));
        }
    }

    void check_certificate()
    {
        std::vector<std::string> known;
        for (const auto& [name, check] : config_.checks) {
            if (check.kind == "tls") {
                known.push_back(name);
            }
        }
        if (rule_.check == "*" && known.empty()) {
            complain("check", "there is no check of kind tls, which would find certificates");
        } else if (rule_.check != "*" &&
                   std::find(known.begin(), known.end(), rule_.check) == known.end()) {
            unknown(*member("check"), "check of kind tls", rule_.check, known);
        }
    }

    void check_card()
    {
        const auto card = config_.cards.find(rule_.card);
        if (rule_.card == "*") {
            return;
        }
        if (card == config_.cards.end()) {
            unknown(*member("card"), "card", rule_.card, names_in(config_.cards));
        } else if (card->second.on_demand()) {
            complain("card", "\"card\": " + in_quotes(rule_.card) +
                                 " is computed when somebody asks, and so never late");
        }
    }

    void check_metric()
    {
        if (!rule_.above && !rule_.below) {
            complain(node_,
                     "rule " + in_quotes(rule_.name) + " needs a limit: \"above\" or \"below\"");
        } else if (rule_.above && rule_.below && *rule_.above < *rule_.below) {
            complain("above", "\"above\" is less than \"below\": it would always hold");
        }
        if (const Node* metric = member("metric"); metric != nullptr && !rule_.metric.empty()) {
            check_metric_name(*metric);
        }
    }

    void check_metric_name(const Node& name)
    {
        std::vector<std::string> known;
        for (const auto& own : config_.metrics) {
            known.push_back(own.name);
            if (own.name == rule_.metric) {
                return check_labels(own.labels, own.type == "counter");
            }
        }
        for (const Metric* metric : telemetry::all_metrics) {
            known.emplace_back(metric->name);
            if (metric->name == rule_.metric) {
                return check_served(name, *metric);
            }
        }
        unknown(name, "metric", rule_.metric, known);
    }

    void check_served(const Node& name, const Metric& metric)
    {
        const auto& workers = telemetry::workers_metrics;
        if (std::find(std::begin(workers), std::end(workers), &metric) != std::end(workers)) {
            return complain(name, in_quotes(rule_.metric) + " is known to nginx alone",
                            "have Prometheus alert on it");
        }
        check_labels(words_of(metric.labels), metric.type == MetricType::counter);
    }

    void check_labels(const std::vector<std::string>& known, bool counter)
    {
        const Node* labels = member("labels");
        for (const Node* label :
             labels != nullptr ? labels->children : decltype(labels->children){}) {
            if (std::find(known.begin(), known.end(), label->name) == known.end()) {
                const auto near = sidecar::did_you_mean(label->name, known);
                error(out_, *label, At::key,
                      in_quotes(rule_.metric) + " has no label " + in_quotes(label->name),
                      near ? "did you mean " + in_quotes(*near) + '?' : "");
            }
        }
        if (rule_.rate && !counter) {
            complain("rate", "\"rate\": " + in_quotes(rule_.metric) + " is no counter");
        }
    }

    const Config& config_;
    const AlertRule& rule_;
};

class ReceiverChecker : Checker {
public:
    ReceiverChecker(const Node& node, const Config& config, Diagnostics& out)
        : Checker(node, out),
          receiver_(config.alerts.receivers.at(node.name)),
          allow_exec_(config.alerts.allow_exec)
    {
    }

    void run()
    {
        at_least("timeout", receiver_.timeout, Milliseconds{1});
        at_most("timeout", receiver_.timeout, longest_timeout);
        if (receiver_.repeat != Milliseconds{0}) {
            at_least("repeat", receiver_.repeat, shortest_wait);
        }
        check_url(receiver_.url, receiver_.allow_private);
        if (receiver_.kind == "exec") {
            check_command();
        } else if (receiver_.kind == "email") {
            check_account();
        }
    }

private:
    void check_command()
    {
        if (!allow_exec_) {
            complain("kind",
                     "receivers of kind exec are off: set \"allow_exec\": true in \"alerts\"");
        }
        if (!receiver_.command.empty() && !receiver_.command.front().starts_with('/')) {
            complain("command", "\"command\": the program must be an absolute path");
        }
    }

    void check_account()
    {
        if ((member("username") == nullptr) != (member("password") == nullptr)) {
            complain(node_, "\"username\" and \"password\" belong together: receiver " +
                                in_quotes(receiver_.name) + " has one of them");
        }
    }

    const AlertReceiver& receiver_;
    bool allow_exec_;
};

class HeartbeatChecker : Checker {
public:
    using Checker::Checker;

    void run(const Heartbeat& heartbeat)
    {
        at_least("every", heartbeat.every, shortest_wait);
        check_url(heartbeat.url, heartbeat.allow_private);
    }
};

template <class EachChecker>
void check_each(const Node* list, const Config& config, Diagnostics& out)
{
    for (const Node* node : list != nullptr ? list->children : decltype(list->children){}) {
        if (node->is_object() && !out.full()) {
            EachChecker{*node, config, out}.run();
        }
    }
}

}  // namespace

void check_alerts(const Node& root, const Config& config, Diagnostics& out)
{
    const Node* alerts = find(&root, "alerts");
    check_each<RuleChecker>(find(alerts, "rules"), config, out);
    check_each<ReceiverChecker>(find(alerts, "receivers"), config, out);
    if (const Node* heartbeat = find(alerts, "heartbeat")) {
        HeartbeatChecker{*heartbeat, out}.run(config.alerts.heartbeat);
    }
}

}  // namespace gatehouse::config
