#include "src/conn/zone.h"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace gatehouse::conn {

namespace {

static_assert(sizeof(ZoneHeader) == 48 && sizeof(ZoneHeader) <= ZoneHeader::size);

constexpr std::size_t fewest_cells = 2 * CellTable::bucket_size;

/// The counters of a cell begin a cache line.
constexpr unsigned counters_for(unsigned slots) noexcept
{
    constexpr unsigned line = 64 / sizeof(Counter);
    return (slots + line - 1) / line * line;
}

constexpr std::size_t cell_bytes(unsigned counters) noexcept
{
    return sizeof(Cell) + counters * sizeof(Counter);
}

constexpr std::size_t cells_in(std::size_t bytes, unsigned counters) noexcept
{
    const auto cells = (bytes - ZoneHeader::size) / cell_bytes(counters);
    return std::max(cells / CellTable::bucket_size * CellTable::bucket_size, fewest_cells);
}

ZoneHeader& header_of(const SharedMemory& memory) noexcept
{
    return *reinterpret_cast<ZoneHeader*>(memory.writable().data());
}

Error cannot(const std::string& name, const std::string& why)
{
    return {"cap zone \"" + name + "\": " + why};
}

}  // namespace

Result<Zone> Zone::make(const std::string& name, std::size_t bytes, unsigned slots)
{
    const auto counters = counters_for(slots);
    const auto cells = cells_in(bytes, counters);
    auto memory =
        SharedMemory::create("gatehouse-conn", ZoneHeader::size + cells * cell_bytes(counters));
    if (!memory) {
        return cannot(name, memory.error().message);
    }
    auto& header = header_of(*memory);
    if (::getrandom(header.hash_key, sizeof header.hash_key, 0) !=
        static_cast<ssize_t>(sizeof header.hash_key)) {
        return cannot(name, std::string{"getrandom: "} + std::strerror(errno));
    }
    header.version = ZoneHeader::expected_version;
    header.header_size = ZoneHeader::size;
    header.cell_count = cells;
    header.counters_per_cell = counters;
    header.magic = ZoneHeader::expected_magic;
    return Zone{std::move(*memory)};
}

Zone::Zone(SharedMemory memory) noexcept : memory_(std::move(memory))
{
    auto& header = header_of(memory_);
    hash_key_ = {header.hash_key[0], header.hash_key[1]};
    capacity_ = header.cell_count;
    auto* const cells = memory_.writable().data() + ZoneHeader::size;
    auto* const counters = cells + capacity_ * sizeof(Cell);
    table_ = CapTable{{reinterpret_cast<Cell*>(cells), capacity_},
                      {reinterpret_cast<Counter*>(counters), capacity_ * header.counters_per_cell},
                      header.counters_per_cell,
                      header.slots_used};
}

}  // namespace gatehouse::conn
