// The workers connected to the publisher's link socket.
#pragma once

#include <poll.h>

#include <optional>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/base/unique_fd.h"
#include "src/link/channel.h"

namespace gatehouse::publisher {

class Workers {
public:
    explicit Workers(std::string socket) : socket_(std::move(socket)) {}

    Result<void> listen();
    void stop_listening();

    /// Adds what poll is to wait for; `react` takes the result.
    void add_to(std::vector<pollfd>& polled) const;

    /// Accepts and reads. Calls `said(worker, message)` for each message.
    template <class Said>
    void react(Said said)
    {
        accept_all();
        for (auto worker = channels_.begin(); worker != channels_.end();) {
            worker = read_all(*worker, said) ? worker + 1 : channels_.erase(worker);
        }
    }

    void send(const link::Outgoing& message);
    /// A test that publishes faster than a worker reads wants every message to arrive.
    static void send_to(link::Channel& worker, const link::Outgoing& message);
    /// Any bytes as one packet, whatever the protocol says.
    void send_raw(const std::string& packet);
    void close_all() { channels_.clear(); }
    std::size_t size() const { return channels_.size(); }

private:
    void accept_all();

    template <class Said>
    static bool read_all(link::Channel& worker, Said& said)
    {
        for (;;) {
            auto message = worker.receive();
            if (!message) {
                return false;
            }
            if (!*message) {
                return true;
            }
            said(worker, **message);
        }
    }

    std::string socket_;
    UniqueFd listening_;
    std::vector<link::Channel> channels_;
};

}  // namespace gatehouse::publisher
