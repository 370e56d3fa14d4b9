#include "sidecar/audit/agent.h"

#include <algorithm>
#include <utility>

#include "sidecar/base/clock.h"

namespace gatehouse::audit_log {

using sidecar::read_clocks;

Agent::Agent(sidecar::Loop& loop, std::function<std::vector<Rings>()> rings)
    : loop_(loop), rings_(std::move(rings)), timer_(loop)
{
}

Agent::~Agent() = default;

void Agent::configure(const config::Audit& settings)
{
    if (recorder_ && settings == settings_) {
        return;
    }
    if (recorder_) {
        submit(
            [](Recorder& recorder, const auto& rings, auto now) { recorder.finish(rings, now); });
        timer_.cancel();
        recorder_.reset();  // the task above holds it until it is done
    }
    settings_ = settings;
    status_ = {};
    if (settings.is_on()) {
        recorder_ = std::make_shared<Recorder>(settings);
        look();
    }
}

void Agent::reopen()
{
    submit([](Recorder& recorder, const auto&, auto now) { recorder.reopen(now); });
}

void Agent::look()
{
    if (!std::exchange(busy_, true)) {
        submit([](Recorder& recorder, const auto& rings, auto now) { recorder.run(rings, now); });
    }
    timer_.start(interval, [this] { look(); });
}

void Agent::submit(Work work)
{
    if (!recorder_) {
        return;
    }
    pool_.submit([this, recorder = recorder_, work = std::move(work),
                  rings = rings_now(read_clocks().steady_ms)]() mutable {
        work(*recorder, rings, read_clocks());
        auto status = recorder->status();
        // Here and not on the loop, which may never come to it: the log is to be closed before it
        // is opened under other settings.
        auto* const of = recorder.get();
        recorder.reset();
        rings.clear();
        loop_.post([this, of, status = std::move(status)] {
            busy_ = false;
            if (of == recorder_.get()) {
                status_ = status;
            }
        });
    });
}

std::vector<Rings> Agent::rings_now(std::int64_t steady_ms)
{
    for (auto& rings : rings_()) {
        const auto found = std::find_if(known_.begin(), known_.end(), [&](const Known& known) {
            return known.rings.audit == rings.audit;
        });
        if (found == known_.end()) {
            known_.push_back({std::move(rings), steady_ms});
        } else {
            *found = {std::move(rings), steady_ms};
        }
    }
    std::erase_if(known_,
                  [&](const Known& known) { return steady_ms - known.seen_at_ms > lingering_ms; });
    std::vector<Rings> all;
    for (const auto& known : known_) {
        all.push_back(known.rings);
    }
    return all;
}

bool Agent::stop(std::chrono::milliseconds limit)
{
    timer_.cancel();
    submit([](Recorder& recorder, const auto& rings, auto now) { recorder.finish(rings, now); });
    return pool_.wait_idle(limit);
}

}  // namespace gatehouse::audit_log
