#include "sidecar/cards/source_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace gatehouse::sidecar {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

class SourceWatchTest : public testing::Test {
protected:
    void SetUp() override
    {
        root_ = testing::TempDir() + "source_watch_" + std::to_string(::getpid());
        fs::create_directories(root_);
    }
    void TearDown() override { fs::remove_all(root_); }

    void write(const std::string& name) const { std::ofstream(root_ + '/' + name) << "n\n1\n"; }

    /// Runs the loop until the last of those that may be told is told.
    void run_until_told(const std::string& last)
    {
        last_ = last;
        Timer limit(loop_);
        limit.start(std::chrono::seconds{20}, [this] { loop_.stop(); });
        ASSERT_TRUE(loop_.run());
        ASSERT_EQ(told_.empty() ? "" : told_.back(), last);
    }

    Loop loop_;
    std::string root_;
    std::string last_;
    std::vector<std::string> told_;
    SourceWatch watch_{loop_, [this](const std::string& source) {
                           told_.push_back(source);
                           if (source == last_) {
                               loop_.stop();
                           }
                       }};
};

TEST_F(SourceWatchTest, TellsOnlyOfNamesThatMatter)
{
    watch_.set("all", {{root_, "*.csv"}});
    watch_.set("one", {{root_, "one.csv"}});
    watch_.set("with [brackets]", {{root_, "a[1].csv"}});
    watch_.set("z, whatever there is", {{root_, "*"}});
    write("other.log");
    run_until_told("z, whatever there is");
    EXPECT_THAT(told_, ElementsAre("z, whatever there is"));
    told_.clear();
    write("one.csv");
    run_until_told("z, whatever there is");
    EXPECT_THAT(told_, UnorderedElementsAre("all", "one", "z, whatever there is"));
    told_.clear();
    write("a[1].csv");
    run_until_told("z, whatever there is");
    EXPECT_THAT(told_, UnorderedElementsAre("all", "with [brackets]", "z, whatever there is"));
}

TEST_F(SourceWatchTest, AFileThatIsBeingWrittenIsWaitedFor)
{
    watch_.set("a database", {{root_, "*"}}, SourceWatch::Files::together);
    watch_.set("files", {{root_, "*"}});
    {
        std::ofstream writer(root_ + "/a.csv");
        writer << "n\n" << std::flush;
        write("b.csv");
        run_until_told("a database");
        EXPECT_THAT(told_, ElementsAre("a database"));
    }
    run_until_told("files");
}

TEST_F(SourceWatchTest, ADirectoryThatComesIsToldOf)
{
    watch_.set("deep", {{root_, "*.csv"}});
    fs::create_directory(root_ + "/new");
    run_until_told("deep");
}

}  // namespace
}  // namespace gatehouse::sidecar
