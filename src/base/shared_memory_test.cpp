#include "src/base/shared_memory.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace gatehouse {
namespace {

TEST(SharedMemory, AReaderSeesWhatTheMakerAndItsChildrenWrite)
{
    auto made = SharedMemory::create("test", 8192);
    ASSERT_TRUE(made);
    const auto seen = SharedMemory::adopt(UniqueFd{::dup(made->fd())});
    ASSERT_TRUE(seen) << seen.error().message;
    ASSERT_EQ(seen->bytes().size(), 8192u);
    EXPECT_EQ(seen->bytes()[8191], std::byte{0});

    made->writable()[0] = std::byte{1};
    const pid_t child = ::fork();
    if (child == 0) {
        made->writable()[8191] = std::byte{2};
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(seen->bytes()[0], std::byte{1});
    EXPECT_EQ(seen->bytes()[8191], std::byte{2});
}

TEST(SharedMemory, WhoGetsTheDescriptorCanOnlyRead)
{
    const auto made = SharedMemory::create("test", 4096);
    ASSERT_TRUE(made);
    EXPECT_EQ(::ftruncate(made->fd(), 0), -1);
    EXPECT_EQ(::ftruncate(made->fd(), 8192), -1);
    EXPECT_EQ(::write(made->fd(), "x", 1), -1);
    EXPECT_EQ(::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, made->fd(), 0), MAP_FAILED);
}

TEST(SharedMemory, UntouchedPagesCostNothing)
{
    const auto made = SharedMemory::create("test", std::size_t{64} << 20);
    ASSERT_TRUE(made);
    made->writable()[5000] = std::byte{1};
    struct stat status {};
    ASSERT_EQ(::fstat(made->fd(), &status), 0);
    EXPECT_LE(status.st_blocks * 512, 4096);
}

TEST(SharedMemory, RefusesWhatCouldShrinkOrIsEmptyOrNoMemory)
{
    const UniqueFd open{::memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    ASSERT_EQ(::ftruncate(open.get(), 4096), 0);
    EXPECT_FALSE(SharedMemory::adopt(UniqueFd{::dup(open.get())}));
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    EXPECT_FALSE(SharedMemory::adopt(UniqueFd{ends[0]}));
    EXPECT_FALSE(SharedMemory::adopt(UniqueFd{ends[1]}));
    EXPECT_FALSE(SharedMemory::create("test", 0));
}

}  // namespace
}  // namespace gatehouse
