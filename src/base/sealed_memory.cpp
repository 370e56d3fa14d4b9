#include "src/base/sealed_memory.h"

#include <fcntl.h>
#include <sys/mman.h>

#include <cerrno>

#include "src/base/huge_pages.h"

namespace gatehouse {

namespace {

constexpr int all_seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;

/// A writable mapping of a memfd. A large one goes on to the end of its last huge page, past the
/// end of the file: only then can that page be collapsed too.
class WritableMapping {
public:
    WritableMapping(int fd, std::size_t size)
        : mapped_size_(size < huge_page_size
                           ? size
                           : (size + huge_page_size - 1) / huge_page_size * huge_page_size),
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
    // Allocated ahead: a lack of memory is an error here, not a SIGBUS in the middle of `fill`.
    if (const int code = ::posix_fallocate(fd->get(), 0, static_cast<off_t>(size)); code != 0) {
        return system_error("posix_fallocate", code);
    }
    {
        const WritableMapping mapping{fd->get(), size};
        if (mapping.bytes().empty()) {
            return system_error("mmap", errno);
        }
        if (auto filled = fill(mapping.bytes()); !filled) {
            return filled.error();
        }
        collapse_into_huge_pages(mapping.bytes());
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
