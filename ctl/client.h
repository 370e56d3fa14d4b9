// One request to the sidecar's control socket.
#pragma once

#include <chrono>
#include <string>
#include <variant>

#include "ctl/exit_status.h"

namespace gatehouse::ctl {

struct Answer {
    int status = 0;  ///< of HTTP
    std::string body;

    bool ok() const noexcept { return status >= 200 && status < 300; }
};

/// No answer: why not, and what to exit with (unreachable, refused, timeout).
struct NoAnswer {
    ExitStatus exit = exit_unreachable;
    std::string message;
};

struct Question {
    std::string method;
    std::string target;
    std::string body = {};  ///< JSON
};

std::variant<Answer, NoAnswer> ask(const std::string& socket, const Question& question,
                                   std::chrono::milliseconds timeout);

}  // namespace gatehouse::ctl
