// A pool of connections: `size` of them are kept, `overflow` more are opened when all are in use
// and closed when they come back, and who finds none waits, up to `timeout`.
//
// Thread safety: any function may be called by any thread. A Lease belongs to one thread and must
// not outlive its pool.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sidecar/base/units.h"
#include "sidecar/databases/database.h"

namespace gatehouse::databases {

struct PoolLimits {
    std::size_t size = 5;
    std::size_t overflow = 10;
    std::chrono::milliseconds timeout{30'000};
    std::chrono::milliseconds recycle{0};  ///< age at which one is replaced; 0: never
};

template <class Connection>
class ConnectionPool {
public:
    using Make = std::function<Result<std::unique_ptr<Connection>>(const Job&)>;
    /// Whether an idle connection still serves; one that does not is closed.
    using Check = std::function<bool(Connection&)>;

    class Lease {
    public:
        Lease(ConnectionPool& pool, std::unique_ptr<Connection> connection, Clock::time_point born)
            : pool_(&pool), connection_(std::move(connection)), born_(born)
        {
        }
        Lease(Lease&& other) noexcept
            : pool_(other.pool_), connection_(std::move(other.connection_)), born_(other.born_)
        {
        }
        Lease& operator=(Lease&&) = delete;
        ~Lease()
        {
            if (connection_) {
                pool_->give_back(std::move(connection_), born_);
            }
        }

        Connection* operator->() const noexcept { return connection_.get(); }
        Connection& operator*() const noexcept { return *connection_; }

        /// Closes the connection: it is in a state that nobody knows.
        void discard()
        {
            connection_.reset();
            pool_->left();
        }

    private:
        ConnectionPool* pool_;
        std::unique_ptr<Connection> connection_;
        Clock::time_point born_;
    };

    ConnectionPool(PoolLimits limits, Make make, Check check)
        : limits_(limits), make_(std::move(make)), check_(std::move(check))
    {
    }

    Result<Lease> acquire(const Job& job)
    {
        Result<std::optional<Idle>> turn = wait_for_turn(job);
        if (!turn) {
            return turn.error();
        }
        for (std::optional<Idle> idle = std::move(*turn); idle; idle = take_idle()) {
            if (!is_old(*idle) && check_(*idle->connection)) {
                return Lease(*this, std::move(idle->connection), idle->born);
            }
        }
        Result<std::unique_ptr<Connection>> made = make_(job);
        if (!made) {
            left();
            return made.error();
        }
        return Lease(*this, std::move(*made), Clock::now());
    }

    /// Closes the connections that nobody uses.
    void clear()
    {
        std::vector<Idle> closing;
        const std::lock_guard lock(mutex_);
        closing.swap(idle_);
    }

    PoolState state() const
    {
        const std::lock_guard lock(mutex_);
        const std::size_t open = in_use_ + idle_.size();
        return {limits_.size, in_use_,
                idle_.size(), open > limits_.size ? open - limits_.size : 0,
                waiting_,     wait_seconds_};
    }

private:
    struct Idle {
        std::unique_ptr<Connection> connection;
        Clock::time_point born;
    };

    /// Counts the caller as a user and gives it an idle connection if there is one, or says why it
    /// cannot be one. Both at once: if the user counted before its connection left the idle ones,
    /// one that comes back in between would be too many and be closed.
    Result<std::optional<Idle>> wait_for_turn(const Job& job)
    {
        std::unique_lock lock(mutex_);
        const std::size_t most = limits_.size + limits_.overflow;
        const auto start = Clock::now();
        const auto end = std::min(job.deadline, start + limits_.timeout);
        const bool waits = in_use_ >= most;
        waiting_ += waits ? 1 : 0;
        while (in_use_ >= most && !job.stop.stop_requested() && Clock::now() < end) {
            // A stop has no way to wake it up: it looks again soon.
            returned_.wait_until(lock, std::min(end, Clock::now() + std::chrono::milliseconds(50)));
        }
        waiting_ -= waits ? 1 : 0;
        wait_seconds_ += waits ? std::chrono::duration<double>(Clock::now() - start).count() : 0.0;
        if (in_use_ >= most) {
            return Error{
                job.stop.stop_requested()
                    ? "was stopped before it was done"
                    : "no connection of the pool became free within " +
                          sidecar::format_duration(
                              std::chrono::duration_cast<std::chrono::milliseconds>(end - start)) +
                          ": all " + std::to_string(most) +
                          " are in use; raise \"pool_size\" or have cards compute less"};
        }
        ++in_use_;
        return pop_idle();
    }

    std::optional<Idle> take_idle()
    {
        const std::lock_guard lock(mutex_);
        return pop_idle();
    }

    std::optional<Idle> pop_idle()
    {
        if (idle_.empty()) {
            return std::nullopt;
        }
        Idle last = std::move(idle_.back());
        idle_.pop_back();
        return last;
    }

    bool is_old(const Idle& idle) const
    {
        return limits_.recycle.count() > 0 && Clock::now() - idle.born >= limits_.recycle;
    }

    void give_back(std::unique_ptr<Connection> connection, Clock::time_point born)
    {
        {
            const std::lock_guard lock(mutex_);
            --in_use_;
            if (in_use_ + idle_.size() < limits_.size) {
                idle_.push_back({std::move(connection), born});
            }
        }
        returned_.notify_one();
    }

    void left()
    {
        {
            const std::lock_guard lock(mutex_);
            --in_use_;
        }
        returned_.notify_one();
    }

    const PoolLimits limits_;
    const Make make_;
    const Check check_;
    mutable std::mutex mutex_;
    std::condition_variable returned_;
    std::vector<Idle> idle_;  // the one used last is at the end, and is used next
    std::size_t in_use_ = 0;
    std::size_t waiting_ = 0;
    double wait_seconds_ = 0;
};

}  // namespace gatehouse::databases
