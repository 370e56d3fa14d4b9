// What workers need for their guards, beside the cards: tokens, key sets, the key that signs,
// databases of networks. Each agent makes its tables, and the daemon hands them on.
#include <sys/random.h>

#include <cstring>

#include "sidecar/app/daemon.h"
#include "sidecar/base/clock.h"
#include "sidecar/base/log.h"
#include "src/auth/identity_claims.h"

namespace gatehouse::app {

namespace log = sidecar::log;

namespace {

std::string_view text_of(const SealedMemory& memory)
{
    const auto bytes = memory.bytes();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

void Daemon::publish_table(const std::string& name, std::string_view bytes,
                           sidecar::TableStore::Keep keep)
{
    auto memory =
        SealedMemory::create("gatehouse-table", bytes.size(), [&](auto out) -> Result<void> {
            std::memcpy(out.data(), bytes.data(), bytes.size());
            return {};
        });
    if (!memory) {
        log::error("table not made", {{"table", name},
                                      {"error", memory.error().message},
                                      {"now", "workers go on with the one before"}});
        return;
    }
    tables_->publish(
        {name, generations_->next(), std::make_shared<const SealedMemory>(std::move(*memory))},
        keep);
}

void Daemon::open_tokens()
{
    if (config().state.path.empty()) {
        return;
    }
    identity::TokenPorts ports{loop_,
                               [this](const std::string& name, identity::Table table) {
                                   tables_->publish({name, generations_->next(), std::move(table)},
                                                    sidecar::TableStore::Keep::on_disk);
                               },
                               [this](const std::string& name) {
                                   auto table = tables_->last_good(name);
                                   return table ? std::move(table->memory) : nullptr;
                               },
                               [this] { link_->check_complete(); }};
    tokens_ = std::make_unique<identity::TokenAgent>(std::move(ports), config().state.path,
                                                     config().identity.tokens);
    tokens_->start();
}

void Daemon::open_geoip()
{
    geoip_ = std::make_unique<geoip::Agent>(
        geoip::Ports{loop_,
                     [this] {
                         std::vector<std::string> hellos;
                         for (auto& worker : link_->report()) {
                             hellos.push_back(std::move(worker.report.hello.geoip));
                         }
                         return hellos;
                     },
                     [this](const std::string& name, geoip::Table table) {
                         tables_->publish({name, generations_->next(), std::move(table)},
                                          sidecar::TableStore::Keep::in_memory);
                     },
                     [this](const std::string& name) { tables_->drop(name); }});
    geoip_->start();
}

std::vector<board::Table> Daemon::tables_offered() const
{
    auto tables = tables_->tables();
    std::erase_if(tables, [this](const board::Table& table) {
        return geoip_ && !geoip_->offers(table.name);
    });
    return tables;
}

/// Made once, and kept beside the board: apps go on believing what was signed before a restart.
void Daemon::open_signing_key()
{
    const std::string name{auth::identity_key_table};
    const auto kept = tables_->last_good(name);
    const auto opened = signing_keys_.open(kept ? text_of(*kept->memory) : std::string_view{},
                                           sidecar::unix_ms() / 1000);
    if (!opened) {
        log::error("no signing key",
                   {{"error", opened.error().message}, {"now", "$gate_identity is empty"}});
    }
}

/// To the workers, which sign; and what they sign is believed here.
void Daemon::on_signing_keys(const std::string& table)
{
    publish_table(std::string{auth::identity_key_table}, table);
    const auto keys = auth::parse_identity_keys(table);
    const auto shown =
        keys ? keys->shown(sidecar::unix_ms() / 1000) : std::vector<std::string_view>{};
    if (auto check = api::IdentityCheck::of_seeds(shown)) {
        identity_check_ = std::make_unique<api::IdentityCheck>(std::move(*check));
    }
}

/// Another one after each start: what was permitted before is no longer good, and no file has it.
void Daemon::open_explain_key()
{
    std::string key(auth::ExplainKey::bytes, '\0');
    if (::getrandom(key.data(), key.size(), 0) != static_cast<ssize_t>(key.size())) {
        log::error("no key for explain", {{"error", "the system has no randomness"},
                                          {"now", "gatehousectl explain is refused"}});
        return;
    }
    explain_key_.emplace(key);
    publish_table(std::string{auth::ExplainKey::table}, explain_key_->table_bytes(),
                  sidecar::TableStore::Keep::in_memory);
}

void Daemon::configure_keysets()
{
    if (!keysets_) {
        keysets_ = std::make_unique<sidecar::KeysetAgent>(sidecar::KeysetAgent::Ports{
            loop_, fetches_,
            [this](const std::string& name, const std::string& bytes) {
                publish_table(name, bytes);
            },
            [this](const std::string& name) {
                const auto table = tables_->last_good(name);
                return table ? std::string{text_of(*table->memory)} : std::string{};
            },
            [this] { link_->check_complete(); }, sidecar::fetch});
    }
    std::vector<sidecar::KeysetSource> sources;
    for (const auto& [name, set] : config().identity.jwks) {
        sources.push_back({name,
                           set.url,
                           set.ca_file,
                           set.allow_private ? sidecar::Reach::anywhere : sidecar::Reach::internet,
                           set.timeout,
                           {.least_ms = set.min_interval.count(),
                            .most_ms = set.max_interval.count(),
                            .usual_ms = sidecar::FreshBounds{}.usual_ms}});
    }
    keysets_->configure(sources);
}

}  // namespace gatehouse::app
