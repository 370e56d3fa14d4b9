#include "sidecar/alerts/heartbeat.h"

#include "sidecar/base/log.h"

namespace gatehouse::alerts {

namespace log = sidecar::log;

Heartbeat::Heartbeat(sidecar::Loop& loop, Fetch fetch, std::function<sidecar::Now()> clocks)
    : loop_(loop), fetch_(std::move(fetch)), clocks_(std::move(clocks)), timer_(loop)
{
}

void Heartbeat::configure(const config::Heartbeat& heartbeat)
{
    if (heartbeat == settings_) {
        return;
    }
    settings_ = heartbeat;
    report_.on = !heartbeat.url.empty();
    if (report_.on) {
        ask();
    } else {
        timer_.cancel();
    }
}

void Heartbeat::ask()
{
    timer_.start(settings_.every, [this] { ask(); });
    if (std::exchange(asking_, true)) {
        return;  // the one before takes its time
    }
    pool_.submit([this, settings = settings_] {
        loop_.post([this, error = beat(settings, fetch_)] { on_answer(error); });
    });
}

void Heartbeat::on_answer(const std::string& error)
{
    asking_ = false;
    const bool was_good = report_.error.empty();
    report_.error = error;
    if (!error.empty()) {
        ++report_.failed;
        log::warning("heartbeat failed", {{"error", error}, {"failed", report_.failed}});
        return;
    }
    ++report_.good;
    report_.last_good_ms = clocks_().unix_ms;
    if (!was_good) {
        log::info("heartbeat taken again");
    }
}

bool Heartbeat::stop(std::chrono::milliseconds limit)
{
    timer_.cancel();
    return pool_.wait_idle(limit);
}

}  // namespace gatehouse::alerts
