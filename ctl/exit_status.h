// The exit statuses of gatehousectl; documented, so never renumbered.
#pragma once

namespace gatehouse::ctl {

enum ExitStatus : int {
    exit_ok = 0,
    exit_failed = 1,
    exit_usage = 2,
    exit_configuration = 3,
    exit_unreachable = 4,
    exit_refused = 5,
    exit_timeout = 6,
};

}  // namespace gatehouse::ctl
