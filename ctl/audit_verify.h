// Goes through audit logs: gatehousectl audit verify.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/audit/chain.h"
#include "src/base/result.h"

namespace gatehouse::ctl {

struct AuditFlaw {
    std::string file;
    std::uint64_t line = 0;
    std::string what;
};

struct AuditFindings {
    std::uint64_t files = 0;
    std::uint64_t lines = 0;
    audit::ChainEnd end;
    std::optional<AuditFlaw> flaw;
};

/// `files`: from the oldest on. `head`: a line that must be in them, if anybody knows one. Fails
/// where a file cannot be read.
Result<AuditFindings> verify_audit(const std::vector<std::string>& files, audit::Mac mac,
                                   const std::optional<audit::ChainEnd>& head);

/// FILE and those it was renamed to that are there, the oldest first.
std::vector<std::string> audit_files(const std::string& file, std::int64_t keep);

}  // namespace gatehouse::ctl
