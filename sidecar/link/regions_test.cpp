#include "sidecar/link/regions.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

namespace gatehouse::sidecar {
namespace {

SharedMemory made(std::size_t size = 4096)
{
    auto memory = SharedMemory::create("test", size);
    EXPECT_TRUE(memory);
    return std::move(*memory);
}

UniqueFd copy_of(const SharedMemory& memory)
{
    return UniqueFd{::dup(memory.fd())};
}

TEST(RegionPool, MapsTheSameMemoryOnce)
{
    RegionPool pool;
    const auto memory = made();
    const auto other = made();
    const auto first = pool.adopt(copy_of(memory));
    const auto second = pool.adopt(copy_of(memory));
    const auto third = pool.adopt(copy_of(other));
    ASSERT_TRUE(first && second && third);
    EXPECT_EQ(*first, *second);
    EXPECT_NE(*first, *third);
    memory.writable()[9] = std::byte{7};
    EXPECT_EQ((*first)->bytes()[9], std::byte{7});
}

TEST(RegionPool, ForgetsWhatNobodyHolds)
{
    RegionPool pool;
    const auto memory = made();
    std::weak_ptr<const SharedMemory> seen;
    {
        const auto region = pool.adopt(copy_of(memory));
        ASSERT_TRUE(region);
        seen = *region;
    }
    EXPECT_TRUE(seen.expired());
    EXPECT_TRUE(pool.adopt(copy_of(memory)));
}

TEST(RegionPool, KeepsAFileWithoutMappingIt)
{
    RegionPool pool;
    char path[] = "/tmp/gatehouse-regions-XXXXXX";
    const UniqueFd file{::mkstemp(path)};
    ASSERT_EQ(::unlink(path), 0);
    ASSERT_EQ(::ftruncate(file.get(), 4096), 0);
    const auto region = pool.adopt(UniqueFd{::dup(file.get())});
    ASSERT_TRUE(region);
    EXPECT_TRUE((*region)->bytes().empty());
    EXPECT_GE((*region)->fd(), 0);
    EXPECT_EQ(pool.adopt(UniqueFd{::dup(file.get())}).operator*(), *region);
}

TEST(RegionPool, RefusesWhatAReaderCouldNotTrust)
{
    RegionPool pool;
    UniqueFd unsealed{::memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    ASSERT_EQ(::ftruncate(unsealed.get(), 4096), 0);
    EXPECT_FALSE(pool.adopt(std::move(unsealed)));
    EXPECT_FALSE(pool.adopt(UniqueFd{}));
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    EXPECT_FALSE(pool.adopt(UniqueFd{ends[0]}));
    EXPECT_FALSE(pool.adopt(UniqueFd{ends[1]}));
    EXPECT_FALSE(pool.adopt(copy_of(made(std::size_t{65} << 30))));
}

}  // namespace
}  // namespace gatehouse::sidecar
