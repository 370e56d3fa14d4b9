#include "sidecar/health/run_threads.h"

#include <pthread.h>
#include <signal.h>

#include <system_error>
#include <utility>

#include "sidecar/base/process_memory.h"

namespace gatehouse::checks {

namespace {

/// While it lives, threads are started without signals: these belong to the loop's.
class SignalsBlocked {
public:
    SignalsBlocked()
    {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_BLOCK, &all, &before_);
    }
    ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;

private:
    sigset_t before_{};
};

}  // namespace

RunThreads::~RunThreads()
{
    {
        std::unique_lock lock{mutex_};
        one_ended_.wait(lock, [this] { return running_ == 0; });
    }
    join_ended();
}

bool RunThreads::start(Task task)
{
    join_ended();
    const SignalsBlocked blocked;
    const std::lock_guard lock{mutex_};
    auto& run = runs_.emplace_back();
    try {
        run.thread =
            std::thread{[this, &run, task = std::move(task)]() mutable { work(run, task); }};
    } catch (const std::system_error&) {
        runs_.pop_back();
        return false;
    }
    ++running_;
    return true;
}

bool RunThreads::wait_idle(std::chrono::milliseconds limit)
{
    std::unique_lock lock{mutex_};
    return one_ended_.wait_for(lock, limit, [this] { return running_ == 0; });
}

void RunThreads::work(Run& run, Task& task)
{
    sidecar::exempt_from_memory_limit();
    ::pthread_setname_np(::pthread_self(), "checks");
    task();
    task = nullptr;  // what it holds is released before the run counts as ended
    const std::lock_guard lock{mutex_};
    run.ended = true;
    --running_;
    one_ended_.notify_all();
}

void RunThreads::join_ended()
{
    std::list<Run> ended;
    {
        const std::lock_guard lock{mutex_};
        for (auto run = runs_.begin(); run != runs_.end();) {
            const auto next = std::next(run);
            if (run->ended) {
                ended.splice(ended.end(), runs_, run);
            }
            run = next;
        }
    }
    for (auto& run : ended) {
        run.thread.join();
    }
}

}  // namespace gatehouse::checks
