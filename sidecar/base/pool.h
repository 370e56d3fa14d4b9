// A fixed number of threads for work that blocks.
//
// Thread safety: submit() may be called from any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace gatehouse::sidecar {

/// What every thread for work begins with: its name (up to 15 bytes), and no signals.
void begin_work_thread(const std::string& name);

class Pool {
public:
    using Task = std::function<void()>;

    /// `name` is what top and gdb show.
    Pool(std::string name, std::size_t threads);

    /// Runs what was submitted, then joins.
    ~Pool();

    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    /// Queues the task. It must not throw.
    void submit(Task task);

    /// Waits until nothing runs or is queued. Returns false when that took longer than `limit`.
    bool wait_idle(std::chrono::milliseconds limit);

private:
    void work();

    std::string name_;
    std::mutex mutex_;
    std::condition_variable wanted_;  ///< for threads: there is a task, or the end
    std::condition_variable idle_;
    std::deque<Task> queue_;
    std::size_t running_ = 0;
    bool closing_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace gatehouse::sidecar
