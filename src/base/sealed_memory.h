// Memory that can no longer change: a memfd sealed against shrink, growth and writes, mapped
// read-only. Whoever maps it can neither read a torn value nor get SIGBUS, whatever its maker does
// afterwards.
//
// Thread safety: immutable once made; share freely.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <utility>

#include "src/base/mapped_memory.h"
#include "src/base/result.h"
#include "src/base/unique_fd.h"

namespace gatehouse {

class SealedMemory {
public:
    /// Writes the bytes: gets `size` zeroed bytes, aligned to a page.
    using Fill = std::function<Result<void>(std::span<std::byte>)>;

    SealedMemory() noexcept = default;

    /// Makes `size` bytes (> 0), lets `fill` write them, then seals them. `name` shows in
    /// /proc/PID/maps. From huge_page_size on the pages are huge where the kernel allows it
    /// (Linux 6.1 and later), which sendfile carries at the price of a file on disk. To make them
    /// so takes a busy machine many ms.
    static Result<SealedMemory> create(const char* name, std::size_t size, const Fill& fill);

    /// Maps what somebody else made. Refuses a descriptor that is not fully sealed, and an empty
    /// one.
    static Result<SealedMemory> adopt(UniqueFd fd);

    std::span<const std::byte> bytes() const noexcept { return {memory_.data(), memory_.size()}; }
    int fd() const noexcept { return memory_.fd(); }

    /// For who only reads bytes(): a process may hold far fewer descriptors than mappings.
    void close_descriptor() noexcept { memory_.close_descriptor(); }

private:
    static Result<SealedMemory> sealed(Result<MappedMemory> memory);

    explicit SealedMemory(MappedMemory memory) noexcept : memory_(std::move(memory)) {}

    MappedMemory memory_;
};

}  // namespace gatehouse
