#include "sidecar/base/freshness.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "src/base/ascii.h"
#include "src/base/http_date.h"

namespace gatehouse::sidecar {

namespace {

constexpr std::int64_t longest_s = 365LL * 86'400;

/// A delta-seconds (RFC 9111 §1.2.2), quoted or not.
std::optional<std::int64_t> seconds(std::string_view text) noexcept
{
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
        text = text.substr(1, text.size() - 2);
    }
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (end != text.data() + text.size() || number < 0 || error == std::errc::invalid_argument) {
        return std::nullopt;
    }
    return error == std::errc::result_out_of_range ? longest_s : std::min(number, longest_s);
}

/// Nothing: the field does not say.
std::optional<std::int64_t> max_age_s(std::string_view cache_control) noexcept
{
    std::optional<std::int64_t> found;
    while (!cache_control.empty()) {
        const auto directive = cache_control.substr(0, cache_control.find(','));
        cache_control.remove_prefix(std::min(directive.size() + 1, cache_control.size()));
        const auto text = trim_ows(directive);
        const auto equals = std::min(text.find('='), text.size());
        const auto name = text.substr(0, equals);
        if (equals_ignoring_case(name, "no-cache") || equals_ignoring_case(name, "no-store")) {
            return 0;
        }
        if (equals_ignoring_case(name, "max-age") && equals < text.size()) {
            found = seconds(text.substr(equals + 1));
        }
    }
    return found;
}

}  // namespace

std::int64_t fresh_for_ms(std::string_view cache_control, std::string_view age,
                          const FreshBounds& bounds) noexcept
{
    const auto max_age = max_age_s(cache_control);
    if (!max_age) {
        return std::clamp(bounds.usual_ms, bounds.least_ms, bounds.most_ms);
    }
    const auto left_s = *max_age - seconds(trim_ows(age)).value_or(0);
    return std::clamp(left_s * 1000, bounds.least_ms, bounds.most_ms);
}

std::int64_t doubled_ms(unsigned failures, std::int64_t first_ms, std::int64_t most_ms) noexcept
{
    auto wait_ms = std::min(first_ms, most_ms);
    for (unsigned i = 1; i < failures && wait_ms < most_ms; ++i) {
        wait_ms = std::min(2 * wait_ms, most_ms);
    }
    return wait_ms;
}

std::int64_t retry_after_ms(unsigned failures) noexcept
{
    return doubled_ms(failures, 30'000, 600'000);
}

std::optional<std::int64_t> asked_wait_ms(std::string_view retry_after,
                                          std::int64_t unix_ms) noexcept
{
    const auto text = trim_ows(retry_after);
    if (const auto wait_s = text.starts_with('"') ? std::nullopt : seconds(text)) {
        return *wait_s * 1000;
    }
    const auto at_s = parse_http_date(text, unix_ms / 1000);
    return at_s ? std::optional{std::max<std::int64_t>(*at_s * 1000 - unix_ms, 0)} : std::nullopt;
}

}  // namespace gatehouse::sidecar
