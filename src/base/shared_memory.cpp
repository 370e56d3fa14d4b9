#include "src/base/shared_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <string>

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

namespace gatehouse {

namespace {

Error system_error(const char* doing)
{
    return Error{std::string{doing} + ": " + std::strerror(errno)};
}

}  // namespace

SharedMemory::SharedMemory(SharedMemory&& other) noexcept
    : fd_(std::move(other.fd_)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0))
{
}

SharedMemory& SharedMemory::operator=(SharedMemory&& other) noexcept
{
    if (this != &other) {
        unmap();
        fd_ = std::move(other.fd_);
        data_ = std::exchange(other.data_, nullptr);
        size_ = std::exchange(other.size_, 0);
    }
    return *this;
}

SharedMemory::~SharedMemory()
{
    unmap();
}

void SharedMemory::unmap() noexcept
{
    if (data_ != nullptr) {
        ::munmap(data_, size_);
    }
}

Result<SharedMemory> SharedMemory::create(const char* name, std::size_t size)
{
    UniqueFd fd{::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    if (!fd) {
        return system_error("memfd_create");
    }
    if (::ftruncate(fd.get(), static_cast<off_t>(size)) != 0) {
        return system_error("ftruncate");
    }
    auto memory = map(std::move(fd), size, PROT_READ | PROT_WRITE);
    if (!memory) {
        return memory;
    }
    if (::fcntl(memory->fd(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) != 0) {
        return system_error("F_ADD_SEALS");
    }
    // Older kernels do not know this one: there a reader could write, were it to want that.
    (void)::fcntl(memory->fd(), F_ADD_SEALS, F_SEAL_FUTURE_WRITE);
    return memory;
}

Result<SharedMemory> SharedMemory::adopt(UniqueFd fd)
{
    const int seals = ::fcntl(fd.get(), F_GET_SEALS);
    if (seals < 0) {
        return system_error("F_GET_SEALS");
    }
    if ((seals & F_SEAL_SHRINK) == 0) {
        return Error{"the descriptor received is not sealed against shrinking"};
    }
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) {
        return system_error("fstat");
    }
    if (status.st_size <= 0) {
        return Error{"the descriptor received is empty"};
    }
    return map(std::move(fd), static_cast<std::size_t>(status.st_size), PROT_READ);
}

Result<SharedMemory> SharedMemory::map(UniqueFd fd, std::size_t size, int protection)
{
    void* address = ::mmap(nullptr, size, protection, MAP_SHARED, fd.get(), 0);
    if (address == MAP_FAILED) {
        return system_error("mmap");
    }
    return SharedMemory{std::move(fd), static_cast<std::byte*>(address), size};
}

}  // namespace gatehouse
