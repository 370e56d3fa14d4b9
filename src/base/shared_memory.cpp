#include "src/base/shared_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

namespace gatehouse {

Result<SharedMemory> SharedMemory::create(const char* name, std::size_t size)
{
    auto fd = MappedMemory::make(name);
    if (!fd) {
        return fd.error();
    }
    if (::ftruncate(fd->get(), static_cast<off_t>(size)) != 0) {
        return system_error("ftruncate", errno);
    }
    auto memory = MappedMemory::map(std::move(*fd), size, PROT_READ | PROT_WRITE);
    if (!memory) {
        return memory.error();
    }
    if (::fcntl(memory->fd(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) != 0) {
        return system_error("F_ADD_SEALS", errno);
    }
    // Older kernels do not know this one: there a reader could write, were it to want that.
    (void)::fcntl(memory->fd(), F_ADD_SEALS, F_SEAL_FUTURE_WRITE);
    return SharedMemory{std::move(*memory)};
}

Result<SharedMemory> SharedMemory::adopt(UniqueFd fd)
{
    auto memory = MappedMemory::adopt(std::move(fd), F_SEAL_SHRINK,
                                      "the descriptor received is not sealed against shrinking");
    return memory ? Result<SharedMemory>{SharedMemory{std::move(*memory)}} : memory.error();
}

}  // namespace gatehouse
