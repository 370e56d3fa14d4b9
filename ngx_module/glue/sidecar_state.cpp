#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/sidecar_state.h"

namespace gatehouse::glue {

namespace {

SidecarState state;

void become(bool up) noexcept
{
    if (state.up != up) {
        state.up = up;
        state.since = ngx_current_msec;
    }
}

}  // namespace

const SidecarState& sidecar_state() noexcept
{
    return state;
}

void sidecar_awaited(bool expected) noexcept
{
    state.expected = expected;
    state.since = ngx_current_msec;
}

void sidecar_heard() noexcept
{
    state.heard = true;
}

void sidecar_synced() noexcept
{
    become(true);
}

void sidecar_lost(bool was_stable) noexcept
{
    become(false);
    if (was_stable) {
        state.since = ngx_current_msec;
    }
    state.heard = false;
    ++state.losses;
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

bool sidecar_is_there() noexcept
{
    return state.heard && sidecar_channel() != nullptr;
}

bool tell_sidecar(const link::Outgoing& message) noexcept
{
    auto* channel = sidecar_channel();
    return channel != nullptr && channel->send(message) == link::Sent::yes;
}

}  // namespace gatehouse::glue
