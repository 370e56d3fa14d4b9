#include "sidecar/base/process_memory.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <fstream>
#include <memory>
#include <new>
#include <string>
#include <thread>

namespace gatehouse::sidecar {
namespace {

constexpr std::size_t large = 512u << 20;

/// As /proc tells it; the tests' process is larger than a bare one.
std::uint64_t bytes_in_use()
{
    std::ifstream status("/proc/self/status");
    std::string word;
    std::uint64_t kibibytes = 0;
    while (status >> word && word != "VmData:") {
    }
    status >> kibibytes;
    return kibibytes << 10;
}

bool can_allocate(std::size_t bytes)
try {
    // Not `new`, which a compiler may leave out.
    ::operator delete(::operator new(bytes));
    return true;
} catch (const std::bad_alloc&) {
    return false;
}

class ProcessMemory : public ::testing::Test {
protected:
    void SetUp() override
    {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
        GTEST_SKIP() << "no effect here";
#endif
        limit_ = bytes_in_use() + (128u << 20);
        ASSERT_TRUE(limit_process_memory(limit_));
    }
    void TearDown() override
    {
        (void)limit_process_memory(RLIM_INFINITY);
    }

    std::uint64_t limit_ = 0;
};

TEST_F(ProcessMemory, AllocationsBeyondItFail)
{
    EXPECT_TRUE(can_allocate(1u << 20));
    EXPECT_FALSE(can_allocate(large));
    EXPECT_TRUE(can_allocate(1u << 20)) << "which leaves the process as it was";
}

TEST_F(ProcessMemory, AnExemptThreadGoesBeyond)
{
    bool exempt = false, limited = true, exempt_again = false;
    std::thread([&] {
        exempt_from_memory_limit();
        exempt = can_allocate(large);
        (void)limit_process_memory(limit_);
        {
            const UnderMemoryLimit bound;
            limited = can_allocate(large);
        }
        exempt_again = can_allocate(large);
    }).join();
    EXPECT_TRUE(exempt);
    EXPECT_FALSE(limited);
    EXPECT_TRUE(exempt_again);
}

TEST_F(ProcessMemory, SetAgainItTakesBackWhatAnExemptThreadAdded)
{
    std::thread([] {
        exempt_from_memory_limit();
        EXPECT_TRUE(can_allocate(large));
    }).join();
    EXPECT_TRUE(can_allocate(large));
    ASSERT_TRUE(limit_process_memory(limit_));
    EXPECT_FALSE(can_allocate(large));
}

}  // namespace
}  // namespace gatehouse::sidecar
