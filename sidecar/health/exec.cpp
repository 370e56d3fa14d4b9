// Checks of kind exec: a program's exit status, as monitoring plugins have it.
#include "sidecar/base/program.h"
#include "sidecar/health/kinds.h"

namespace gatehouse::checks {

Measurement run_exec(const config::Check& check)
{
    const auto run = sidecar::run_program(check.command, "", check.timeout);
    if (run.succeeded()) {
        return {};
    }
    return run.in_time && run.status == 1 ? degraded(run.reason()) : down(run.reason());
}

}  // namespace gatehouse::checks
