// The audit region as its makers, writers and readers have it; layout.h says what it looks like.
#pragma once

#include <cstdint>
#include <span>

#include "src/audit/ring.h"
#include "src/base/result.h"
#include "src/base/shared_memory.h"

namespace gatehouse::audit {

/// Made once, in the parent of all that write.
class Region {
public:
    /// REQUIRES: 1 ≤ slot_count ≤ slot_capacity.
    static Result<Region> create(unsigned slot_count, std::uint64_t id);

    /// To be handed to readers.
    int fd() const noexcept { return memory_.fd(); }
    std::span<const std::byte> bytes() const noexcept { return memory_.bytes(); }

    /// REQUIRES: slot < slot_count.
    Ring ring(unsigned slot) const noexcept;

    /// Decisions ever written, over all slots.
    std::uint64_t written() const noexcept;

private:
    explicit Region(SharedMemory memory) noexcept : memory_(std::move(memory)) {}

    SharedMemory memory_;
};

/// Reads a region. A view only: the memory must outlive it, and must not shrink.
///
/// Thread safety: immutable; several readers beside the writers.
class Reader {
public:
    /// Checks magic, version and size. REQUIRES: `bytes` is aligned to a word.
    static Result<Reader> open(std::span<const std::byte> bytes);

    std::uint64_t id() const noexcept { return id_; }
    unsigned slots() const noexcept { return slots_; }

    /// Decisions ever written in a slot. REQUIRES: slot < slots().
    std::uint64_t written(unsigned slot) const noexcept;
    ConstRing ring(unsigned slot) const noexcept;

private:
    Reader(const std::byte* bytes, unsigned slots, std::uint64_t id) noexcept
        : bytes_(bytes), slots_(slots), id_(id)
    {
    }

    const std::byte* bytes_;
    unsigned slots_;
    std::uint64_t id_;
};

}  // namespace gatehouse::audit
