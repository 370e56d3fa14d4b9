// What the limits said about a request: made when the first one applies, kept for its life.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

#include "ngx_module/limit/conf.h"
#include "ngx_module/limit/module.h"
#include "src/limit/decision.h"

namespace gatehouse::limit_feature {

enum class Status : std::uint8_t { passed, delayed, rejected, delayed_dry_run, rejected_dry_run };

/// A rule, as it applies to this request. All it points to lives as long as the request.
struct Applied {
    const Rule* rule;
    const limit::Plan* plan;
    std::string_view key;
    limit::Demand* demand;
    bool spent;  ///< false: the status of the response is waited for

    limit::Outcome outcome(const limit::Charge& charge) const noexcept
    {
        auto outcome = charge.outcome();
        if (!spent && outcome.admitted) {
            outcome.remaining += demand->cost;
        }
        return outcome;
    }
};

/// The window that has the last word on a request, and how it stands.
struct Tightest {
    const Applied* applied = nullptr;
    const limit::Charge* charge = nullptr;
    limit::Outcome outcome;
};

class RequestState {
public:
    /// nullptr: no limit has applied yet.
    static RequestState* find(const ngx_http_request_t& r) noexcept
    {
        return static_cast<RequestState*>(slot_of(r).get(r));
    }

    /// From now on find() finds it. REQUIRES: a rule has applied; it lives as long as the request.
    void attach(ngx_http_request_t& r) noexcept { slot_of(r).set(r, this); }

    /// The rules of a stage that were asked; empty before, and where none applied.
    std::span<Applied> applied(Stage stage) const noexcept { return of(stage).applied; }
    void set_applied(Stage stage, std::span<Applied> applied) noexcept
    {
        of(stage).applied = applied;
    }

    /// Whether a stage has charged what spends at once: it has been asked, and did not refuse.
    bool charged(Stage stage) const noexcept { return of(stage).charged; }
    void set_charged(Stage stage) noexcept { of(stage).charged = true; }

    template <class Function>
    void for_each_applied(const Function& function) const
    {
        for (const auto& stage : stages_) {
            for (auto& applied : stage.applied) {
                function(applied);
            }
        }
    }

    /// Of what has been asked so far. It is sought when somebody wants to know.
    const Tightest& tightest() noexcept;

    /// A window that refuses has the last word, however tight others are.
    void refused_by(const Applied& applied, const limit::Charge& charge) noexcept;

    /// The charges have changed.
    void seek_tightest_again() noexcept;

    /// The worst of the stages' verdicts stays.
    void note(Status verdict) noexcept
    {
        if (verdict > status) {
            status = verdict;
        }
    }

    Status status = Status::passed;
    bool refused = false;        ///< and answered so: no dry run
    bool awaits_status = false;  ///< some rules spend when the status is known

private:
    struct StageState {
        std::span<Applied> applied;
        bool charged = false;
        bool compared = false;  ///< the tightest window is known among these
    };

    static const glue::RequestSlot& slot_of(const ngx_http_request_t& r) noexcept
    {
        return static_cast<const MainConf*>(r.main_conf[ngx_http_gatehouse_limit_module.ctx_index])
            ->request_state;
    }
    StageState& of(Stage stage) noexcept { return stages_[static_cast<std::size_t>(stage)]; }
    const StageState& of(Stage stage) const noexcept
    {
        return stages_[static_cast<std::size_t>(stage)];
    }
    void compare(const Applied& applied) noexcept;

    std::array<StageState, stage_count> stages_;
    Tightest tightest_;
};

static_assert(std::is_trivially_destructible_v<RequestState>);

}  // namespace gatehouse::limit_feature
