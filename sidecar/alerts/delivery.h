// One attempt to tell a receiver.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "sidecar/alerts/message.h"
#include "sidecar/base/fetch.h"
#include "sidecar/config/types.h"

namespace gatehouse::alerts {

using Fetch = std::function<Result<sidecar::Fetched>(const sidecar::FetchRequest&)>;

struct Attempt {
    enum class Outcome { delivered, again, failed };

    Outcome outcome = Outcome::delivered;
    std::string error;                               ///< why not; without URLs and secrets
    std::optional<std::int64_t> asked_wait_ms = {};  ///< how long it asks to be left alone
};

/// Blocks for little more than the receiver's timeout. Any thread.
Attempt deliver(const config::AlertReceiver& receiver, const Message& message, const Fetch& fetch,
                std::int64_t unix_ms);

/// The wait before another attempt, after so many: 1 s, doubling up to five minutes, of which a
/// random part between the half and the whole; as long as the receiver asks for, up to ten.
/// `chance`: 0 to 1.
std::int64_t wait_before_retry_ms(unsigned attempts, std::optional<std::int64_t> asked_ms,
                                  double chance);

/// From the first attempt on: then it has failed.
inline constexpr std::int64_t give_up_after_ms = 3'600'000;

/// One request of a heartbeat. Empty: it was taken; else why not.
std::string beat(const config::Heartbeat& heartbeat, const Fetch& fetch);

}  // namespace gatehouse::alerts
