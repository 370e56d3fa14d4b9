#include "src/limit/zone.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <memory>
#include <utility>

namespace gatehouse::limit {

namespace {

static_assert(sizeof(ZoneHeader) <= ZoneHeader::size);

ZoneHeader& header_of(void* mapping) noexcept
{
    return *static_cast<ZoneHeader*>(mapping);
}

constexpr std::uint64_t cells_in(std::size_t bytes) noexcept
{
    constexpr std::size_t bucket = CellTable::bucket_size * sizeof(Cell);
    return (bytes - ZoneHeader::size) / bucket * CellTable::bucket_size;
}

Error cannot(const ZoneSettings& settings, const std::string& what, int code)
{
    const auto where = settings.path.empty() ? std::string{} : " \"" + settings.path + "\"";
    return {"limit zone \"" + settings.name + "\": cannot " + what + where + ": " +
            std::strerror(code)};
}

Error refused(const ZoneSettings& settings, const std::string& why)
{
    return {"limit zone \"" + settings.name + "\": the file \"" + settings.path + "\" " + why +
            "; remove it to begin with an empty zone"};
}

/// The file is nginx's own: nobody else's link or pipe is followed.
Result<UniqueFd> open_file(const ZoneSettings& settings)
{
    UniqueFd fd{::open(settings.path.c_str(),
                       O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600)};
    if (!fd) {
        return cannot(settings, "open", errno);
    }
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) {
        return cannot(settings, "read", errno);
    }
    if (!S_ISREG(status.st_mode)) {
        return refused(settings, "is not a regular file");
    }
    if (status.st_size != 0 && static_cast<std::size_t>(status.st_size) != settings.bytes) {
        return refused(settings, "has " + std::to_string(status.st_size) + " bytes, the zone " +
                                     std::to_string(settings.bytes));
    }
    return fd;
}

Result<UniqueFd> open_memory(const ZoneSettings& settings)
{
    UniqueFd fd{::memfd_create("gatehouse-limit", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    if (!fd) {
        return cannot(settings, "make shared memory", errno);
    }
    return fd;
}

void describe(ZoneHeader& header, const std::string& key) noexcept
{
    const auto size = std::min(key.size(), sizeof header.description);
    std::memcpy(header.description, key.data(), size);
    header.description_size = static_cast<std::uint32_t>(size);
}

void remember_boot(ZoneHeader& header, const Clocks& clocks) noexcept
{
    std::memset(header.boot_id, 0, sizeof header.boot_id);
    clocks.boot_id.copy(header.boot_id, sizeof header.boot_id - 1);
}

Result<void> initialize(ZoneHeader& header, const ZoneSettings& settings, const Clocks& clocks)
{
    if (::getrandom(header.hash_key, sizeof header.hash_key, 0) !=
        static_cast<ssize_t>(sizeof header.hash_key)) {
        return cannot(settings, "get a random key for", errno);
    }
    header.version = ZoneHeader::expected_version;
    header.header_size = ZoneHeader::size;
    header.cell_count = cells_in(settings.bytes);
    header.zone_minus_monotonic_ms = 0;
    header.unix_minus_zone_ms = clocks.unix_ms - static_cast<std::int64_t>(clocks.monotonic_ms);
    remember_boot(header, clocks);
    describe(header, settings.key);
    // Last: a file whose making was cut short is no zone yet, and is made again.
    __atomic_store_n(&header.magic, ZoneHeader::expected_magic, __ATOMIC_RELEASE);
    return {};
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
    if (header.header_size != ZoneHeader::size || header.cell_count != cells_in(settings.bytes) ||
        header.description_size > sizeof header.description) {
        return refused(settings, "is damaged");
    }
    const std::string_view key{header.description, header.description_size};
    if (key != std::string_view{settings.key}.substr(0, sizeof header.description)) {
        return refused(settings, "has the key \"" + std::string{key} + "\", the zone \"" +
                                     settings.key + "\"");
    }
    return {};
}

/// The monotonic clock of another boot says nothing; then the wall clock tells how long it was.
void go_on_after_boot(ZoneHeader& header, const Clocks& clocks) noexcept
{
    if (clocks.boot_id == header.boot_id) {
        return;
    }
    const auto zone_ms = std::max<std::int64_t>(clocks.unix_ms - header.unix_minus_zone_ms, 0);
    header.zone_minus_monotonic_ms = static_cast<std::uint64_t>(zone_ms) - clocks.monotonic_ms;
    remember_boot(header, clocks);
}

/// A word no charge could have made would refuse its key for ever.
void drop_impossible_words(CellTable& table, Ticks now) noexcept
{
    const Ticks latest = now + ticks_of_ms(2 * longest_period_ms);
    for (Cell& cell : table.cells()) {
        const CellValue held{cell.tag(), cell.word()};
        if (held.word > latest) {
            cell.replace(held, {held.tag, 0});
        }
    }
}

bool is_blank(const ZoneHeader& header) noexcept
{
    return header.magic == 0;
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
    auto fd = settings.path.empty() ? open_memory(settings) : open_file(settings);
    if (!fd) {
        return fd.error();
    }
    // Allocated ahead: a lack of space is an error here, not a SIGBUS in a request.
    if (const int code = ::posix_fallocate(fd->get(), 0, static_cast<off_t>(settings.bytes));
        code != 0) {
        return cannot(settings, "reserve " + std::to_string(settings.bytes) + " bytes for", code);
    }
    if (settings.path.empty()) {
        // Whoever gets the descriptor can rely on the size.
        (void)::fcntl(fd->get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW);
    }
    void* mapping =
        ::mmap(nullptr, settings.bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd->get(), 0);
    if (mapping == MAP_FAILED) {
        return cannot(settings, "map", errno);
    }
    Zone zone{std::move(*fd), mapping, settings.bytes};
    auto& header = header_of(mapping);
    const auto ready =
        is_blank(header) ? initialize(header, settings, clocks) : check(header, settings);
    if (!ready) {
        return ready.error();
    }
    go_on_after_boot(header, clocks);
    zone.hash_key_ = {header.hash_key[0], header.hash_key[1]};
    zone.zone_minus_monotonic_ms_ = header.zone_minus_monotonic_ms;
    zone.table_ =
        CellTable{{reinterpret_cast<Cell*>(static_cast<std::byte*>(mapping) + ZoneHeader::size),
                   header.cell_count}};
    zone.beat(clocks);
    const auto now = zone.now(clocks.monotonic_ms);
    zone.utc_offset_ms_ = clocks.unix_ms - static_cast<std::int64_t>(whole_ms(now.ticks));
    drop_impossible_words(zone.table_, now.ticks);
    return zone;
}

Zone::Zone(UniqueFd fd, void* mapping, std::size_t bytes) noexcept
    : fd_(std::move(fd)), mapping_(mapping), bytes_(bytes)
{
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
    const auto zone_ms = clocks.monotonic_ms + zone_minus_monotonic_ms_;
    __atomic_store_n(&header_of(mapping_).unix_minus_zone_ms,
                     clocks.unix_ms - static_cast<std::int64_t>(zone_ms), __ATOMIC_RELAXED);
}

std::uint64_t Zone::entries(Ticks now, std::size_t sample) const noexcept
{
    const auto cells = table_.cells();
    const std::size_t step = std::max<std::size_t>(cells.size() / sample, 1);
    std::uint64_t seen = 0;
    std::uint64_t held = 0;
    for (std::size_t i = 0; i < cells.size(); i += step) {
        ++seen;
        const auto word = cells[i].word();
        held += word > now && !CellTable::is_tentative(word) ? 1 : 0;
    }
    return step == 1 ? held : held * cells.size() / seen;
}

}  // namespace gatehouse::limit
