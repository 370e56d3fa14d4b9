// The audit log as messages to a syslog, one for each line.
//
// Thread safety: none; one owner.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/base/unique_fd.h"

namespace gatehouse::audit_log {

/// Facility authpriv, severity informational (RFC 5424 §6.2.1).
inline constexpr int syslog_priority = 10 * 8 + 6;

class Syslog {
public:
    /// `target`: "unix:/PATH", "udp:ADDRESS:PORT".
    static Result<Syslog> open(const std::string& target);

    /// Sends whole lines; returns how many bytes of them went. Fewer than given: `why`. Waits half
    /// a second in all for a local receiver that is busy. What goes over UDP may be lost on its
    /// way.
    std::size_t send(std::string_view lines, std::int64_t now_ms, std::string& why);

private:
    Syslog() = default;

    std::string header(std::int64_t now_ms) const;

    UniqueFd fd_;
    bool local_ = false;
    std::string host_;
};

}  // namespace gatehouse::audit_log
