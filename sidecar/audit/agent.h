// The audit log's place in the sidecar: looks into the workers' rings ten times a second, on a
// thread of its own.
//
// Thread safety: none; lives on the loop.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "sidecar/audit/recorder.h"
#include "sidecar/base/loop.h"
#include "sidecar/base/pool.h"
#include "sidecar/config/types.h"

namespace gatehouse::audit_log {

class Agent {
public:
    /// `rings`: of every nginx that is connected.
    Agent(sidecar::Loop& loop, std::function<std::vector<Rings>()> rings);
    ~Agent();

    /// Goes on under these settings, also from none to some and back.
    void configure(const config::Audit& settings);

    /// Goes on in a new file where somebody has moved the one that is open.
    void reopen();

    const config::Audit& settings() const noexcept { return settings_; }

    /// As of the last look.
    const Status& status() const noexcept { return status_; }

    /// Takes what there is, and ends. False: that took longer than `limit`.
    bool stop(std::chrono::milliseconds limit);

    static constexpr std::chrono::milliseconds interval{100};

    /// For so long the rings of an nginx that is gone are still looked into.
    static constexpr std::int64_t lingering_ms = 60'000;

private:
    struct Known {
        Rings rings;
        std::int64_t seen_at_ms;  ///< steady
    };

    using Work = std::function<void(Recorder&, const std::vector<Rings>&, sidecar::Now)>;

    void look();
    void submit(Work work);
    std::vector<Rings> rings_now(std::int64_t steady_ms);

    sidecar::Loop& loop_;
    std::function<std::vector<Rings>()> rings_;
    config::Audit settings_;
    std::vector<Known> known_;
    std::shared_ptr<Recorder> recorder_;
    Status status_;
    bool busy_ = false;
    sidecar::Timer timer_;
    sidecar::Pool pool_{"audit", 1};  // last: its thread ends before what it works on goes
};

}  // namespace gatehouse::audit_log
