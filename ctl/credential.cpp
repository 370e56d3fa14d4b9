#include "ctl/credential.h"

#include <fstream>
#include <iostream>

#include "ctl/context.h"

namespace gatehouse::ctl {

namespace {

/// The first line, without what ends it.
std::optional<std::string> first_line(std::istream& in)
{
    std::string line;
    if (!std::getline(in, line)) {
        return std::nullopt;
    }
    if (line.ends_with('\r')) {
        line.pop_back();
    }
    return line;
}

}  // namespace

std::optional<std::string> read_credential(const std::string& command, const CredentialPlace& place)
{
    if (!place.argument.empty()) {
        complain(
            "warning: others on this machine can see a token among the arguments; better give it "
            "with --token-file");
        return place.argument;
    }
    const bool from_stdin = place.file.empty() || place.file == "-";
    std::optional<std::string> line;
    if (from_stdin) {
        line = first_line(std::cin);
    } else {
        std::ifstream file{place.file};
        line = first_line(file);
    }
    if (!line) {
        complain(command + ": cannot read a token from " +
                 (from_stdin ? "standard input" : place.file));
    }
    return line;
}

}  // namespace gatehouse::ctl
