// Memory that can no longer change: a memfd sealed against shrink, growth and writes, mapped
// read-only. Whoever maps it can neither read a torn value nor get SIGBUS, whatever its maker does
// afterwards.
//
// Thread safety: immutable once made; share freely.
#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "src/base/result.h"
#include "src/base/unique_fd.h"

namespace gatehouse {

class SealedMemory {
public:
    /// Writes the bytes: gets `size` zeroed bytes, aligned to a page.
    using Fill = std::function<Result<void>(std::span<std::byte>)>;

    SealedMemory() noexcept = default;
    SealedMemory(SealedMemory&& other) noexcept;
    SealedMemory& operator=(SealedMemory&& other) noexcept;
    ~SealedMemory();

    /// Makes `size` bytes (> 0), lets `fill` write them, then seals them. `name` shows in
    /// /proc/PID/maps. From huge_page_size on the pages are huge where the kernel allows it
    /// (Linux 6.1 and later), which sendfile carries at the price of a file on disk. To make them
    /// so takes a busy machine many ms.
    static Result<SealedMemory> create(const char* name, std::size_t size, const Fill& fill);

    /// Maps what somebody else made. Refuses a descriptor that is not fully sealed, and an empty
    /// one.
    static Result<SealedMemory> adopt(UniqueFd fd);

    std::span<const std::byte> bytes() const noexcept { return {data_, size_}; }
    int fd() const noexcept { return fd_.get(); }

private:
    SealedMemory(UniqueFd fd, const std::byte* data, std::size_t size) noexcept
        : fd_(std::move(fd)), data_(data), size_(size)
    {
    }

    static Result<SealedMemory> map(UniqueFd fd, std::size_t size);
    void unmap() noexcept;

    UniqueFd fd_;
    const std::byte* data_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace gatehouse
