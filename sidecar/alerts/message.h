// What a receiver is told, and how it is written. Values are put in as they are, and nothing in
// them is interpreted.
//
// Thread safety: plain values and free functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/alerts/alert.h"

namespace gatehouse::alerts {

struct Message {
    std::string receiver;
    std::vector<Alert> alerts;  ///< firing or resolved. REQUIRES: not empty
    bool test = false;

    /// The same for the same news to the same receiver, also after a restart: hexadecimal digits.
    std::string key() const;

    /// firing if any of them is.
    Phase status() const;
};

/// A message to try a receiver by.
Message test_message(const std::string& receiver, std::int64_t now_ms);

/// The body of a webhook: docs/alerts.md.
std::string json_of(const Message& message);

/// Plain text of several lines, and of one.
std::string text_of(const Message& message);
std::string title_of(const Message& message);

/// `{"text": …}` with & < > escaped.
std::string slack_json_of(const Message& message);

/// X-Gatehouse-Signature: `t=UNIX,v1=HEX`, HEX being HMAC-SHA256(secret, t + "." + body).
std::string signature(const std::string& secret, std::int64_t unix_s, std::string_view body);

}  // namespace gatehouse::alerts
