#include "src/limit/zone_header.h"

#include <sys/random.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "src/base/siphash.h"
#include "src/limit/cell_word.h"

namespace gatehouse::limit {

namespace {

static_assert(sizeof(ZoneHeader) <= ZoneHeader::size);

/// A zone's clock never gets that far by itself; with the longest window it still fits a word.
constexpr std::uint64_t latest_zone_ms = 25ULL * 366 * 86'400'000;
static_assert(ticks_of_ms(latest_zone_ms + 2 * longest_period_ms) < (1ULL << rank_shift));

/// The clock is read, then stored: another process's beat may lie between.
constexpr std::uint64_t beat_slack_ms = 10'000;

/// Not against forgery: who can write the file can write any checksum.
std::uint64_t checksum(const ZoneHeader& header) noexcept
{
    constexpr auto first = offsetof(ZoneHeader, version);
    const auto* bytes = reinterpret_cast<const char*>(&header);
    return siphash13_64({}, {bytes + first, offsetof(ZoneHeader, checksum) - first});
}

void describe(ZoneHeader& header, const std::string& key) noexcept
{
    const auto size = std::min(key.size(), sizeof header.description);
    std::memcpy(header.description, key.data(), size);
    header.description_size = static_cast<std::uint32_t>(size);
}

std::string_view boot_id_of(const ZoneHeader& header) noexcept
{
    return {header.boot_id, ::strnlen(header.boot_id, sizeof header.boot_id)};
}

void remember_boot(ZoneHeader& header, const Clocks& clocks) noexcept
{
    char id[sizeof header.boot_id]{};
    clocks.boot_id.copy(id, sizeof id - 1);
    std::memcpy(header.boot_id, id, sizeof id);
}

void set_clock(ZoneHeader& header, std::uint64_t zone_ms, const Clocks& clocks) noexcept
{
    header.zone_minus_monotonic_ms = zone_ms - clocks.monotonic_ms;
    header.beat_zone_ms = zone_ms;
    header.beat_unix_ms = clocks.unix_ms;
    // The boot last: who is killed before it has changed nothing that the next one does not redo.
    std::atomic_signal_fence(std::memory_order_seq_cst);
    remember_boot(header, clocks);
}

/// How long nobody beat. A wall clock that has gone back says nothing; then the pause counts as
/// none, as a window must not be lost.
std::uint64_t away_ms(const ZoneHeader& header, const Clocks& clocks) noexcept
{
    std::int64_t away = 0;
    const bool overflow = __builtin_sub_overflow(clocks.unix_ms, header.beat_unix_ms, &away);
    return overflow || away < 0 ? 0 : static_cast<std::uint64_t>(away);
}

}  // namespace

std::uint64_t cells_in(std::size_t bytes) noexcept
{
    constexpr std::size_t bucket = CellTable::bucket_size * sizeof(Cell);
    return (bytes - ZoneHeader::size) / bucket * CellTable::bucket_size;
}

Error refused(const ZoneSettings& settings, const std::string& why)
{
    return {"limit zone \"" + settings.name + "\": the file \"" + settings.path + "\" " + why +
            "; remove it to begin with an empty zone, or name another file"};
}

Error damaged_clock(const ZoneSettings& settings)
{
    return refused(settings, "has a damaged clock");
}

Result<void> initialize(ZoneHeader& header, const ZoneSettings& settings, const Clocks& clocks)
{
    if (::getrandom(header.hash_key, sizeof header.hash_key, 0) !=
        static_cast<ssize_t>(sizeof header.hash_key)) {
        return Error{"limit zone \"" + settings.name +
                     "\": cannot get a random key: " + std::strerror(errno)};
    }
    header.version = ZoneHeader::expected_version;
    header.header_size = ZoneHeader::size;
    header.cell_count = cells_in(settings.bytes);
    describe(header, settings.key);
    header.checksum = checksum(header);
    set_clock(header, clocks.monotonic_ms, clocks);
    // Last: a file whose making was cut short is no zone yet, and is made again.
    __atomic_store_n(&header.magic, ZoneHeader::expected_magic, __ATOMIC_RELEASE);
    return {};
}

bool is_sound(const ZoneHeader& header, std::size_t bytes) noexcept
{
    return header.header_size == ZoneHeader::size && header.cell_count == cells_in(bytes) &&
           header.description_size <= sizeof header.description &&
           header.checksum == checksum(header);
}

Result<void> check(const ZoneHeader& header, const ZoneSettings& settings)
{
    if (header.magic != ZoneHeader::expected_magic) {
        return refused(settings, "is not a limit zone");
    }
    if (header.version != ZoneHeader::expected_version) {
        return refused(settings, "has version " + std::to_string(header.version) +
                                     ", this module version " +
                                     std::to_string(ZoneHeader::expected_version));
    }
    if (!is_sound(header, settings.bytes)) {
        return refused(settings, "is damaged");
    }
    const std::string_view key{header.description, header.description_size};
    if (key != std::string_view{settings.key}.substr(0, sizeof header.description)) {
        return refused(settings, "has the key \"" + std::string{key} + "\", the zone \"" +
                                     settings.key + "\"");
    }
    return {};
}

Resumed resume(ZoneHeader& header, const Clocks& clocks) noexcept
{
    if (header.beat_zone_ms > latest_zone_ms) {
        return Resumed::damaged;
    }
    if (!clocks.boot_id.empty() && boot_id_of(header) == clocks.boot_id) {
        const auto zone_ms = clocks.monotonic_ms + header.zone_minus_monotonic_ms;
        const bool sound =
            zone_ms <= latest_zone_ms && zone_ms + beat_slack_ms >= header.beat_zone_ms;
        return sound ? Resumed::running : Resumed::damaged;
    }
    const auto away = away_ms(header, clocks);
    if (away > latest_zone_ms - header.beat_zone_ms) {
        set_clock(header, 0, clocks);
        return Resumed::outdated;
    }
    set_clock(header, header.beat_zone_ms + away, clocks);
    return Resumed::rebooted;
}

}  // namespace gatehouse::limit
