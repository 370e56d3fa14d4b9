// One run of another program: no shell, no environment but PATH, bounded in time and output. When
// it has ended, or its time is over, all that it has started is killed.
//
// Thread safety: any thread; blocks it for as long as `timeout`.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::sidecar {

struct ProgramRun {
    std::string error{};          ///< why it could not be started; empty: it was
    bool in_time = true;          ///< else it was killed
    std::optional<int> status{};  ///< nothing: a signal ended it
    std::string output{};         ///< of its standard output, 4 KiB at most

    bool succeeded() const { return in_time && status == 0; }
    /// Why it has not succeeded, in one line.
    std::string reason() const;
};

/// `input` is what it may read from its standard input. REQUIRES: `command` names a program by its
/// path; this process ignores SIGPIPE.
ProgramRun run_program(const std::vector<std::string>& command, const std::string& input,
                       std::chrono::milliseconds timeout);

}  // namespace gatehouse::sidecar
