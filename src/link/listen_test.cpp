// The socket file of the link: whose way it clears and whose it does not, and who may connect.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "src/link/channel.h"

namespace gatehouse::link {
namespace {

using testing::HasSubstr;

constexpr auto same_group = static_cast<gid_t>(-1);

class Listen : public testing::Test {
protected:
    void SetUp() override
    {
        char pattern[] = "/tmp/gatehouse-link-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern), nullptr);
        directory_ = pattern;
        path_ = directory_ / "link.sock";
    }

    void TearDown() override { std::filesystem::remove_all(directory_); }

    mode_t mode() const
    {
        struct stat status {};
        return ::stat(path_.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
    }

    std::filesystem::path directory_;
    std::string path_;
};

TEST_F(Listen, TakesConnectionsThatCarryMessages)
{
    const auto listening = listen(path_, 0660, same_group);
    ASSERT_TRUE(listening) << listening.error().message;
    auto client = Channel::connect(path_);
    ASSERT_TRUE(client) << client.error().message;
    Channel server{UniqueFd{::accept4(listening->get(), nullptr, nullptr, SOCK_NONBLOCK)}};
    ASSERT_TRUE(server);
    ASSERT_EQ(client->send({Type::hello, 0, 0, "{}"}), Sent::yes);
    const auto received = server.receive();
    ASSERT_TRUE(received && *received);
    EXPECT_EQ((*received)->payload, "{}");
}

TEST_F(Listen, SetsTheModeWhateverTheUmask)
{
    const mode_t before = ::umask(0077);
    const auto listening = listen(path_, 0660, same_group);
    EXPECT_EQ(::umask(before), static_cast<mode_t>(0077)) << "the umask is put back";
    ASSERT_TRUE(listening);
    EXPECT_EQ(mode(), static_cast<mode_t>(0660));
}

TEST_F(Listen, SetsTheGroup)
{
    const auto listening = listen(path_, 0600, ::getgid());
    ASSERT_TRUE(listening) << listening.error().message;
    struct stat status {};
    ASSERT_EQ(::stat(path_.c_str(), &status), 0);
    EXPECT_EQ(status.st_gid, ::getgid());
}

TEST_F(Listen, ReplacesTheSocketOfADeadProcess)
{
    {
        const auto dead = listen(path_, 0600, same_group);
        ASSERT_TRUE(dead);
    }
    ASSERT_TRUE(std::filesystem::is_socket(path_)) << "closing leaves the file";
    const auto again = listen(path_, 0600, same_group);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_TRUE(Channel::connect(path_));
}

TEST_F(Listen, LeavesALiveSocketToItsOwner)
{
    const auto first = listen(path_, 0600, same_group);
    ASSERT_TRUE(first);
    const auto second = listen(path_, 0600, same_group);
    ASSERT_FALSE(second);
    EXPECT_THAT(second.error().message, HasSubstr("another process listens on it"));
    EXPECT_TRUE(Channel::connect(path_)) << "the first one still takes connections";
}

TEST_F(Listen, LeavesALiveSocketOfAnotherKindToItsOwner)
{
    // A stream socket refuses a SOCK_SEQPACKET connection with EPROTOTYPE, not ECONNREFUSED.
    const UniqueFd stream{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    const auto address = socket_address(path_);
    ASSERT_TRUE(address);
    ASSERT_EQ(::bind(stream.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address),
              0);
    ASSERT_EQ(::listen(stream.get(), 1), 0);
    EXPECT_FALSE(listen(path_, 0600, same_group));
    EXPECT_TRUE(std::filesystem::is_socket(path_));
}

TEST_F(Listen, LeavesFilesAndDirectoriesAlone)
{
    std::ofstream{path_} << "precious";
    const auto refused = listen(path_, 0600, same_group);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("no socket is in the way"));
    EXPECT_EQ(std::filesystem::file_size(path_), 8u);
    EXPECT_FALSE(listen(directory_, 0600, same_group));
    EXPECT_TRUE(std::filesystem::is_directory(directory_));
}

TEST_F(Listen, DoesNotFollowALinkToASocket)
{
    const std::string real = directory_ / "real.sock";
    {
        ASSERT_TRUE(listen(real, 0600, same_group));
    }
    std::filesystem::create_symlink(real, path_);
    EXPECT_FALSE(listen(path_, 0600, same_group));
    EXPECT_TRUE(std::filesystem::exists(real));
}

TEST_F(Listen, RefusesAPathThatIsTooLongForASocket)
{
    const std::string long_path = directory_ / std::string(120, 'x');
    const auto refused = listen(long_path, 0600, same_group);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("1 to 107 bytes"));
    EXPECT_FALSE(Channel::connect(long_path));
    EXPECT_FALSE(Channel::connect(""));
}

TEST_F(Listen, NobodyListeningIsAnErrorThatNamesThePath)
{
    const auto refused = Channel::connect(path_);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr(path_));
    EXPECT_THAT(refused.error().message, HasSubstr("No such file"));
}

TEST_F(Listen, AFullBacklogFailsAtOnceInsteadOfWaiting)
{
    const auto listening = listen(path_, 0600, same_group);
    ASSERT_TRUE(listening);
    std::vector<Channel> clients;
    for (int i = 0; i < 2000; ++i) {
        auto client = Channel::connect(path_);
        if (!client) {
            EXPECT_THAT(client.error().message, HasSubstr("temporarily unavailable"));
            EXPECT_FALSE(listen(path_, 0600, same_group)) << "a full backlog is a live process's";
            return;
        }
        clients.push_back(std::move(*client));
    }
    FAIL() << "the backlog has no end";
}

}  // namespace
}  // namespace gatehouse::link
