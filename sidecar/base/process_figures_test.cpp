#include "sidecar/base/process_figures.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <ctime>
#include <memory>

#include "src/base/unique_fd.h"

namespace gatehouse::sidecar {
namespace {

TEST(ProcessFigures, AreThoseOfThisProcess)
{
    const auto before = process_figures();
    ASSERT_TRUE(before);
    const UniqueFd one{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
    const UniqueFd two{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
    const auto after = process_figures();
    ASSERT_TRUE(after);
    EXPECT_EQ(after->open_fds, before->open_fds + 2);
    EXPECT_GE(after->max_fds, after->open_fds);
    EXPECT_GE(after->cpu_seconds, before->cpu_seconds);
    EXPECT_GT(after->resident_bytes, std::uint64_t{1} << 20);
    EXPECT_GT(after->virtual_bytes, after->resident_bytes);
    EXPECT_NEAR(after->start_time_s, static_cast<double>(std::time(nullptr)), 3600);
}

}  // namespace
}  // namespace gatehouse::sidecar
