#include "sidecar/app/daemon.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

#include "sidecar/app/card_header.h"
#include "sidecar/app/compute_card.h"
#include "sidecar/app/history_source.h"
#include "sidecar/app/lane_of.h"
#include "sidecar/app/load.h"
#include "sidecar/app/restore.h"
#include "sidecar/base/clock.h"
#include "sidecar/base/log.h"
#include "sidecar/base/notify.h"
#include "sidecar/base/process_memory.h"

namespace gatehouse::app {

namespace log = sidecar::log;
namespace notify = sidecar::notify;
using sidecar::read_clocks;
using sidecar::unix_ms;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr seconds drain_limit{30};
constexpr milliseconds final_write_limit{1200};
constexpr milliseconds interrupt_limit{500};

/// Every worker and every snapshot takes a descriptor.
void raise_descriptor_limit()
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)::setrlimit(RLIMIT_NOFILE, &limit);
    }
}

void say_starting(const config::Config& config)
{
    log::info("starting", {{"version", GATEHOUSE_VERSION},
                           {"pid", ::getpid()},
                           {"config", config.file},
                           {"cards", config.cards.size()},
                           {"sources", config.sources.size()}});
}

}  // namespace

Daemon::Daemon(Options options, config::Config config)
    : options_(std::move(options)),
      started_at_ms_(unix_ms()),
      loaded_at_ms_(started_at_ms_),
      store_(config.board.memory_limit, {[this](auto change, const auto& card, const auto& held) {
                 on_board_change(change, card, held);
             }})
{
    auto setup = std::make_shared<Setup>();
    setup->config = std::move(config);
    setup_ = std::move(setup);
}

Daemon::~Daemon() = default;

int Daemon::run()
{
    sidecar::exempt_from_memory_limit();
    if (const auto started = start(); !started) {
        log::error("start failed", {{"error", started.error().message}});
        if (!config().log.file.empty()) {
            log::use_file({});  // whoever started it looks there
            log::error("start failed", {{"error", started.error().message}});
        }
        (void)flush_reports();
        return exit_failed;
    }
    tell_manager();
    if (const auto ran = loop_.run(); !ran) {
        // What the handler left half done is not to be served on, nor written to the board file.
        log::error("internal error", {{"error", ran.error().message}, {"now", "exiting"}});
        (void)flush_reports();
        ::_exit(exit_failed);
    }
    return finish();
}

Result<void> Daemon::start()
{
    configure_log();
    sentry_.configure(config().sentry);
    say_starting(config());
    ::signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit();
    loop_.on_signals({SIGHUP, SIGUSR1, SIGTERM, SIGINT, SIGQUIT},
                     [this](int number) { on_signal(number); });
    auto setup = std::make_shared<Setup>();
    tables_of_cards_ = std::make_shared<CardTables>(memory_for_tables(config().engine));
    setup->config = config();
    setup->tables = tables_of_cards_;
    if (auto attached = documents::attach_documents(setup->config.sources, {}); !attached) {
        return attached;
    }
    auto executors = open_executors(setup->config, source_changed());
    if (!executors) {
        return executors.error();
    }
    setup->executors = std::move(*executors);
    setup->executors.reads = reads_;
    setup->executors.caching = open_caching(config());
    setup->executors.book = open_book(config().state);
    setup_ = std::move(setup);
    if (auto board = open_board(); !board) {
        return board;
    }
    if (auto link = open_link(); !link) {
        return link;
    }
    open_signing_key();
    open_explain_key();
    open_tokens();
    open_geoip();
    open_upstreams();
    configure_keysets();
    cards_ = std::make_unique<sidecar::CardAgent>(card_ports());
    watch_ = std::make_unique<sidecar::SourceWatch>(
        loop_, [this](const std::string& source) { on_source_event(source); });
    open_documents();
    audit_ = std::make_unique<audit_log::Agent>(loop_, [this] { return audit_rings(); });
    audit_->configure(config().audit);
    configure_datasets();
    open_history();
    open_health();
    open_alerts();
    upstreams_->start();
    control_ = std::make_unique<control::Server>(loop_, services());
    if (auto control = control_->listen(config().control.socket, config().control.mode); !control) {
        return control;
    }
    if (auto api = open_api(); !api) {
        return api;
    }
    open_on_demand();
    configure_documents();
    configure_caches();
    await_sources();
    keep_cards();
    set_cards({});
    configure_health();
    alerts_->configure(config().alerts, config().history.keep);
    watch_sources();
    history_->start();
    beat();
    feed_watchdog();
    return {};
}

Result<void> Daemon::open_board()
{
    generations_ =
        std::make_shared<sidecar::Generations>(last_generation(config()), started_at_ms_);
    restore(read_last_board(config()), config(), store_, *generations_);
    put_versions(config(), store_, *tables_of_cards_);
    const auto group = sidecar::group_id(config().link.group);
    if (!group) {
        return group.error();
    }
    tables_ = std::make_unique<sidecar::TableStore>(config().board.file, *group,
                                                    [this](const board::Table& table) {
                                                        if (link_) {
                                                            link_->publish(table);
                                                        }
                                                    });
    if (config().board.file.empty()) {
        return {};
    }
    archive_ = std::make_unique<sidecar::ArchiveFile>(loop_, config().board.file, *group,
                                                      [this] { return store_.archive(unix_ms()); });
    return {};
}

Result<void> Daemon::open_link()
{
    const auto& link = config().link;
    const auto group = sidecar::group_id(link.group);
    if (!group) {
        return group.error();
    }
    auto access = access_for(link);
    if (!access) {
        return access.error();
    }
    link_ = std::make_unique<sidecar::LinkServer>(
        loop_, sidecar::LinkServer::Ports{
                   [this] { return offers(); }, [this] { return tables_offered(); },
                   [this] { return complete(); }, [this] { return store_.generation(); },
                   [this](std::string_view ids, std::int64_t at_ms) {
                       if (tokens_) {
                           tokens_->note_used(ids, at_ms);
                       }
                   },
                   [this](const std::string& table) {
                       if (keysets_) {
                           keysets_->wanted(table);
                       }
                   },
                   [this] { return audit_ ? audit_->status().dropped : 0; },
                   [this](std::span<const std::uint64_t> generations) {
                       if (asked_) {
                           asked_->touched(generations);
                       }
                   }});
    return link_->listen({link.socket, link.mode, *group, std::move(*access)});
}

sidecar::CardPorts Daemon::card_ports()
{
    return {loop_,
            [this](const config::Card& card, sidecar::Lanes::Task task) {
                computations_.submit(lane_of(config(), card.sources, caches_being_made_), card.name,
                                     std::move(task));
            },
            [this](const config::Card& card, sidecar::Lanes::Task task) {
                verifications_.submit(lane_of_looks(), card.name, std::move(task));
            },
            [this](const std::string& card) { return store_.held(card); },
            [this](Snapshot snapshot, std::int64_t verified_at_ms) {
                return store_.publish(std::move(snapshot), verified_at_ms);
            },
            [this](const std::string& card, std::int64_t at_ms) { store_.renew(card, at_ms); },
            [this](const std::string& card, const sidecar::Product& product) {
                store_.rest_on(card, product.rows, product.basis);
            },
            [this](const std::string& card, bool current) { store_.stand_by(card, current); },
            [this](const std::string&) { link_->check_complete(); }};
}

void Daemon::set_cards(const std::set<std::string>& changed)
{
    auto scheduled = config().cards;
    std::erase_if(scheduled, [](const auto& entry) { return entry.second.on_demand(); });
    scheduled.merge(cards_of_metrics(config()));
    cards_->configure(std::move(scheduled), changed,
                      with_own_metrics(make_compute(setup_, generations_), setup_, own_metrics_));
    configure_on_demand(changed);
    link_->check_complete();
}

void Daemon::beat()
{
    if (archive_) {
        archive_->beat(unix_ms());
    }
    signing_keys_.settle(unix_ms() / 1000);
    publish_metrics();
    look_at_caches();
    // Again and again: what the loop took beyond it is given back, and a reload may change it.
    (void)sidecar::limit_process_memory(config().engine.process_memory_limit);
    beat_timer_.start(seconds{1}, [this] { beat(); });
}

void Daemon::tell_manager()
{
    notify::ready("serving " + std::to_string(config().cards.size()) + " cards from " +
                  std::to_string(config().sources.size()) + " sources");
}

void Daemon::feed_watchdog()
{
    if (const auto interval = notify::watchdog_interval()) {
        notify::send("WATCHDOG=1");
        watchdog_timer_.start(*interval, [this] { feed_watchdog(); });
    }
}

void Daemon::on_signal(int number)
{
    switch (number) {
    case SIGHUP: reload({}); break;
    case SIGUSR1:
        log::reopen_file();
        audit_->reopen();
        break;
    case SIGQUIT: stop(true); break;
    default: stop(false); break;
    }
}

void Daemon::stop(bool drain)
{
    if (!stopping_) {
        log::info("stopping", {{"drain", drain}});
        notify::stopping();
        cards_->stop(!drain);
        if (!drain) {
            asked_->stop();
        }
        if (api_ && drain) {
            api_->drain();
        }
        drain_until_steady_ms_ = read_clocks().steady_ms + milliseconds{drain_limit}.count();
    }
    stopping_ = true;
    const bool answered = !api_ || api_->connections() == 0;
    const bool idle = answered && computations_.wait_idle(milliseconds{0});
    if (!drain || idle || read_clocks().steady_ms >= drain_until_steady_ms_) {
        // Posted, so that results that are on their way to the loop come first.
        loop_.post([this] { loop_.stop(); });
    } else {
        drain_timer_.start(milliseconds{20}, [this] { stop(true); });
    }
}

int Daemon::finish()
{
    cards_->stop(true);
    setup_->executors.caching->store.stop();
    for (const auto& [name, database] : setup_->executors.databases) {
        database->stop_listening();  // it posts to the loop
    }
    // While workers are connected:
    const bool audited = audit_->stop(final_write_limit);
    const bool remembered = history_->stop(final_write_limit);
    link_->close();
    control_->close();
    if (api_) {
        api_->close();
    }
    const bool datasets_kept = datasets_->finish(final_write_limit);
    const bool alerts_kept = alerts_->finish(final_write_limit);
    const bool tokens_written = !tokens_ || tokens_->finish(final_write_limit);
    const bool tables_written = tables_->finish(final_write_limit);
    const bool written = (!archive_ || archive_->final_write(final_write_limit)) &&
                         tables_written && tokens_written && datasets_kept && alerts_kept;
    const bool idle =
        sentry_.finish(interrupt_limit) && checks_->stop(interrupt_limit) &&
        geoip_->finish(interrupt_limit) && upstreams_->finish(interrupt_limit) &&
        computations_.wait_idle(interrupt_limit) && answers_.wait_idle(interrupt_limit) &&
        verifications_.wait_idle(interrupt_limit) && reloads_.wait_idle(interrupt_limit) &&
        fetches_.wait_idle(interrupt_limit) && document_fetches_.wait_idle(interrupt_limit) &&
        cache_builds_.wait_idle(interrupt_limit);
    if (!written || !idle || !audited || !remembered) {
        // A thread that hangs in the kernel or in a library must not hold up the end.
        log::warning("stopped without waiting", {{"board_file_written", written}});
        ::_exit(exit_ok);
    }
    log::info("stopped");
    return exit_ok;
}

}  // namespace gatehouse::app
