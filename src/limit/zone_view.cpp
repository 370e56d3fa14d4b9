#include "src/limit/zone_view.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "src/limit/cell_word.h"
#include "src/limit/zone.h"
#include "src/limit/zone_header.h"

namespace gatehouse::limit {

namespace {

/// A race is lost to a worker now and then. More often, only to somebody who plays with us.
constexpr int most_attempts = 10'000;

Result<std::size_t> size_of(int fd)
{
    struct stat status {};
    if (::fstat(fd, &status) != 0) {
        return Error{std::string{"fstat: "} + std::strerror(errno)};
    }
    if (status.st_size < static_cast<off_t>(Zone::smallest_bytes)) {
        return Error{"it is smaller than any limit zone"};
    }
    return static_cast<std::size_t>(status.st_size);
}

/// Read, not looked at: of a file that is cut short meanwhile, there is just less to read.
Result<ZoneHeader> header_of(int fd)
{
    ZoneHeader header;
    const auto got = ::pread(fd, &header, sizeof header, 0);
    if (got != static_cast<ssize_t>(sizeof header)) {
        return Error{std::string{"it cannot be read"} +
                     (got < 0 ? std::string{": "} + std::strerror(errno) : "")};
    }
    return header;
}

Result<void> check(const ZoneHeader& header, std::size_t bytes)
{
    if (header.magic != ZoneHeader::expected_magic) {
        return Error{"it is no limit zone"};
    }
    if (header.version != ZoneHeader::expected_version) {
        return Error{"it has version " + std::to_string(header.version) +
                     ", this program reads version " +
                     std::to_string(ZoneHeader::expected_version)};
    }
    if (!is_sound(header, bytes)) {
        return Error{"its header is damaged"};
    }
    return {};
}

}  // namespace

Result<ZoneView> ZoneView::open(int fd, Access access)
{
    const auto bytes = size_of(fd);
    if (!bytes) {
        return bytes.error();
    }
    const auto header = header_of(fd);
    if (!header) {
        return header.error();
    }
    if (const auto sound = check(*header, *bytes); !sound) {
        return sound.error();
    }
    const int protection = access == Access::write ? PROT_READ | PROT_WRITE : PROT_READ;
    void* mapping = ::mmap(nullptr, *bytes, protection, MAP_SHARED, fd, 0);
    if (mapping == MAP_FAILED) {
        return Error{std::string{"mmap: "} + std::strerror(errno)};
    }
    ZoneView view{mapping, *bytes};
    view.hash_key_ = {header->hash_key[0], header->hash_key[1]};
    view.zone_minus_monotonic_ms_ = header->zone_minus_monotonic_ms;
    return view;
}

ZoneView::ZoneView(void* mapping, std::size_t bytes) noexcept
    : mapping_(mapping),
      bytes_(bytes),
      table_({reinterpret_cast<Cell*>(static_cast<std::byte*>(mapping) + ZoneHeader::size),
              cells_in(bytes)})
{
}

ZoneView::ZoneView(ZoneView&& other) noexcept
    : mapping_(std::exchange(other.mapping_, nullptr)),
      bytes_(other.bytes_),
      table_(other.table_),
      hash_key_(other.hash_key_),
      zone_minus_monotonic_ms_(other.zone_minus_monotonic_ms_)
{
}

ZoneView& ZoneView::operator=(ZoneView&& other) noexcept
{
    std::swap(mapping_, other.mapping_);
    std::swap(bytes_, other.bytes_);
    std::swap(table_, other.table_);
    std::swap(hash_key_, other.hash_key_);
    std::swap(zone_minus_monotonic_ms_, other.zone_minus_monotonic_ms_);
    return *this;
}

ZoneView::~ZoneView()
{
    if (mapping_ != nullptr) {
        ::munmap(mapping_, bytes_);
    }
}

std::uint64_t ZoneView::entries(Ticks now) const noexcept
{
    constexpr std::size_t most_looked_at = 1 << 18;  // four megabytes: a millisecond or two
    return count_entries(table_.cells(), now, most_looked_at);
}

std::uint64_t ZoneView::word(std::uint64_t hash, std::uint64_t salt) const noexcept
{
    return free_at(table_.find(CellKey::of(hash, salt)).word);
}

Standing ZoneView::standing(const Window& window, std::uint64_t hash, Now now) const noexcept
{
    const bool slides = window.algorithm == Algorithm::sliding;
    return limit::standing(window, word(hash, cell_salt(window, now)),
                           slides ? word(hash, previous_salt(window, now)) : 0, now);
}

bool ZoneView::free_cell(const CellKey& key) noexcept
{
    const auto location = table_.locate(key);
    for (int i = 0; i < most_attempts; ++i) {
        const auto found = CellTable::find(location);
        if (found.cell == nullptr) {
            return false;
        }
        if (found.cell->replace({location.tag, found.word}, {})) {
            return true;
        }
    }
    return false;
}

unsigned ZoneView::free_key(const Window& window, std::uint64_t hash, Now now) noexcept
{
    unsigned freed = free_cell(CellKey::of(hash, cell_salt(window, now))) ? 1 : 0;
    if (window.algorithm == Algorithm::sliding &&
        free_cell(CellKey::of(hash, previous_salt(window, now)))) {
        ++freed;
    }
    return freed;
}

/// A worker that charges a cell meanwhile wins or loses one step. Tentative cells stay: those are
/// requests that come after the reset.
std::uint64_t ZoneView::free_all() noexcept
{
    std::uint64_t freed = 0;
    for (Cell& cell : table_.cells()) {
        for (int i = 0; i < most_attempts; ++i) {
            const CellValue held{cell.tag(), cell.word()};
            if (held.tag == 0 || CellTable::is_tentative(held.word)) {
                break;
            }
            if (cell.replace(held, {})) {
                ++freed;
                break;
            }
        }
    }
    return freed;
}

}  // namespace gatehouse::limit
