// A bound for the memory of the whole process.
//
// DuckDB's memory_limit counts its buffers, not the vectors that its functions fill: one call such
// as range(1000000000) asks for gigabytes beside it, and cannot be interrupted until it returns.
// Beyond the bound an allocation fails instead, and with it the computation that asked for it.
//
// The kernel counts writable private memory by address (RLIMIT_DATA): heaps and thread stacks, but
// neither snapshots, which are shared, nor files.
//
// Thread safety: all of it. No effect under the address and thread sanitizers, whose shadow memory
// counts too.
#pragma once

#include <cstdint>

namespace gatehouse::sidecar {

/// Sets the bound, and takes back what exempt threads have added to the last one. False: the system
/// does not let us.
bool limit_process_memory(std::uint64_t bytes) noexcept;

/// The calling thread may go beyond the bound: what others cannot do without.
void exempt_from_memory_limit() noexcept;

/// Lets the process have some megabytes more, enough for a thread. False: the system does not.
bool raise_memory_limit() noexcept;

/// While it lives, the bound holds for the calling thread, exempt or not.
class UnderMemoryLimit {
public:
    UnderMemoryLimit() noexcept;
    ~UnderMemoryLimit();
    UnderMemoryLimit(const UnderMemoryLimit&) = delete;
    UnderMemoryLimit& operator=(const UnderMemoryLimit&) = delete;

private:
    bool was_exempt_;
};

}  // namespace gatehouse::sidecar
