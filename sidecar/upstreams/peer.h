// One peer of an upstream that is checked: what is asked of it, and what it is by the answers.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "sidecar/base/clock.h"
#include "sidecar/base/fetch.h"
#include "src/upstream/config.h"
#include "src/upstream/table.h"

namespace gatehouse::upstreams {

/// Of an answer: what says whether a peer is up is short.
inline constexpr std::size_t largest_body = 64 << 10;

/// A GET as nginx would send one on, with the upstream's name for a host.
sidecar::FetchRequest request_to(const std::string& upstream, const std::string& peer,
                                 const upstream::Check& check);

/// Why an answer is none of a peer that is up; empty: it is one.
std::string flaw_of(const Result<sidecar::Fetched>& fetched, const upstream::Check& check);

/// Thread safety: none; a value.
class Peer {
public:
    Peer(std::string upstream, std::string address)
    {
        row_.upstream = std::move(upstream);
        row_.peer = std::move(address);
    }

    /// Takes the outcome of a check. Whether that has turned it over.
    bool take(const std::string& flaw, std::chrono::microseconds took, const upstream::Check& check,
              std::int64_t unix_ms);

    const upstream::PeerSpec& row() const noexcept { return row_; }

private:
    bool turns_over(bool failed, const upstream::Check& check) noexcept;

    upstream::PeerSpec row_;
    unsigned contrary_ = 0;  ///< checks in a row that disagree with the state
};

}  // namespace gatehouse::upstreams
