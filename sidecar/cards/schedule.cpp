#include "sidecar/cards/schedule.h"

#include <algorithm>
#include <utility>

namespace gatehouse::sidecar {

namespace {

Milliseconds retry_wait(unsigned failures) noexcept
{
    const auto doubled = Milliseconds{1000 << std::min(failures - 1, 6u)};
    return std::min(doubled, Schedule::longest_retry);
}

bool reached(const std::optional<std::int64_t>& at, std::int64_t now) noexcept
{
    return at && *at <= now;
}

}  // namespace

void Schedule::resume(std::int64_t computed_at_ms, Now now)
{
    const auto age_ms = std::max<std::int64_t>(now.unix_ms - computed_at_ms, 0);
    wanted_ = Work::none;
    rhythm_.first = Milliseconds{0};
    started_ = {now.steady_ms - age_ms, now.unix_ms - age_ms};
    plan_next(now);
    if (rhythm_.next_run) {
        cron_at_ = rhythm_.next_run(started_.unix_ms);  // one that was missed is due
    }
}

void Schedule::change(Rhythm rhythm, Now now)
{
    rhythm_ = std::move(rhythm);
    plan_next(now);
}

void Schedule::want(Work work) noexcept
{
    wanted_ = std::max(wanted_, work);
}

Work Schedule::ready(Now now) const
{
    if (running()) {
        return Work::none;
    }
    const bool repeats = reached(repeat_at_, now.steady_ms);
    if (wanted_ == Work::compute || reached(retry_at_, now.steady_ms) ||
        reached(cron_at_, now.unix_ms) || (repeats && failures_ > 0)) {
        return Work::compute;
    }
    return repeats || reached(verify_at_, now.steady_ms) ? Work::verify : wanted_;
}

Work Schedule::start(Now now)
{
    running_ = ready(now);
    wanted_ = Work::none;
    if (!std::exchange(goes_on_, false)) {
        started_ = now;
        if (reached(repeat_at_, now.steady_ms)) {
            started_.steady_ms = *repeat_at_;  // being late once does not make every later one late
        }
    }
    return running_;
}

std::optional<Milliseconds> Schedule::late(Now now) const
{
    std::optional<Milliseconds> late;
    const auto consider = [&](const std::optional<std::int64_t>& at, std::int64_t clock) {
        if (reached(at, clock)) {
            late = std::max(late.value_or(Milliseconds{0}), Milliseconds{clock - *at});
        }
    };
    for (const auto& at : {retry_at_, repeat_at_, verify_at_}) {
        consider(at, now.steady_ms);
    }
    consider(cron_at_, now.unix_ms);
    return late;
}

void Schedule::finish(Finish finish, Now now)
{
    running_ = Work::none;
    switch (finish) {
    case Finish::computed:
        failures_ = 0;
        retry_at_.reset();
        plan_next(now);
        break;
    case Finish::failed:
        ++failures_;
        plan_next(now);
        retry_at_ = now.steady_ms + retry_wait(failures_).count();
        break;
    case Finish::unchanged: plan_next(now); break;
    case Finish::changed:
        goes_on_ = true;
        want(Work::compute);
        break;
    }
}

/// The run that just ended, or a new rhythm, moves what is due by time.
void Schedule::plan_next(Now now)
{
    repeat_at_.reset();
    cron_at_.reset();
    verify_at_.reset();
    if (rhythm_.interval) {
        // Counted from one due start to the next; a run that took longer than the interval skips
        // what it missed.
        const auto first = std::exchange(rhythm_.first, Milliseconds{0});
        const auto wait = first.count() > 0 ? first : *rhythm_.interval;
        repeat_at_ = std::max(started_.steady_ms + wait.count(), now.steady_ms);
    }
    if (rhythm_.next_run) {
        cron_at_ = rhythm_.next_run(now.unix_ms);
    }
    if (rhythm_.verify_every) {
        verify_at_ = now.steady_ms + rhythm_.verify_every->count();
    }
}

Milliseconds Schedule::wait(Now now) const
{
    if (running()) {
        return longest_wait;
    }
    if (ready(now) != Work::none) {
        return Milliseconds{0};
    }
    std::int64_t wait = longest_wait.count();
    for (const auto& at : {retry_at_, repeat_at_, verify_at_}) {
        if (at) {
            wait = std::min(wait, *at - now.steady_ms);
        }
    }
    if (cron_at_) {
        wait = std::min(wait, *cron_at_ - now.unix_ms);
    }
    return Milliseconds{std::max<std::int64_t>(wait, 0)};
}

std::optional<std::int64_t> Schedule::next_computation(Now now) const
{
    std::optional<std::int64_t> next = cron_at_;
    for (const auto& at : {retry_at_, repeat_at_}) {
        if (at) {
            const auto unix_at = now.unix_ms + (*at - now.steady_ms);
            next = next ? std::min(*next, unix_at) : unix_at;
        }
    }
    return next;
}

}  // namespace gatehouse::sidecar
