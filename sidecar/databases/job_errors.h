// What databases say of a job that went past its bounds: the engine's words.
#pragma once

#include <string>

#include "sidecar/base/units.h"
#include "sidecar/databases/database.h"

namespace gatehouse::databases {

inline Error was_stopped()
{
    return {"was stopped before it was done"};
}

inline Error took_too_long()
{
    return {"took longer than its \"timeout\"; have it compute less, or raise it"};
}

inline Result<void> check_size(const Job& job, std::uint64_t rows, std::uint64_t bytes)
{
    if (rows > job.max_rows) {
        return Error{"the SQL yields more than " + std::to_string(job.max_rows) +
                     " rows; aggregate or LIMIT them, or raise the card's \"max_rows\""};
    }
    if (bytes > job.max_bytes) {
        return Error{"the rows take more than " + sidecar::format_size(job.max_bytes) +
                     "; select less, or raise \"memory_limit\" of \"engine\""};
    }
    return {};
}

}  // namespace gatehouse::databases
