// gatehoused --once: compute_once of modes.h.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <set>
#include <thread>

#include "sidecar/app/basis.h"
#include "sidecar/app/card_header.h"
#include "sidecar/app/card_state.h"
#include "sidecar/app/compute_card.h"
#include "sidecar/app/history_source.h"
#include "sidecar/app/modes.h"
#include "sidecar/app/produce.h"
#include "sidecar/app/progress_log.h"
#include "sidecar/app/restore.h"
#include "sidecar/base/clock.h"
#include "sidecar/base/log.h"
#include "sidecar/base/pool.h"
#include "sidecar/base/time_text.h"
#include "sidecar/cards/rhythm.h"
#include "sidecar/documents/agent.h"
#include "sidecar/link/access.h"
#include "src/board/archive.h"

namespace gatehouse::app {

namespace {

using sidecar::read_clocks;

/// In the log, for as long as nobody stops it.
void tell_how_far_it_is(const std::stop_token& stop, const std::shared_ptr<Caching>& caching)
{
    std::mutex mutex;
    std::condition_variable_any stopped;
    ProgressLog progress_log;
    std::unique_lock lock(mutex);
    while (!stopped.wait_for(lock, stop, std::chrono::seconds{1},
                             [&stop] { return stop.stop_requested(); })) {
        progress_log.say(caching->progress.list());
    }
}

class Once {
public:
    explicit Once(const config::Config& config)
        : config_(config),
          generations_(
              std::make_shared<sidecar::Generations>(last_generation(config), sidecar::unix_ms())),
          store_(config.board.memory_limit, {[](auto...) {}})
    {
    }

    int run()
    {
        auto setup = std::make_shared<Setup>();
        setup->config = config_;
        if (auto attached = documents::attach_documents(setup->config.sources, {}); !attached) {
            std::cerr << "gatehoused: " << attached.error().message << "\n";
            return exit_failed;
        }
        documents::fetch_all(setup->config.sources);
        auto executors = open_executors(setup->config);
        if (!executors) {
            std::cerr << "gatehoused: " << executors.error().message << "\n";
            return exit_failed;
        }
        setup->executors = std::move(*executors);
        setup->executors.caching = open_caching(setup->config);
        setup->executors.book = open_book(config_.state);
        setup->executors.book->database_is_complete_until(sidecar::unix_ms() / 1000);
        const std::jthread telling(tell_how_far_it_is, setup->executors.caching);
        make_caches(*setup->executors.caching, setup->config);
        restore(read_last_board(config_), config_, store_, *generations_);
        setup->tables = std::make_shared<CardTables>(memory_for_tables(config_.engine));
        kept_ = kept_cards(setup, store_);
        const auto compute = make_compute(setup, generations_);
        std::set<std::string> tellers;
        for (const auto& [name, card] : config_.cards) {
            if (tells_of_caches(config_, card)) {
                tellers.insert(name);
            }
        }
        compute_all(compute, tellers);
        (void)setup->executors.caching->states.put(
            cache_states(*setup->executors.caching, tellers));
        compute_all(compute, {});
        write();
        return failed_ ? exit_failed : exit_ok;
    }

private:
    void make_caches(Caching& caching, const config::Config& config)
    {
        for (const auto& [name, source] : config.sources) {
            if (!source.cache) {
                continue;
            }
            const auto started = read_clocks();
            const auto files = sources::fingerprint(source);
            const auto made = files ? cache_file(caching, config.engine, source, *files)
                                    : Result<std::string>{files.error()};
            if (!made) {
                failed_ = true;
                std::cout << name << ": no cache: " << made.error().message << "\n";
                continue;
            }
            std::cout << name << ": cached in " << *made << ", "
                      << read_clocks().steady_ms - started.steady_ms << " ms\n";
        }
    }

    /// Of all but those that tell of them.
    std::vector<sidecar::CacheState> cache_states(const Caching& caching,
                                                  const std::set<std::string>& tellers) const
    {
        auto states = caching.store.states();
        for (const auto& [name, card] : config_.cards) {
            if (!tellers.contains(name) && !card.on_demand()) {
                auto& state = states.emplace_back(card_cache_state(name, store_.held(name)));
                state.warm = state.exists && !failures_.contains(name);
            }
        }
        return with_progress(std::move(states), {});
    }

    /// Those that read others come after them; `later` are left for another time.
    void compute_all(const sidecar::Compute& compute, const std::set<std::string>& later)
    {
        auto& done = done_;
        while (done.size() + later.size() < config_.cards.size()) {
            std::set<std::string> next;
            for (const auto& [name, card] : config_.cards) {
                const bool ready =
                    std::all_of(card.cards.begin(), card.cards.end(),
                                [&](const auto& inner) { return done.contains(inner); });
                if (ready && !done.contains(name) && !later.contains(name)) {
                    next.insert(name);
                }
            }
            sidecar::Pool pool{"compute", config_.engine.workers};
            for (const auto& name : next) {
                if (config_.cards.at(name).on_demand()) {
                    continue;  // nobody asks
                }
                pool.submit([this, &compute, &card = config_.cards.at(name)] {
                    compute_one(compute, card);
                });
            }
            done.merge(next);
        }
    }

    void compute_one(const sidecar::Compute& compute, const config::Card& card)
    {
        const auto started = read_clocks();
        Snapshot held;
        {
            const std::lock_guard lock{mutex_};
            held = store_.held(card.name);
        }
        if (is_kept(card, started)) {
            return;
        }
        auto attempt = compute(card, held, {});
        if (attempt.compress) {
            attempt.result = attempt.compress();
        }
        const std::lock_guard lock{mutex_};
        if (attempt.result && attempt.result->snapshot) {
            if (auto put = store_.publish(attempt.result->snapshot, started.unix_ms); !put) {
                attempt.result = put.error();
            }
        }
        if (!attempt.result) {
            failed_ = true;
            failures_.insert(card.name);
            std::cout << card.name << ": failed: " << attempt.result.error().message
                      << " (declared at " << card.origin << "); " << consequence(card.name) << "\n";
            return;
        }
        store_.renew(card.name, started.unix_ms);
        store_.rest_on(card.name, attempt.result->rows, attempt.result->basis);
        std::cout << card.name << ": " << attempt.result->rows << " rows, "
                  << store_.held(card.name)->view().total_size() << " bytes, "
                  << read_clocks().steady_ms - started.steady_ms << " ms\n";
    }

    /// Whether the card's data are from before and need not be computed now; says so.
    bool is_kept(const config::Card& card, sidecar::Now now)
    {
        const auto kept = kept_.find(card.name);
        if (kept == kept_.end()) {
            return false;
        }
        sidecar::Schedule schedule{sidecar::rhythm_of(card)};
        schedule.resume(kept->second.verified_at_ms, now);
        const auto due = schedule.ready(now);
        const bool verified = due == sidecar::Work::verify && kept->second.sources_unchanged;
        if (due != sidecar::Work::none && !verified) {
            return false;
        }
        const std::lock_guard lock{mutex_};
        if (verified || std::holds_alternative<config::OnChange>(card.refresh)) {
            store_.renew(card.name, now.unix_ms);
        }
        std::cout << card.name << ": unchanged, " << kept->second.rows << " rows, "
                  << store_.held(card.name)->view().total_size() << " bytes\n";
        return true;
    }

    /// What a failure leaves behind. REQUIRES: mutex_ is held.
    std::string consequence(const std::string& card) const
    {
        const auto held = store_.held(card);
        return held ? "the board keeps its data from " +
                          sidecar::utc_clock(held->view().computed_at_ms())
                    : "there is nothing to serve on its path";
    }

    void write()
    {
        if (config_.board.file.empty()) {
            return;
        }
        const auto group = sidecar::group_id(config_.link.group);
        if (!group) {
            std::cerr << "gatehoused: " << group.error().message << "\n";
            failed_ = true;
            return;
        }
        board::ArchiveWriter writer{config_.board.file, *group};
        if (const auto written = writer.write(store_.archive(sidecar::unix_ms())); !written) {
            std::cerr << "gatehoused: " << written.error().message << "\n";
            failed_ = true;
        }
    }

    const config::Config& config_;
    std::shared_ptr<sidecar::Generations> generations_;
    std::mutex mutex_;
    sidecar::BoardStore store_;
    std::map<std::string, sidecar::Kept> kept_;
    std::set<std::string> done_, failures_;  // cards
    bool failed_ = false;
};

}  // namespace

int compute_once(const config::Config& config)
{
    return Once{config}.run();
}

}  // namespace gatehouse::app
