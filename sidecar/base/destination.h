// Which addresses the sidecar connects to on behalf of a configured URL. Asked for each address a
// name resolves to, just before the connection is made: nobody can answer with one address first
// and with another one then.
#pragma once

#include <sys/socket.h>

#include <string_view>

namespace gatehouse::sidecar {

enum class Reach {
    internet,  ///< addresses that are routed everywhere
    anywhere,  ///< also this machine and private networks; never link-local ones
};

/// Why not to connect there; nullptr: nothing against it. Link-local addresses, where clouds keep
/// their credentials, are out of reach always, also written as IPv6 (::ffff:169.254.169.254,
/// 64:ff9b:: and 2002:: forms).
const char* objection_to(const sockaddr& address, Reach reach) noexcept;

}  // namespace gatehouse::sidecar
