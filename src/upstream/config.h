// Which upstreams nginx wants checked, and how: JSON in a memory that every worker shares with the
// sidecar under the table's name.
//
//     [{"name": "app", "uri": "/health", "interval_ms": 5000, "timeout_ms": 3000, "fails": 3,
//       "passes": 2, "status": "200-399", "critical": false,
//       "peers": ["127.0.0.1:8001", "unix:/run/app.sock"]}]
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/upstream/statuses.h"

namespace gatehouse::upstream {

/// How the peers of an upstream are checked.
struct Check {
    std::string uri;
    std::int64_t interval_ms = 5000;
    std::int64_t timeout_ms = 3000;
    unsigned fails = 3;   ///< in a row, and it is down
    unsigned passes = 2;  ///< in a row, and it is up again
    Statuses statuses;
    bool critical = false;

    bool operator==(const Check&) const = default;
};

struct CheckedUpstream {
    std::string name;
    Check check;
    std::vector<std::string> peers;  ///< addresses, as nginx has them
};

std::string config_text(const std::vector<CheckedUpstream>& upstreams);

/// Takes a peer's bytes: what is no such list is an error.
Result<std::vector<CheckedUpstream>> parse_config(std::string_view text);

}  // namespace gatehouse::upstream
