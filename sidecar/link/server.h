// The sidecar's end of the link: accepts workers, brings each up to date, then tells all of them of
// every change and sends a beat each second.
//
// Thread safety: none; lives on the loop.
// Whatever a peer sends or does not read costs that peer its connection and nothing else.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sidecar/base/loop.h"
#include "sidecar/base/repeats.h"
#include "sidecar/link/access.h"
#include "sidecar/link/regions.h"
#include "sidecar/link/worker.h"
#include "src/base/unique_fd.h"

namespace gatehouse::sidecar {

struct LinkSettings {
    std::string socket;
    mode_t mode = 0660;
    gid_t group = static_cast<gid_t>(-1);
    Access access;
};

/// A card as a worker that has just said hello is to know it; without a snapshot: keep what you
/// hold.
struct Offer {
    std::string card;
    Snapshot snapshot;
    std::int64_t verified_at_ms = 0;
};

class LinkServer {
public:
    struct Ports {
        std::function<std::vector<Offer>()> offers;  ///< every configured card
        std::function<std::vector<board::Table>()> tables;
        std::function<bool()>
            complete;  ///< each card has had its first outcome, each table is there
        std::function<std::uint64_t()> generation;  ///< the board's newest
        /// Ids of tokens, 8 bytes each, that a worker has seen used until then.
        std::function<void(std::string_view ids, std::int64_t at_ms)> used = {};
        /// A worker misses something in the table of that name.
        std::function<void(const std::string& table)> wanted = {};
        /// Decisions that the audit log has lost; goes with every beat.
        std::function<std::uint64_t()> audit_dropped = {};
        /// Generations of variants that a worker has served since it told the last time.
        std::function<void(std::span<const std::uint64_t> generations)> touched = {};
    };

    LinkServer(Loop& loop, Ports ports);
    ~LinkServer();

    Result<void> listen(LinkSettings settings);

    /// Other people may connect from now on.
    void set_access(Access access) { settings_.access = std::move(access); }

    void publish(const std::string& card, const Snapshot& snapshot, std::int64_t verified_at_ms);
    void renew(const std::string& card, std::uint64_t generation, std::int64_t verified_at_ms);
    void retract(const std::string& card);

    void publish(const board::Table& table);

    /// Tells workers that wait for it that the first full set is there, if it is.
    void check_complete();

    struct Worker {
        link::Peer peer;
        WorkerReport report;
        Regions regions;  ///< what it shares
    };
    std::vector<Worker> report() const;

    /// What connected workers share under this name, each memory once: one for each nginx.
    std::vector<Region> regions(std::string_view name) const;

    /// Closes all connections and removes the socket.
    void close();

    static constexpr std::size_t most_connections = 1024;

private:
    using ConnectionPtr = std::unique_ptr<WorkerConnection>;

    void accept();
    void admit(link::Channel channel);
    void greet(WorkerConnection& worker);
    void drop(WorkerConnection& worker, const std::string& why);
    void pause_accepting();
    void watch_listener();
    void beat();
    void warn(const char* event, const std::string& why, const link::Peer& peer);
    void hear(link::Type type, const std::string& payload, std::int64_t at_ms) const;
    void note_publish(std::uint64_t generation);
    std::int64_t published_at(std::uint64_t generation) const;

    template <class Put>
    void to_all(const Put& put);

    Loop& loop_;
    Ports ports_;
    LinkSettings settings_;
    UniqueFd listener_;
    std::unique_ptr<FdWatch> accepting_;
    RegionPool region_pool_;
    Timer accept_timer_;
    Timer beat_timer_;
    std::unordered_map<WorkerConnection*, ConnectionPtr> connections_;
    std::unordered_map<WorkerConnection*, bool> synced_;
    std::deque<std::pair<std::uint64_t, std::int64_t>> publishes_;  // generation, Unix time
    Repeats repeats_{60'000};
};

}  // namespace gatehouse::sidecar
