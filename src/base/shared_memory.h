// Memory that this process and those it forks write, and that others may read: a memfd of a fixed
// size, zeroed, whose pages cost nothing before they are touched.
//
// Its size is sealed, so whoever maps it never gets SIGBUS for a page that went away. Writing is
// sealed too, but for the mapping that create() makes and forks inherit (Linux 5.1 and later): who
// gets the descriptor can only read.
//
// Thread safety: the handle has one owner; what lies in the memory says its own rules.
#pragma once

#include <cstddef>
#include <span>
#include <utility>

#include "src/base/mapped_memory.h"
#include "src/base/result.h"
#include "src/base/unique_fd.h"

namespace gatehouse {

class SharedMemory {
public:
    SharedMemory() noexcept = default;

    /// `size` > 0 zeroed bytes, mapped for reading and writing. `name` shows in /proc/PID/maps.
    static Result<SharedMemory> create(const char* name, std::size_t size);

    /// Maps what somebody else made, for reading. Refuses a descriptor whose size could still
    /// shrink, and an empty one.
    static Result<SharedMemory> adopt(UniqueFd fd);

    /// Keeps what cannot be mapped safely, such as a file that somebody may cut short: bytes() is
    /// empty.
    static SharedMemory hold(UniqueFd fd) noexcept
    {
        return SharedMemory{MappedMemory{std::move(fd)}};
    }

    std::span<const std::byte> bytes() const noexcept { return {memory_.data(), memory_.size()}; }

    /// REQUIRES: this came from create().
    std::span<std::byte> writable() const noexcept { return {memory_.data(), memory_.size()}; }

    int fd() const noexcept { return memory_.fd(); }
    explicit operator bool() const noexcept { return memory_.data() != nullptr; }

private:
    explicit SharedMemory(MappedMemory memory) noexcept : memory_(std::move(memory)) {}

    MappedMemory memory_;
};

}  // namespace gatehouse
