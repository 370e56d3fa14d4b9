#include "sidecar/base/program.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/unique_fd.h"

namespace gatehouse::sidecar {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class Program : public testing::Test {
protected:
    void SetUp() override { before_ = ::signal(SIGPIPE, SIG_IGN); }
    void TearDown() override { ::signal(SIGPIPE, before_); }

    static ProgramRun sh(const std::string& script, const std::string& input = {},
                         milliseconds timeout = seconds{20})
    {
        return run_program({"/bin/sh", "-c", script}, input, timeout);
    }

private:
    sighandler_t before_ = SIG_DFL;
};

TEST_F(Program, SaysHowItEnded)
{
    EXPECT_TRUE(sh("exit 0").succeeded());
    EXPECT_EQ(sh("exit 3").status, 3);
    EXPECT_EQ(sh("exit 3").reason(), "exit status 3");
    EXPECT_EQ(sh("echo no disk; echo more; exit 2").reason(), "no disk");
    EXPECT_EQ(sh("kill -9 $$").reason(), "the program was ended by a signal");
    const auto none = run_program({"/no/such/program"}, "", seconds{1});
    EXPECT_EQ(none.reason(), "\"/no/such/program\" cannot be started: No such file or directory");
}

TEST_F(Program, IsQuotedInWholeCharacters)
{
    EXPECT_EQ(sh("printf 'H\\374lle'; exit 2").reason(), "H\xEF\xBF\xBDlle") << "Latin-1";
    const auto line = std::string(199, 'x');
    EXPECT_EQ(sh("echo " + line + "ü; exit 2").reason(), line) << "200 bytes at most";
}

TEST_F(Program, IsKilledWhenItsTimeIsOver)
{
    const auto began = std::chrono::steady_clock::now();
    const auto run = sh("exec tail -f /dev/null", "", milliseconds{200});
    EXPECT_FALSE(run.in_time);
    EXPECT_EQ(run.reason(), "the program did not end in time");
    EXPECT_LT(std::chrono::steady_clock::now() - began, seconds{15});
}

/// Whether nobody writes to the pipe any more: all who could have ended.
bool is_at_its_end(int fd)
{
    char byte = 0;
    return ::read(fd, &byte, 1) == 0;
}

TEST_F(Program, LeavesNothingBehind)
{
    // A FIFO that whoever is left holds open for writing.
    const auto path = testing::TempDir() + "program_test." + std::to_string(::getpid());
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    const UniqueFd reads{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
    ASSERT_EQ(::fcntl(reads.get(), F_SETFL, 0), 0);
    const auto hold = "tail -f /dev/null 9>" + path;
    const auto began = std::chrono::steady_clock::now();

    EXPECT_TRUE(sh(hold + " >/dev/null & echo well; exit 0").succeeded());
    EXPECT_TRUE(is_at_its_end(reads.get()));
    EXPECT_EQ(sh(hold + " & echo well; exit 0").output, "well\n") << "that holds the output";
    EXPECT_TRUE(is_at_its_end(reads.get()));
    EXPECT_FALSE(sh(hold + " & tail -f /dev/null", "", milliseconds{200}).in_time);
    EXPECT_TRUE(is_at_its_end(reads.get()));

    EXPECT_LT(std::chrono::steady_clock::now() - began, seconds{15}) << "nobody is waited for";
    ::unlink(path.c_str());
}

TEST_F(Program, MayNotWriteForEver)
{
    const auto began = std::chrono::steady_clock::now();
    EXPECT_FALSE(sh("exec yes", "", milliseconds{200}).in_time);
    EXPECT_TRUE(sh("yes & exit 0").succeeded());
    EXPECT_LT(std::chrono::steady_clock::now() - began, seconds{15});
}

TEST_F(Program, ReadsItsInput)
{
    const std::string large(1 << 20, 'x');
    EXPECT_EQ(sh("cat", "hello").output, "hello");
    EXPECT_EQ(sh("wc -c < /dev/stdin", large).output, "1048576\n");
    EXPECT_EQ(sh("cat").output, "");
}

TEST_F(Program, NeedNotReadItsInput)
{
    EXPECT_TRUE(sh("exit 0", std::string(1 << 20, 'x')).succeeded());
    EXPECT_TRUE(sh("exec 0<&-; echo closed", std::string(1 << 20, 'x')).succeeded());
}

TEST_F(Program, HasAPathAloneAndABoundedOutput)
{
    EXPECT_EQ(sh("env | grep -v '^\\(PATH\\|PWD\\|_\\|SHLVL\\)='; exit 0").output, "");
    const auto loud = sh("head -c 1000000 /dev/zero");
    EXPECT_TRUE(loud.succeeded());
    EXPECT_LE(loud.output.size(), 8192u);
}

}  // namespace
}  // namespace gatehouse::sidecar
