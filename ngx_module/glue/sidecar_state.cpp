#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/sidecar_state.h"

namespace gatehouse::glue {

bool& sidecar_is_up() noexcept
{
    static bool up = false;
    return up;
}

std::uint64_t& audit_dropped() noexcept
{
    static std::uint64_t dropped = 0;
    return dropped;
}

link::Channel*& sidecar_channel() noexcept
{
    static link::Channel* channel = nullptr;
    return channel;
}

bool tell_sidecar(const link::Outgoing& message) noexcept
{
    auto* channel = sidecar_channel();
    return channel != nullptr && channel->send(message) == link::Sent::yes;
}

}  // namespace gatehouse::glue
