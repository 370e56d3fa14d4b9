// What the sidecar has found out about peers, and for how long that holds.
//
// Thread safety: none; one per worker.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "src/upstream/table.h"

namespace gatehouse::upstream_feature {

struct Verdict {
    upstream::PeerState state;
    bool recovered;              ///< it is up, and was down before
    std::int64_t since_ms;       ///< Unix time from which on it is so
    std::int64_t checked_at_ms;  ///< Unix time of the last check
    std::uint64_t duration_us;   ///< of the last check
    std::string reason;          ///< why the last check failed; empty: it passed
};

/// From postconfiguration. `changed` is called after each table.
void take_verdicts(void (*changed)());

/// nullptr: there never was one, or they have lapsed. A sidecar that has just been started and does
/// not know yet changes nothing. Good until the next table.
const Verdict* verdict_on(std::string_view upstream, std::string_view peer);

/// Whether nobody has looked for a minute: what was found before then holds no more.
bool verdicts_have_lapsed() noexcept;

}  // namespace gatehouse::upstream_feature
