#include "src/base/huge_pages.h"

#include <cstdint>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25  // Linux 6.1; glibc 2.36 does not name it yet
#endif

namespace gatehouse {

void* map_shared(int fd, std::size_t size, int protection) noexcept
{
    if (size < huge_page_size) {
        return ::mmap(nullptr, size, protection, MAP_SHARED, fd, 0);
    }
    const std::size_t reserved_size = size + huge_page_size;
    void* reserved = ::mmap(nullptr, reserved_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (reserved == MAP_FAILED) {
        return MAP_FAILED;
    }
    auto* const begin = static_cast<std::byte*>(reserved);
    const auto address = reinterpret_cast<std::uintptr_t>(begin);
    auto* const aligned = begin + (-address & (huge_page_size - 1));
    void* mapped = ::mmap(aligned, size, protection, MAP_SHARED | MAP_FIXED, fd, 0);
    if (mapped == MAP_FAILED) {
        ::munmap(reserved, reserved_size);
        return MAP_FAILED;
    }
    // What lies before and behind was only there to choose the address. munmap takes whole pages.
    constexpr std::size_t page = 4096;
    auto* const end = aligned + (size + page - 1) / page * page;
    if (aligned != begin) {
        ::munmap(begin, static_cast<std::size_t>(aligned - begin));
    }
    if (end < begin + reserved_size) {
        ::munmap(end, static_cast<std::size_t>(begin + reserved_size - end));
    }
    return mapped;
}

void collapse_into_huge_pages(std::span<std::byte> bytes) noexcept
{
    const std::size_t pages = (bytes.size() + huge_page_size / 2) / huge_page_size;
    if (bytes.size() >= huge_page_size && pages > 0) {
        (void)::madvise(bytes.data(), pages * huge_page_size, MADV_COLLAPSE);
    }
}

}  // namespace gatehouse
