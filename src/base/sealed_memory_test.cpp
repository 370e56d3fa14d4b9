#include "src/base/sealed_memory.h"

#include "src/base/huge_pages.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>

namespace gatehouse {
namespace {

Result<void> fill_with_sevens(std::span<std::byte> bytes)
{
    std::memset(bytes.data(), 7, bytes.size());
    return {};
}

TEST(SealedMemory, HoldsWhatWasWritten)
{
    auto memory = SealedMemory::create("test", 5000, fill_with_sevens);
    ASSERT_TRUE(memory);
    ASSERT_EQ(memory->bytes().size(), 5000u);
    for (const auto byte : memory->bytes()) {
        ASSERT_EQ(byte, std::byte{7});
    }
}

TEST(SealedMemory, CannotBeWrittenTruncatedOrGrown)
{
    auto memory = SealedMemory::create("test", 5000, fill_with_sevens);
    ASSERT_TRUE(memory);
    EXPECT_EQ(::write(memory->fd(), "x", 1), -1);
    EXPECT_EQ(errno, EPERM);
    EXPECT_EQ(::ftruncate(memory->fd(), 0), -1);
    EXPECT_EQ(::ftruncate(memory->fd(), 10000), -1);
    EXPECT_EQ(::mmap(nullptr, 5000, PROT_READ | PROT_WRITE, MAP_SHARED, memory->fd(), 0),
              MAP_FAILED);
}

TEST(SealedMemory, RefusesSizeZeroAndAFailedFill)
{
    EXPECT_FALSE(SealedMemory::create("test", 0, fill_with_sevens));
    auto failed = SealedMemory::create(
        "test", 10, [](std::span<std::byte>) -> Result<void> { return Error{"no"}; });
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().message, "no");
}

TEST(SealedMemory, AdoptsWhatIsSealedAndRefusesTheRest)
{
    auto memory = SealedMemory::create("test", 5000, fill_with_sevens);
    ASSERT_TRUE(memory);
    auto adopted = SealedMemory::adopt(UniqueFd{::dup(memory->fd())});
    ASSERT_TRUE(adopted);
    EXPECT_EQ(adopted->bytes().size(), 5000u);

    UniqueFd loose{::memfd_create("loose", MFD_ALLOW_SEALING)};
    ASSERT_EQ(::ftruncate(loose.get(), 100), 0);
    ASSERT_EQ(::fcntl(loose.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE), 0);
    EXPECT_FALSE(SealedMemory::adopt(std::move(loose))) << "F_SEAL_SEAL is missing";

    UniqueFd empty{::memfd_create("empty", MFD_ALLOW_SEALING)};
    ASSERT_EQ(
        ::fcntl(empty.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL),
        0);
    EXPECT_FALSE(SealedMemory::adopt(std::move(empty)));
    EXPECT_FALSE(SealedMemory::adopt(UniqueFd{::open("/dev/null", O_RDONLY)}));
}

std::size_t allocated_bytes(int fd)
{
    struct stat status {};
    return ::fstat(fd, &status) == 0 ? static_cast<std::size_t>(status.st_blocks) * 512 : 0;
}

bool kernel_gives_huge_pages()
{
    constexpr auto huge = huge_page_size;
    constexpr int madv_collapse = 25;
    UniqueFd fd{::memfd_create("probe", 0)};
    if (::ftruncate(fd.get(), huge) != 0) {
        return false;
    }
    auto* reserved = static_cast<char*>(
        ::mmap(nullptr, 2 * huge, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    char* aligned = reserved + (huge - reinterpret_cast<std::uintptr_t>(reserved) % huge) % huge;
    ::mmap(aligned, huge, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd.get(), 0);
    *aligned = 1;
    const bool collapsed = ::madvise(aligned, huge, madv_collapse) == 0;
    ::munmap(reserved, 2 * huge);
    return collapsed;
}

TEST(SealedMemory, HasHugePagesFromTheThresholdOnTheLastOneIncludedIfItIsUsed)
{
    constexpr auto huge = huge_page_size;
    constexpr auto small = huge_page_size - huge / 4;
    auto below_threshold = SealedMemory::create("test", small, fill_with_sevens);
    auto mostly_used = SealedMemory::create("test", huge + huge * 3 / 4, fill_with_sevens);
    auto hardly_used = SealedMemory::create("test", huge + huge / 4, fill_with_sevens);
    ASSERT_TRUE(below_threshold && mostly_used && hardly_used);
    if (!kernel_gives_huge_pages()) {
        GTEST_SKIP() << "this kernel gives no huge pages";
    }
    EXPECT_EQ(allocated_bytes(below_threshold->fd()), small);
    EXPECT_EQ(allocated_bytes(mostly_used->fd()), 2 * huge);
    EXPECT_EQ(allocated_bytes(hardly_used->fd()), huge + huge / 4);
}

TEST(SealedMemory, UnmapsWhenMovedOverAndDestroyed)
{
    const auto mappings = [] {
        std::ifstream maps{"/proc/self/maps"};
        std::string line;
        int count = 0;
        while (std::getline(maps, line)) {
            count += line.find("gatehouse-unmap-test") != std::string::npos ? 1 : 0;
        }
        return count;
    };
    {
        auto first = SealedMemory::create("gatehouse-unmap-test", 3 << 20, fill_with_sevens);
        auto second = SealedMemory::create("gatehouse-unmap-test", 100, fill_with_sevens);
        ASSERT_TRUE(first && second);
        EXPECT_EQ(mappings(), 2);
        *first = std::move(*second);
        EXPECT_EQ(mappings(), 1);
    }
    EXPECT_EQ(mappings(), 0);
}

}  // namespace
}  // namespace gatehouse
