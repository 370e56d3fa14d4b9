// A token that a command is told of.
#pragma once

#include <optional>
#include <string>

namespace gatehouse::ctl {

/// Where a token stands. Both empty: on standard input.
struct CredentialPlace {
    std::string argument;  ///< the token itself, among the arguments
    std::string file;      ///< its first line; "-": standard input
};

/// Nothing where it cannot be read; `command` then complains.
std::optional<std::string> read_credential(const std::string& command,
                                           const CredentialPlace& place);

}  // namespace gatehouse::ctl
