#include "sidecar/base/lanes.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "sidecar/base/pool.h"
#include "sidecar/base/process_memory.h"

namespace gatehouse::sidecar {

Lanes::Lanes(std::string name, std::chrono::milliseconds patience)
    : name_(std::move(name)), patience_(patience)
{
}

Lanes::~Lanes()
{
    {
        const std::lock_guard lock{mutex_};
        closing_ = true;  // from here on threads_ stays as it is
    }
    wanted_.notify_all();
    for (auto& thread : threads_) {
        thread.join();
    }
}

void Lanes::submit(Lane lane, std::string who, Task task)
{
    const std::lock_guard lock{mutex_};
    queue_.push_back({std::move(lane), std::move(who), std::move(task)});
    have_one_wait();
}

bool Lanes::wait_idle(std::chrono::milliseconds limit)
{
    std::unique_lock lock{mutex_};
    return idle_.wait_for(lock, limit, [this] { return queue_.empty() && running_.empty(); });
}

/// Somebody takes what is queued, or waits until it may begin.
void Lanes::have_one_wait()
{
    if (queue_.empty()) {
        return;
    }
    if (waiting_ == 0 && !closing_) {
        add_thread();
    }
    wanted_.notify_one();
}

/// Where the system has none to spare, one that works now takes what is queued when it is done, or
/// else the next to be submitted has another try.
void Lanes::add_thread()
{
    (void)raise_memory_limit();  // its stack counts, and what libraries keep for it
    try {
        threads_.emplace_back([this] { work(); });
        ++waiting_;  // before it runs: a second one in a burst would be one too many
    } catch (const std::system_error&) {
    }
}

void Lanes::work()
{
    begin_work_thread(name_);
    std::unique_lock lock{mutex_};
    --waiting_;
    while (!closing_ || !queue_.empty()) {
        const auto look_again = put_aside(Clock::now());
        const auto found = next();
        if (found == queue_.end()) {
            ++waiting_;
            if (look_again && !queue_.empty()) {
                wanted_.wait_until(lock, *look_again);
            } else {
                wanted_.wait(lock);
            }
            --waiting_;
            continue;
        }
        begin(found);
        have_one_wait();
        lock.unlock();
        found->task();
        found->task = nullptr;  // what it holds is released before this counts as idle
        lock.lock();
        end(found);
    }
    wanted_.notify_all();
}

/// Sets those aside that have taken too long for their place. Returns when the next one will have.
std::optional<Lanes::Clock::time_point> Lanes::put_aside(Clock::time_point now)
{
    std::optional<Clock::time_point> next;
    for (auto& work : running_) {
        auto& counts = counts_[work.lane.name];
        if (work.aside || counts.aside >= work.lane.aside) {
            continue;
        }
        const auto at = work.began + patience_;
        if (at > now) {
            next = std::min(next.value_or(at), at);
            continue;
        }
        work.aside = true;
        --counts.placed;
        ++counts.aside;
        slow_.insert(work.who);
    }
    return next;
}

Lanes::Works::iterator Lanes::next()
{
    return std::find_if(queue_.begin(), queue_.end(),
                        [this](const Work& work) { return may_begin(work); });
}

bool Lanes::takes_long(const Work& work) const
{
    return work.lane.aside > 0 && slow_.contains(work.who);
}

bool Lanes::may_begin(const Work& work)
{
    const auto& counts = counts_[work.lane.name];
    if (work.lane.in_turn && awaits_own(work)) {
        return false;
    }
    return takes_long(work)
               ? counts.began_aside < work.lane.places && counts.aside < work.lane.aside
               : counts.placed < work.lane.places;
}

bool Lanes::awaits_own(const Work& work) const
{
    return std::any_of(running_.begin(), running_.end(), [&](const Work& other) {
        return other.who == work.who && other.lane.name == work.lane.name;
    });
}

void Lanes::begin(Works::iterator work)
{
    auto& counts = counts_[work->lane.name];
    work->began = Clock::now();
    work->aside = work->began_aside = takes_long(*work);
    ++(work->aside ? counts.aside : counts.placed);
    counts.began_aside += work->began_aside ? 1 : 0;
    running_.splice(running_.end(), queue_, work);
}

void Lanes::end(Works::iterator work)
{
    auto& counts = counts_[work->lane.name];
    --(work->aside ? counts.aside : counts.placed);
    counts.began_aside -= work->began_aside ? 1 : 0;
    if (Clock::now() - work->began < patience_) {
        slow_.erase(work->who);
    } else {
        slow_.insert(work->who);
    }
    running_.erase(work);
    if (running_.empty() && queue_.empty()) {
        idle_.notify_all();
    }
}

}  // namespace gatehouse::sidecar
