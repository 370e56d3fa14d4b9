// Methods and statuses as labels: a fixed set each, so that no request can make a new series.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string_view>

namespace gatehouse::telemetry {

/// The methods HTTP and WebDAV name, in the order of nginx's bits; whatever else there is, `other`.
inline constexpr std::string_view method_names[] = {
    "other",   "GET",      "HEAD",      "POST", "PUT",    "DELETE", "MKCOL", "COPY",    "MOVE",
    "OPTIONS", "PROPFIND", "PROPPATCH", "LOCK", "UNLOCK", "PATCH",  "TRACE", "CONNECT",
};
inline constexpr unsigned method_count = sizeof method_names / sizeof *method_names;
inline constexpr std::uint8_t other_method = 0;

constexpr std::string_view method_name(unsigned method) noexcept
{
    return method < method_count ? method_names[method] : method_names[other_method];
}

/// The label of a method as nginx has it: one bit each from the second up.
constexpr std::uint8_t method_of_bits(std::uint64_t bits) noexcept
{
    const auto index = bits == 0 ? 0 : std::countr_zero(bits);
    return static_cast<std::uint8_t>(index < static_cast<int>(method_count) ? index : other_method);
}

inline constexpr std::uint16_t other_status = 0;

/// Whether a status has a series of its own: those the IANA registry names, and nginx's 444 and
/// 499.
constexpr bool status_is_known(unsigned status) noexcept
{
    switch (status / 100) {
    case 1: return status <= 103;
    case 2: return status <= 208 || status == 226;
    case 3: return status <= 305 || status == 307 || status == 308;
    case 4:
        return status <= 417 || (status >= 421 && status <= 426) || status == 428 ||
               status == 429 || status == 431 || status == 444 || status == 451 || status == 499;
    case 5: return status <= 508 || status == 510 || status == 511;
    default: return false;
    }
}

namespace behind {

constexpr std::array<std::uint16_t, 600> make_status_labels() noexcept
{
    std::array<std::uint16_t, 600> labels{};
    for (unsigned status = 0; status < labels.size(); ++status) {
        labels[status] =
            status_is_known(status) ? static_cast<std::uint16_t>(status) : other_status;
    }
    return labels;
}
inline constexpr auto status_labels = make_status_labels();

}  // namespace behind

constexpr std::uint16_t status_label(unsigned status) noexcept
{
    return status < behind::status_labels.size() ? behind::status_labels[status] : other_status;
}

}  // namespace gatehouse::telemetry
