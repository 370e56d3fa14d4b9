#include "sidecar/base/fault_guard.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <thread>

#include "src/base/unique_fd.h"

namespace gatehouse::sidecar {
namespace {

constexpr std::size_t page = 4096;

class CutFile {
public:
    CutFile() : fd_(::memfd_create("test", MFD_CLOEXEC))
    {
        EXPECT_EQ(::ftruncate(fd_.get(), page), 0);
        bytes_ =
            static_cast<volatile char*>(::mmap(nullptr, page, PROT_READ, MAP_SHARED, fd_.get(), 0));
    }
    CutFile(const CutFile&) = delete;
    CutFile& operator=(const CutFile&) = delete;
    ~CutFile() { ::munmap(const_cast<char*>(bytes_), page); }

    void cut() const { EXPECT_EQ(::ftruncate(fd_.get(), 0), 0); }
    char first() const noexcept { return bytes_[0]; }

private:
    UniqueFd fd_;
    volatile char* bytes_;
};

TEST(FaultGuard, LeavesWhatTouchesACutFile)
{
    const CutFile file;
    char seen = 'x';
    EXPECT_TRUE(survive_faults([&] { seen = file.first(); }));
    EXPECT_EQ(seen, '\0');
    file.cut();
    bool came_back = false;
    for (int i = 0; i < 3; ++i) {
        EXPECT_FALSE(survive_faults([&] {
            seen = file.first();
            came_back = true;
        }));
    }
    EXPECT_FALSE(came_back);
    EXPECT_TRUE(survive_faults([] {}));
}

TEST(FaultGuard, GuardsEachThreadForItself)
{
    const CutFile whole;
    const CutFile cut;
    cut.cut();
    std::thread other{[&] {
        for (int i = 0; i < 200; ++i) {
            EXPECT_FALSE(survive_faults([&] { (void)cut.first(); }));
        }
    }};
    for (int i = 0; i < 200; ++i) {
        EXPECT_TRUE(survive_faults([&] { (void)whole.first(); }));
    }
    other.join();
}

TEST(FaultGuardDeathTest, LeavesOtherFaultsAsTheyAre)
{
    const CutFile cut;
    cut.cut();
    EXPECT_TRUE(survive_faults([] {}));
    EXPECT_DEATH((void)cut.first(), "");
}

}  // namespace
}  // namespace gatehouse::sidecar
