#include "sidecar/config/checks.h"

#include <sys/un.h>

#include <algorithm>

#include "sidecar/base/suggest.h"
#include "sidecar/base/units.h"
#include "sidecar/config/build_card.h"
#include "sidecar/config/build_params.h"
#include "sidecar/config/build_step.h"
#include "sidecar/config/check_alerts.h"
#include "sidecar/config/check_append.h"
#include "sidecar/config/check_graph.h"
#include "sidecar/config/check_health.h"
#include "sidecar/config/check_history.h"
#include "sidecar/config/check_http.h"
#include "sidecar/config/check_reports.h"
#include "sidecar/config/envelope.h"
#include "sidecar/config/schema.h"

namespace gatehouse::config {

namespace {

constexpr Milliseconds shortest_interval{100};
constexpr std::uint64_t beside_engine = 256u << 20;
constexpr std::size_t longest_socket_path = sizeof(sockaddr_un::sun_path) - 1;

/// The member, else the node that lacks it: where a finding about a default belongs.
const Node& member_or_self(const Node& node, const char* name)
{
    const Node* member = find(&node, name);
    return member != nullptr ? *member : node;
}

/// Two paths that differ in the names of their parameters alone match the same requests.
std::string without_names(std::string_view path)
{
    std::string out;
    bool inside = false;
    for (const char c : path) {
        inside = inside && c != '}';
        out += inside ? "" : std::string(1, c);
        inside = inside || c == '{';
    }
    return out;
}

class ValueChecker {
public:
    ValueChecker(const Node& root, const Config& config, const LoadOptions& options,
                 Diagnostics& out)
        : root_(root), config_(config), options_(options), out_(out)
    {
        for (const auto& [name, source] : config.sources) {
            source_names_.push_back(name);
        }
        for (const auto& [name, card] : config.cards) {
            source_names_.push_back(name);
        }
    }

    void run()
    {
        check_socket("link", config_.link.socket);
        check_socket("control", config_.control.socket);
        check_socket("api", config_.api.socket);
        check_sockets_differ("link", config_.link.socket, "control", config_.control.socket);
        check_sockets_differ("link", config_.link.socket, "api", config_.api.socket);
        check_sockets_differ("control", config_.control.socket, "api", config_.api.socket);
        check_memory("board");
        check_memory("engine");
        check_process_memory();
        check_tokens();
        check_jwks();
        check_audit();
        each("sources", [this](const Node& node) { check_source(node); });
        each("cards", [this](const Node& node) { check_card(node); });
        check_history(root_, config_, out_);
        check_graph(root_, config_, out_);
        check_health(root_, config_, options_.check_profile, out_);
        check_alerts(root_, config_, out_);
        check_reports(root_, config_, out_);
    }

private:
    template <class Check>
    void each(const char* section, Check check)
    {
        const Node* node = find(&root_, section);
        if (node == nullptr || !node->is_object()) {
            return;
        }
        for (const Node* child : node->children) {
            if (child->is_object() && !out_.full()) {
                check(*child);
            }
        }
    }

    void check_socket(const char* section, const std::string& path)
    {
        if (path.size() > longest_socket_path) {
            error(out_, member_or_self(member_or_self(root_, section), "socket"), At::value,
                  "\"socket\": " + std::to_string(path.size()) +
                      " bytes; a socket's path has at most " + std::to_string(longest_socket_path));
        }
    }

    void check_sockets_differ(const std::string& one, const std::string& its, const char* other,
                              const std::string& others)
    {
        if (its == others) {
            error(out_, member_or_self(member_or_self(root_, other), "socket"), At::value,
                  one + " and " + other + " have the same socket");
        }
    }

    void check_memory(const char* section)
    {
        const Node* limit = find(find(&root_, section), "memory_limit");
        if (sidecar::parse_size(text_of(limit).value_or("1")) == 0u) {
            error(out_, *limit, At::value, "\"memory_limit\" must be more than 0");
        }
    }

    void check_process_memory()
    {
        const Node* limit = find(find(&root_, "engine"), "process_memory_limit");
        const std::uint64_t least = config_.engine.memory_limit + beside_engine;
        if (limit != nullptr && config_.engine.process_memory_limit < least) {
            error(out_, *limit, At::value,
                  "\"process_memory_limit\" must be at least " + sidecar::format_size(least) +
                      ": \"memory_limit\" and " + sidecar::format_size(beside_engine) +
                      " beside it");
        }
    }

    void check_tokens()
    {
        const Node* node = find(find(&root_, "identity"), "tokens");
        const auto& tokens = config_.identity.tokens;
        if (tokens.default_expiry.count() == 0) {
            error(out_, *find(node, "default_expiry"), At::value,
                  "\"default_expiry\" must be more than 0");
        }
        if (tokens.max_expiry && *tokens.max_expiry < tokens.default_expiry) {
            error(out_, *find(node, "max_expiry"), At::value,
                  "\"max_expiry\" is less than \"default_expiry\" (" +
                      sidecar::format_duration(tokens.default_expiry) + ')');
        }
    }

    void check_jwks()
    {
        const Node* sets = find(find(&root_, "identity"), "jwks");
        for (const auto& [name, set] : config_.identity.jwks) {
            const Node* node = find(sets, name.c_str());
            if (set.max_interval < set.min_interval) {
                const Node* interval = find(node, "max_interval");
                error(out_, interval != nullptr ? *interval : *find(node, "min_interval"),
                      At::value, "\"max_interval\" is less than \"min_interval\"");
            }
            if (set.url.starts_with("http://") && !set.allow_private) {
                error(out_, *find(node, "url"), At::value,
                      "keys that come by http:// may be anybody's: use https://, or say "
                      "\"allow_private\": true for a server on this machine or in a network of "
                      "your own");
            }
        }
    }

    void check_audit()
    {
        const Node* syslog = find(find(&root_, "audit"), "syslog");
        if (syslog != nullptr && !config_.audit.file.empty()) {
            error(out_, *syslog, At::key,
                  "\"file\" and \"syslog\" exclude each other: the audit log is in one place");
        }
    }

    void check_source(const Node& node)
    {
        const Node* types = find(&node, "types");
        if (types != nullptr && find(&node, "columns") != nullptr) {
            warning(out_, *types, At::key, "\"types\" has no effect: \"columns\" gives every type");
        }
        if (const auto& source = config_.sources.at(node.name); source.kind == "http") {
            check_http_source(node, source, out_);
        } else if (source.csv.append) {
            check_append(node, source, out_);
        } else if (source.kind == "history") {
            check_history_source(node, config_, out_);
        }
        if (config_.sources.at(node.name).runs && config_.state.path.empty() &&
            config_.state.url.empty()) {
            error(out_, *find(&node, "runs"), At::key,
                  "runs need a place to be kept: set \"path\" or \"url\" of \"state\"");
        }
        const Node* query = find(&node, "query");
        if (query != nullptr && find(&node, "table") != nullptr) {
            error(out_, *query, At::key,
                  "\"table\" and \"query\" exclude each other: each says what the source's own "
                  "name stands for");
        }
    }

    /// A change in PostgreSQL is seen only where it is told of.
    void check_can_follow(const Node& node, const Card& card)
    {
        if (!std::holds_alternative<OnChange>(card.refresh)) {
            return;
        }
        for (const std::string& name : card.sources) {
            const auto source = config_.sources.find(name);
            if (source != config_.sources.end() && source->second.kind == "postgres" &&
                source->second.database.notify.empty()) {
                error(out_, member_or_self(node, "refresh"), At::key,
                      "nothing tells of changes in source " + in_quotes(name) +
                          ": give the source a \"notify\" channel, or the card a \"refresh\" such "
                          "as \"1m\"");
            }
        }
    }

    void check_card(const Node& node)
    {
        const Card& card = config_.cards.at(node.name);
        check_path(node, card);
        check_sources(node);
        check_envelope(node, out_);
        check_can_follow(node, card);
        check_times(node, card);
        check_steps(node);
        check_requests(node, card, out_);
        check_run(node, card);
    }

    void check_run(const Node& node, const Card& card)
    {
        const Node* run = find(&node, "run");
        const bool known =
            std::any_of(card.params.begin(), card.params.end(), [&](const auto& one) {
                return one.name == card.run && one.type == sidecar::ParameterType::integer;
            });
        if (run != nullptr && !known) {
            error(out_, *run, At::value,
                  "\"run\": " + describe(*run) + " is no integer among the card's \"params\"");
        }
    }

    void check_path(const Node& node, const Card& card)
    {
        const Node* path = find(&node, "path");
        if (card.path.empty() || path == nullptr) {
            return;
        }
        const auto [at, is_new] = paths_.emplace(without_names(card.path), path);
        if (!is_new) {
            error(out_, *path, At::value,
                  "\"path\": " + describe(*path) + " is the path of card " +
                      in_quotes(at->second->parent->name) + " too (" + place_of(*at->second) + ')');
        }
    }

    void check_sources(const Node& node)
    {
        const Node* list = find(&node, "sources");
        if (list == nullptr || !list->is_array()) {
            return;
        }
        for (const Node* item : list->children) {
            const auto name = text_of(item);
            if (name && !config_.sources.contains(*name) && !config_.cards.contains(*name)) {
                const auto near = sidecar::did_you_mean(*name, source_names_);
                error(out_, *item, At::value,
                      "\"sources\": no source or card named " + describe(*item),
                      near && !item->secret ? "did you mean " + in_quotes(*near) + '?' : "");
            }
        }
    }

    void check_steps(const Node& node) { check_steps_in(find(&node, "steps")); }

    void check_steps_in(const Node* list)
    {
        if (!options_.check_step || list == nullptr || !list->is_array()) {
            return;
        }
        for (const Node* item : list->children) {
            const auto step = step_of(*item);
            if (!step || has_finding(*item)) {
                continue;
            }
            if (step->name == "parts") {
                // Each step of a branch is reported at its own place.
                for (const Node* branch : item->children.front()->children) {
                    check_steps_in(branch);
                }
            } else if (const Result<void> checked = options_.check_step(*step); !checked) {
                error(out_, *item->children.front(), At::key, checked.error().message);
            }
        }
    }

    /// Whether the schema has found fault with the node or anything in it.
    bool has_finding(const Node& node) const
    {
        const std::string pointer = pointer_of(node);
        return std::any_of(out_.list.begin(), out_.list.end(), [&](const Diagnostic& found) {
            return found.pointer == pointer || found.pointer.starts_with(pointer + '/');
        });
    }

    void check_times(const Node& node, const Card& card)
    {
        const auto* every = std::get_if<Every>(&card.refresh);
        const auto wait = longest_wait(card.refresh);
        const Node* max_age = find(&node, "max_age");
        if (every != nullptr && every->interval < shortest_interval) {
            error(out_, *find(&node, "refresh"), At::value,
                  "\"refresh\" must be at least " + sidecar::format_duration(shortest_interval));
        }
        must_be_positive(max_age, card.max_age);
        must_be_positive(find(&node, "timeout"), card.timeout);
        if (wait && max_age != nullptr && card.max_age < *wait) {
            warning(out_, *max_age, At::value,
                    "\"max_age\" is less than the wait between two refreshes, " +
                        sidecar::format_duration(*wait) + ": the card is stale in between");
        }
    }

    void must_be_positive(const Node* node, Milliseconds value)
    {
        if (node != nullptr && value <= Milliseconds{0}) {
            error(out_, *node, At::value, label_of(*node) + " must be more than 0s");
        }
    }

    const Node& root_;
    const Config& config_;
    const LoadOptions& options_;
    Diagnostics& out_;
    std::vector<std::string> source_names_;
    std::map<std::string, const Node*> paths_;
};

}  // namespace

void check_values(const Node& root, const Config& config, const LoadOptions& options,
                  Diagnostics& out)
{
    ValueChecker(root, config, options, out).run();
}

}  // namespace gatehouse::config
