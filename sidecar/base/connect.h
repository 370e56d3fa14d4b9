// One connection to a configured address, plain or by TLS, bounded in time; perhaps something is
// sent and an answer waited for. To no address that base/destination.h objects to.
//
// Thread safety: any thread; blocks it for as long as `timeout`.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "sidecar/base/destination.h"
#include "src/base/result.h"

namespace gatehouse::sidecar {

struct ConnectRequest {
    std::string address;  ///< "HOST:PORT", an IPv6 address in brackets
    bool tls = false;
    bool verify = true;            ///< of TLS: no connection to whom the certificate does not fit
    std::string server_name = {};  ///< what the certificate must name; empty: the host
    std::string ca_file = {};      ///< instead of the system's; empty: the system's
    Reach reach = Reach::internet;
    std::chrono::milliseconds timeout{5000};
    std::string send = {};  ///< once connected; empty: nothing
    std::size_t lines = 0;  ///< that make the answer whole; 0: none is waited for
    std::size_t largest_answer = 4096;
};

struct Connected {
    std::string received;
    std::int64_t certificate_ends_s = 0;  ///< Unix time; of TLS
};

/// An error says what went wrong in one sentence. An answer of fewer `lines`, because the peer
/// closed or it grew too large, is a result.
Result<Connected> connect(const ConnectRequest& request);

}  // namespace gatehouse::sidecar
