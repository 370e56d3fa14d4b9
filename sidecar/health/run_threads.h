// A thread for each run of a check: one that never ends, on a file system that hangs for instance,
// keeps nothing but its own.
//
// Thread safety: none; lives on the loop.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <mutex>
#include <thread>

namespace gatehouse::checks {

class RunThreads {
public:
    using Task = std::function<void()>;

    RunThreads() = default;

    /// Waits for all of them.
    ~RunThreads();

    RunThreads(const RunThreads&) = delete;
    RunThreads& operator=(const RunThreads&) = delete;

    /// The task must not throw. False: the system has no thread to spare.
    bool start(Task task);

    /// False: some take longer than `limit` to end.
    bool wait_idle(std::chrono::milliseconds limit);

private:
    struct Run {
        std::thread thread;
        bool ended = false;  ///< the thread does nothing more: it can be joined
    };

    void work(Run& run, Task& task);
    void join_ended();

    std::mutex mutex_;  // of what follows
    std::condition_variable one_ended_;
    std::list<Run> runs_;
    std::size_t running_ = 0;
};

}  // namespace gatehouse::checks
