// A descriptor of shared memory and where it is mapped: what SharedMemory and SealedMemory have in
// common.
//
// Thread safety: the handle has one owner.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "src/base/result.h"
#include "src/base/unique_fd.h"

namespace gatehouse {

class MappedMemory {
public:
    MappedMemory() noexcept = default;

    /// Keeps a descriptor that is not mapped: data() is nullptr, size() 0.
    explicit MappedMemory(UniqueFd fd) noexcept : fd_(std::move(fd)) {}

    MappedMemory(MappedMemory&& other) noexcept
        : fd_(std::move(other.fd_)),
          data_(std::exchange(other.data_, nullptr)),
          size_(std::exchange(other.size_, 0))
    {
    }
    MappedMemory& operator=(MappedMemory&& other) noexcept;
    ~MappedMemory();

    /// A new memfd that can be sealed, empty. `name` shows in /proc/PID/maps.
    static Result<UniqueFd> make(const char* name);

    /// `protection` as for mmap.
    static Result<MappedMemory> map(UniqueFd fd, std::size_t size, int protection);

    /// Maps all of what somebody else made, for reading. Refuses a descriptor that lacks one of
    /// these seals, in the words of `unsealed`, and an empty one.
    static Result<MappedMemory> adopt(UniqueFd fd, int seals, const char* unsealed);

    std::byte* data() const noexcept { return data_; }
    std::size_t size() const noexcept { return size_; }
    int fd() const noexcept { return fd_.get(); }

    /// The mapping stays without it.
    void close_descriptor() noexcept { fd_.reset(); }

private:
    MappedMemory(UniqueFd fd, std::byte* data, std::size_t size) noexcept
        : fd_(std::move(fd)), data_(data), size_(size)
    {
    }

    UniqueFd fd_;
    std::byte* data_ = nullptr;
    std::size_t size_ = 0;
};

/// "DOING: why", by an errno.
Error system_error(const char* doing, int code);

}  // namespace gatehouse
