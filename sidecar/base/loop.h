// The one thread on which all agents live: timers, descriptors, signals, and tasks from other
// threads. A thin front of Boost.Asio, so that only loop.cpp and the control API compile its
// headers.
//
// Thread safety: post() and stop() may be called from any thread; all else belongs to the loop's.
// Invariant: a Timer or FdWatch that is destroyed or cancelled calls nothing any more, also when
// its event had already happened.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "src/base/result.h"

namespace boost::asio {
class io_context;
}

namespace gatehouse::sidecar {

class Loop {
public:
    using Task = std::function<void()>;

    Loop();
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    /// Runs until stop(); may be called again. Fails with what a task threw: the one exception
    /// barrier of this thread.
    Result<void> run();
    void stop();

    /// Runs the task on the loop's thread, soon, never before returning.
    void post(Task task);

    /// Calls on the loop's thread with each of these signals from now on. Once.
    void on_signals(const std::vector<int>& signals, std::function<void(int)> handler);

    boost::asio::io_context& context() noexcept;

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// One wait at a time.
class Timer {
public:
    explicit Timer(Loop& loop);
    ~Timer();
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    /// Replaces the wait under way, if any.
    void start(std::chrono::milliseconds wait, Loop::Task task);
    void cancel() noexcept;
    bool waiting() const noexcept;

private:
    struct State;
    std::shared_ptr<State> state_;
};

/// Readiness of a descriptor that somebody else owns and closes later than this object.
class FdWatch {
public:
    FdWatch(Loop& loop, int fd);
    ~FdWatch();
    FdWatch(const FdWatch&) = delete;
    FdWatch& operator=(const FdWatch&) = delete;

    /// Calls every time there is something to read, or the peer is gone. The task may destroy
    /// *this.
    void on_readable(Loop::Task task);

    /// Calls once, when there is room to write.
    void once_writable(Loop::Task task);

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace gatehouse::sidecar
