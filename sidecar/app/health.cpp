// Checks of what the daemon itself holds, and where the results go: Daemon::open_health.
#include <algorithm>

#include "sidecar/app/daemon.h"
#include "sidecar/base/clock.h"
#include "sidecar/base/log.h"
#include "sidecar/base/time_text.h"
#include "sidecar/base/units.h"
#include "sidecar/databases/database.h"

namespace gatehouse::app {

namespace log = sidecar::log;
using checks::Measurement;

namespace {

using std::chrono::milliseconds;

/// SQLite's own, whose only row is "ok" where all is well.
constexpr const char* integrity_sql = "pragma quick_check(1)";

/// So many heartbeats of the link a worker may miss.
constexpr int missed_beats = 5;

/// A source as a check needs one, which no card reads.
config::Source source_of(const config::Check& check)
{
    config::Source source;
    source.name = check.name;
    source.kind = check.kind;
    source.database.url = check.url;
    source.database.pool_size = 1;
    source.database.max_overflow = 0;
    source.database.application_name = "gatehouse-check";
    source.database.connect_timeout = check.timeout;
    source.database.pool_timeout = check.timeout;
    if (!check.path.empty()) {
        source.paths = {check.path};
    }
    return source;
}

bool is_ok(const sidecar::Table& table)
{
    return table.rows() == 1 && table.columns().front().type.id == sidecar::TypeId::text &&
           table.vector(0).cell<sidecar::Text>(table.position(0)).view() == "ok";
}

Measurement of_database(databases::Database& database, const config::Check& check)
{
    const auto deadline = databases::Clock::now() + check.timeout;
    const auto asked =
        database.query(check.integrity ? integrity_sql : "select 1", {}, {deadline, 10, 1 << 20});
    Measurement found = asked ? Measurement{} : checks::down(asked.error().message);
    const auto& pool = database.status().pool;
    found.facts = {{"pool_size", std::to_string(pool.size)},
                   {"pool_in_use", std::to_string(pool.in_use)},
                   {"pool_idle", std::to_string(pool.idle)},
                   {"pool_waiting", std::to_string(pool.waiting)}};
    if (asked && check.integrity && !is_ok(*asked)) {
        found = checks::down("its integrity is lost: restore it from a backup");
    }
    return found;
}

/// How one card stands: what a check of it would say.
Measurement of_card(const config::Card& card, const sidecar::CardReport& report,
                    const sidecar::HeldCard* held, const config::Check& check)
{
    if (held == nullptr) {
        return checks::down(report.error.empty() ? "it is not computed yet" : report.error);
    }
    const milliseconds age{sidecar::unix_ms() - held->verified_at_ms};
    if (age > check.max_age.value_or(card.max_age)) {
        return checks::down("it was verified " + sidecar::format_duration(age) + " ago" +
                            (report.error.empty() ? "" : ": " + report.error));
    }
    if (report.rows < check.min_rows) {
        return checks::down("it has " + std::to_string(report.rows) + " rows, less than " +
                            std::to_string(check.min_rows));
    }
    return {};
}

}  // namespace

Measurement Daemon::look_at_cards(const config::Check& check) const
{
    Measurement found;
    std::uint64_t rows = 0;
    std::int64_t updated_ms = 0;
    for (const auto& report : card_reports()) {
        if (check.card != "*" && report.name != check.card) {
            continue;
        }
        const auto held = store_.cards().find(report.name);
        const auto* snapshot = held == store_.cards().end() ? nullptr : &held->second;
        auto one = of_card(config().cards.at(report.name), report, snapshot, check);
        if (one.state > found.state) {
            found = checks::down("card \"" + report.name + "\": " + one.message);
        }
        rows += report.rows;
        updated_ms = std::max(
            updated_ms, snapshot != nullptr ? snapshot->snapshot->view().computed_at_ms() : 0);
    }
    found.value = static_cast<double>(rows);
    found.unit = "rows";
    found.facts = {
        {"rows", std::to_string(rows)},
        {"last_updated", updated_ms == 0 ? "null" : '"' + sidecar::utc_text(updated_ms) + '"'}};
    return found;
}

/// A worker that hangs keeps its connection: what tells is that it reads no beat.
Measurement Daemon::look_at_edge(const config::Check& check) const
{
    const auto workers = link_->report();
    const auto silent = static_cast<std::size_t>(
        std::count_if(workers.begin(), workers.end(), [](const auto& worker) {
            return worker.report.silent_ms > missed_beats * link::beat_interval_ms;
        }));
    const auto alive = workers.size() - silent;
    Measurement found;
    if (alive < check.min_workers) {
        found = checks::down(std::to_string(alive) + " workers of nginx are connected, less than " +
                             std::to_string(check.min_workers) +
                             (silent == 0 ? std::string{}
                                          : "; " + std::to_string(silent) +
                                                " more have not heard a heartbeat for " +
                                                std::to_string(missed_beats) + "s: they hang"));
    }
    found.value = static_cast<double>(alive);
    found.unit = "workers";
    return found;
}

Measurement Daemon::look_at_cache(const config::Check& check) const
{
    for (const auto& cache : setup_->executors.caching->store.states()) {
        if (cache.name != check.source) {
            continue;
        }
        auto found = cache.warm
                         ? Measurement{}
                         : checks::degraded(cache.error.empty() ? "it is on its way" : cache.error);
        found.facts = {{"exists", cache.exists ? "true" : "false"},
                       {"size_bytes", std::to_string(cache.size_bytes)},
                       {"warm", cache.warm ? "true" : "false"}};
        return found;
    }
    return checks::down("there is none yet");
}

void Daemon::open_health()
{
    const auto publish = [this](std::string_view name, const health::TableSpec& spec,
                                sidecar::TableStore::Keep keep) {
        auto memory = health::build_table(spec);
        if (!memory) {
            log::error("health not published", {{"error", memory.error().message},
                                                {"now", "nginx answers as it did before"}});
            return;
        }
        tables_->publish({std::string{name}, generations_->next(),
                          std::make_shared<const SealedMemory>(std::move(*memory))},
                         keep);
    };
    checks::Ports ports{
        loop_,
        [this](const config::Check& check) {
            return check.kind == "edge"    ? look_at_edge(check)
                   : check.kind == "cache" ? look_at_cache(check)
                                           : look_at_cards(check);
        },
        [this](const config::Check& check) {
            const auto database = check_databases_.of(check.name);
            return database ? of_database(*database, check)
                            : checks::down("source \"" + check.source + "\" is not open");
        },
        [publish](const health::TableSpec& now) {
            publish(health::table_name, now, sidecar::TableStore::Keep::in_memory);
        },
        [publish](const health::TableSpec& away) {
            publish(health::away_table_name, away, sidecar::TableStore::Keep::on_disk);
        },
        [this] { return checks_of_upstreams(); },
        [this](const checks::CheckReport& report) { remember(report); },
        tables_->last_good(std::string{health::away_table_name}).has_value()};
    checks_ = std::make_unique<checks::Agent>(std::move(ports));
}

void Daemon::configure_health()
{
    Databases databases;
    for (const auto& [name, check] : config().checks) {
        const auto source = setup_->executors.databases.find(check.source);
        if (source != setup_->executors.databases.end()) {
            databases[name] = source->second;
        } else if (databases::is_database(check.kind)) {
            databases[name] = databases::open(source_of(check), {});
        }
    }
    check_databases_.set(std::move(databases));
    checks_->configure(
        config().checks, config().health,
        config().health.app_version.empty() ? GATEHOUSE_VERSION : config().health.app_version);
}

}  // namespace gatehouse::app
