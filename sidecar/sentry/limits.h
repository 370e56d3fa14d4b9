// What Sentry says it takes no more of, and until when.
//
// Thread safety: none; one owner.
#pragma once

#include <cstdint>
#include <string_view>

namespace gatehouse::sentry {

class Limits {
public:
    /// Takes the fields of an answer: X-Sentry-Rate-Limits ("60:error;default:organization,
    /// 2700::key"), which counts where it is there, and Retry-After of a 429.
    void take(long status, std::string_view rate_limits, std::string_view retry_after,
              std::int64_t steady_ms);

    /// Whether no event may be sent now.
    bool hold(std::int64_t steady_ms) const noexcept { return steady_ms < until_ms_; }

private:
    std::int64_t until_ms_ = 0;  ///< steady
};

}  // namespace gatehouse::sentry
