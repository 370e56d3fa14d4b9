// Reload: another configuration taken up whole, or not at all. Members of Daemon.
#include <algorithm>

#include "sidecar/app/card_header.h"
#include "sidecar/app/compute_card.h"
#include "sidecar/app/daemon.h"
#include "sidecar/app/load.h"
#include "sidecar/base/clock.h"
#include "sidecar/base/log.h"
#include "sidecar/base/notify.h"

namespace gatehouse::app {

namespace log = sidecar::log;
namespace notify = sidecar::notify;

/// What the reload thread hands to the loop. Without a setup: refused, for the reasons in
/// `diagnostics`.
struct Daemon::Loaded {
    config::Diagnostics diagnostics;
    std::shared_ptr<const Setup> setup;
    sidecar::Access access;
};

namespace {

constexpr std::size_t most_logged = 20;

/// What was decided at start, and cannot change under the feet of those connected.
void check_fixed(const config::Config& running, const config::Config& next,
                 config::Diagnostics& diagnostics)
{
    const auto fixed = [&](bool same, const std::string& what) {
        if (!same) {
            refuse(
                diagnostics, next.file,
                what + " differs from what gatehoused was started with: restart it to change that");
        }
    };
    fixed(running.link.socket == next.link.socket, "link.socket");
    fixed(running.link.mode == next.link.mode, "link.mode");
    fixed(running.link.group == next.link.group, "link.group");
    fixed(running.control == next.control, "control");
    fixed(running.api == next.api, "api");
    fixed(running.board.file == next.board.file, "board.file");
    fixed(running.state == next.state, "state");
    fixed(running.caches == next.caches, "caches.directory");
    fixed(running.engine.workers == next.engine.workers, "engine.workers");
}

void log_diagnostics(const config::Diagnostics& diagnostics)
{
    std::size_t logged = 0;
    for (const auto& found : diagnostics.list) {
        if (++logged > most_logged) {
            break;
        }
        const bool error = found.severity == config::Severity::error;
        log::write(error ? log::Level::error : log::Level::warning,
                   error ? "configuration error" : "configuration warning",
                   {{"file", found.file},
                    {"line", found.line},
                    {"column", found.column},
                    {"error", found.message},
                    {"hint", found.hint}});
    }
}

/// Its definition and those of its sources.
bool is_same(const config::Config& before, const config::Card& old, const config::Config& now,
             const config::Card& card)
{
    return sidecar::same_definition(old, card) &&
           std::all_of(card.sources.begin(), card.sources.end(), [&](const auto& source) {
               const auto was = before.sources.find(source);
               const auto is = now.sources.find(source);
               return was != before.sources.end() && is != now.sources.end() &&
                      was->second == is->second;
           });
}

}  // namespace

/// Blocks: for the reload thread.
std::shared_ptr<Daemon::Loaded> Daemon::load_next(const Options& options, const Setup& running,
                                                  const SourceChanged& changed)
{
    auto loaded = std::make_shared<Loaded>();
    auto& diagnostics = loaded->diagnostics;
    auto next = load(options, diagnostics);
    if (!next) {
        return loaded;
    }
    check_fixed(running.config, *next, diagnostics);
    auto setup = std::make_shared<Setup>();
    setup->tables = running.tables;
    if (auto attached = documents::attach_documents(next->sources, running.config.sources);
        !attached) {
        refuse(diagnostics, next->file, attached.error().message);
    }
    if (auto access = access_for(next->link)) {
        loaded->access = std::move(*access);
    } else {
        refuse(diagnostics, next->file, access.error().message);
    }
    if (auto executors = open_executors(*next, changed, &running.config, &running.executors)) {
        setup->executors = std::move(*executors);
        setup->executors.reads = running.executors.reads;
        setup->executors.caching = running.executors.caching;
        setup->executors.book = running.executors.book;
    } else {
        refuse(diagnostics, next->file, executors.error().message);
    }
    setup->config = std::move(*next);
    if (diagnostics.ok()) {
        loaded->setup = std::move(setup);
    }
    return loaded;
}

void Daemon::reload(ReloadWaiter waiter)
{
    if (waiter) {
        reload_waiters_.push_back(std::move(waiter));
    }
    if (std::exchange(reloading_, true)) {
        reload_again_ = true;  // the file may have changed since it was read
        return;
    }
    notify::reloading();
    log::info("reloading", {{"config", config().file}});
    reloads_.submit([this, options = options_, running = setup_, changed = source_changed()] {
        loop_.post([this, loaded = load_next(options, *running, changed)] { apply(*loaded); });
    });
}

void Daemon::apply(const Loaded& loaded)
{
    log_diagnostics(loaded.diagnostics);
    ReloadVerdict verdict;
    if (loaded.setup && !stopping_) {
        verdict = take_up(loaded.setup);
        link_->set_access(loaded.access);
        log::info("reloaded", {{"added", verdict.added},
                               {"changed", verdict.changed},
                               {"removed", verdict.removed},
                               {"unchanged", verdict.unchanged}});
    } else {
        log::error("reload refused", {{"summary", config::summary(loaded.diagnostics)},
                                      {"now", "the running configuration stays"}});
    }
    verdict.diagnostics = loaded.diagnostics;
    tell_manager();
    reloading_ = false;
    if (std::exchange(reload_again_, false)) {
        // Whoever asked meanwhile gets the verdict on what the file says by now, as do the others.
        return reload({});
    }
    for (const auto& waiter : std::exchange(reload_waiters_, {})) {
        waiter(verdict);
    }
}

ReloadVerdict Daemon::take_up(const std::shared_ptr<const Setup>& setup)
{
    auto previous = std::exchange(setup_, setup);
    const auto& before = previous->config;
    const auto changed = cards_changed_since(before);
    ReloadVerdict verdict;
    verdict.applied = true;
    for (const auto& [name, card] : config().cards) {
        verdict.added += before.cards.contains(name) ? 0 : 1;
    }
    for (const auto& [name, card] : before.cards) {
        const auto now = config().cards.find(name);
        verdict.removed += now == config().cards.end() ? 1 : 0;
        if (now == config().cards.end() || now->second.on_demand()) {
            store_.retract(name);
            tables_of_cards_->forget(name);
        }
    }
    for (const auto& [name, source] : before.sources) {
        const auto now = config().sources.find(name);
        if (now == config().sources.end() || !now->second.watch) {
            watch_->set(name, {});
        }
        if (now == config().sources.end() || now->second != source) {
            reads_->forget(name);
        }
    }
    for (const auto& name : changed) {
        tables_of_cards_->forget(name);
    }
    tables_of_cards_->set_memory_limit(memory_for_tables(config().engine));
    verdict.changed = static_cast<std::size_t>(
        std::count_if(changed.begin(), changed.end(),
                      [&](const auto& name) { return config().cards.contains(name); }));
    verdict.unchanged = config().cards.size() - verdict.added - verdict.changed;
    loaded_at_ms_ = sidecar::unix_ms();
    configure_log();
    sentry_.configure(config().sentry);
    audit_->configure(config().audit);
    history_->configure(config().history);
    store_.set_memory_limit(config().board.memory_limit);
    configure_keysets();
    if (tokens_) {
        tokens_->configure(config().identity.tokens);
    }
    put_held_under_definitions();
    configure_datasets();
    configure_documents();
    configure_caches(&before);
    await_sources();
    set_cards(changed);
    cards_->room_freed();
    configure_health();
    alerts_->configure(config().alerts, config().history.keep);
    watch_sources();
    // Its threads end and its connections close there, which may take a while.
    reloads_.submit([last = std::move(previous)] {});
    return verdict;
}

/// Cards that both configurations have, with another definition or other sources; those of metrics,
/// too.
std::set<std::string> Daemon::cards_changed_since(const config::Config& before) const
{
    std::set<std::string> changed;
    const auto compare = [&](const std::map<std::string, config::Card>& was,
                             const std::map<std::string, config::Card>& is) {
        for (const auto& [name, card] : is) {
            const auto old = was.find(name);
            if (old != was.end() && !is_same(before, old->second, config(), card)) {
                changed.insert(name);
            }
        }
    };
    compare(before.cards, config().cards);
    compare(cards_of_metrics(before), cards_of_metrics(config()));
    return changed;
}

/// Paths, scopes and limits hold from now on, also for data that were computed before: a card that
/// has come to require a scope is not served without one until its next computation.
void Daemon::put_held_under_definitions()
{
    const auto held = store_.cards();  // a copy: publishing changes the original
    for (const auto& [name, card] : config().cards) {
        const auto found = held.find(name);
        if (found == held.end() || header_matches(found->second.snapshot->view(), card)) {
            continue;
        }
        auto snapshot = rewrap(found->second.snapshot->view(), card, generations_->next());
        if (!snapshot || !store_.publish(std::move(*snapshot), found->second.verified_at_ms)) {
            store_.retract(name);
        }
    }
}

}  // namespace gatehouse::app
