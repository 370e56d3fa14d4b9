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
    bool wanted = false;
    {
        const std::lock_guard lock{mutex_};
        Traffic& traffic = lanes_[lane.name];
        traffic.queue.push_back({std::move(lane), std::move(who), std::move(task), &traffic});
        ++queued_;
        wanted = wants_another();
    }
    if (wanted) {
        wanted_.notify_one();
    }
}

bool Lanes::wait_idle(std::chrono::milliseconds limit)
{
    std::unique_lock lock{mutex_};
    return idle_.wait_for(lock, limit, [this] { return queued_ == 0 && running_.empty(); });
}

/// Whether a thread that waits is to be notified, once the lock is let go.
bool Lanes::wants_another()
{
    if (queued_ == 0 || coming_ || (watching_ > 0 && !next())) {
        return false;
    }
    if (waiting_ > 0) {
        return coming_ = true;
    }
    if (!closing_) {
        add_thread();
    }
    return false;
}

/// Where the system has none to spare, one that works now takes what is queued when it is done, or
/// else the next to be submitted has another try.
void Lanes::add_thread()
{
    (void)raise_memory_limit();  // its stack counts, and what libraries keep for it
    try {
        threads_.emplace_back([this] { work(); });
        ++waiting_;
        coming_ = true;  // a second one in a burst would be one too many
    } catch (const std::system_error&) {
    }
}

void Lanes::work()
{
    begin_work_thread(name_);
    std::unique_lock lock{mutex_};
    --waiting_;
    coming_ = false;
    while (!closing_ || queued_ > 0) {
        const auto look_again = put_aside(Clock::now());
        const auto found = next();
        if (!found) {
            wait(lock, look_again);
            continue;
        }
        begin(*found);
        const bool wanted = wants_another();
        lock.unlock();
        if (wanted) {
            wanted_.notify_one();
        }
        Work& work = **found;
        work.task();
        work.task = nullptr;  // what it holds is released before this counts as idle
        lock.lock();
        end(*found);
    }
    wanted_.notify_all();
}

void Lanes::wait(std::unique_lock<std::mutex>& lock, std::optional<Clock::time_point> look_again)
{
    ++waiting_;
    if (look_again && queued_ > 0) {
        ++watching_;
        wanted_.wait_until(lock, *look_again);
        --watching_;
    } else {
        wanted_.wait(lock);
    }
    --waiting_;
    coming_ = false;
}

/// Sets those aside that have taken too long for their place. Returns when the next one will have.
std::optional<Lanes::Clock::time_point> Lanes::put_aside(Clock::time_point now)
{
    std::optional<Clock::time_point> next;
    for (auto& work : running_) {
        Traffic& traffic = *work.traffic;
        if (work.aside || traffic.aside >= work.lane.aside) {
            continue;
        }
        const auto at = work.began + patience_;
        if (at > now) {
            next = std::min(next.value_or(at), at);
            continue;
        }
        work.aside = true;
        --traffic.placed;
        ++traffic.aside;
        slow_.insert(work.who);
    }
    return next;
}

/// What may begin now, of some lane the first.
std::optional<Lanes::Works::iterator> Lanes::next()
{
    for (auto& [name, traffic] : lanes_) {
        Works& queue = traffic.queue;
        if (queue.empty() || (slow_.empty() && traffic.placed >= queue.front().lane.places)) {
            continue;
        }
        const auto found = std::find_if(queue.begin(), queue.end(),
                                        [this](const Work& work) { return may_begin(work); });
        if (found != queue.end()) {
            return found;
        }
    }
    return std::nullopt;
}

bool Lanes::takes_long(const Work& work) const
{
    return work.lane.aside > 0 && slow_.contains(work.who);
}

bool Lanes::may_begin(const Work& work) const
{
    const Traffic& traffic = *work.traffic;
    if (work.lane.in_turn && awaits_own(work)) {
        return false;
    }
    return takes_long(work)
               ? traffic.began_aside < work.lane.places && traffic.aside < work.lane.aside
               : traffic.placed < work.lane.places;
}

bool Lanes::awaits_own(const Work& work) const
{
    return std::any_of(running_.begin(), running_.end(), [&](const Work& other) {
        return other.who == work.who && other.traffic == work.traffic;
    });
}

void Lanes::begin(Works::iterator work)
{
    Traffic& traffic = *work->traffic;
    work->began = Clock::now();
    work->aside = work->began_aside = takes_long(*work);
    ++(work->aside ? traffic.aside : traffic.placed);
    traffic.began_aside += work->began_aside ? 1 : 0;
    running_.splice(running_.end(), traffic.queue, work);
    --queued_;
}

void Lanes::end(Works::iterator work)
{
    Traffic& traffic = *work->traffic;
    --(work->aside ? traffic.aside : traffic.placed);
    traffic.began_aside -= work->began_aside ? 1 : 0;
    if (Clock::now() - work->began < patience_) {
        slow_.erase(work->who);
    } else {
        slow_.insert(work->who);
    }
    running_.erase(work);
    if (running_.empty() && queued_ == 0) {
        idle_.notify_all();
    }
}

}  // namespace gatehouse::sidecar
