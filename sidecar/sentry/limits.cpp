#include "sidecar/sentry/limits.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "src/base/ascii.h"

namespace gatehouse::sentry {

namespace {

constexpr long too_many_requests = 429;
constexpr double usual_wait_s = 60;        ///< of a 429 that does not say
constexpr double longest_wait_s = 86'400;  ///< whatever is said

std::string_view take_until(std::string_view& text, char end)
{
    const auto size = std::min(text.find(end), text.size());
    const auto part = text.substr(0, size);
    text.remove_prefix(std::min(size + 1, text.size()));
    return part;
}

std::optional<double> seconds_of(std::string_view text)
{
    double seconds = 0;
    const auto* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, seconds);
    const bool good = parsed.ec == std::errc{} && parsed.ptr == end && seconds >= 0;
    return good ? std::optional{std::min(seconds, longest_wait_s)} : std::nullopt;
}

/// Of the categories of one limit; none named: all.
bool is_about_errors(std::string_view categories)
{
    if (categories.empty()) {
        return true;
    }
    while (!categories.empty()) {
        const auto category = take_until(categories, ';');
        if (category == "error" || category == "default") {
            return true;
        }
    }
    return false;
}

}  // namespace

void Limits::take(long status, std::string_view rate_limits, std::string_view retry_after,
                  std::int64_t steady_ms)
{
    double wait_s = 0;
    const bool said = !rate_limits.empty();
    while (!rate_limits.empty()) {
        auto limit = trim_ows(take_until(rate_limits, ','));
        const auto seconds = seconds_of(take_until(limit, ':'));
        if (seconds && is_about_errors(take_until(limit, ':'))) {
            wait_s = std::max(wait_s, *seconds);
        }
    }
    if (!said && status == too_many_requests) {
        wait_s = seconds_of(retry_after).value_or(usual_wait_s);
    }
    until_ms_ = std::max(until_ms_, steady_ms + static_cast<std::int64_t>(wait_s * 1000));
}

}  // namespace gatehouse::sentry
