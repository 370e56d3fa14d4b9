// Runs another program.
#pragma once

#include <string>
#include <vector>

namespace gatehouse::ctl {

struct Ran {
    int status = -1;     ///< its exit status; -1: it could not be run, or was killed
    std::string output;  ///< its standard output, where captured
};

enum class Output { inherit, capture };

/// `program` with these arguments, looked up on PATH where it has no slash; no shell. Captured
/// output goes with standard error thrown away.
Ran run_program(const std::string& program, const std::vector<std::string>& arguments,
                Output output);

/// gatehoused: the one beside this program, or else the one on PATH.
std::string gatehoused_program();

}  // namespace gatehouse::ctl
