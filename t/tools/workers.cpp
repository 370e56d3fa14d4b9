#include "t/tools/workers.h"

#include <sys/socket.h>
#include <unistd.h>

namespace gatehouse::publisher {

Result<void> Workers::listen()
{
    auto fd = link::listen(socket_, 0666, static_cast<gid_t>(-1));
    if (!fd) {
        return fd.error();
    }
    listening_ = std::move(*fd);
    return {};
}

void Workers::stop_listening()
{
    listening_.reset();
    ::unlink(socket_.c_str());
}

void Workers::add_to(std::vector<pollfd>& polled) const
{
    if (listening_) {
        polled.push_back({listening_.get(), POLLIN, 0});
    }
    for (const auto& worker : channels_) {
        polled.push_back({worker.fd(), POLLIN, 0});
    }
}

void Workers::accept_all()
{
    while (listening_) {
        UniqueFd fd{::accept4(listening_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
        if (!fd) {
            break;
        }
        channels_.emplace_back(std::move(fd));
    }
}

void Workers::send(const link::Outgoing& message)
{
    for (auto& worker : channels_) {
        send_to(worker, message);
    }
}

void Workers::send_to(link::Channel& worker, const link::Outgoing& message)
{
    while (worker.send(message) == link::Sent::would_block) {
        pollfd writable{worker.fd(), POLLOUT, 0};
        ::poll(&writable, 1, 10);
    }
}

void Workers::send_raw(const std::string& packet)
{
    for (const auto& worker : channels_) {
        (void)::send(worker.fd(), packet.data(), packet.size(), MSG_NOSIGNAL);
    }
}

}  // namespace gatehouse::publisher
