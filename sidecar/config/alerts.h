// What is alerted on, and who is told: part of the configuration's plain values (types.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::config {

/// `on` says what is looked at; which of the others count says docs/alerts.md.
struct AlertRule {
    std::string name;
    std::string on;                        ///< check, metric, card, certificate, errors, refusals
    std::string severity = "warning";      ///< info, warning, critical
    std::string summary;                   ///< for people; empty: made of what is looked at
    std::string runbook;                   ///< URL
    std::chrono::milliseconds pending{0};  ///< it holds for so long before it fires
    std::chrono::milliseconds keep_firing{0};  ///< it does not hold for so long before it resolves
    std::vector<std::string> notify;           ///< receivers; empty: all

    std::string check = "*";     ///< a check's name
    std::string state = "down";  ///< of checks: down, degraded (or worse)
    std::string card = "*";
    std::optional<std::chrono::milliseconds> max_age;         ///< of cards; nothing: the card's own
    double days = 14;                                         ///< of certificates: fewer left
    std::string metric;                                       ///< a name of docs/metrics.md
    std::vector<std::pair<std::string, std::string>> labels;  ///< that its series must have
    std::optional<double> above, below;  ///< of metrics; errors: ratio; refusals: per second
    bool rate = false;                   ///< of metrics: change per second over `window`
    std::string route = "*";             ///< of errors, refusals
    std::chrono::milliseconds window{5 * 60'000};  ///< of errors, refusals, rates
    std::uint64_t min_requests = 20;               ///< of errors: in the window

    bool operator==(const AlertRule&) const = default;
};

struct AlertReceiver {
    std::string name;
    std::string kind;  ///< webhook, slack, email, exec
    std::string url;   ///< of webhook, slack: a secret; of email: smtp[s]://
    std::vector<std::pair<std::string, std::string>> headers;  ///< of webhook; secrets
    std::string secret;                                        ///< of webhook: signs the body
    bool allow_private = false;                                ///< addresses within
    std::string ca_file;
    std::string from, username, password;  ///< of email
    std::vector<std::string> to;           ///< of email
    std::vector<std::string> command;      ///< of exec
    std::chrono::milliseconds timeout{10'000};
    std::chrono::milliseconds repeat{4 * 3'600'000LL};  ///< told again while it fires; 0: never
    bool resolved = true;                               ///< told when it is over, too

    bool operator==(const AlertReceiver&) const = default;
};

/// A URL that is asked again and again for as long as all is well: who runs it tells when that
/// ends.
struct Heartbeat {
    std::string url;  ///< a secret; empty: none
    std::chrono::milliseconds every{60'000};
    bool allow_private = false;
    std::string ca_file;

    bool operator==(const Heartbeat&) const = default;
};

struct Alerts {
    std::map<std::string, AlertRule> rules;
    std::map<std::string, AlertReceiver> receivers;
    Heartbeat heartbeat;
    bool allow_exec = false;

    bool operator==(const Alerts&) const = default;
};

}  // namespace gatehouse::config
