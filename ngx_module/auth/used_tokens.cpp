#include "ngx_module/glue/ngx.h"

#include "ngx_module/auth/used_tokens.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <string>

#include "ngx_module/glue/clock.h"
#include "ngx_module/glue/sidecar_state.h"

namespace gatehouse::auth_feature {

namespace {

using Id = std::array<char, 8>;

/// What one message may carry; more tokens than that between two reports are told at once.
constexpr std::size_t most_unreported = 4096;
static_assert(most_unreported * sizeof(Id) <= link::largest_payload);

/// Those noted since the last report, some of them twice.
std::string unreported;

/// Where an id falls it is known to be noted, until another falls there.
std::array<Id, 1024> recent{};

Id& recent_of(const Id& id) noexcept
{
    std::uint64_t number = 0;
    std::memcpy(&number, id.data(), sizeof number);
    return recent[(number * 0x9e37'79b9'7f4a'7c15ULL) >> 54];
}

}  // namespace

void note_used(std::string_view text)
{
    Id id;
    std::memcpy(id.data(), text.data(), id.size());
    auto& slot = recent_of(id);
    if (slot == id) {
        return;
    }
    slot = id;
    unreported.append(id.data(), id.size());
    if (unreported.size() >= most_unreported * sizeof(Id)) {
        report_used();
    }
}

void report_used()
{
    if (unreported.empty()) {
        return;
    }
    // What does not go through is lost: the next use is told again.
    (void)glue::tell_sidecar(
        {.type = link::Type::used, .at_ms = glue::now_ms(), .payload = unreported});
    unreported.clear();
    recent.fill({});
}

}  // namespace gatehouse::auth_feature
