// The ids that requests go by: 128 bits, as 32 hexadecimal digits or as a UUID (RFC 9562), all in
// lower or all in upper case. Nothing else: an id goes into logs and into the 16 bytes that a
// record of the audit log has for it.
//
// Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <string_view>

namespace gatehouse::http {

inline constexpr std::size_t request_id_digits = 32;
inline constexpr std::size_t uuid_size = 36;

/// Where a UUID has its dashes.
constexpr bool is_dash_of_uuid(std::size_t at) noexcept
{
    return at == 8 || at == 13 || at == 18 || at == 23;
}

constexpr bool is_request_id(std::string_view text) noexcept
{
    if (text.size() != request_id_digits && text.size() != uuid_size) {
        return false;
    }
    bool lower = false, upper = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (text.size() == uuid_size && is_dash_of_uuid(i)) {
            if (c != '-') {
                return false;
            }
            continue;
        }
        lower = lower || (c >= 'a' && c <= 'f');
        upper = upper || (c >= 'A' && c <= 'F');
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f') && !(c >= 'A' && c <= 'F')) {
            return false;
        }
    }
    return !(lower && upper);
}

}  // namespace gatehouse::http
