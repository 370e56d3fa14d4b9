// Caches of sources, and what is known of them and of cards. Members of Daemon.
#include <chrono>
#include <exception>
#include <memory>

#include "sidecar/app/card_state.h"
#include "sidecar/app/daemon.h"
#include "sidecar/base/clock.h"
#include "sidecar/base/process_memory.h"

namespace gatehouse::app {

namespace {

constexpr std::chrono::milliseconds first_look{1000};

/// Has the source's cache made unless there is one. What goes wrong is said where it does.
void bring_up_to_date(Caching& caching, const config::Engine& limits, const config::Source& source)
try {
    const sidecar::UnderMemoryLimit limited;
    const auto files = sources::fingerprint(source);
    if (files) {
        (void)cache_file(caching, limits, source, *files);
    } else {
        caching.store.unreadable(source.name, files.error().message);
    }
} catch (const std::exception& error) {
    caching.store.unreadable(source.name, std::string{"internal error: "} + error.what());
}

}  // namespace

/// `before`: what was configured until now. Those that are new or another are awaited.
void Daemon::configure_caches(const config::Config* before)
{
    caches_on_their_way_.clear();
    if (before != nullptr) {
        cache_builds_.submit(
            [setup = setup_] { keep_caches(*setup->executors.caching, setup->config); });
    }
    for (const auto& [name, source] : config().sources) {
        if (!source.cache) {
            continue;
        }
        const bool known = before != nullptr && before->sources.contains(name) &&
                           before->sources.at(name) == source;
        if (!known) {
            caches_on_their_way_.insert(name);
        }
        refresh_cache(source);
    }
}

void Daemon::refresh_cache(const config::Source& source)
{
    caches_being_made_.insert(source.name);
    cache_builds_.submit([this, setup = setup_, source] {
        bring_up_to_date(*setup->executors.caching, setup->config.engine, source);
        loop_.post([this, name = source.name] {
            caches_on_their_way_.erase(name);
            caches_being_made_.erase(caches_being_made_.find(name));
            cards_->source_settled(name);
            cards_->source_changed(name);
            asked_->source_changed(name);
        });
    });
}

/// Now and then: what takes long is said in the log, and cards over caches are told what is new.
void Daemon::look_at_caches()
{
    auto& caching = *setup_->executors.caching;
    const auto works = caching.progress.list();
    progress_log_.say(works);
    for (const auto& name : caching.store.to_try_again()) {
        if (const auto source = config().sources.find(name); source != config().sources.end()) {
            refresh_cache(source->second);
        }
    }
    const auto tellers = sources_of_caches(config());
    // Whether a cache of another day is good is known in no time, and not worth an alarm before.
    const bool looking =
        !caches_on_their_way_.empty() && sidecar::unix_ms() - loaded_at_ms_ < first_look.count();
    if (tellers.empty() || looking) {
        return;
    }
    const bool changed = caching.states.put(cache_states(works));
    for (const auto& name : tellers) {
        cards_->source_settled(name);
        if (changed) {
            tell_of_change(name);
        }
    }
}

std::vector<sidecar::CacheState> Daemon::cache_states(
    const std::vector<caches::Progress::Work>& works) const
{
    auto states = setup_->executors.caching->store.states();
    for (const auto& report : card_reports()) {
        const auto& card = config().cards.at(report.name);
        if (tells_of_caches(config(), card)) {
            continue;
        }
        const auto held = store_.cards().find(report.name);
        const auto* found = held == store_.cards().end() ? nullptr : &held->second;
        auto& state = states.emplace_back(
            card_cache_state(report.name, found == nullptr ? nullptr : found->snapshot));
        state.warm = state_of(report, found, card, sidecar::unix_ms()) == "fresh";
        state.error = report.error;
    }
    return with_progress(std::move(states), works);
}

}  // namespace gatehouse::app
