#include "sidecar/alerts/courier.h"

#include <algorithm>

#include "sidecar/base/log.h"

namespace gatehouse::alerts {

namespace log = sidecar::log;
using std::chrono::milliseconds;

struct Courier::Outbox {
    Outbox(sidecar::Loop& loop, sidecar::Pool& thread) : timer(loop), thread(thread) {}

    bool is_in_message(const Book::Due& due) const
    {
        return std::find(ids.begin(), ids.end(), due.id) != ids.end() &&
               std::any_of(message.alerts.begin(), message.alerts.end(), [&](const Alert& alert) {
                   return alert.phase == due.alert.phase && alert.id() == due.id;
               });
    }

    config::AlertReceiver receiver;
    sidecar::Timer timer;
    sidecar::Pool& thread;  ///< one thread
    Message message;
    std::vector<std::string> ids;  ///< of the message's alerts; empty: there is no message
    unsigned attempts = 0;
    std::int64_t first_attempt_ms = 0;  ///< steady
    std::size_t waiting = 0;
    Counts counts;
    std::string error;
    bool forgotten = false;  ///< no longer configured
};

Courier::Courier(Ports ports) : ports_(std::move(ports)) {}
Courier::~Courier() = default;

void Courier::configure(const std::map<std::string, config::AlertReceiver>& receivers)
{
    std::erase_if(outboxes_, [&](const auto& one) {
        auto& outbox = *one.second;
        outbox.forgotten = !receivers.contains(one.first);
        if (outbox.forgotten) {
            outbox.timer.cancel();
        }
        return outbox.forgotten;
    });
    for (const auto& [name, receiver] : receivers) {
        auto& outbox = outboxes_[name];
        if (outbox == nullptr) {
            outbox = std::make_shared<Outbox>(ports_.loop, idle_thread());
        }
        outbox->receiver = receiver;
    }
}

sidecar::Pool& Courier::idle_thread()
{
    const auto is_free = [&](const auto& thread) {
        return std::none_of(outboxes_.begin(), outboxes_.end(),
                            [&](const auto& one) {
                                return one.second != nullptr && &one.second->thread == thread.get();
                            }) &&
               thread->wait_idle(milliseconds{0});
    };
    const auto found = std::find_if(threads_.begin(), threads_.end(), is_free);
    return found != threads_.end()
               ? **found
               : *threads_.emplace_back(std::make_unique<sidecar::Pool>("alerts", 1));
}

void Courier::offer(const std::string& receiver, std::vector<Book::Due> due)
{
    const auto found = outboxes_.find(receiver);
    if (found == outboxes_.end() || stopped_) {
        return;
    }
    auto& outbox = *found->second;
    std::erase_if(due, [&](const Book::Due& one) { return outbox.is_in_message(one); });
    if (due.size() > most_waiting) {
        drop(outbox, {due.begin() + most_waiting, due.end()});
        due.resize(most_waiting);
    }
    outbox.waiting = due.size() + outbox.ids.size();
    if (!outbox.ids.empty() || due.empty()) {
        return;
    }
    due.resize(std::min(due.size(), most_alerts));
    outbox.message = {receiver, {}};
    for (auto& one : due) {
        outbox.ids.push_back(std::move(one.id));
        outbox.message.alerts.push_back(std::move(one.alert));
    }
    outbox.first_attempt_ms = ports_.clocks().steady_ms;
    send(found->second);
}

void Courier::drop(Outbox& outbox, const std::vector<Book::Due>& due)
{
    outbox.counts.dropped += due.size();
    log::error("alerts dropped", {{"receiver", outbox.receiver.name},
                                  {"alerts", due.size()},
                                  {"why", "more than 1000 wait to be told"}});
    for (const auto& one : due) {
        ports_.told(one.id, outbox.receiver.name, one.alert.phase);
    }
}

void Courier::send(const OutboxPtr& outbox)
{
    ++outbox->attempts;
    outbox->thread.submit([this, outbox, receiver = outbox->receiver, message = outbox->message] {
        auto attempt = deliver(receiver, message, ports_.fetch, ports_.clocks().unix_ms);
        ports_.loop.post([this, outbox, attempt = std::move(attempt)] {
            if (!stopped_ && !outbox->forgotten) {
                on_attempt(outbox, attempt);
            }
        });
    });
}

void Courier::on_attempt(const OutboxPtr& outbox, const Attempt& attempt)
{
    const auto& name = outbox->receiver.name;
    const auto age_ms = ports_.clocks().steady_ms - outbox->first_attempt_ms;
    outbox->error = attempt.error;
    if (attempt.outcome == Attempt::Outcome::delivered) {
        ++outbox->counts.delivered;
        log::info(
            "alerts told",
            {{"receiver", name}, {"alerts", outbox->ids.size()}, {"attempts", outbox->attempts}});
        return done_with(*outbox);
    }
    if (attempt.outcome == Attempt::Outcome::again && age_ms < give_up_after_ms) {
        return retry(outbox, attempt);
    }
    ++outbox->counts.failed;
    log::error("alerts not told", {{"receiver", name},
                                   {"alerts", outbox->ids.size()},
                                   {"attempts", outbox->attempts},
                                   {"error", attempt.error}});
    done_with(*outbox);
}

void Courier::retry(const OutboxPtr& outbox, const Attempt& attempt)
{
    const auto chance = std::uniform_real_distribution<double>{0, 1}(random_);
    const auto wait_ms = wait_before_retry_ms(outbox->attempts, attempt.asked_wait_ms, chance);
    ++outbox->counts.retried;
    log::warning("alerts not told yet", {{"receiver", outbox->receiver.name},
                                         {"attempts", outbox->attempts},
                                         {"error", attempt.error},
                                         {"again_in_ms", wait_ms}});
    outbox->timer.start(milliseconds{wait_ms}, [this, weak = std::weak_ptr{outbox}] {
        if (const auto held = weak.lock()) {
            send(held);
        }
    });
}

void Courier::done_with(Outbox& outbox)
{
    const auto message = std::exchange(outbox.message, {});
    const auto ids = std::exchange(outbox.ids, {});
    outbox.attempts = 0;
    outbox.waiting -= std::min(outbox.waiting, ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
        ports_.told(ids[i], outbox.receiver.name, message.alerts[i].phase);
    }
}

bool Courier::test(const std::string& receiver, std::function<void(const Attempt&)> done)
{
    const auto found = outboxes_.find(receiver);
    if (found == outboxes_.end()) {
        return false;
    }
    found->second->thread.submit(
        [this, outbox = found->second, to = found->second->receiver, done = std::move(done)] {
            const auto now_ms = ports_.clocks().unix_ms;
            auto attempt = deliver(to, test_message(to.name, now_ms), ports_.fetch, now_ms);
            ports_.loop.post([outbox, done, attempt = std::move(attempt)] {
                const bool good = attempt.outcome == Attempt::Outcome::delivered;
                ++(good ? outbox->counts.delivered : outbox->counts.failed);
                outbox->error = attempt.error;
                done(attempt);
            });
        });
    return true;
}

std::vector<Courier::Report> Courier::report() const
{
    std::vector<Report> all;
    for (const auto& [name, outbox] : outboxes_) {
        all.push_back({name, outbox->receiver.kind, outbox->counts, outbox->waiting,
                       outbox->attempts, outbox->error});
    }
    return all;
}

bool Courier::stop(milliseconds limit)
{
    stopped_ = true;
    for (const auto& [name, outbox] : outboxes_) {
        outbox->timer.cancel();
    }
    const auto until = std::chrono::steady_clock::now() + limit;
    return std::all_of(threads_.begin(), threads_.end(), [&](const auto& thread) {
        const auto left = until - std::chrono::steady_clock::now();
        return thread->wait_idle(
            std::max(std::chrono::duration_cast<milliseconds>(left), milliseconds{0}));
    });
}

}  // namespace gatehouse::alerts
