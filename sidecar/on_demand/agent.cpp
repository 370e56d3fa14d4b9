#include "sidecar/on_demand/agent.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "sidecar/base/log.h"

namespace gatehouse::on_demand {

namespace log = sidecar::log;
using sidecar::read_clocks;

namespace {

constexpr std::int64_t default_stale_ms = 3'600'000;

/// Answers that workers get before anybody asks for them twice: 500 at once, and as many a second.
/// Each costs each worker a mapping, and of a flood of questions few come again.
constexpr Allowance unasked{500, 2};

/// The pool's tasks must not throw.
Attempt compute_guarded(const Compute& compute, const config::Card& card, const Question& question,
                        const std::stop_token& stop)
try {
    if (stop.stop_requested()) {
        return {Failure{503, "The server is restarting."}, nullptr};
    }
    return compute(card, question, stop);
} catch (const std::exception& error) {
    return {Failure{500, std::string{"internal error: "} + error.what()}, nullptr};
}

Reply failed(Failure failure)
{
    Reply reply;
    reply.failure = std::move(failure);
    return reply;
}

/// Whether the answer that is kept may still stand in for one that cannot be computed. A question
/// that the data refuse has got its answer. REQUIRES: a failure.
bool may_stand_in(const Variant& variant, const config::Card& card, std::int64_t steady_ms)
{
    if (variant.failure->status < 500) {
        return false;
    }
    const std::int64_t stale = card.stale ? card.stale->count() : default_stale_ms;
    return variant.snapshot && steady_ms - variant.fresh_until_ms <= stale;
}

}  // namespace

Agent::Agent(Ports ports)
    : ports_(std::move(ports)),
      unasked_(unasked),
      variants_([this](const Variant& variant) { ports_.retract(variant.snapshot); })
{
}

Agent::~Agent()
{
    stop();
}

void Agent::configure(std::map<std::string, config::Card> cards,
                      const std::set<std::string>& changed, const config::OnDemandLimits& limits,
                      Compute compute, Compress compress)
{
    ++version_;
    cards_.clear();
    for (auto& [name, card] : cards) {
        cards_[name] = std::make_shared<const config::Card>(std::move(card));
    }
    limits_ = limits;
    compute_ = std::move(compute);
    compress_ = std::move(compress);
    variants_.drop_if([&](const Variant& variant) {
        return changed.contains(variant.card) || !cards_.contains(variant.card);
    });
    variants_.set_bounds(limits.memory_limit, limits.max_variants);
}

config::Milliseconds Agent::ttl_of(const config::Card& card) const
{
    return card.ttl.value_or(card.max_age);
}

void Agent::ask(const std::string& card, Question question, Waiter waiter)
{
    if (stopped_) {
        return waiter(failed({503, "The server is restarting."}));
    }
    Variant* known = variants_.find(question.key);
    if (known != nullptr && known->computing) {
        ++counts_[card].joined;
        known->waiters.push_back(std::move(waiter));
        return;
    }
    if (known != nullptr && answer_from_memory(*known, waiter)) {
        return;
    }
    if (in_flight_ >= limits_.max_waiting) {
        ++counts_[card].refused;
        return waiter(failed({429, "Too many answers are being computed."}));
    }
    Variant& variant = variants_.ask(card, std::move(question));
    variant.waiters.push_back(std::move(waiter));
    start(variant);
}

bool Agent::answer_from_memory(Variant& variant, const Waiter& waiter)
{
    const auto now_ms = read_clocks().steady_ms;
    if (variant.failure && now_ms < variant.failed_until_ms) {
        const auto& card = *cards_.at(variant.card);
        waiter(may_stand_in(variant, card, now_ms) ? reply_of(variant, Reply::How::stale)
                                                   : failed(*variant.failure));
        return true;
    }
    if (variant.snapshot && now_ms < variant.fresh_until_ms) {
        if (!variant.published) {
            publish(variant);
        }
        compress(variant);
        waiter(reply_of(variant, Reply::How::hit));  // last: it may come back with a question
        return true;
    }
    return false;
}

void Agent::start(Variant& variant)
{
    variant.computing = true;
    variant.overtaken = false;
    ++in_flight_;
    const auto card = cards_.at(variant.card);
    ports_.run(*card, [this, question = variant.question, card, compute = compute_,
                       version = version_,
                       unchanged = variant.snapshot ? variant.sources_unchanged : nullptr,
                       stop = stop_.get_token(), started = read_clocks()] {
        const bool renewed = unchanged && unchanged();
        auto attempt =
            std::make_shared<Attempt>(renewed ? Attempt{Failure{}, unchanged}
                                              : compute_guarded(compute, *card, question, stop));
        ports_.loop.post([this, key = question.key, version, renewed, attempt, started] {
            on_done(key, version, renewed, std::move(*attempt), started);
        });
    });
}

void Agent::on_done(const std::string& key, unsigned version, bool renewed, Attempt attempt,
                    sidecar::Now started)
{
    --in_flight_;
    Variant& variant = *variants_.find(key);  // one that is being computed is not dropped
    variant.computing = false;
    if (version != version_ && cards_.contains(variant.card) && !stopped_) {
        return start(variant);  // for a definition that may no longer be the card's
    }
    if (!cards_.contains(variant.card)) {
        variant.failure = Failure{404, "There is no such answer any more."};
    } else if (renewed && variant.snapshot) {
        variant.verified_at_ms = started.unix_ms;
        variant.failure.reset();
        keep_fresh(variant);
        if (variant.published) {
            ports_.renew(variant.snapshot, started.unix_ms);
        } else if (!variant.overtaken) {
            publish(variant);
        }
    } else if (renewed) {
        return start(variant);  // what it vouched for was dropped meanwhile
    } else {
        // What cannot be read now vouches for nothing that was read before.
        const bool vouches = std::holds_alternative<Computed>(attempt.result);
        variant.sources_unchanged = vouches ? std::move(attempt.sources_unchanged) : nullptr;
        counts_[variant.card].duration_ms = read_clocks().steady_ms - started.steady_ms;
        if (auto* computed = std::get_if<Computed>(&attempt.result)) {
            accept(variant, std::move(*computed), started.unix_ms);
        } else {
            reject(variant, std::move(std::get<Failure>(attempt.result)));
        }
    }
    answer(variant);
}

void Agent::accept(Variant& variant, Computed computed, std::int64_t verified_at_ms)
{
    const auto& card = *cards_.at(variant.card);
    auto& counts = counts_[variant.card];
    ++counts.computed;
    if (!computed.columns.empty()) {
        counts.columns = std::move(computed.columns);
    }
    repeats_.forget(variant.card);
    variant.failure.reset();
    variant.rows = computed.rows;
    variant.verified_at_ms = verified_at_ms;
    keep_fresh(variant);
    variant.compressed = !card.compress;
    const bool asked_again = variant.snapshot != nullptr || variant.waiters.size() > 1;
    variants_.set_snapshot(variant, std::move(computed.snapshot));
    if (!variant.overtaken &&
        (asked_again || unasked_.take(static_cast<std::uint64_t>(read_clocks().steady_ms)))) {
        publish(variant);
    }
}

/// For as long as the card says; not at all where a source has changed since it was begun to read.
void Agent::keep_fresh(Variant& variant)
{
    const auto ttl = variant.overtaken ? config::Milliseconds{0} : ttl_of(*cards_.at(variant.card));
    variant.fresh_until_ms = read_clocks().steady_ms + ttl.count();
}

/// Workers get it, unless it alone is more than may be kept.
void Agent::publish(Variant& variant)
{
    if (variant.snapshot->view().total_size() > limits_.memory_limit) {
        return variants_.withdraw(variant);
    }
    if (variant.snapshot->fd() < 0) {
        auto sealed = variant.snapshot->sealed();
        if (!sealed) {
            return;  // for want of descriptors: it is served from here, and tried again
        }
        variants_.set_snapshot(variant, std::move(*sealed));
    }
    variant.published = true;
    ports_.publish(variant.snapshot, variant.verified_at_ms);
}

/// Somebody has asked for it again.
void Agent::compress(Variant& variant)
{
    if (!variant.published || stopped_ || std::exchange(variant.compressed, true)) {
        return;
    }
    const auto card = cards_.at(variant.card);
    ports_.run(*card, [this, key = variant.question.key, card, plain = variant.snapshot,
                       compress = compress_] {
        ports_.loop.post([this, key, plain, compressed = compress(*card, plain)] {
            on_compressed(key, plain, compressed);
        });
    });
}

void Agent::on_compressed(const std::string& key, const Snapshot& plain, Snapshot compressed)
{
    Variant* variant = variants_.find(key);
    if (!compressed || variant == nullptr || variant->snapshot != plain ||
        compressed->view().total_size() > limits_.memory_limit) {
        return;  // plain as it is, it goes on being served
    }
    variants_.set_snapshot(*variant, std::move(compressed));
    if (variant->published) {
        publish(*variant);
    }
    variants_.trim();
}

void Agent::reject(Variant& variant, Failure failure)
{
    auto& counts = counts_[variant.card];
    ++counts.failed;
    const auto now = read_clocks();
    if (failure.status >= 500) {
        counts.error = failure.detail;
        if (!stopped_ && repeats_.worth_saying(variant.card, failure.detail, now.steady_ms)) {
            log::error("card failed", {{"card", variant.card},
                                       {"asked", variant.question.key.substr(0, 256)},
                                       {"error", failure.detail}});
        }
    } else {
        variants_.release_snapshot(variant);  // it is true no more
    }
    variant.failure = std::move(failure);
    variant.failed_until_ms = now.steady_ms + (variant.overtaken ? 0 : limits_.keep_errors.count());
}

/// Tells all who wait, and then keeps within bounds: what is told is held by who is told.
void Agent::answer(Variant& variant)
{
    const auto now_ms = read_clocks().steady_ms;
    Reply reply;
    if (!variant.failure) {
        reply = reply_of(variant, Reply::How::computed);
        reply.kept = variant.published;
    } else if (cards_.contains(variant.card) &&
               may_stand_in(variant, *cards_.at(variant.card), now_ms)) {
        reply = reply_of(variant, Reply::How::stale);
    } else {
        reply = failed(*variant.failure);
    }
    const auto waiters = std::exchange(variant.waiters, {});
    if (!variant.failure && waiters.size() > 1) {
        compress(variant);
    }
    variants_.trim();
    for (const auto& waiter : waiters) {
        waiter(reply);
        reply.how = reply.how == Reply::How::computed ? Reply::How::joined : reply.how;
    }
}

Reply Agent::reply_of(const Variant& variant, Reply::How how) const
{
    Reply reply;
    reply.how = how;
    reply.snapshot = variant.snapshot;
    reply.verified_at_ms = variant.verified_at_ms;
    reply.ttl_ms = variant.fresh_until_ms - read_clocks().steady_ms;
    if (how == Reply::How::stale && variant.failure) {
        reply.failure = *variant.failure;
    }
    return reply;
}

void Agent::source_changed(const std::string& source)
{
    const auto reads_it = [&](const Variant& variant) {
        const auto card = cards_.find(variant.card);
        if (card == cards_.end()) {
            return false;
        }
        const auto has = [&](const std::vector<std::string>& names) {
            return std::find(names.begin(), names.end(), source) != names.end();
        };
        return variant.card == source || has(card->second->sources) || has(card->second->cards);
    };
    variants_.expire_if(reads_it, read_clocks().steady_ms);
}

std::size_t Agent::refresh(const std::string& card)
{
    const auto before = variants_.count();
    variants_.drop_if([&](const Variant& variant) { return variant.card == card; });
    return before - variants_.count();
}

void Agent::touched(std::span<const std::uint64_t> generations)
{
    for (const auto generation : generations) {
        if (Variant* variant = variants_.touch(generation)) {
            compress(*variant);
        }
    }
}

Report Agent::report(const std::string& card) const
{
    Report report;
    variants_.for_each([&](const Variant& variant) {
        if (variant.card == card) {
            ++report.variants;
            report.computing += variant.computing ? 1 : 0;
            report.bytes += variant.snapshot ? variant.snapshot->view().total_size() : 0;
        }
    });
    const Counts& known = counts(card);
    report.computed = known.computed;
    report.joined = known.joined;
    report.refused = known.refused;
    report.failed = known.failed;
    report.error = known.error;
    report.columns = known.columns;
    return report;
}

const Counts& Agent::counts(const std::string& card) const
{
    static const Counts none{};
    const auto found = counts_.find(card);
    return found == counts_.end() ? none : found->second;
}

void Agent::stop()
{
    stopped_ = true;
    stop_.request_stop();
}

}  // namespace gatehouse::on_demand
