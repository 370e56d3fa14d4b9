// What the limits said about a request: made when the first one applies, kept for its life.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "ngx_module/limit/conf.h"
#include "src/limit/decision.h"

namespace gatehouse::limit_feature {

enum class Status : std::uint8_t { passed, delayed, rejected, delayed_dry_run, rejected_dry_run };

/// A rule, as it applies to this request. All it points to lives as long as the request.
struct Applied {
    const Rule* rule = nullptr;
    const limit::Plan* plan = nullptr;
    std::string_view key;
    std::span<limit::Charge> charges;  ///< one for each window
};

/// The window that has the last word on a request.
struct Tightest {
    const Applied* applied = nullptr;  ///< nullptr: no window applies
    const limit::Charge* charge = nullptr;
};

class RequestState {
public:
    /// nullptr: no limit has applied yet. Survives internal redirects, which wipe the context.
    static RequestState* find(ngx_http_request_t& r) noexcept;
    static RequestState& make(ngx_http_request_t& r);

    /// The rules of a stage that were asked; empty before, and where none applied.
    std::span<Applied>& applied(Stage stage) noexcept
    {
        return applied_[static_cast<std::size_t>(stage)];
    }
    std::span<const Applied> applied(Stage stage) const noexcept
    {
        return applied_[static_cast<std::size_t>(stage)];
    }
    const std::array<std::span<Applied>, 3>& all() const noexcept { return applied_; }

    /// Whether a stage has charged what spends at once: it has been asked, and did not refuse.
    bool charged(Stage stage) const noexcept { return charged_[static_cast<std::size_t>(stage)]; }
    void set_charged(Stage stage, bool charged) noexcept
    {
        charged_[static_cast<std::size_t>(stage)] = charged;
    }

    /// The worst of the stages' verdicts stays.
    void note(Status verdict) noexcept
    {
        if (verdict > status) {
            status = verdict;
        }
    }

    Status status = Status::passed;
    Tightest tightest;
    bool refused = false;        ///< and answered so: no dry run
    bool awaits_status = false;  ///< some rules spend when the status is known

private:
    std::array<std::span<Applied>, 3> applied_{};
    std::array<bool, 3> charged_{};
};

}  // namespace gatehouse::limit_feature
