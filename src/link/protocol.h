// The link: what a worker and the sidecar say to each other over one SOCK_SEQPACKET socket.
//
// One packet is one message: the header below, then `payload_size` bytes. At most one descriptor
// comes with a message (SCM_RIGHTS), and only with `publish`, `table` and `share`.
//
//        0 ┌───────────────────────────┐
//          │ magic        "GTHL"   u32 │
//        4 │ version               u16 │
//        6 │ type                  u16 │
//        8 │ payload_size          u32 │
//       12 │ reserved, 0           u32 │
//       16 │ generation            u64 │
//       24 │ at_ms, Unix time      i64 │
//       32 ├───────────────────────────┤
//          │ payload                   │
//          └───────────────────────────┘
//
//   worker → sidecar
//     hello     payload: JSON {pid, worker, nginx, module, generation, routes, …}. First, once.
//     applied   generation, at_ms: that snapshot is visible in this worker since then
//     share     payload: a name; descriptor: memory of a sealed size, or a file, that the sidecar
//     may
//               look at: "telemetry", or "limit:ZONE", "conn:ZONE" for the zone of that name
//     used      at_ms; payload: what was used since the last one: token ids of 8 bytes each
//     wanted    payload: a table's name; somebody asks for what the one held does not have
//     touched   payload: generations (u64) of variants that were served since the last one
//   sidecar → worker
//     publish   generation, at_ms: verified at; payload: the card's name; descriptor: its snapshot
//     renew     generation, at_ms: verified at; payload: name. The bytes are still current.
//     keep      payload: name. Known, and nothing newer to send: keep what is held.
//     retract   payload: name. No longer configured.
//     synced    generation: the first full set is there; what it did not name is retracted
//     table     generation; payload: its name; descriptor: its bytes, in place of those before
//     beat      at_ms; generation: decisions that the audit log has lost. Every second.
//     refused   payload: why, for the log. The sidecar closes after it.
//
// A side that meets another version says so in its log, naming both, and goes on with what it has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::link {

inline constexpr std::uint32_t magic = 0x4c48'5447;  // "GTHL"
inline constexpr std::uint16_t version = 3;

enum class Type : std::uint16_t {
    hello = 1,
    applied = 2,
    share = 3,
    used = 4,
    wanted = 5,
    touched = 6,
    publish = 16,
    renew = 17,
    keep = 18,
    retract = 19,
    synced = 20,
    beat = 21,
    refused = 22,
    table = 23,
};

struct Header {
    std::uint32_t magic;
    std::uint16_t version;
    std::uint16_t type;
    std::uint32_t payload_size;
    std::uint32_t reserved;
    std::uint64_t generation;
    std::int64_t at_ms;
};
static_assert(sizeof(Header) == 32);
static_assert(offsetof(Header, payload_size) == 8);
static_assert(offsetof(Header, generation) == 16);

/// Bytes of the largest payload either side sends or accepts.
inline constexpr std::size_t largest_payload = 64 << 10;

inline constexpr auto beat_interval_ms = 1000;

}  // namespace gatehouse::link
