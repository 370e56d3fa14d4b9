#include "ngx_module/glue/ngx.h"

#include "ngx_module/link/connection.h"

#include <poll.h>

#include <algorithm>
#include <chrono>

#include "ngx_module/glue/guard.h"
#include "ngx_module/glue/sidecar_state.h"
#include "ngx_module/glue/worker_board.h"
#include "ngx_module/glue/worker_tables.h"
#include "ngx_module/link/dial.h"
#include "ngx_module/link/last_good.h"

namespace gatehouse::link_feature {

namespace {

// What one turn of the event loop takes: each may map memory, and requests are waiting.
constexpr int messages_per_turn = 64;

// A sidecar that was heard of for so long was there: after its loss it is dialled again at once.
constexpr ngx_msec_t stable_after_ms = 5000;

// The same reason for being away is worth one line in so long a time.
constexpr ngx_msec_t repeat_log_after_ms = 60'000;

std::int64_t wall_clock_ms()
{
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

void prepare(ngx_event_t& timer, void* data, ngx_event_handler_pt handler) noexcept
{
    timer.data = data;
    timer.handler = handler;
    timer.log = ngx_cycle->log;
    timer.cancelable = 1;  // does not keep an exiting worker alive
}

}  // namespace

Connection::Connection(const Settings& settings)
    : settings_(settings), receiver_(glue::worker_board(), glue::take_table)
{
    prepare(watch_, this, glue::on_event<Connection, &Connection::on_watch>);
    prepare(retry_, this, glue::on_event<Connection, &Connection::on_retry>);
}

Connection::~Connection()
{
    detach();
    if (retry_.timer_set) {
        ngx_del_timer(&retry_);
    }
}

void Connection::start()
{
    if (dial()) {
        sync_before_serving();
    }
    if (!receiver_.synced() && !receiver_.received_cards()) {
        load_last_good_board(settings_.board_file, *ngx_cycle->log);
        receiver_.begin();
    }
    if (!receiver_.synced()) {
        load_last_good_tables(settings_.board_file, *ngx_cycle->log);
    }
    if (channel_) {
        attach();
    }
}

bool Connection::dial()
{
    auto channel = link_feature::dial(settings_);
    if (!channel) {
        lose(channel.error().message);
        return false;
    }
    channel_ = std::move(*channel);
    connected_at_ = heard_at_ = ngx_current_msec;
    unconfirmed_ = 0;
    receiver_.begin();
    return true;
}

void Connection::sync_before_serving()
{
    using clock = std::chrono::steady_clock;
    const auto deadline = clock::now() + std::chrono::milliseconds{first_sync_limit_ms};
    while (channel_ && !receiver_.synced()) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - clock::now()).count();
        if (left <= 0) {
            break;
        }
        pollfd readable{channel_.fd(), POLLIN, 0};
        if (::poll(&readable, 1, static_cast<int>(left)) > 0) {
            receive(messages_per_turn);
        }
    }
    ngx_time_update();
}

/// Takes up to `most` messages. False once the connection is lost.
bool Connection::receive(int most)
{
    for (int i = 0; i < most; ++i) {
        auto message = channel_.receive();
        if (!message) {
            lose(message.error().message);
            return false;
        }
        if (!*message) {
            break;
        }
        if (!handle(std::move(**message))) {
            return false;
        }
    }
    flush_confirmation();
    return true;
}

bool Connection::handle(link::Incoming message)
{
    heard_at_ = ngx_current_msec;
    glue::sidecar_heard();
    if (message.type == link::Type::beat) {
        glue::audit_dropped() = message.generation;
    }
    const auto effect = receiver_.apply(std::move(message));
    if (!effect) {
        lose(effect.error().message);
        return false;
    }
    if (effect->published != 0) {
        confirm(effect->published);
    }
    if (effect->synced) {
        glue::sidecar_synced();
        log_synced();
    }
    return true;
}

void Connection::confirm(std::uint64_t generation)
{
    unconfirmed_ = std::max(unconfirmed_, generation);
    flush_confirmation();
}

/// A full socket loses no confirmation but those that a later one makes needless.
void Connection::flush_confirmation()
{
    if (unconfirmed_ != 0 && channel_.send({.type = link::Type::applied,
                                            .generation = unconfirmed_,
                                            .at_ms = wall_clock_ms()}) == link::Sent::yes) {
        unconfirmed_ = 0;
    }
}

/// Gives the channel to the event loop.
bool Connection::attach()
{
    auto* log = ngx_cycle->log;
    events_ = ngx_get_connection(channel_.fd(), log);
    if (events_ == nullptr) {
        lose("no free connection, raise worker_connections");
        return false;
    }
    events_->data = this;
    events_->read->handler = glue::on_connection_event<Connection, &Connection::on_readable>;
    events_->read->log = log;
    events_->write->log = log;
    // Level-triggered: what a turn leaves unread makes the next one come.
    if (ngx_add_event(events_->read, NGX_READ_EVENT, 0) != NGX_OK) {
        lose("the event loop does not take its socket");
        return false;
    }
    ngx_add_timer(&watch_, settings_.timeout_ms);
    glue::sidecar_channel() = &channel_;
    return true;
}

void Connection::detach() noexcept
{
    glue::sidecar_channel() = nullptr;
    if (watch_.timer_set) {
        ngx_del_timer(&watch_);
    }
    if (events_ != nullptr) {
        if (events_->read->posted) {
            ngx_delete_posted_event(events_->read);
        }
        if (events_->read->active) {
            ngx_del_event(events_->read, NGX_READ_EVENT, 0);
        }
        ngx_free_connection(events_);
        events_->fd = static_cast<ngx_socket_t>(-1);
        events_ = nullptr;
    }
    channel_ = {};
}

void Connection::on_readable()
{
    receive(messages_per_turn);
}

void Connection::on_watch()
{
    const ngx_msec_t silent = ngx_current_msec - heard_at_;
    if (silent >= settings_.timeout_ms) {
        lose("no heartbeat for " + std::to_string(silent) + " ms");
        return;
    }
    ngx_add_timer(&watch_, settings_.timeout_ms - silent);
}

void Connection::on_retry()
{
    if (!ngx_exiting && dial()) {
        attach();
    }
}

void Connection::lose(const std::string& reason)
{
    const bool was_stable = channel_ && heard_at_ - connected_at_ >= stable_after_ms;
    glue::sidecar_lost(was_stable);
    detach();
    log_away(reason);
    if (was_stable) {
        backoff_.reset();
    }
    ngx_add_timer(&retry_, backoff_.next_ms(static_cast<std::uint64_t>(ngx_random())));
}

void Connection::log_away(const std::string& reason)
{
    const bool repeated =
        reason == last_reason_ && ngx_current_msec - last_logged_at_ < repeat_log_after_ms;
    if (repeated) {
        return;
    }
    last_reason_ = reason;
    last_logged_at_ = ngx_current_msec;
    ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                  "gatehouse: the sidecar is away: %s; serving the %uz cards that are here",
                  reason.c_str(), glue::worker_board().size());
}

void Connection::log_synced()
{
    last_reason_.clear();
    ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                  "gatehouse: in step with the sidecar, %uz cards, generation %uL",
                  glue::worker_board().size(), glue::worker_board().generation());
}

}  // namespace gatehouse::link_feature
