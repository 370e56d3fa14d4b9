#include "src/base/sealed_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "src/base/huge_pages.h"

namespace gatehouse {

namespace {

constexpr int all_seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;

using SealedFill = SealedMemory::Fill;

constexpr std::size_t page_size = 4096;

constexpr std::size_t rounded_up(std::size_t size, std::size_t to) noexcept
{
    return (size + to - 1) / to * to;
}

struct Free {
    void operator()(void* memory) const noexcept { std::free(memory); }
};

Result<void> write_all(int fd, std::span<const std::byte> bytes)
{
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR) {
            return system_error("write", errno);
        }
        bytes = bytes.subspan(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
    return {};
}

/// Made elsewhere and written in one piece: half the price of a mapping, whose pages come one by
/// one and whose end interrupts the other threads.
Result<void> fill_by_writing(int fd, std::size_t size, const SealedFill& fill)
{
    const auto allocated = rounded_up(size, page_size);
    const std::unique_ptr<void, Free> memory{std::aligned_alloc(page_size, allocated)};
    if (!memory) {
        return system_error("aligned_alloc", ENOMEM);
    }
    std::memset(memory.get(), 0, size);
    const std::span bytes{static_cast<std::byte*>(memory.get()), size};
    auto filled = fill(bytes);
    return filled ? write_all(fd, bytes) : filled;
}

/// A writable mapping of a memfd. It goes on to the end of its last huge page, past the end of the
/// file: only then can that page be collapsed too.
class WritableMapping {
public:
    WritableMapping(int fd, std::size_t size)
        : mapped_size_(rounded_up(size, huge_page_size)),
          mapped_(map_shared(fd, mapped_size_)),
          size_(size)
    {
    }

    WritableMapping(const WritableMapping&) = delete;
    WritableMapping& operator=(const WritableMapping&) = delete;

    ~WritableMapping()
    {
        if (mapped_ != MAP_FAILED) {
            ::munmap(mapped_, mapped_size_);
        }
    }

    /// Empty if it could not be mapped.
    std::span<std::byte> bytes() const noexcept
    {
        return {static_cast<std::byte*>(mapped_), mapped_ == MAP_FAILED ? 0 : size_};
    }

private:
    std::size_t mapped_size_;
    void* mapped_;
    std::size_t size_;
};

Result<void> fill_huge_pages(int fd, std::size_t size, const SealedFill& fill)
{
    // Allocated ahead: a lack of memory is an error here, not a SIGBUS in the middle of `fill`.
    if (const int code = ::posix_fallocate(fd, 0, static_cast<off_t>(size)); code != 0) {
        return system_error("posix_fallocate", code);
    }
    const WritableMapping mapping{fd, size};
    if (mapping.bytes().empty()) {
        return system_error("mmap", errno);
    }
    auto filled = fill(mapping.bytes());
    if (filled) {
        collapse_into_huge_pages(mapping.bytes());
    }
    return filled;
}

}  // namespace

Result<SealedMemory> SealedMemory::create(const char* name, std::size_t size, const Fill& fill)
{
    if (size == 0) {
        return Error{"sealed memory: size is 0"};
    }
    auto fd = MappedMemory::make(name);
    if (!fd) {
        return fd.error();
    }
    const auto fill_as_suits = size < huge_page_size ? fill_by_writing : fill_huge_pages;
    if (auto filled = fill_as_suits(fd->get(), size, fill); !filled) {
        return filled.error();
    }
    // After the mapping is gone: the kernel refuses F_SEAL_WRITE while a writable one exists.
    if (::fcntl(fd->get(), F_ADD_SEALS, all_seals) != 0) {
        return system_error("F_ADD_SEALS", errno);
    }
    return sealed(MappedMemory::map(std::move(*fd), size, PROT_READ));
}

Result<SealedMemory> SealedMemory::adopt(UniqueFd fd)
{
    return sealed(
        MappedMemory::adopt(std::move(fd), all_seals, "the descriptor received is not sealed"));
}

Result<SealedMemory> SealedMemory::sealed(Result<MappedMemory> memory)
{
    return memory ? Result<SealedMemory>{SealedMemory{std::move(*memory)}} : memory.error();
}

}  // namespace gatehouse
