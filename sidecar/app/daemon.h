// gatehoused as it serves: owns the agents, wires each one's ways out to the others' ways in, and
// carries out signals.
//
// Thread safety: none; run() is called once, from main.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sidecar/alerts/agent.h"
#include "sidecar/api/identity_check.h"
#include "sidecar/api/server.h"
#include "sidecar/app/check_databases.h"
#include "sidecar/app/import.h"
#include "sidecar/app/options.h"
#include "sidecar/app/own_metrics.h"
#include "sidecar/app/produce.h"
#include "sidecar/app/progress_log.h"
#include "sidecar/app/source_reads.h"
#include "sidecar/audit/agent.h"
#include "sidecar/base/lanes.h"
#include "sidecar/base/loop.h"
#include "sidecar/base/pool.h"
#include "sidecar/base/process_figures.h"
#include "sidecar/base/resource.h"
#include "sidecar/board/archive_file.h"
#include "sidecar/board/store.h"
#include "sidecar/board/table_store.h"
#include "sidecar/cards/agent.h"
#include "sidecar/cards/source_watch.h"
#include "sidecar/config/diagnostics.h"
#include "sidecar/control/server.h"
#include "sidecar/datasets/agent.h"
#include "sidecar/documents/agent.h"
#include "sidecar/geoip/agent.h"
#include "sidecar/health/agent.h"
#include "sidecar/history/agent.h"
#include "sidecar/identity/signing_keys.h"
#include "sidecar/identity/token_agent.h"
#include "sidecar/keysets/agent.h"
#include "sidecar/link/server.h"
#include "sidecar/on_demand/front.h"
#include "sidecar/sentry/agent.h"
#include "sidecar/upstreams/agent.h"
#include "src/auth/explain_permission.h"
#include "src/auth/identity_claims.h"
#include "src/telemetry/sidecar_metrics.h"

namespace gatehouse::app {

/// What became of a reload.
struct ReloadVerdict {
    bool applied = false;
    config::Diagnostics diagnostics;
    std::size_t changed = 0, added = 0, removed = 0, unchanged = 0;  ///< cards
};

class Daemon {
public:
    using ReloadWaiter = std::function<void(const ReloadVerdict&)>;

    Daemon(Options options, config::Config config);
    ~Daemon();

    /// Serves until told to stop; returns the exit status.
    int run();

private:
    struct Loaded;

    Result<void> start();
    Result<void> open_board();
    Result<void> open_link();
    void open_tokens();
    void open_geoip();
    void configure_log();
    bool flush_reports();
    void open_upstreams();
    std::vector<checks::CheckReport> checks_of_upstreams() const;
    std::vector<board::Table> tables_offered() const;
    Result<void> open_api();
    void configure_datasets();
    void open_signing_key();
    void open_on_demand();
    on_demand::Reply held_answer(const config::Card& card) const;
    std::vector<api::Route> catalogue_routes();
    std::string catalogue_document() const;
    std::string openapi_document() const;
    void configure_on_demand(const std::set<std::string>& changed);
    void on_signing_keys(const std::string& table);
    telemetry::SidecarMetrics metrics() const;
    std::vector<sidecar::CardReport> card_reports() const;
    void publish_metrics();
    void open_explain_key();
    void publish_table(const std::string& name, std::string_view bytes,
                       sidecar::TableStore::Keep keep = sidecar::TableStore::Keep::on_disk);
    void configure_keysets();
    void open_health();
    void configure_health();
    checks::Measurement look_at_cards(const config::Check& check) const;
    checks::Measurement look_at_edge(const config::Check& check) const;
    checks::Measurement look_at_cache(const config::Check& check) const;
    void open_history();
    void remember(const checks::CheckReport& report);
    void look_at_history();
    void open_alerts();
    alerts::World world_of_alerts(const alerts::MetricNames& wanted) const;
    void add_alert_metrics(telemetry::SidecarMetrics& to) const;
    void open_documents();
    void configure_documents();
    void configure_caches(const config::Config* before = nullptr);
    void refresh_cache(const config::Source& source);
    void tell_of_change(const std::string& source);
    void await_sources();
    void look_at_caches();
    std::vector<sidecar::CacheState> cache_states(
        const std::vector<caches::Progress::Work>& works) const;
    void on_signal(int number);
    void beat();
    void feed_watchdog();
    void tell_manager();

    void on_board_change(sidecar::BoardStore::Change change, const std::string& card,
                         const sidecar::HeldCard& held);
    std::vector<sidecar::Offer> offers() const;
    bool complete() const;
    void keep_cards();
    void watch_sources();
    void watch_source(const config::Source& source);
    void on_source_event(const std::string& source);
    SourceChanged source_changed();

    static std::shared_ptr<Loaded> load_next(const Options& options, const Setup& running,
                                             const SourceChanged& changed);
    void reload(ReloadWaiter waiter);
    void apply(const Loaded& loaded);
    ReloadVerdict take_up(const std::shared_ptr<const Setup>& setup);
    std::set<std::string> cards_changed_since(const config::Config& before) const;
    void put_held_under_definitions();
    void set_cards(const std::set<std::string>& changed);

    void stop(bool drain);
    int finish();

    sidecar::CardPorts card_ports();
    std::vector<audit_log::Rings> audit_rings() const;

    bool refresh_card(const std::string& name,
                      std::function<void(const control::RefreshResult&)> done);
    control::Services services();
    std::vector<sidecar::Resource> resources();
    control::StatusView status() const;
    std::map<std::string, SourceRead> source_reads() const;
    std::vector<control::SourceView> sources() const;
    bool test_source(const std::string& name, std::function<void(const control::SourceTest&)> done);

    const config::Config& config() const noexcept { return setup_->config; }

    Options options_;
    std::shared_ptr<const Setup> setup_;
    std::int64_t started_at_ms_ = 0;
    std::int64_t loaded_at_ms_ = 0;
    std::shared_ptr<sidecar::Generations> generations_;
    std::shared_ptr<CardTables> tables_of_cards_;  ///< for those that read others
    std::shared_ptr<SourceReads> reads_ = std::make_shared<SourceReads>();
    std::vector<ReloadWaiter> reload_waiters_;
    bool reloading_ = false;
    bool reload_again_ = false;
    bool stopping_ = false;
    std::int64_t drain_until_steady_ms_ = 0;
    std::uint64_t board_bytes_ = 0;                 ///< as of the last change
    std::set<std::string> caches_on_their_way_;     ///< sources that cards do not read before
    std::multiset<std::string> caches_being_made_;  ///< or looked at: sources
    ProgressLog progress_log_;

    sidecar::Loop loop_;
    sidecar::Timer beat_timer_{loop_};
    sidecar::Timer watchdog_timer_{loop_};
    sidecar::Timer drain_timer_{loop_};
    sentry::Agent sentry_{loop_};
    sidecar::BoardStore store_;
    std::unique_ptr<sidecar::ArchiveFile> archive_;
    std::unique_ptr<sidecar::TableStore> tables_;
    std::unique_ptr<sidecar::KeysetAgent> keysets_;
    std::unique_ptr<identity::TokenAgent> tokens_;  // null: no state is configured
    std::unique_ptr<geoip::Agent> geoip_;
    std::unique_ptr<upstreams::Agent> upstreams_;
    std::unique_ptr<sidecar::LinkServer> link_;
    std::unique_ptr<sidecar::CardAgent> cards_;
    std::unique_ptr<sidecar::SourceWatch> watch_;
    std::unique_ptr<documents::Agent> documents_;
    std::unique_ptr<control::Server> control_;
    std::unique_ptr<api::IdentityCheck> identity_check_;  // null: nobody can prove who he is
    std::unique_ptr<api::Server> api_;                    // null: it is off
    ImportLimits import_limits_;
    std::unique_ptr<datasets::Agent> datasets_;
    std::unique_ptr<audit_log::Agent> audit_;
    CheckDatabases check_databases_;
    std::unique_ptr<history::Agent> history_;
    std::map<std::string, std::string> history_told_;  ///< marks, by source
    std::unique_ptr<checks::Agent> checks_;
    std::unique_ptr<alerts::Agent> alerts_;
    std::unique_ptr<on_demand::Agent> asked_;
    std::unique_ptr<on_demand::Front> front_;
    std::optional<auth::ExplainKey> explain_key_;
    std::string metrics_;  ///< as workers know them
    std::optional<sidecar::ProcessFigures> process_figures_;
    std::int64_t next_figures_ms_ = 0;  ///< steady
    std::shared_ptr<OwnMetrics> own_metrics_ = std::make_shared<OwnMetrics>();
    std::string own_metrics_text_;  ///< as workers know them
    identity::SigningKeys signing_keys_{
        [this](const std::string& bytes) { on_signing_keys(bytes); }};

    // Last, so that their threads end before what they work on goes.
    sidecar::Lanes computations_{"compute"};
    sidecar::Lanes answers_{"answer"};
    sidecar::Lanes verifications_{"verify"};
    sidecar::Pool fetches_{"fetch", 1};
    sidecar::Lanes document_fetches_{"documents"};
    sidecar::Pool cache_builds_{"caches", 1};
    sidecar::Pool reloads_{"reload", 1};
};

}  // namespace gatehouse::app
