#include "src/limit/zone.h"

#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <utility>

#include "src/base/huge_pages.h"
#include "src/limit/cell_word.h"
#include "src/limit/zone_file.h"
#include "src/limit/zone_header.h"

namespace gatehouse::limit {

namespace {

ZoneHeader& header_of(void* mapping) noexcept
{
    return *static_cast<ZoneHeader*>(mapping);
}

Result<UniqueFd> open_memory(const ZoneSettings& settings)
{
    UniqueFd fd{::memfd_create("gatehouse-limit", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    if (!fd) {
        return cannot(settings, "make shared memory", errno, "");
    }
    return fd;
}

/// Keeps others who open the same file waiting while it lives: two that found it empty would make
/// it twice, with two hash keys.
class Lock {
public:
    explicit Lock(int fd) noexcept : fd_(::fcntl(fd, F_DUPFD_CLOEXEC, 0))
    {
        using namespace std::chrono_literals;
        for (auto waited = 0ms; !held_ && waited < longest; waited += pause) {
            held_ = ::flock(fd_.get(), LOCK_EX | LOCK_NB) == 0;
            if (!held_) {
                ::usleep(std::chrono::microseconds{pause}.count());
            }
        }
    }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    ~Lock()
    {
        // By word: a child that was forked meanwhile has the descriptor too.
        if (held_) {
            ::flock(fd_.get(), LOCK_UN);
        }
    }

    bool held() const noexcept { return held_; }

private:
    static constexpr std::chrono::milliseconds longest{2000};
    static constexpr std::chrono::milliseconds pause{10};

    UniqueFd fd_;
    bool held_ = false;
};

/// The making of a zone was cut short, which leaves no cell: what is no zone of ours is not
/// touched.
bool is_blank(const ZoneHeader& header, const CellTable& table) noexcept
{
    const auto is_zero = [](const Cell& cell) { return cell.tag() == 0 && cell.word() == 0; };
    return header.magic == 0 && std::ranges::all_of(table.cells(), is_zero);
}

/// A word no charge could have made would refuse its key for ever, and who began a tentative cell
/// is gone. Others may be at work here: of theirs, what is caught is begun again.
void drop_impossible_words(CellTable& table, Ticks now) noexcept
{
    const Ticks latest = now + ticks_of_ms(2 * longest_period_ms);
    for (Cell& cell : table.cells()) {
        const CellValue held{cell.tag(), cell.word()};
        if (CellTable::is_tentative(held.word) || free_at(held.word) > latest) {
            cell.replace(held, {});
        }
    }
}

void clear(CellTable& table) noexcept
{
    for (Cell& cell : table.cells()) {
        cell.replace({cell.tag(), cell.word()}, {});
    }
}

Result<void> ready(const ZoneSettings& settings, const Clocks& clocks, bool fresh,
                   ZoneHeader& header, CellTable& table)
{
    if (fresh || is_blank(header, table)) {
        return initialize(header, settings, clocks);
    }
    if (auto sound = check(header, settings); !sound) {
        return sound;
    }
    switch (resume(header, clocks)) {
    case Resumed::damaged: return damaged_clock(settings);
    case Resumed::outdated: clear(table); break;
    case Resumed::running:
    case Resumed::rebooted: break;
    }
    return {};
}

}  // namespace

Clocks read_clocks()
{
    using namespace std::chrono;
    Clocks clocks;
    timespec monotonic{};
    ::clock_gettime(CLOCK_MONOTONIC, &monotonic);
    clocks.monotonic_ms = static_cast<std::uint64_t>(monotonic.tv_sec) * 1000 +
                          static_cast<std::uint64_t>(monotonic.tv_nsec) / 1'000'000;
    clocks.unix_ms = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
    std::ifstream{"/proc/sys/kernel/random/boot_id"} >> clocks.boot_id;
    return clocks;
}

Result<Zone> Zone::open(const ZoneSettings& settings, const Clocks& clocks)
{
    if (settings.bytes < smallest_bytes) {
        return Error{"limit zone \"" + settings.name + "\" is too small: it needs " +
                     std::to_string(smallest_bytes) + " bytes"};
    }
    auto opened = settings.path.empty() ? open_memory(settings) : open_file(settings);
    if (!opened) {
        return opened.error();
    }
    const int fd = opened->get();
    const Lock lock{fd};
    if (!lock.held()) {
        return cannot(settings, "lock", EWOULDBLOCK,
                      "; another process holds it, start again when that one is done");
    }
    const auto fresh = is_new(settings, fd);
    if (!fresh) {
        return fresh.error();
    }
    if (const auto reserved = reserve(settings, fd); !reserved) {
        return reserved.error();
    }
    void* mapping = map_shared(fd, settings.bytes);
    if (mapping == MAP_FAILED) {
        return cannot(settings, "map", errno, "; make the zone smaller");
    }
    if (settings.path.empty()) {
        constexpr auto huge = huge_page_size;
        collapse_into_huge_pages({static_cast<std::byte*>(mapping), settings.bytes / huge * huge});
    }
    Zone zone{std::move(*opened), mapping, settings.bytes};
    auto& header = header_of(mapping);
    if (const auto sound = ready(settings, clocks, *fresh, header, zone.table_); !sound) {
        return sound.error();
    }
    zone.begin(header, clocks);
    return zone;
}

Zone::Zone(UniqueFd fd, void* mapping, std::size_t bytes) noexcept
    : fd_(std::move(fd)),
      mapping_(mapping),
      bytes_(bytes),
      table_({reinterpret_cast<Cell*>(static_cast<std::byte*>(mapping) + ZoneHeader::size),
              cells_in(bytes)})
{
}

void Zone::begin(const ZoneHeader& header, const Clocks& clocks) noexcept
{
    hash_key_ = {header.hash_key[0], header.hash_key[1]};
    zone_minus_monotonic_ms_ = header.zone_minus_monotonic_ms;
    const auto ticks = now(clocks.monotonic_ms).ticks;
    utc_offset_ms_ = clocks.unix_ms - static_cast<std::int64_t>(whole_ms(ticks));
    drop_impossible_words(table_, ticks);
    beat(clocks);
}

Zone::Zone(Zone&& other) noexcept
{
    *this = std::move(other);
}

Zone& Zone::operator=(Zone&& other) noexcept
{
    std::swap(fd_, other.fd_);
    std::swap(mapping_, other.mapping_);
    std::swap(bytes_, other.bytes_);
    std::swap(table_, other.table_);
    std::swap(hash_key_, other.hash_key_);
    std::swap(zone_minus_monotonic_ms_, other.zone_minus_monotonic_ms_);
    std::swap(utc_offset_ms_, other.utc_offset_ms_);
    return *this;
}

Zone::~Zone()
{
    if (mapping_ != nullptr) {
        ::munmap(mapping_, bytes_);
    }
}

void Zone::beat(const Clocks& clocks) noexcept
{
    auto& header = header_of(mapping_);
    __atomic_store_n(&header.beat_zone_ms, clocks.monotonic_ms + zone_minus_monotonic_ms_,
                     __ATOMIC_RELAXED);
    __atomic_store_n(&header.beat_unix_ms, clocks.unix_ms, __ATOMIC_RELAXED);
}

std::uint64_t count_entries(std::span<const Cell> cells, Ticks now, std::size_t sample) noexcept
{
    constexpr std::size_t bucket = CellTable::bucket_size;
    // Whole buckets: the cells of one share their two cache lines.
    const std::size_t step = std::max<std::size_t>(cells.size() / sample, 1) * bucket;
    std::uint64_t seen = 0;
    std::uint64_t held = 0;
    for (std::size_t first = 0; first + bucket <= cells.size(); first += step) {
        for (const Cell& cell : cells.subspan(first, bucket)) {
            const auto word = cell.word();
            held += free_at(word) > now && !CellTable::is_tentative(word) ? 1 : 0;
        }
        seen += bucket;
    }
    return seen == cells.size() ? held : held * cells.size() / std::max<std::uint64_t>(seen, 1);
}

}  // namespace gatehouse::limit
