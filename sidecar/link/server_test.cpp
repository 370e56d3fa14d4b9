#include "sidecar/link/server.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

namespace gatehouse::sidecar {
namespace {

using std::chrono::milliseconds;

/// A server on a socket of its own, and one worker that has said hello.
class LinkServerTest : public testing::Test {
protected:
    LinkServerTest()
    {
        std::string pattern = "/tmp/gatehouse-link-XXXXXX";
        directory_ = ::mkdtemp(pattern.data());
        LinkServer::Ports ports;
        ports.offers = [] { return std::vector<Offer>{}; };
        ports.tables = [] { return std::vector<board::Table>{}; };
        ports.complete = [] { return true; };
        ports.generation = [] { return std::uint64_t{1}; };
        ports.touched = [this](std::span<const std::uint64_t> generations) {
            touched_.emplace_back(generations.begin(), generations.end());
        };
        server_ = std::make_unique<LinkServer>(loop_, std::move(ports));
        LinkSettings settings;
        settings.socket = directory_ + "/link.sock";
        settings.access = *Access::of({}, settings.group);
        EXPECT_TRUE(server_->listen(settings));
        auto worker = link::Channel::connect(settings.socket);
        EXPECT_TRUE(worker);
        worker_ = std::move(*worker);
        send(
            link::Type::hello,
            R"({"pid":1,"worker":0,"nginx":"1","module":"1","generation":0,"prefix":"/","master":1})");
        run_until([this] { return !server_->report().empty(); });
    }

    ~LinkServerTest() override
    {
        server_.reset();
        (void)::rmdir(directory_.c_str());
    }

    void send(link::Type type, std::string_view payload)
    {
        EXPECT_EQ(worker_.send({.type = type, .payload = payload}), link::Sent::yes);
    }

    void send_touched(const std::vector<std::uint64_t>& generations)
    {
        send(link::Type::touched, {reinterpret_cast<const char*>(generations.data()),
                                   generations.size() * sizeof(std::uint64_t)});
    }

    void run_until(const std::function<bool()>& condition)
    {
        Timer poll{loop_};
        Timer deadline{loop_};
        const std::function<void()> look = [&] {
            if (condition()) {
                loop_.stop();
            } else {
                poll.start(milliseconds{1}, look);
            }
        };
        deadline.start(std::chrono::seconds{10}, [this] { loop_.stop(); });
        look();
        EXPECT_TRUE(loop_.run());
        EXPECT_TRUE(condition()) << "not within ten seconds";
    }

    Loop loop_;
    std::string directory_;
    std::unique_ptr<LinkServer> server_;
    link::Channel worker_;
    std::vector<std::vector<std::uint64_t>> touched_;
};

TEST_F(LinkServerTest, HandsOnWhatAWorkerServed)
{
    send_touched({7, 0xffff'ffff'ffff'ffff, 3});
    send_touched({});
    run_until([this] { return touched_.size() == 2; });
    EXPECT_EQ(touched_[0], (std::vector<std::uint64_t>{7, 0xffff'ffff'ffff'ffff, 3}));
    EXPECT_TRUE(touched_[1].empty());
}

TEST_F(LinkServerTest, TakesAsManyAsAMessageHolds)
{
    std::vector<std::uint64_t> all(link::largest_payload / sizeof(std::uint64_t));
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i] = i;
    }
    send_touched(all);
    run_until([this] { return !touched_.empty(); });
    EXPECT_EQ(touched_[0], all);
}

TEST_F(LinkServerTest, DropsAWorkerThatTellsHalfANumber)
{
    send(link::Type::touched, "1234567");
    run_until([this] { return server_->report().empty(); });
    EXPECT_TRUE(touched_.empty());
}

/// The worker is connected, and does not read.
TEST_F(LinkServerTest, KnowsAWorkerThatReadsNothing)
{
    const auto silent_ms = [this] { return server_->report().at(0).report.silent_ms; };
    run_until([&] { return silent_ms() > 2 * link::beat_interval_ms; });
    while (const auto message = worker_.receive()) {
        if (!*message) {
            break;
        }
    }
    EXPECT_EQ(silent_ms(), 0) << "it has read all";
}

}  // namespace
}  // namespace gatehouse::sidecar
