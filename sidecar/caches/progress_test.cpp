#include "sidecar/caches/progress.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "src/base/unique_fd.h"

namespace gatehouse::caches {
namespace {

constexpr std::uint64_t file_bytes = 1000;

/// A file of 1,000 bytes that somebody reads.
struct ReadFile {
    ReadFile()
    {
        std::string name = (std::filesystem::temp_directory_path() / "gatehouse-XXXXXX").string();
        fd = UniqueFd{::mkstemp(name.data())};
        path = name;
        EXPECT_EQ(::ftruncate(fd.get(), file_bytes), 0);
    }
    ~ReadFile() { std::filesystem::remove(path); }

    Progress::File described() const
    {
        struct stat info {};
        ::fstat(fd.get(), &info);
        return {info.st_dev, info.st_ino, file_bytes};
    }

    void read(std::size_t bytes) const
    {
        std::array<char, file_bytes> buffer;
        EXPECT_EQ(::read(fd.get(), buffer.data(), bytes), static_cast<ssize_t>(bytes));
    }

    UniqueFd fd;
    std::string path;
};

double share_of(Progress& progress)
{
    return progress.list(0).at(0).share;
}

TEST(Progress, IsHowFarTheFilesAreRead)
{
    const ReadFile one, two;
    Progress progress;
    auto running = progress.begin("card", "c");
    running.reads({one.described(), two.described()});
    EXPECT_DOUBLE_EQ(share_of(progress), 0.5) << "the second is open, so the first is done";
    two.read(500);
    EXPECT_DOUBLE_EQ(share_of(progress), 0.75);
    ::lseek(two.fd.get(), 0, SEEK_SET);
    EXPECT_DOUBLE_EQ(share_of(progress), 0.75) << "it never goes back";
}

TEST(Progress, EndsWithItsOwner)
{
    Progress progress;
    {
        const auto running = progress.begin("source", "s");
        ASSERT_EQ(progress.list().size(), 1u);
        EXPECT_EQ(progress.list()[0].kind, "source");
        EXPECT_EQ(progress.list()[0].name, "s");
        EXPECT_EQ(progress.list()[0].share, 0) << "of files nobody knows";
    }
    EXPECT_TRUE(progress.list().empty());
}

}  // namespace
}  // namespace gatehouse::caches
