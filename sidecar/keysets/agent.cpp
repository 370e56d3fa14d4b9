#include "sidecar/keysets/agent.h"

#include <algorithm>
#include <utility>

#include "sidecar/base/log.h"
#include "src/auth/fetched_keyset.h"
#include "src/auth/keyset.h"

namespace gatehouse::sidecar {

namespace {

constexpr long status_ok = 200;
constexpr long status_not_modified = 304;

std::string table_of(const std::string& name)
{
    return std::string{auth::keyset_table_prefix} + name;
}

}  // namespace

struct KeysetAgent::Set {
    Set(Loop& loop, KeysetSource from) : source(std::move(from)), timer(loop) {}

    KeysetSource source;
    Timer timer;
    std::string json;  ///< the last good one
    std::size_t keys = 0;
    std::string etag, last_modified;  ///< of it
    std::int64_t fetched_at_ms = 0;
    std::int64_t next_ms = 0;
    std::optional<std::int64_t> started_steady_ms;  ///< of the last fetch
    bool fetching = false;
    bool settled = false;
    unsigned failures_in_a_row = 0;
    std::uint64_t fetches = 0;
    std::uint64_t failures = 0;
    std::string error;
};

KeysetAgent::KeysetAgent(Ports ports) : ports_(std::move(ports)) {}
KeysetAgent::~KeysetAgent() = default;

void KeysetAgent::configure(const std::vector<KeysetSource>& sources)
{
    std::map<std::string, std::shared_ptr<Set>> next;
    for (const auto& source : sources) {
        const auto known = sets_.find(source.name);
        if (known != sets_.end() && known->second->source == source) {
            next.emplace(source.name, known->second);
            continue;
        }
        auto set = std::make_shared<Set>(ports_.loop, source);
        if (known != sets_.end()) {
            set->fetches = known->second->fetches;
            set->failures = known->second->failures;
        }
        start_from_last_good(*set);
        next.emplace(source.name, set);
        fetch(set);
    }
    sets_ = std::move(next);
}

void KeysetAgent::start_from_last_good(Set& set)
{
    const auto bytes = ports_.last_good(table_of(set.source.name));
    const auto held = auth::read_fetched_keyset(bytes);
    const auto parsed = held.json.empty()
                            ? Result<auth::ParsedKeyset>{Error{"none"}}
                            : auth::parse_keyset(held.json, auth::KeysetOrigin::fetched);
    if (!parsed) {
        return;
    }
    set.json = held.json;
    set.keys = parsed->keyset.keys().size();
    set.fetched_at_ms = held.fetched_at_s * 1000;
    set.settled = true;
    ports_.publish(table_of(set.source.name), bytes);
}

void KeysetAgent::wanted(const std::string& table)
{
    const std::string_view prefix = auth::keyset_table_prefix;
    const auto found =
        table.starts_with(prefix) ? sets_.find(table.substr(prefix.size())) : sets_.end();
    if (found == sets_.end()) {
        return;
    }
    const auto& set = found->second;
    const auto now = ports_.clocks().steady_ms;
    if (!set->fetching && now - set->started_steady_ms.value_or(now) >= wanted_interval_ms) {
        fetch(set);
    }
}

void KeysetAgent::fetch(const std::shared_ptr<Set>& set)
{
    set->timer.cancel();
    set->fetching = true;
    set->started_steady_ms = ports_.clocks().steady_ms;  // before it: failures count as well
    ++set->fetches;
    const auto& source = set->source;
    const FetchRequest request{.url = source.url,
                               .accept = "application/jwk-set+json, application/json",
                               .etag = set->etag,
                               .last_modified = set->last_modified,
                               .ca_file = source.ca_file,
                               .reach = source.reach,
                               .timeout = source.timeout,
                               .largest_body = auth::max_keyset_bytes};
    ports_.pool.submit([this, request, held = std::weak_ptr{set}, fetch = ports_.fetch] {
        ports_.loop.post([this, held, fetched = fetch(request)] {
            if (const auto still = held.lock()) {
                take(*still, fetched);
                const auto wait_ms = still->next_ms - ports_.clocks().unix_ms;
                wait(still, std::max<std::int64_t>(wait_ms, 0));
                ports_.settled();
            }
        });
    });
}

void KeysetAgent::wait(const std::shared_ptr<Set>& set, std::int64_t ms)
{
    set->timer.start(std::chrono::milliseconds{ms}, [this, held = std::weak_ptr{set}] {
        if (const auto still = held.lock()) {
            fetch(still);
        }
    });
}

void KeysetAgent::take(Set& set, const Result<Fetched>& fetched)
{
    set.fetching = false;
    set.settled = true;
    const auto flaw = fetched ? use(set, *fetched) : fetched.error().message;
    if (flaw) {
        fail(set, *flaw);
        return;
    }
    const auto now = ports_.clocks().unix_ms;
    set.error.clear();
    set.failures_in_a_row = 0;
    set.fetched_at_ms = now;
    set.next_ms = now + fresh_for_ms(fetched->cache_control, fetched->age, set.source.bounds);
    repeats_.forget(set.source.name);
    ports_.publish(table_of(set.source.name), auth::fetched_keyset_bytes(now / 1000, set.json));
}

/// Keeps the answer's set. What is wrong with it, or nothing.
std::optional<std::string> KeysetAgent::use(Set& set, const Fetched& fetched)
{
    if (fetched.status == status_not_modified && !set.json.empty()) {
        return std::nullopt;
    }
    if (fetched.status != status_ok) {
        return "the answer has the status " + std::to_string(fetched.status);
    }
    auto parsed = auth::parse_keyset(fetched.body, auth::KeysetOrigin::fetched);
    if (!parsed) {
        return parsed.error().message;
    }
    for (const auto& warning : parsed->warnings) {
        log::warning("key left out", {{"keyset", set.source.name}, {"reason", warning}});
    }
    set.json = fetched.body;
    set.keys = parsed->keyset.keys().size();
    set.etag = fetched.etag;
    set.last_modified = fetched.last_modified;
    log::info("key set fetched", {{"keyset", set.source.name}, {"keys", set.keys}});
    return std::nullopt;
}

void KeysetAgent::fail(Set& set, const std::string& why)
{
    set.error = why;
    ++set.failures;
    set.next_ms = ports_.clocks().unix_ms + retry_after_ms(++set.failures_in_a_row);
    if (repeats_.worth_saying(set.source.name, why, ports_.clocks().steady_ms)) {
        log::error("key set not fetched",
                   {{"keyset", set.source.name},
                    {"error", why},
                    {"now", set.json.empty() ? "tokens of its keys are refused; trying again"
                                             : "the last good one stays for a day; trying again"}});
    }
}

bool KeysetAgent::has_settled() const
{
    return std::all_of(sets_.begin(), sets_.end(),
                       [](const auto& entry) { return entry.second->settled; });
}

std::string KeysetAgent::held(const std::string& name) const
{
    const auto found = sets_.find(name);
    return found == sets_.end() ? std::string{} : found->second->json;
}

std::vector<KeysetReport> KeysetAgent::report() const
{
    std::vector<KeysetReport> reports;
    for (const auto& [name, set] : sets_) {
        reports.push_back({name, set->keys, set->fetched_at_ms, set->next_ms, set->fetches,
                           set->failures, set->error});
    }
    return reports;
}

}  // namespace gatehouse::sidecar
