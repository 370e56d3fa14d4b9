#include "sidecar/link/server.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "sidecar/base/clock.h"
#include "sidecar/base/log.h"

namespace gatehouse::sidecar {

namespace {

/// Accepted before other events get their turn.
constexpr int accept_batch = 64;

constexpr std::size_t publishes_kept = 4096;

}  // namespace

LinkServer::LinkServer(Loop& loop, Ports ports)
    : loop_(loop), ports_(std::move(ports)), accept_timer_(loop), beat_timer_(loop)
{
}

LinkServer::~LinkServer()
{
    close();
}

Result<void> LinkServer::listen(LinkSettings settings)
{
    auto listener = link::listen(settings.socket, settings.mode, settings.group);
    if (!listener) {
        return listener.error();
    }
    settings_ = std::move(settings);
    listener_ = std::move(*listener);
    watch_listener();
    beat();
    return {};
}

void LinkServer::close()
{
    accepting_.reset();
    accept_timer_.cancel();
    beat_timer_.cancel();
    connections_.clear();
    synced_.clear();
    if (listener_) {
        (void)::unlink(settings_.socket.c_str());
        listener_.reset();
    }
}

void LinkServer::watch_listener()
{
    accepting_ = std::make_unique<FdWatch>(loop_, listener_.get());
    accepting_->on_readable([this] { accept(); });
}

void LinkServer::accept()
{
    for (int i = 0; i < accept_batch; ++i) {
        UniqueFd fd{::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
        if (fd) {
            admit(link::Channel{std::move(fd)});
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            return pause_accepting();
        }
    }
}

/// Out of descriptors or memory: trying again at once would only spin.
void LinkServer::pause_accepting()
{
    const std::string why = std::strerror(errno);
    if (repeats_.worth_saying("accept", why, read_clocks().steady_ms)) {
        log::error("link does not accept", {{"error", why}, {"now", "trying again in 1 s"}});
    }
    accepting_.reset();
    accept_timer_.start(std::chrono::seconds{1}, [this] { watch_listener(); });
}

void LinkServer::admit(link::Channel channel)
{
    const auto peer = channel.peer();
    if (!peer) {
        return;
    }
    const auto refuse = [&](const std::string& why) {
        (void)channel.send({link::Type::refused, 0, unix_ms(), why, -1});
        warn("link peer refused", why, *peer);
    };
    if (!settings_.access.permits(*peer, groups_of_peer(channel.fd()))) {
        return refuse("user id " + std::to_string(peer->uid) + ", group id " +
                      std::to_string(peer->gid) +
                      " may not use the link; see link.users and link.group");
    }
    if (connections_.size() >= most_connections) {
        return refuse("there are " + std::to_string(most_connections) + " connections already");
    }
    WorkerConnection::Events events{
        [this](WorkerConnection& worker) { greet(worker); },
        [this](WorkerConnection& worker, const std::string& why) { drop(worker, why); },
        [this](std::uint64_t generation) { return published_at(generation); },
        [this](UniqueFd fd) { return region_pool_.adopt(std::move(fd)); },
        [this](link::Type type, const std::string& payload, std::int64_t at_ms) {
            hear(type, payload, at_ms);
        }};
    auto connection =
        std::make_unique<WorkerConnection>(loop_, std::move(channel), *peer, std::move(events));
    auto* key = connection.get();
    connections_.emplace(key, std::move(connection));
}

void LinkServer::hear(link::Type type, const std::string& payload, std::int64_t at_ms) const
{
    if (type == link::Type::used && ports_.used) {
        ports_.used(payload, at_ms);
    } else if (type == link::Type::wanted && ports_.wanted) {
        ports_.wanted(payload);
    } else if (type == link::Type::touched && ports_.touched) {
        std::vector<std::uint64_t> generations(payload.size() / sizeof(std::uint64_t));
        std::copy_n(payload.data(), generations.size() * sizeof(std::uint64_t),
                    reinterpret_cast<char*>(generations.data()));
        ports_.touched(generations);
    }
}

void LinkServer::greet(WorkerConnection& worker)
{
    // First what is small and what requests are judged by; variants, of which there may be
    // thousands, come last.
    for (const auto& table : ports_.tables()) {
        worker.outbox().table(table);
    }
    for (auto& offer : ports_.offers()) {
        if (offer.snapshot) {
            worker.outbox().publish(offer.card, std::move(offer.snapshot), offer.verified_at_ms);
        } else {
            worker.outbox().keep(offer.card);
        }
    }
    const bool complete = ports_.complete();
    synced_[&worker] = complete;
    if (complete) {
        worker.outbox().synced(ports_.generation());
    }
    worker.flush();
    const auto report = worker.report();
    log::info("worker connected", {{"pid", worker.peer().pid},
                                   {"worker", report.hello.slot},
                                   {"nginx", report.hello.nginx},
                                   {"module", report.hello.module},
                                   {"synced", complete}});
}

void LinkServer::drop(WorkerConnection& worker, const std::string& why)
{
    if (worker.greeted()) {
        log::info("worker disconnected", {{"pid", worker.peer().pid}, {"reason", why}});
    } else if (why != link::closed_by_peer) {  // nginx's master only looks whether somebody listens
        warn("link peer dropped", why, worker.peer());
    }
    synced_.erase(&worker);
    connections_.erase(&worker);
}

template <class Put>
void LinkServer::to_all(const Put& put)
{
    for (const auto& [key, connection] : connections_) {
        if (connection->greeted()) {
            put(connection->outbox());
            connection->flush();
        }
    }
}

void LinkServer::publish(const std::string& card, const Snapshot& snapshot,
                         std::int64_t verified_at_ms)
{
    note_publish(snapshot->view().generation());
    to_all([&](Outbox& outbox) { outbox.publish(card, snapshot, verified_at_ms); });
}

void LinkServer::publish(const board::Table& table)
{
    note_publish(table.generation);
    to_all([&](Outbox& outbox) { outbox.table(table); });
}

void LinkServer::note_publish(std::uint64_t generation)
{
    publishes_.emplace_back(generation, unix_ms());
    if (publishes_.size() > publishes_kept) {
        publishes_.pop_front();
    }
}

void LinkServer::renew(const std::string& card, std::uint64_t generation,
                       std::int64_t verified_at_ms)
{
    to_all([&](Outbox& outbox) { outbox.renew(card, generation, verified_at_ms); });
}

void LinkServer::retract(const std::string& card)
{
    to_all([&](Outbox& outbox) { outbox.retract(card); });
}

void LinkServer::check_complete()
{
    if (!ports_.complete()) {
        return;
    }
    for (auto& [worker, synced] : synced_) {
        if (!std::exchange(synced, true)) {
            worker->outbox().synced(ports_.generation());
            worker->flush();
        }
    }
}

void LinkServer::beat()
{
    const auto dropped = ports_.audit_dropped ? ports_.audit_dropped() : 0;
    to_all([now = unix_ms(), dropped](Outbox& outbox) { outbox.beat(now, dropped); });
    beat_timer_.start(std::chrono::milliseconds{link::beat_interval_ms}, [this] { beat(); });
}

/// Garbage by the thousand must not become log lines by the thousand, whatever it looks like.
void LinkServer::warn(const char* event, const std::string& why, const link::Peer& peer)
{
    if (repeats_.worth_saying(event, {}, read_clocks().steady_ms)) {
        log::warning(event, {{"reason", why},
                             {"pid", peer.pid},
                             {"uid", peer.uid},
                             {"note", "further ones are not told for a minute"}});
    }
}

std::int64_t LinkServer::published_at(std::uint64_t generation) const
{
    const auto found = std::find_if(publishes_.rbegin(), publishes_.rend(),
                                    [&](const auto& entry) { return entry.first == generation; });
    return found == publishes_.rend() ? 0 : found->second;
}

std::vector<Region> LinkServer::regions(std::string_view name) const
{
    std::vector<Region> regions;
    for (const auto& [key, connection] : connections_) {
        const auto found = connection->regions().find(name);
        if (found != connection->regions().end() &&
            std::find(regions.begin(), regions.end(), found->second) == regions.end()) {
            regions.push_back(found->second);
        }
    }
    return regions;
}

std::vector<LinkServer::Worker> LinkServer::report() const
{
    std::vector<Worker> workers;
    for (const auto& [key, connection] : connections_) {
        if (connection->greeted()) {
            workers.push_back({connection->peer(), connection->report(), connection->regions()});
        }
    }
    std::sort(workers.begin(), workers.end(),
              [](const auto& a, const auto& b) { return a.peer.pid < b.peer.pid; });
    return workers;
}

}  // namespace gatehouse::sidecar
