#include "sidecar/upstreams/agent.h"

#include <algorithm>
#include <string_view>

#include "sidecar/base/clock.h"
#include "sidecar/base/log.h"
#include "sidecar/upstreams/peer.h"

namespace gatehouse::upstreams {

namespace {

namespace log = sidecar::log;
using std::chrono::milliseconds;

constexpr milliseconds hear_interval{1000};
constexpr std::int64_t tell_interval_ms = 5000;

/// Checks that begin together are spread over so long, at most.
constexpr std::int64_t spread_ms = 500;

constexpr std::int64_t jitter_percent = 10;

/// Of the peers that are asked at once, those of one upstream.
constexpr std::size_t most_of_one = Agent::at_once - 1;

/// The first answer of a peer is there so long after its timeout, at most.
constexpr std::int64_t first_slack_ms = 3000;

/// Libraries stop their own clocks a little early.
constexpr std::int64_t clock_tolerance_ms = 20;

std::int64_t steady_ms()
{
    return sidecar::read_clocks().steady_ms;
}

std::string_view text_of(const Region& region)
{
    const auto bytes = region->bytes();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

struct Agent::Entry {
    Entry(const Name& name, upstream::Check how)
        : peer(name.first, name.second), check(std::move(how))
    {
    }

    Peer peer;
    upstream::Check check;
    std::int64_t due_ms = 0;      ///< steady
    std::int64_t pending_ms = 0;  ///< steady: until then not to know of it does not count

    /// Whether it took all its time when it was asked last.
    bool hangs() const
    {
        const auto& row = peer.row();
        return !row.reason.empty() &&
               static_cast<std::int64_t>(row.duration_us / 1000) + clock_tolerance_ms >=
                   static_cast<std::int64_t>(check.timeout_ms);
    }
};

Agent::Agent(Ports ports)
    : ports_(std::move(ports)), tick_timer_(ports_.loop), due_timer_(ports_.loop)
{
}

Agent::~Agent() = default;

std::map<std::string, Report> Agent::report() const
{
    const auto now = steady_ms();
    std::map<std::string, Report> reports;
    for (const auto& [name, entry] : entries_) {
        auto& report = reports[name.first];
        report.critical = entry->check.critical;
        const bool none_asked = report.peers.empty() || report.pending;
        report.pending =
            none_asked && entry->peer.row().checked_at_ms == 0 && now < entry->pending_ms;
        report.peers.push_back(entry->peer.row());
    }
    return reports;
}

bool Agent::finish(milliseconds limit)
{
    stopped_ = true;
    tick_timer_.cancel();
    due_timer_.cancel();
    return pool_.wait_idle(limit);
}

void Agent::tick()
{
    hear();
    if (!told_all_ && steady_ms() - told_at_ms_ >= tell_interval_ms) {
        tell();
    }
    tick_timer_.start(hear_interval, [this] { tick(); });
}

void Agent::hear()
{
    auto regions = ports_.configurations();
    if (regions == heard_) {
        return;
    }
    heard_ = std::move(regions);
    std::vector<upstream::CheckedUpstream> all;
    for (const auto& region : heard_) {
        auto upstreams = upstream::parse_config(text_of(region));
        if (!upstreams) {
            log::error("upstreams not checked", {{"error", upstreams.error().message}});
            continue;
        }
        std::move(upstreams->begin(), upstreams->end(), std::back_inserter(all));
    }
    take(all);
}

void Agent::take(const std::vector<upstream::CheckedUpstream>& upstreams)
{
    auto before = std::exchange(entries_, {});
    for (const auto& [upstream, check, peers] : upstreams) {
        for (const auto& peer : peers) {
            const Name name{upstream, peer};
            auto& entry = entries_[name];
            if (entry == nullptr) {
                entry = before[name];
            }
            if (entry != nullptr) {
                retime(entry, check);
                continue;
            }
            entry = std::make_shared<Entry>(name, check);
            entry->pending_ms =
                steady_ms() + static_cast<std::int64_t>(check.timeout_ms) + first_slack_ms;
            schedule(entry, static_cast<std::int64_t>(random_() % spread_ms));
        }
    }
    std::erase_if(waiting_, [this](const EntryPtr& entry) {
        const auto& row = entry->peer.row();
        const auto found = entries_.find({row.upstream, row.peer});
        return found == entries_.end() || found->second != entry;
    });
    told_all_ = told_all_ && entries_.empty();
    ports_.changed();
}

/// What was to come later than the new interval has it comes by that.
void Agent::retime(const EntryPtr& entry, const upstream::Check& check)
{
    entry->check = check;
    const auto wait_ms = jittered(check.interval_ms);
    const auto& row = entry->peer.row();
    const auto due = due_.find({entry->due_ms, Name{row.upstream, row.peer}});
    if (due != due_.end() && entry->due_ms > steady_ms() + wait_ms) {
        due_.erase(due);
        schedule(entry, wait_ms);
    }
}

void Agent::schedule(const EntryPtr& entry, std::int64_t wait_ms)
{
    const auto& row = entry->peer.row();
    entry->due_ms = steady_ms() + wait_ms;
    due_.emplace(entry->due_ms, Name{row.upstream, row.peer});
    start_due();
}

/// Starts what is due, and waits for the next.
void Agent::start_due()
{
    const auto now = steady_ms();
    while (!stopped_ && !due_.empty() && due_.begin()->first <= now) {
        const auto [due_ms, name] = due_.extract(due_.begin()).value();
        const auto found = entries_.find(name);
        // What was taken away, and has perhaps come back since, is due no more.
        if (found != entries_.end() && found->second->due_ms == due_ms) {
            waiting_.push_back(found->second);
        }
    }
    ask_waiting();
    if (!stopped_ && !due_.empty()) {
        due_timer_.start(milliseconds{std::max<std::int64_t>(due_.begin()->first - now, 1)},
                         [this] { start_due(); });
    }
}

void Agent::ask_waiting()
{
    while (const auto entry = stopped_ ? nullptr : next_in_turn()) {
        ask(entry);
    }
}

/// Of those that wait and may be asked, one whose upstream is asked least; null: none may.
Agent::EntryPtr Agent::next_in_turn()
{
    auto best = waiting_.end();
    std::size_t fewest = most_of_one;
    for (auto entry = waiting_.begin(); entry != waiting_.end(); ++entry) {
        const auto asked = asked_.find((*entry)->peer.row().upstream);
        const auto count = asked == asked_.end() ? 0 : asked->second;
        if (count < fewest && turns_.may_begin({.hangs = (*entry)->hangs()})) {
            best = entry;
            fewest = count;
        }
    }
    if (best == waiting_.end()) {
        return nullptr;
    }
    const auto entry = *best;
    waiting_.erase(best);
    return entry;
}

void Agent::ask(const EntryPtr& entry)
{
    const auto& row = entry->peer.row();
    const sidecar::Turns::Kind kind{.hangs = entry->hangs()};
    turns_.begin(kind);
    ++asked_[row.upstream];
    pool_.submit([this, kind, upstream = row.upstream, held = std::weak_ptr{entry},
                  check = entry->check, fetch = ports_.fetch,
                  request = request_to(row.upstream, row.peer, entry->check)] {
        using Clock = std::chrono::steady_clock;
        const auto begun = Clock::now();
        const auto flaw = flaw_of(fetch(request), check);
        const auto took =
            std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begun);
        ports_.loop.post([this, kind, upstream, held, flaw, took] {
            turns_.end(kind);
            if (--asked_[upstream] == 0) {
                asked_.erase(upstream);
            }
            if (const auto entry = held.lock(); entry && !stopped_) {
                on_answer(entry, flaw, took);
            }
            ask_waiting();
        });
    });
}

void Agent::on_answer(const EntryPtr& entry, const std::string& flaw,
                      std::chrono::microseconds took)
{
    const bool turned = entry->peer.take(flaw, took, entry->check, sidecar::unix_ms());
    told_all_ = false;
    if (turned) {
        const auto& row = entry->peer.row();
        const bool up = row.state == upstream::PeerState::up;
        log::write(up ? log::Level::info : log::Level::warning, up ? "peer up" : "peer down",
                   {{"upstream", row.upstream}, {"peer", row.peer}, {"reason", row.reason}});
        tell();
        ports_.changed();
    }
    schedule(entry, jittered(entry->check.interval_ms));
}

void Agent::tell()
{
    std::vector<upstream::PeerSpec> rows;
    for (const auto& [name, entry] : entries_) {
        rows.push_back(entry->peer.row());
    }
    auto table = upstream::build_table(rows);
    if (!table) {
        if (repeats_.worth_saying("table", table.error().message, steady_ms())) {
            log::error("table not made", {{"table", upstream::table_name},
                                          {"error", table.error().message},
                                          {"now", "workers go on with the one before"}});
        }
        return;
    }
    told_all_ = true;
    told_at_ms_ = steady_ms();
    ports_.publish(std::move(*table));
}

/// So that peers that were once asked together are not for ever.
std::int64_t Agent::jittered(std::int64_t ms)
{
    const auto most = std::max<std::int64_t>(ms * jitter_percent / 100, 1);
    return ms - most + static_cast<std::int64_t>(random_()) % (2 * most);
}

}  // namespace gatehouse::upstreams
