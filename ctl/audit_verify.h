// Goes through audit logs: gatehousectl audit verify.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/audit/chain.h"
#include "src/base/result.h"
#include "src/base/unique_fd.h"

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

struct AuditFile {
    std::string name;
    UniqueFd fd;
};

/// `files`: from the oldest on. `head`: a line that must be in them, if anybody knows one. Fails
/// where a file cannot be read.
Result<AuditFindings> verify_audit(const std::vector<AuditFile>& files, audit::Mac mac,
                                   const std::optional<audit::ChainEnd>& head);

/// Fails where one of them cannot be opened.
Result<std::vector<AuditFile>> open_audit_files(const std::vector<std::string>& names);

/// FILE and those it was renamed to that are there, the oldest first; each once, also if they are
/// renamed meanwhile.
Result<std::vector<AuditFile>> open_audit_log(const std::string& file, std::int64_t keep);

}  // namespace gatehouse::ctl
