// A worker's connection to the sidecar: made before the event loop, then driven by it.
//
// States: away (a timer waits to dial again) and connected (read events, a timer that watches the
// heartbeat). Whatever goes wrong leads to away; the board keeps what it has.
//
// Thread safety: none; one per worker.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <string>

#include "ngx_module/link/receiver.h"
#include "ngx_module/link/settings.h"
#include "src/link/backoff.h"
#include "src/link/channel.h"

namespace gatehouse::link_feature {

class Connection {
public:
    explicit Connection(const Settings& settings);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Dials and receives until synced, for no longer than first_sync_limit_ms, so that a worker
    /// does not answer before it knows the cards. REQUIRES: nginx's events are set up.
    void start();

    static constexpr int first_sync_limit_ms = 1000;

private:
    bool dial();
    void sync_before_serving();
    bool receive(int most);
    bool handle(link::Incoming message);
    bool attach();
    void detach() noexcept;

    void on_readable();
    void on_watch();
    void on_retry();

    void confirm(std::uint64_t generation);
    void flush_confirmation();
    void lose(const std::string& reason);
    void log_away(const std::string& reason);
    void log_synced();

    const Settings& settings_;
    Receiver receiver_;
    link::Channel channel_;
    ngx_connection_t* events_ = nullptr;  ///< of channel_, once the event loop runs
    ngx_event_t watch_{};
    ngx_event_t retry_{};
    link::Backoff backoff_;
    ngx_msec_t connected_at_ = 0;
    ngx_msec_t heard_at_ = 0;
    std::uint64_t unconfirmed_ = 0;  ///< generation whose `applied` is still to be sent
    std::string last_reason_;        ///< for being away, as it was logged; empty: in step
    ngx_msec_t last_logged_at_ = 0;
};

}  // namespace gatehouse::link_feature
