#include "sidecar/config/check_health.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "sidecar/base/suggest.h"
#include "sidecar/base/units.h"
#include "sidecar/config/schema.h"

namespace gatehouse::config {

namespace {

constexpr Milliseconds shortest_interval{1000};

template <class Values>
std::vector<std::string> names_in(const Values& values)
{
    std::vector<std::string> names;
    names.reserve(values.size());
    for (const auto& [name, value] : values) {
        names.push_back(name);
    }
    return names;
}

class HealthChecker {
public:
    HealthChecker(const Node& node, const Config& config, Diagnostics& out)
        : node_(node), config_(config), check_(config.checks.at(node.name)), out_(out)
    {
    }

    void run()
    {
        check_times();
        check_address();
        check_source();
        check_card();
        check_limits();
        check_dependencies();
        if (check_.kind == "process") {
            one_of("pid_file", "process");
        } else if (check_.kind == "exec") {
            check_command();
        }
    }

private:
    const Node* member(const char* key) const { return find(&node_, key); }

    void complain(const char* key, const std::string& message, const std::string& hint = {})
    {
        const Node* value = member(key);
        error(out_, value != nullptr ? *value : node_, value != nullptr ? At::value : At::key,
              message, hint);
    }

    void check_times()
    {
        if (check_.interval < shortest_interval) {
            complain("interval", "\"interval\" must be at least " +
                                     sidecar::format_duration(shortest_interval));
        }
        if (check_.timeout <= Milliseconds{0}) {
            complain("timeout", "\"timeout\" must be more than 0s");
        }
        if (check_.warn_after && check_.fail_after && *check_.fail_after < *check_.warn_after) {
            complain("fail_after", "\"fail_after\" is less than \"warn_after\"");
        }
        for (const auto& window : check_.maintenance) {
            if (window.duration <= Milliseconds{0}) {
                complain("maintenance", "\"for\" must be more than 0s");
            }
        }
    }

    void check_address()
    {
        const auto& address = check_.address;
        unsigned port = 0;
        const auto colon = address.rfind(':');
        if (colon != address.npos) {
            std::from_chars(address.data() + colon + 1, address.data() + address.size(), port);
        }
        if (colon != address.npos && (port == 0 || port > 65535)) {
            complain("address", "\"address\": the port must be 1 to 65535");
        }
    }

    void one_of(const char* one, const char* other)
    {
        if ((member(one) == nullptr) == (member(other) == nullptr)) {
            error(out_, node_, At::key,
                  label_of(node_) + " needs either \"" + one + "\" or \"" + other + '"');
        }
    }

    void check_source()
    {
        const bool database = check_.kind == "postgres" || check_.kind == "sqlite";
        if (database) {
            one_of("source", check_.kind == "postgres" ? "url" : "path");
        }
        const auto source = config_.sources.find(check_.source);
        if (check_.source.empty()) {
            return;
        }
        if (source == config_.sources.end()) {
            unknown("source", "source", check_.source, names_in(config_.sources));
        } else if (check_.kind == "cache" && !source->second.cache) {
            complain("source", "\"source\": " + in_quotes(check_.source) +
                                   " has no cache: give it \"cache\": true");
        } else if (database && source->second.kind != check_.kind) {
            complain("source", "\"source\": " + in_quotes(check_.source) + " is of kind " +
                                   source->second.kind + ", not " + check_.kind);
        }
    }

    void unknown(const char* key, const char* what, const std::string& name,
                 const std::vector<std::string>& known)
    {
        const auto near = sidecar::did_you_mean(name, known);
        complain(key, "there is no " + std::string{what} + " " + in_quotes(name),
                 near ? "did you mean " + in_quotes(*near) + '?' : "");
    }

    void check_card()
    {
        if (check_.kind != "card" || check_.card == "*" || check_.card.empty()) {
            return;
        }
        const auto card = config_.cards.find(check_.card);
        if (card == config_.cards.end()) {
            unknown("card", "card", check_.card, names_in(config_.cards));
        } else if (card->second.on_demand()) {
            complain("card", "\"card\": " + in_quotes(check_.card) +
                                 " is computed when somebody asks, and so never late");
        }
    }

    void check_limits()
    {
        if (!check_.warn || !check_.fail) {
            return;
        }
        if (check_.kind == "tls" && *check_.fail > *check_.warn) {
            complain("fail", "\"fail\" is more than \"warn\": days are counted down");
        } else if (check_.kind != "tls" && *check_.fail < *check_.warn) {
            complain("fail", "\"fail\" is less than \"warn\"");
        }
    }

    void check_dependencies()
    {
        for (const auto& name : check_.depends_on) {
            const auto found = config_.checks.find(name);
            if (found == config_.checks.end()) {
                unknown("depends_on", "check", name, names_in(config_.checks));
            } else if (weight(found->second) < weight(check_)) {
                const Node* value = member("depends_on");
                warning(out_, *value, At::value,
                        label_of(node_) + " is " + check_.severity + " and waits for \"" + name +
                            "\", which is " + found->second.severity +
                            ": while that is down, this one does not count");
            }
        }
        std::set<std::string> seen;
        if (reaches(check_, check_.name, seen)) {
            complain("depends_on", label_of(node_) + " depends on itself");
        }
    }

    static int weight(const Check& check) noexcept
    {
        return check.severity == "critical" ? 2 : check.severity == "degrading" ? 1 : 0;
    }

    /// Whether `from` depends on the check of that name, perhaps by way of others.
    bool reaches(const Check& from, const std::string& name, std::set<std::string>& seen) const
    {
        return std::any_of(
            from.depends_on.begin(), from.depends_on.end(), [&](const std::string& next) {
                const auto check = config_.checks.find(next);
                return next == name || (check != config_.checks.end() && seen.insert(next).second &&
                                        reaches(check->second, name, seen));
            });
    }

    void check_command()
    {
        if (!config_.health.allow_exec) {
            complain("kind", "checks of kind exec are off: set \"allow_exec\": true in \"health\"");
        }
        if (!check_.command.empty() && check_.command.front().front() != '/') {
            complain("command", "\"command\": the program must be an absolute path");
        }
    }

    const Node& node_;
    const Config& config_;
    const Check& check_;
    Diagnostics& out_;
};

}  // namespace

void check_health(const Node& root, const Config& config, const ProfileCheck& check_profile,
                  Diagnostics& out)
{
    const Node* checks = find(&root, "checks");
    for (const Node* node : checks != nullptr ? checks->children : decltype(checks->children){}) {
        if (node->is_object() && !out.full()) {
            HealthChecker{*node, config, out}.run();
        }
    }
    const Node* profiles = find(find(&root, "health"), "profiles");
    for (const auto& [name, text] : config.health.profiles) {
        const auto checked = check_profile ? check_profile(text) : Result<void>{};
        if (!checked) {
            error(out, *find(profiles, name), At::key,
                  "profile " + in_quotes(name) + ": " + checked.error().message);
        }
    }
}

}  // namespace gatehouse::config
