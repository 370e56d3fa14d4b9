// Huge pages for shared memory, where the kernel has them: fewer misses of the TLB in a large
// table.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <span>

namespace gatehouse {

inline constexpr std::size_t huge_page_size = std::size_t{2} << 20;

/// Maps a file, shared. From huge_page_size on the address is aligned to a
/// huge page. MAP_FAILED and errno as mmap() has them.
void* map_shared(int fd, std::size_t size, int protection = PROT_READ | PROT_WRITE) noexcept;

/// Asks for huge pages now (MADV_COLLAPSE, Linux 6.1). Its last page is among them if the mapping
/// goes on to that page's end and at least a half of it is used. A refusal is no error: the bytes
/// are the same.
void collapse_into_huge_pages(std::span<std::byte> bytes) noexcept;

}  // namespace gatehouse
