// The two clocks of the sidecar. Only the edges read them; what decides takes the time as an
// argument.
#pragma once

#include <chrono>
#include <cstdint>

namespace gatehouse::sidecar {

/// One instant on both clocks: Unix time is what is published, the steady clock is what is waited
/// by.
struct Now {
    std::int64_t steady_ms = 0;
    std::int64_t unix_ms = 0;
};

inline Now read_clocks() noexcept
{
    using std::chrono::duration_cast;
    using std::chrono::milliseconds;
    return {
        duration_cast<milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count(),
        duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
}

inline std::int64_t unix_ms() noexcept
{
    return read_clocks().unix_ms;
}

}  // namespace gatehouse::sidecar
