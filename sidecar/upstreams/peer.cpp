#include "sidecar/upstreams/peer.h"

#include <utility>

namespace gatehouse::upstreams {

namespace {

constexpr std::string_view unix_prefix = "unix:";

}  // namespace

sidecar::FetchRequest request_to(const std::string& upstream, const std::string& peer,
                                 const upstream::Check& check)
{
    const bool is_unix = peer.starts_with(unix_prefix);
    sidecar::FetchRequest request;
    request.url = "http://" + (is_unix ? std::string{"localhost"} : peer) + check.uri;
    request.fields = {{"Host", upstream}};
    request.unix_socket = is_unix ? peer.substr(unix_prefix.size()) : std::string{};
    request.reach = sidecar::Reach::anywhere;
    request.timeout = std::chrono::milliseconds{check.timeout_ms};
    request.largest_body = largest_body;
    return request;
}

std::string flaw_of(const Result<sidecar::Fetched>& fetched, const upstream::Check& check)
{
    if (!fetched) {
        return fetched.error().message;
    }
    return check.statuses.contains(fetched->status)
               ? std::string{}
               : "the answer has the status " + std::to_string(fetched->status);
}

/// The first check counts at once: nginx may know of old that the peer is down.
bool Peer::turns_over(bool failed, const upstream::Check& check) noexcept
{
    const bool known = row_.state != upstream::PeerState::unknown;
    if (known && failed == (row_.state == upstream::PeerState::down)) {
        contrary_ = 0;
        return false;
    }
    const unsigned needed = !known ? 1 : failed ? check.fails : check.passes;
    if (++contrary_ < needed) {
        return false;
    }
    contrary_ = 0;
    return true;
}

bool Peer::take(const std::string& flaw, std::chrono::microseconds took,
                const upstream::Check& check, std::int64_t unix_ms)
{
    const bool failed = !flaw.empty();
    row_.checked_at_ms = unix_ms;
    row_.duration_us = static_cast<std::uint64_t>(took.count());
    row_.reason = flaw;
    if (!turns_over(failed, check)) {
        return false;
    }
    row_.recovered = row_.state == upstream::PeerState::down;
    row_.state = failed ? upstream::PeerState::down : upstream::PeerState::up;
    row_.since_ms = unix_ms;
    return true;
}

}  // namespace gatehouse::upstreams
