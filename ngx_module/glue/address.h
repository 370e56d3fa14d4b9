// The client's address as bytes: after realip, as nginx knows it at that moment.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <cstdint>
#include <span>

namespace gatehouse::glue {

/// 4 or 16 bytes in network order; none of a client on a Unix socket.
inline std::span<const std::uint8_t> address_of(const ngx_connection_t& connection) noexcept
{
    switch (connection.sockaddr->sa_family) {
    case AF_INET: {
        const auto* address = reinterpret_cast<const sockaddr_in*>(connection.sockaddr);
        return {reinterpret_cast<const std::uint8_t*>(&address->sin_addr), 4};
    }
#if (NGX_HAVE_INET6)
    case AF_INET6: {
        const auto* address = reinterpret_cast<const sockaddr_in6*>(connection.sockaddr);
        return {address->sin6_addr.s6_addr, 16};
    }
#endif
    default: return {};
    }
}

}  // namespace gatehouse::glue
