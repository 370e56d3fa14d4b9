// What the guards decided about a request, all of them together: the decision that tells what
// became of it. Guards note it through record_decision (glue/telemetry.h); the audit log and
// variables read it.
//
// Refused outweighs delayed, that outweighs dry_run, and that admitted; of two that weigh the same
// the later one counts. What a guard decides about a subrequest counts for its main request.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <cstdint>
#include <string_view>

#include "src/telemetry/decision.h"

namespace gatehouse::glue {

/// Of which requests the audit log tells, from the fewest to the most.
enum class AuditLevel : std::uint8_t { off, denied, on };

struct LastDecision {
    telemetry::Stage stage;
    telemetry::Outcome outcome;
    telemetry::Reason reason;
    AuditLevel audit;        ///< the highest of the locations in which a guard decided
    std::uint16_t zone;      ///< of a limit or a cap, by the stage; else telemetry::no_zone
    std::uint16_t endpoint;  ///< of the location in which it was decided
    std::string_view rule;   ///< what was required, where that is no zone; lives with the request
    const ngx_http_request_t* of;  ///< the request, or a subrequest of it
};

/// Survives internal redirects. nullptr: no guard decided, or nobody wants to know.
LastDecision* last_decision(const ngx_http_request_t& r) noexcept;

/// Whether any location has an audit log, or the configuration a variable that tells.
bool decisions_are_wanted() noexcept;

/// Some 80 instructions. Without memory for it, the request goes on without.
void note_decision(const ngx_http_request_t& r, const LastDecision& decision) noexcept;

// --- for the feature that reads it ---

/// In init_module: who wants to know, under the configuration that comes.
struct DecisionReaders {
    bool variables = false;
    AuditLevel (*audit)(const ngx_http_request_t&) = nullptr;  ///< nullptr: no audit anywhere
};
void set_decision_readers(const DecisionReaders& readers) noexcept;

}  // namespace gatehouse::glue
