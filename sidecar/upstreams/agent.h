// The agent of upstreams: asks the peers that nginx wants checked whether they are up, a bounded
// number at once, and tells workers as the table "upstreams".
//
// - Peers that hang are asked two at once at most, and those of one upstream leave one place to
// those
//   of others.
// - What turns a peer over is told at once, the rest every few seconds.
// - Of several nginx that check a peer of the same name in an upstream of the same name, what the
//   one says counts that was connected last.
//
// Thread safety: none; lives on the loop. Only the asking happens on the pool.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sidecar/base/fetch.h"
#include "sidecar/base/loop.h"
#include "sidecar/base/pool.h"
#include "sidecar/base/repeats.h"
#include "sidecar/base/turns.h"
#include "src/base/sealed_memory.h"
#include "src/base/shared_memory.h"
#include "src/upstream/config.h"
#include "src/upstream/table.h"

namespace gatehouse::upstreams {

/// A memory that workers share (src/upstream/config.h).
using Region = std::shared_ptr<const SharedMemory>;

struct Ports {
    sidecar::Loop& loop;
    /// Of all connected workers, the one that connected last at the end.
    std::function<std::vector<Region>()> configurations;
    std::function<void(SealedMemory table)> publish;
    std::function<void()> changed;  ///< what is checked, or how it stands
    std::function<Result<sidecar::Fetched>(const sidecar::FetchRequest&)> fetch = sidecar::fetch;
};

/// For people and for health.
struct Report {
    bool critical = false;
    bool pending = false;  ///< none has answered yet, and the first answer is on its way
    std::vector<upstream::PeerSpec> peers;
};

class Agent {
public:
    explicit Agent(Ports ports);
    ~Agent();

    void start() { tick(); }

    /// By upstream.
    std::map<std::string, Report> report() const;

    /// Asks nobody any more. False when what is under way took longer than `limit`.
    bool finish(std::chrono::milliseconds limit);

    static constexpr std::size_t at_once = 4;

private:
    struct Entry;
    using EntryPtr = std::shared_ptr<Entry>;
    using Name = std::pair<std::string, std::string>;  ///< upstream, peer

    void tick();
    void hear();
    void take(const std::vector<upstream::CheckedUpstream>& upstreams);
    void retime(const EntryPtr& entry, const upstream::Check& check);
    void schedule(const EntryPtr& entry, std::int64_t wait_ms);
    void start_due();
    void ask_waiting();
    EntryPtr next_in_turn();
    void ask(const EntryPtr& entry);
    void on_answer(const EntryPtr& entry, const std::string& flaw, std::chrono::microseconds took);
    void tell();
    std::int64_t jittered(std::int64_t ms);

    Ports ports_;
    std::vector<Region> heard_;
    std::map<Name, EntryPtr> entries_;
    std::set<std::pair<std::int64_t, Name>> due_;  ///< steady ms
    std::list<EntryPtr> waiting_;                  ///< due, in the order in which they became so
    sidecar::Turns turns_{at_once};
    std::map<std::string, std::size_t> asked_;  ///< peers that are being asked, by upstream
    bool told_all_ = true;
    std::int64_t told_at_ms_ = 0;  ///< steady
    bool stopped_ = false;
    std::minstd_rand random_{std::random_device{}()};
    sidecar::Repeats repeats_{600'000};
    sidecar::Timer tick_timer_;
    sidecar::Timer due_timer_;
    sidecar::Pool pool_{"upstreams", at_once};  // last: its tasks end before what they work on goes
};

}  // namespace gatehouse::upstreams
