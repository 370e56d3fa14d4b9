// Threads for work of which some takes long: lanes that do not wait for each other, and in each of
// them what takes long does not hold up what does not.
//
//               ┌─ places ──┐  longer than `patience`   ┌─ aside ──┐
//     queue ───▶│ a  b      │ ────────────────────────▶ │ c        │
//       └─────────────────── was aside last time ──────▶│          │
//                                                       └──────────┘
//
// Invariants
//   1. In a lane at most `places` tasks run that have not taken longer than `patience`; what takes
//      longer goes aside and makes room for another, while fewer than `aside` are there.
//   2. Whose last task went aside begins there, at most `places` of them at once.
//   3. While anything is queued, either a thread is on its way to look at it, or none of it may
//      begin and a thread watches when the next one that runs has taken too long. A thread is woken
//      up for nothing else; there are as many as were ever needed at once, and one more.
//
// Thread safety: submit() may be called from any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace gatehouse::sidecar {

/// What waits for something of its own, such as a database, has a lane of its own.
struct Lane {
    std::string name{};
    std::size_t places = 1;
    std::size_t aside = 0;  ///< 0: whatever takes long keeps its place
    bool in_turn = false;   ///< of one `who` a task begins when the one before has ended
};

class Lanes {
public:
    using Task = std::function<void()>;

    static constexpr std::chrono::milliseconds default_patience{1000};

    /// `name` is what top and gdb show.
    explicit Lanes(std::string name, std::chrono::milliseconds patience = default_patience);

    /// Runs what was submitted, then joins.
    ~Lanes();

    Lanes(const Lanes&) = delete;
    Lanes& operator=(const Lanes&) = delete;

    /// Queues a task of `who`. It must not throw.
    void submit(Lane lane, std::string who, Task task);

    /// Waits until nothing runs or is queued. Returns false when that took longer than `limit`.
    bool wait_idle(std::chrono::milliseconds limit);

private:
    using Clock = std::chrono::steady_clock;

    struct Traffic;

    struct Work {
        Lane lane;
        std::string who;
        Task task;
        Traffic* traffic;  // of its lane
        Clock::time_point began{};
        bool aside = false;
        bool began_aside = false;
    };
    using Works = std::list<Work>;

    struct Traffic {
        Works queue;
        std::size_t placed = 0, aside = 0, began_aside = 0;  // of those that run
    };

    void work();
    void wait(std::unique_lock<std::mutex>& lock, std::optional<Clock::time_point> look_again);
    std::optional<Clock::time_point> put_aside(Clock::time_point now);
    std::optional<Works::iterator> next();
    bool may_begin(const Work& work) const;
    bool awaits_own(const Work& work) const;
    bool takes_long(const Work& work) const;
    void begin(Works::iterator work);
    void end(Works::iterator work);
    bool wants_another();
    void add_thread();

    const std::string name_;
    const std::chrono::milliseconds patience_;
    std::mutex mutex_;  // of all that follows
    std::condition_variable wanted_;
    std::condition_variable idle_;
    std::map<std::string, Traffic> lanes_;
    Works running_;
    std::set<std::string> slow_;  // went aside last time
    std::size_t queued_ = 0;      // in all lanes
    std::size_t waiting_ = 0;     // threads, and of these, until when one that runs has too long:
    std::size_t watching_ = 0;
    bool coming_ = false;  // a thread, which will look at what is queued
    bool closing_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace gatehouse::sidecar
