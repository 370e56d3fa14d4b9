// An error as Sentry takes it: an envelope with one event.
//
//     {"event_id":"…","sent_at":"…"} LF
//     {"type":"event","content_type":"application/json","length":N} LF
//     the event LF
//
// https://develop.sentry.dev/sdk/data-model/envelopes/
//
// Thread safety: plain values.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::sentry {

struct Event {
    std::int64_t at_ms = 0;  ///< Unix time
    std::string level = "error";
    std::string logger;   ///< "gatehouse.cards", "nginx"
    std::string kind;     ///< what happened: the same for the same
    std::string message;  ///< what happened this time
    std::vector<std::pair<std::string, std::string>> extra;  ///< name, value
    std::uint64_t repeats = 0;  ///< how often the same came since it was sent last
};

/// What all events of this process say.
struct Origin {
    std::string environment, release, server_name;

    bool operator==(const Origin&) const = default;
};

inline constexpr std::size_t longest_text = 1024;  ///< bytes of one text

/// Without secrets: see scrub.h.
Event without_secrets(Event event);

/// By which Sentry groups: where it happened, what, and of what it is (a card, a source, a check).
std::vector<std::string> fingerprint(const Event& event);

/// REQUIRES: `id` is 32 hexadecimal digits.
std::string envelope(const Event& event, const Origin& origin, const std::string& id,
                     std::int64_t now_ms);

/// A random UUID without its dashes.
std::string new_event_id();

}  // namespace gatehouse::sentry
