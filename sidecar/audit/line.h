// Lines of the audit log, as they are before they are sealed (src/audit/chain.h): JSON objects
// without their closing brace. No value, whatever it holds, adds a line or a member: all are
// escaped and none has more than 256 bytes before that.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/audit/chain.h"
#include "src/audit/decision.h"
#include "src/audit/layout.h"
#include "src/telemetry/reader.h"

namespace gatehouse::audit_log {

/// Which record of which ring a line is made of.
struct Origin {
    std::uint64_t region = 0;
    unsigned slot = 0;
    std::uint64_t number = 0;

    /// "9f2c6a1e00000000/0/12345": the region's id in hexadecimal.
    std::string text() const;
    static std::optional<Origin> parse(std::string_view text) noexcept;

    bool operator==(const Origin&) const = default;
};

/// `names`: of the same nginx; nullptr: not known, so that routes and zones are their numbers.
std::string decision_line(std::uint64_t seq, const audit::Decision& decision, const Origin& origin,
                          const telemetry::Reader* names);

/// Records up to `origin`'s were written over before they were read.
std::string dropped_line(std::uint64_t seq, std::int64_t now_ms, std::uint64_t count,
                         const Origin& origin);

/// A line that was torn when its writer ended.
struct Fragment {
    std::uint64_t bytes = 0;
    std::string sha256;
};

/// `reason`: "boot", "rotate", "reopen", "torn".
std::string start_line(const audit::ChainEnd& previous, std::int64_t now_ms,
                       std::string_view reason, std::string_view key_id,
                       const std::optional<Fragment>& fragment);

/// What a line says of its origin and of records that were dropped.
struct LineOrigin {
    std::optional<Origin> origin;
    std::uint64_t dropped = 0;
};
LineOrigin origin_of(const audit::SealedLine& line);

}  // namespace gatehouse::audit_log
