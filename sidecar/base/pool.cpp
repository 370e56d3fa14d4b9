#include "sidecar/base/pool.h"

#include <pthread.h>
#include <signal.h>

#include "sidecar/base/process_memory.h"

namespace gatehouse::sidecar {

namespace {

/// Signals belong to the loop's thread.
void block_signals()
{
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

void begin_work_thread(const std::string& name)
{
    block_signals();
    exempt_from_memory_limit();
    ::pthread_setname_np(::pthread_self(), name.substr(0, 15).c_str());
}

Pool::Pool(std::string name, std::size_t threads) : name_(std::move(name))
{
    for (std::size_t i = 0; i < threads; ++i) {
        threads_.emplace_back([this] { work(); });
    }
}

Pool::~Pool()
{
    {
        const std::lock_guard lock{mutex_};
        closing_ = true;
    }
    wanted_.notify_all();
    for (auto& thread : threads_) {
        thread.join();
    }
}

void Pool::submit(Task task)
{
    {
        const std::lock_guard lock{mutex_};
        queue_.push_back(std::move(task));
    }
    wanted_.notify_one();
}

bool Pool::wait_idle(std::chrono::milliseconds limit)
{
    std::unique_lock lock{mutex_};
    return idle_.wait_for(lock, limit, [this] { return queue_.empty() && running_ == 0; });
}

void Pool::work()
{
    begin_work_thread(name_);
    std::unique_lock lock{mutex_};
    for (;;) {
        wanted_.wait(lock, [this] { return closing_ || !queue_.empty(); });
        if (queue_.empty()) {
            return;
        }
        auto task = std::move(queue_.front());
        queue_.pop_front();
        ++running_;
        lock.unlock();
        task();
        task = nullptr;  // what it holds is released before the pool counts as idle
        lock.lock();
        --running_;
        if (running_ == 0 && queue_.empty()) {
            idle_.notify_all();
        }
    }
}

}  // namespace gatehouse::sidecar
