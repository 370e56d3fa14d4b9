// For tests: threads of which one runs at a time, and changes happen at chosen steps, so that every
// interleaving of a few workers with a few preemptions can be gone through (Musuvathi, Qadeer:
// "Iterative context bounding", 2007).
#pragma once

#include <functional>
#include <memory>
#include <semaphore>
#include <thread>
#include <vector>

namespace gatehouse::conn {

class Schedule {
public:
    /// At the `step`-th step of all, counted from 1, the one that runs stops, for ever if `dies`,
    /// and `next` runs; if that one has ended, the first that has not.
    struct Change {
        int step;
        unsigned next;
        bool dies = false;
    };

    explicit Schedule(std::vector<Change> changes) : changes_(std::move(changes)) {}

    /// Gets the function to call before each step. Who dies never returns from it before end().
    using Body = std::function<void(const std::function<void()>& step)>;

    /// Runs until all have ended or died.
    void run(const std::vector<Body>& bodies)
    {
        for (unsigned i = 0; i < bodies.size(); ++i) {
            runners_.push_back(std::make_unique<Runner>());
        }
        for (unsigned i = 0; i < bodies.size(); ++i) {
            runners_[i]->thread = std::thread{[this, i, body = bodies[i]] {
                runners_[i]->turn.acquire();
                body([this, i] { step(i); });
                if (!over_) {
                    runners_[i]->ended = true;
                    hand_over(i);
                }
            }};
        }
        runners_[0]->turn.release();
        done_.acquire();
    }

    /// Lets the dead go, whose memory nobody looks at any more.
    ~Schedule()
    {
        over_ = true;
        for (auto& runner : runners_) {
            runner->turn.release();
            runner->thread.join();
        }
    }

    int steps() const { return steps_; }
    bool died(unsigned i) const { return runners_[i]->dead; }

private:
    struct Runner {
        std::thread thread;
        std::binary_semaphore turn{0};
        bool ended = false;
        bool dead = false;
    };

    void step(unsigned i)
    {
        if (over_) {
            return;
        }
        ++steps_;
        if (next_change_ < changes_.size() && changes_[next_change_].step == steps_) {
            const auto change = changes_[next_change_++];
            runners_[i]->dead = change.dies;
            if (!change.dies && (change.next == i || finished(change.next))) {
                return;
            }
            hand_over(change.next);
            runners_[i]->turn.acquire();
        }
    }

    bool finished(unsigned i) const { return runners_[i]->ended || runners_[i]->dead; }

    void hand_over(unsigned preferred)
    {
        for (unsigned k = 0; k <= runners_.size(); ++k) {
            const auto i = k == 0 ? preferred : k - 1;
            if (!finished(i)) {
                runners_[i]->turn.release();
                return;
            }
        }
        done_.release();
    }

    std::vector<Change> changes_;
    std::vector<std::unique_ptr<Runner>> runners_;
    std::binary_semaphore done_{0};
    std::size_t next_change_ = 0;
    int steps_ = 0;
    std::atomic<bool> over_{false};
};

}  // namespace gatehouse::conn
