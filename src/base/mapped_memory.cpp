#include "src/base/mapped_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "src/base/huge_pages.h"

namespace gatehouse {

Error system_error(const char* doing, int code)
{
    return {std::string{doing} + ": " + std::strerror(code)};
}

MappedMemory& MappedMemory::operator=(MappedMemory&& other) noexcept
{
    if (this != &other) {
        const MappedMemory old{std::move(*this)};
        fd_ = std::move(other.fd_);
        data_ = std::exchange(other.data_, nullptr);
        size_ = std::exchange(other.size_, 0);
    }
    return *this;
}

MappedMemory::~MappedMemory()
{
    if (data_ != nullptr) {
        ::munmap(data_, size_);
    }
}

Result<UniqueFd> MappedMemory::make(const char* name)
{
    UniqueFd fd{::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    if (!fd) {
        return system_error("memfd_create", errno);
    }
    return fd;
}

Result<MappedMemory> MappedMemory::map(UniqueFd fd, std::size_t size, int protection)
{
    void* address = map_shared(fd.get(), size, protection);
    if (address == MAP_FAILED) {
        return system_error("mmap", errno);
    }
    return MappedMemory{std::move(fd), static_cast<std::byte*>(address), size};
}

Result<MappedMemory> MappedMemory::adopt(UniqueFd fd, int seals, const char* unsealed)
{
    const int found = ::fcntl(fd.get(), F_GET_SEALS);
    if (found < 0) {
        return system_error("F_GET_SEALS", errno);
    }
    if ((found & seals) != seals) {
        return Error{unsealed};
    }
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) {
        return system_error("fstat", errno);
    }
    if (status.st_size <= 0) {
        return Error{"the descriptor received is empty"};
    }
    return map(std::move(fd), static_cast<std::size_t>(status.st_size), PROT_READ);
}

}  // namespace gatehouse
