// A listener whose server has fallen silent.
#include "sidecar/databases/postgres_listener.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <semaphore>
#include <string>
#include <thread>

#include "src/base/unique_fd.h"

namespace gatehouse::databases {
namespace {

using namespace std::string_literals;
using std::chrono::seconds;

/// A server of one connection, which answers the first statements and then hangs.
class HangingServer {
public:
    explicit HangingServer(int answered) : answered_(answered)
    {
        char name[] = "/tmp/gth-pg-XXXXXX";
        directory_ = ::mkdtemp(name);
        sockaddr_un address{AF_UNIX, {}};
        (directory_ + "/.s.PGSQL.5432").copy(address.sun_path, sizeof address.sun_path - 1);
        listening_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        EXPECT_EQ(::bind(listening_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address),
                  0);
        EXPECT_EQ(::listen(listening_.get(), 1), 0);
        thread_ = std::jthread([this] { serve(); });
    }
    ~HangingServer()
    {
        ::shutdown(listening_.get(), SHUT_RDWR);
        thread_.join();
        std::filesystem::remove_all(directory_);
    }

    std::string url() const { return "host=" + directory_ + " user=gatehouse sslmode=disable"; }

    /// There was a statement that is not answered.
    bool hangs(seconds limit) { return hanging_.try_acquire_for(limit); }

private:
    void serve()
    {
        const std::string ready = "Z\0\0\0\5I"s;
        const UniqueFd client(::accept(listening_.get(), nullptr, nullptr));
        std::array<char, 4096> bytes{};
        // What libpq sends before it waits comes in one piece.
        for (int messages = 0; ::read(client.get(), bytes.data(), bytes.size()) > 0; ++messages) {
            if (messages > answered_) {
                hanging_.release();
                continue;
            }
            const std::string reply =
                (messages == 0 ? "R\0\0\0\10\0\0\0\0"s : "C\0\0\0\10SET\0"s) + ready;
            EXPECT_EQ(::write(client.get(), reply.data(), reply.size()),
                      static_cast<ssize_t>(reply.size()));
        }
    }

    const int answered_;
    std::string directory_;
    UniqueFd listening_;
    std::binary_semaphore hanging_{0};
    std::jthread thread_;
};

TEST(PostgresListener, EndsAtOnceWhileItsServerIsSilent)
{
    HangingServer server(2);  // settings, LISTEN
    config::DatabaseOptions options;
    options.url = server.url();
    options.notify = "changed";
    options.connect_timeout = seconds(120);
    auto listener = std::make_unique<PostgresListener>(
        options, [] {}, std::chrono::milliseconds(1));
    ASSERT_TRUE(server.hangs(seconds(60)));
    EXPECT_TRUE(listener->count());
    const auto begun = Clock::now();
    listener.reset();
    EXPECT_LT(Clock::now() - begun, seconds(60));
}

}  // namespace
}  // namespace gatehouse::databases
