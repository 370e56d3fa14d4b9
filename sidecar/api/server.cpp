#include "sidecar/api/server.h"

#include <unistd.h>

#include <boost/asio/local/stream_protocol.hpp>

#include "sidecar/api/session.h"

namespace gatehouse::api {

namespace asio = boost::asio;
using boost::system::error_code;
using Local = asio::local::stream_protocol;

struct Server::State {
    State(sidecar::Loop& loop, Identify identify, Limits limits)
        : hub(std::make_shared<Hub>()), acceptor(loop.context()), pause(loop)
    {
        hub->identify = std::move(identify);
        hub->limits = limits;
        hub->on_end = [this] {
            if (std::exchange(full, false)) {
                accept();
            }
        };
    }

    void accept()
    {
        if (!acceptor.is_open()) {
            return;
        }
        if (hub->sessions.size() >= hub->limits.most_connections) {
            return acceptor.async_wait(Local::acceptor::wait_read, [this](const error_code& error) {
                if (!error) {
                    make_room();
                }
            });
        }
        acceptor.async_accept([this](const error_code& error, Local::socket socket) {
            if (error == asio::error::operation_aborted) {
                return;
            }
            if (error) {  // out of descriptors: trying again at once would only spin
                pause.start(std::chrono::seconds{1}, [this] { accept(); });
                return;
            }
            std::make_shared<Session>(std::move(socket), hub)->start();
            accept();
        });
    }

    /// Somebody waits to be accepted: ends who has waited longest with nothing to say, or waits
    /// until somebody ends.
    void make_room()
    {
        Session* longest = nullptr;
        for (auto* session : hub->sessions) {
            if (session->idle_since_ms() &&
                (longest == nullptr || session->idle_since_ms() < longest->idle_since_ms())) {
                longest = session;
            }
        }
        full = true;
        if (hub->sessions.size() < hub->limits.most_connections) {
            hub->on_end();
        } else if (longest != nullptr) {
            longest->close_if_idle();
        }
    }

    void close_idle()
    {
        const auto sessions = hub->sessions;  // a copy: what is closed may end at once
        for (auto* session : sessions) {
            session->close_if_idle();
        }
    }

    void stop_accepting()
    {
        pause.cancel();
        if (acceptor.is_open()) {
            error_code ignored;
            acceptor.close(ignored);
            (void)::unlink(path.c_str());
        }
    }

    std::shared_ptr<Hub> hub;
    Local::acceptor acceptor;
    sidecar::Timer pause;
    bool full = false;
    std::string path;
};

Server::Server(sidecar::Loop& loop, Identify identify, Limits limits)
    : state_(std::make_shared<State>(loop, std::move(identify), limits))
{
}

Server::~Server()
{
    close();
    state_->hub->on_end = {};
}

void Server::add(std::vector<Route> routes)
{
    state_->hub->router.add(std::move(routes));
}

void Server::set_fallback(std::function<void(const RequestPtr&, Reply)> handle)
{
    state_->hub->router.set_fallback(std::move(handle));
}

Result<void> Server::listen(const sidecar::StreamSocket& socket)
{
    auto fd = sidecar::listen(socket);
    if (!fd) {
        return fd.error();
    }
    error_code error;
    state_->acceptor.assign(Local{}, fd->get(), error);
    if (error) {
        return Error{socket.what + " socket \"" + socket.path + "\": " + error.message()};
    }
    fd->release();
    state_->path = socket.path;
    state_->accept();
    return {};
}

void Server::drain()
{
    state_->hub->draining = true;
    state_->stop_accepting();
    state_->close_idle();
}

void Server::close()
{
    state_->stop_accepting();
}

std::size_t Server::connections() const noexcept
{
    return state_->hub->sessions.size();
}

}  // namespace gatehouse::api
