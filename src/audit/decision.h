// What one line of the audit log tells about a request.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace gatehouse::audit {

/// How the bytes of a request's id are written, for it to be found as its client knows it.
enum RequestIdForm : std::uint8_t { plain_id = 0, uuid_with_dashes = 1, upper_case = 2 };

inline constexpr std::uint16_t no_zone = 0xffff;

/// Stage, verdict, reason and method are numbers of src/telemetry/{decision,http_labels}.h;
/// endpoint and zone are indices of names in the telemetry region of the same nginx.
struct Decision {
    std::int64_t at_ms = 0;  ///< Unix time
    std::array<std::uint8_t, 16> request_id{};
    std::uint8_t request_id_form = 0;       ///< of RequestIdForm
    std::array<std::uint8_t, 16> client{};  ///< IPv6, IPv4 as ::ffff:a.b.c.d; all 0: unknown
    std::uint8_t stage = 0;
    std::uint8_t verdict = 0;
    std::uint8_t reason = 0;
    std::uint8_t method = 0;
    std::uint16_t status = 0;
    std::uint16_t endpoint = 0;
    std::uint16_t zone = no_zone;   ///< of a limit or a cap, by the stage
    std::array<char, 2> country{};  ///< all 0: unknown
    std::string_view token_id;      ///< whatever is longer than its longest_… is cut
    std::string_view rule;          ///< what was required, where that is no zone
    std::string_view user;

    friend bool operator==(const Decision&, const Decision&) = default;
};

}  // namespace gatehouse::audit
