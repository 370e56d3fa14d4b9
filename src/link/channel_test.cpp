// Messages and descriptors over a socket pair, and what a peer that does not keep to the protocol
// gets.
#include "src/link/channel.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

namespace gatehouse::link {
namespace {

using testing::HasSubstr;

std::ptrdiff_t open_descriptors()
{
    return std::distance(std::filesystem::directory_iterator{"/proc/self/fd"}, {});
}

class Pair : public testing::Test {
protected:
    void SetUp() override
    {
        int ends[2];
        ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
        ours_ = Channel{UniqueFd{ends[0]}};
        theirs_ = Channel{UniqueFd{ends[1]}};
    }

    /// Sends a packet as it stands, with this many descriptors of /dev/null.
    void send_raw(const void* data, std::size_t size, std::size_t descriptors = 0)
    {
        iovec part{const_cast<void*>(data), size};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        alignas(cmsghdr) std::array<char, CMSG_SPACE(32 * sizeof(int))> control{};
        std::vector<UniqueFd> sent;
        if (descriptors > 0) {
            message.msg_control = control.data();
            message.msg_controllen = CMSG_SPACE(descriptors * sizeof(int));
            auto* rights = CMSG_FIRSTHDR(&message);
            rights->cmsg_level = SOL_SOCKET;
            rights->cmsg_type = SCM_RIGHTS;
            rights->cmsg_len = CMSG_LEN(descriptors * sizeof(int));
            for (std::size_t i = 0; i < descriptors; ++i) {
                sent.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
                const int fd = sent.back().get();
                std::memcpy(CMSG_DATA(rights) + i * sizeof fd, &fd, sizeof fd);
            }
        }
        ASSERT_EQ(::sendmsg(theirs_.fd(), &message, MSG_NOSIGNAL), static_cast<ssize_t>(size));
    }

    void send_header(const Header& header, std::string_view payload = {},
                     std::size_t descriptors = 0)
    {
        std::string packet(sizeof header, '\0');
        std::memcpy(packet.data(), &header, sizeof header);
        packet += payload;
        send_raw(packet.data(), packet.size(), descriptors);
    }

    std::string refusal()
    {
        auto received = ours_.receive();
        return received ? std::string{} : received.error().message;
    }

    static constexpr Header good{magic, version, static_cast<std::uint16_t>(Type::beat), 0, 0,
                                 3,     4};

    Channel ours_;
    Channel theirs_;
};

TEST_F(Pair, CarriesAMessageWithAllItsFields)
{
    ASSERT_EQ(theirs_.send({Type::renew, 77, -5, "stats"}), Sent::yes);
    auto received = ours_.receive();
    ASSERT_TRUE(received) << received.error().message;
    ASSERT_TRUE(*received);
    EXPECT_EQ((*received)->type, Type::renew);
    EXPECT_EQ((*received)->generation, 77u);
    EXPECT_EQ((*received)->at_ms, -5);
    EXPECT_EQ((*received)->payload, "stats");
    EXPECT_FALSE((*received)->fd);
}

TEST_F(Pair, NothingToReadIsNoError)
{
    auto received = ours_.receive();
    ASSERT_TRUE(received);
    EXPECT_FALSE(*received);
}

TEST_F(Pair, KeepsMessagesApartAndInOrder)
{
    for (std::uint64_t i = 0; i < 50; ++i) {
        ASSERT_EQ(theirs_.send({Type::applied, i, 0, std::string(i, 'x')}), Sent::yes);
    }
    for (std::uint64_t i = 0; i < 50; ++i) {
        auto received = ours_.receive();
        ASSERT_TRUE(received && *received);
        EXPECT_EQ((*received)->generation, i);
        EXPECT_EQ((*received)->payload.size(), i);
    }
}

TEST_F(Pair, CarriesADescriptorAsOneOfItsOwn)
{
    int pipe_ends[2];
    ASSERT_EQ(::pipe2(pipe_ends, O_CLOEXEC), 0);
    const UniqueFd reader{pipe_ends[0]};
    UniqueFd writer{pipe_ends[1]};
    ASSERT_EQ(theirs_.send({Type::publish, 1, 0, "a", writer.get()}), Sent::yes);
    writer.reset();
    auto received = ours_.receive();
    ASSERT_TRUE(received && *received && (*received)->fd);
    EXPECT_NE(::fcntl((*received)->fd.get(), F_GETFD) & FD_CLOEXEC, 0);
    ASSERT_EQ(::write((*received)->fd.get(), "x", 1), 1);
    char byte = 0;
    EXPECT_EQ(::read(reader.get(), &byte, 1), 1);
}

TEST_F(Pair, TheLargestPayloadFitsAndOneMoreByteDoesNot)
{
    ASSERT_EQ(theirs_.send({Type::hello, 0, 0, std::string(largest_payload, 'x')}), Sent::yes);
    auto received = ours_.receive();
    ASSERT_TRUE(received && *received);
    EXPECT_EQ((*received)->payload.size(), largest_payload);

    ASSERT_EQ(theirs_.send({Type::hello, 0, 0, std::string(largest_payload + 1, 'x')}), Sent::yes);
    EXPECT_THAT(refusal(), HasSubstr("too large"));
}

TEST_F(Pair, RefusesWhatIsNoMessage)
{
    for (const std::size_t size : {1, 4, 31}) {
        send_raw(&good, size);
        EXPECT_THAT(refusal(), HasSubstr("no message of the link")) << size;
    }
    auto header = good;
    header.magic = 0x47'5448'4c;
    send_header(header);
    EXPECT_THAT(refusal(), HasSubstr("no message of the link"));
}

TEST_F(Pair, NamesBothVersionsWhenTheyDiffer)
{
    auto header = good;
    header.version = version + 1;
    send_header(header);
    EXPECT_THAT(refusal(), testing::AllOf(HasSubstr("version " + std::to_string(version)),
                                          HasSubstr("version " + std::to_string(version + 1))));
}

TEST_F(Pair, RefusesALyingPayloadSize)
{
    for (const std::uint32_t size : {0u, 4u, 6u, ~0u}) {
        auto header = good;
        header.payload_size = size;
        send_header(header, "12345");
        EXPECT_THAT(refusal(), HasSubstr("wrong size")) << size;
    }
}

TEST_F(Pair, ClosesSurplusDescriptors)
{
    const auto before = open_descriptors();
    for (const std::size_t count : {2, 8}) {
        send_header(good, {}, count);
        auto received = ours_.receive();
        ASSERT_TRUE(received && *received);
        EXPECT_TRUE((*received)->fd);
        EXPECT_EQ(open_descriptors(), before + 1) << count;
    }
    EXPECT_EQ(open_descriptors(), before);
}

TEST_F(Pair, MoreDescriptorsThanThereIsRoomForAreRefusedAndClosed)
{
    const auto before = open_descriptors();
    send_header(good, {}, 20);
    EXPECT_THAT(refusal(), HasSubstr("no room for the descriptors"));
    EXPECT_EQ(open_descriptors(), before);
}

TEST_F(Pair, ARefusedMessageLeavesNoDescriptorBehind)
{
    const auto before = open_descriptors();
    send_raw("garbage", 7, 3);
    EXPECT_NE(refusal(), "");
    auto header = good;
    header.version = 9;
    send_header(header, {}, 1);
    EXPECT_NE(refusal(), "");
    EXPECT_EQ(open_descriptors(), before);
}

TEST_F(Pair, TheEndOfThePeerIsAnError)
{
    theirs_ = Channel{};
    EXPECT_THAT(refusal(), HasSubstr("closed by the peer"));
    EXPECT_EQ(ours_.send(Outgoing{Type::beat}), Sent::failed);
    EXPECT_EQ(errno, EPIPE);
}

TEST_F(Pair, ThePeersLastWordsAreReadThoughItReadNothing)
{
    ASSERT_EQ(ours_.send({Type::hello, 0, 0, "{}"}), Sent::yes);
    ASSERT_EQ(theirs_.send({Type::refused, 0, 0, "not you"}), Sent::yes);
    theirs_ = Channel{};  // with our hello unread
    auto received = ours_.receive();
    ASSERT_TRUE(received && *received);
    EXPECT_EQ((*received)->payload, "not you");
    EXPECT_EQ(refusal(), closed_by_peer);
}

TEST_F(Pair, AFullQueueAsksToComeBackLater)
{
    const std::string payload(1024, 'x');
    auto sent = Sent::yes;
    int count = 0;
    while (sent == Sent::yes && count < 1'000'000) {
        sent = theirs_.send({Type::renew, 0, 0, payload});
        ++count;
    }
    EXPECT_EQ(sent, Sent::would_block);
    auto received = ours_.receive();
    ASSERT_TRUE(received && *received);
    while (received && *received) {
        received = ours_.receive();
    }
    EXPECT_EQ(theirs_.send({Type::renew, 0, 0, payload}), Sent::yes);
}

TEST_F(Pair, KnowsItsPeer)
{
    const auto peer = ours_.peer();
    ASSERT_TRUE(peer);
    EXPECT_EQ(peer->pid, ::getpid());
    EXPECT_EQ(peer->uid, ::getuid());
    EXPECT_EQ(peer->gid, ::getgid());
}

}  // namespace
}  // namespace gatehouse::link
