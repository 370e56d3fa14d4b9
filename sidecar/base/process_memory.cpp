#include "sidecar/base/process_memory.h"

#include <sys/resource.h>

#include <algorithm>
#include <new>
#include <utility>

namespace gatehouse::sidecar {

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool has_effect = false;
#else
constexpr bool has_effect = true;
#endif

/// What an exempt thread adds to the bound at a time.
constexpr rlim_t step = 16u << 20;

thread_local bool exempt = false;

bool set_soft_limit(rlim_t bytes) noexcept
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_DATA, &limit) != 0) {
        return false;
    }
    limit.rlim_cur = std::min(bytes, limit.rlim_max);
    return ::setrlimit(RLIMIT_DATA, &limit) == 0;
}

/// A new-handler: returns where the allocation is worth another try.
void on_failed_allocation()
{
    if (!exempt || !raise_memory_limit()) {
        throw std::bad_alloc{};
    }
}

}  // namespace

bool raise_memory_limit() noexcept
{
    rlimit limit{};
    return ::getrlimit(RLIMIT_DATA, &limit) == 0 && limit.rlim_cur < limit.rlim_max &&
           set_soft_limit(limit.rlim_cur + step);
}

bool limit_process_memory(std::uint64_t bytes) noexcept
{
    std::set_new_handler(on_failed_allocation);
    return !has_effect || set_soft_limit(bytes);
}

void exempt_from_memory_limit() noexcept
{
    exempt = true;
}

UnderMemoryLimit::UnderMemoryLimit() noexcept : was_exempt_(std::exchange(exempt, false)) {}

UnderMemoryLimit::~UnderMemoryLimit()
{
    exempt = was_exempt_;
}

}  // namespace gatehouse::sidecar
