#include "src/base/checksum.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace gatehouse {

std::uint64_t checksum_without(std::span<const std::byte> bytes, std::size_t field) noexcept
{
    constexpr std::uint64_t zero = 0;
    const auto rest = field + sizeof zero;
    XXH3_state_t state;
    XXH3_64bits_reset(&state);
    XXH3_64bits_update(&state, bytes.data(), field);
    XXH3_64bits_update(&state, &zero, sizeof zero);
    XXH3_64bits_update(&state, bytes.data() + rest, bytes.size() - rest);
    return XXH3_64bits_digest(&state);
}

}  // namespace gatehouse
