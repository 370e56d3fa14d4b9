#include "src/audit/region.h"

#include <string>

namespace gatehouse::audit {

Result<Region> Region::create(unsigned slot_count, std::uint64_t id)
{
    auto memory = SharedMemory::create("gatehouse-audit", region_size(slot_count));
    if (!memory) {
        return Error{"audit: " + memory.error().message};
    }
    auto& header = *reinterpret_cast<RegionHeader*>(memory->writable().data());
    header.magic = region_magic;
    header.version = region_version;
    header.slot_count = slot_count;
    header.total_size = region_size(slot_count);
    header.id = id;
    return Region{std::move(*memory)};
}

Ring Region::ring(unsigned slot) const noexcept
{
    auto* bytes = memory_.writable().data();
    return {reinterpret_cast<Head*>(bytes + heads_offset) + slot,
            reinterpret_cast<Record*>(bytes + rings_offset + slot * ring_size)};
}

std::uint64_t Region::written() const noexcept
{
    std::uint64_t sum = 0;
    if (const auto reader = Reader::open(bytes())) {
        for (unsigned slot = 0; slot < reader->slots(); ++slot) {
            sum += reader->written(slot);
        }
    }
    return sum;
}

Result<Reader> Reader::open(std::span<const std::byte> bytes)
{
    if (bytes.size() < rings_offset) {
        return Error{"audit: too small to be a region"};
    }
    const auto& header = *reinterpret_cast<const RegionHeader*>(bytes.data());
    if (header.magic != region_magic) {
        return Error{"audit: this is no audit region"};
    }
    if (header.version != region_version) {
        return Error{"audit: the region has version " + std::to_string(header.version) +
                     ", this program reads version " + std::to_string(region_version)};
    }
    // Each number is read once: a hostile writer could change it in between.
    const std::uint32_t slots = header.slot_count;
    if (slots == 0 || slots > slot_capacity || bytes.size() < region_size(slots)) {
        return Error{"audit: the region is smaller than it says"};
    }
    return Reader{bytes.data(), slots, header.id};
}

std::uint64_t Reader::written(unsigned slot) const noexcept
{
    return ring(slot).head->written.load(std::memory_order_acquire);
}

ConstRing Reader::ring(unsigned slot) const noexcept
{
    return {reinterpret_cast<const Head*>(bytes_ + heads_offset) + slot,
            reinterpret_cast<const Record*>(bytes_ + rings_offset + slot * ring_size)};
}

}  // namespace gatehouse::audit
