#include "sidecar/audit/recorder.h"

#include <utility>

#include "sidecar/audit/key.h"
#include "sidecar/base/log.h"
#include "src/audit/verifier.h"

namespace gatehouse::audit_log {

namespace {

namespace log = sidecar::log;

constexpr std::size_t batch_size = 256 << 10;
constexpr std::int64_t retry_interval_ms = 1000;

}  // namespace

void Recorder::run(const std::vector<Rings>& rings, sidecar::Now now)
{
    if (!open(now)) {
        return;
    }
    for (const auto& one : rings) {
        if (!drain(one, now.unix_ms)) {
            break;
        }
    }
    if (file_ && settings_.rotate_size != 0 && file_->size() >= rotate_at_) {
        rotate(now);
    }
    if (now.steady_ms - synced_at_ms_ >= sync_interval_ms) {
        sync(now.steady_ms);
    }
}

void Recorder::finish(const std::vector<Rings>& rings, sidecar::Now now)
{
    run(rings, now);
    sync(now.steady_ms);
}

Status Recorder::status() const
{
    return {state_.end,
            state_.written,
            state_.dropped,
            file_ ? file_->size() : 0,
            mac_ ? mac_->key_id() : std::string{},
            error_.empty() ? sync_error_ : error_};
}

// --- opening ---

bool Recorder::open(sidecar::Now now)
{
    if (file_ || syslog_) {
        return true;
    }
    if (now.steady_ms < try_again_ms_) {
        return false;
    }
    auto opened = mac_ ? Result<void>{} : prepare();
    if (opened) {
        opened = open_log(now.unix_ms);
    }
    if (!opened) {
        close_log(next_start_);
        try_again_ms_ = now.steady_ms + retry_interval_ms;
        fail(opened.error().message);
        return false;
    }
    return true;
}

/// The key, and what was remembered.
Result<void> Recorder::prepare()
{
    const auto key = key_of(settings_);
    if (!key) {
        return key.error();
    }
    auto state = load_state(settings_.state);
    if (!state) {
        return state.error();
    }
    auto mac = audit::Mac::create(*key);
    if (!mac) {
        return mac.error();
    }
    state_ = state->value_or(State{});
    mac_ = std::move(*mac);
    return {};
}

Result<void> Recorder::open_log(std::int64_t now_ms)
{
    std::optional<Fragment> fragment;
    if (settings_.file.empty()) {
        auto opened = Syslog::open(settings_.syslog);
        if (!opened) {
            return opened.error();
        }
        syslog_ = std::move(*opened);
    } else {
        auto opened = sidecar::LineFile::open(settings_.file, settings_.mode);
        if (!opened) {
            return opened.error();
        }
        file_ = std::move(*opened);
        fragment = recover(*file_);
        rotate_at_ = settings_.rotate_size;
    }
    return write_start(now_ms, fragment);
}

/// Takes the lines that were written since the state was, and ends one that was torn.
std::optional<Fragment> Recorder::recover(sidecar::LineFile& file)
{
    const bool known = file.identity() == sidecar::LineFile::Identity{state_.device, state_.inode};
    if (known && file.size() < state_.size) {
        log::error("the audit log was cut short",
                   {{"file", file.path()}, {"bytes", state_.size - file.size()}});
    }
    const auto offset = known ? state_.size : 0;
    auto verifier =
        offset == 0 ? audit::Verifier{mac_->copy()} : audit::Verifier{mac_->copy(), state_.end};
    audit::ChainEnd last;
    bool sound = true;
    const auto take = [&](std::string_view line) {
        const auto parts = audit::take_apart(line);
        sound = sound && !verifier.next(line);
        if (parts) {
            last = {parts->seq, std::string{parts->hmac}};
        }
        // What the state knows already is not taken twice.
        if (parts && sound && parts->seq > state_.end.seq) {
            state_.take(*parts);
        }
    };
    const auto rest = file.read_lines(offset, take);
    if (!rest || !sound) {
        log::error("the audit log is not as it was written",
                   {{"file", file.path()}, {"see", "gatehousectl audit verify"}});
    }
    if (rest && !rest->empty()) {
        take(*rest);
    }
    if (!file.ends_whole()) {
        (void)file.end_torn_line();
    }
    if (!sound && state_.end.seq == 0) {
        state_.end = last;  // of another key, perhaps
    }
    const auto& torn = verifier.torn();
    return sound && !torn.empty()
               ? std::optional<Fragment>{{torn.size(), audit::sha256_digits(torn)}}
               : std::nullopt;
}

Result<void> Recorder::write_start(std::int64_t now_ms, const std::optional<Fragment>& fragment)
{
    next_ = state_;
    batch_ = start_line(state_.end, now_ms, next_start_, mac_->key_id(), fragment);
    audit::seal(*mac_, next_.end, batch_);
    if (!flush(now_ms)) {
        return Error{error_};
    }
    return {};
}

void Recorder::close_log(const char* next_start)
{
    next_start_ = next_start;
    file_.reset();
    syslog_.reset();
}

// --- taking ---

/// False: the log cannot be written.
bool Recorder::drain(const Rings& rings, std::int64_t now_ms)
{
    const auto reader = audit::Reader::open(rings.audit->bytes());
    if (!reader) {
        return true;
    }
    std::optional<telemetry::Reader> names;
    if (rings.telemetry) {
        if (auto opened = telemetry::Reader::open(rings.telemetry->bytes())) {
            names = std::move(*opened);
        }
    }
    for (unsigned slot = 0; slot < reader->slots(); ++slot) {
        if (!drain_slot(*reader, slot, names ? &*names : nullptr, now_ms)) {
            return false;
        }
    }
    return flush(now_ms);
}

bool Recorder::drain_slot(const audit::Reader& reader, unsigned slot,
                          const telemetry::Reader* names, std::int64_t now_ms)
{
    const auto ring = reader.ring(slot);
    const auto head = reader.written(slot);
    std::uint64_t lost = 0;
    const auto tell_of_lost = [&](std::uint64_t up_to) {
        const auto count = std::exchange(lost, 0);
        next_.dropped += count;
        const Origin origin{reader.id(), slot, up_to};
        return count == 0 ||
               add(dropped_line(next_.end.seq + 1, now_ms, count, origin), origin, now_ms);
    };
    auto number = next_.position(reader.id(), slot);
    if (head > audit::ring_capacity && number < head - audit::ring_capacity) {
        lost = head - audit::ring_capacity - number;
        number += lost;
    }
    audit::TextBuffer text;
    while (number < head) {
        const auto decision = audit::read(ring, ++number, text);
        if (!decision) {
            ++lost;
            continue;
        }
        if (!tell_of_lost(number - 1)) {
            return false;
        }
        ++next_.written;
        const Origin origin{reader.id(), slot, number};
        if (!add(decision_line(next_.end.seq + 1, *decision, origin, names), origin, now_ms)) {
            return false;
        }
    }
    return tell_of_lost(number);
}

bool Recorder::add(std::string line, const Origin& origin, std::int64_t now_ms)
{
    audit::seal(*mac_, next_.end, line);
    next_.set_position(origin);
    batch_ += line;
    return batch_.size() < batch_size || flush(now_ms);
}

// --- writing ---

bool Recorder::flush(std::int64_t now_ms)
{
    if (batch_.empty()) {
        return true;
    }
    const auto batch = std::exchange(batch_, {});
    std::string why;
    const auto whole = file_ ? file_->append(batch, why) : syslog_->send(batch, now_ms, why);
    const bool done = whole == batch.size();
    if (done) {
        state_ = std::move(next_);
    } else {
        keep_written(std::string_view{batch}.substr(0, whole));
    }
    if (file_) {
        std::tie(state_.device, state_.inode) =
            std::pair{file_->identity().device, file_->identity().inode};
        state_.size = file_->size() - file_->torn().size();
    }
    next_ = state_;
    if (done) {
        if (!std::exchange(error_, {}).empty()) {
            log::info("the audit log is written again", {{"dropped", state_.dropped}});
        }
        return true;
    }
    fail((file_ ? "\"" + settings_.file + "\": " : "syslog: ") + why);
    if (!file_ || !file_->torn().empty()) {
        close_log(file_ ? "torn" : "reopen");
    }
    return false;
}

void Recorder::keep_written(std::string_view lines)
{
    while (!lines.empty()) {
        const auto end = lines.find('\n');
        if (const auto parts = audit::take_apart(lines.substr(0, end))) {
            state_.take(*parts);
        }
        lines.remove_prefix(end + 1);
    }
}

void Recorder::rotate(sidecar::Now now)
{
    if (!file_->is_in_place()) {
        return reopen(now);
    }
    sync(now.steady_ms);
    if (const auto shifted = sidecar::shift_files(settings_.file, settings_.keep); !shifted) {
        rotate_at_ = file_->size() + settings_.rotate_size;
        log::error("the audit log cannot be rotated", {{"error", shifted.error().message}});
        return;
    }
    close_log("rotate");
    (void)open(now);
}

void Recorder::reopen(sidecar::Now now)
{
    if (!file_ || file_->is_in_place()) {
        return;
    }
    sync(now.steady_ms);
    close_log("reopen");
    try_again_ms_ = 0;
    if (open(now)) {
        log::info("the audit log was opened anew", {{"file", settings_.file}});
    }
}

void Recorder::sync(std::int64_t steady_ms)
{
    synced_at_ms_ = steady_ms;
    if (!mac_ || state_.end == saved_) {
        return;
    }
    auto done = file_ ? file_->sync() : Result<void>{};
    if (done) {
        done = save_state(settings_.state, state_);
    }
    if (done) {
        saved_ = state_.end;
        sync_error_.clear();
    } else if (std::exchange(sync_error_, done.error().message) != done.error().message) {
        log::error("the audit log cannot be synced", {{"error", sync_error_}});
    }
}

/// Once for each reason.
void Recorder::fail(const std::string& why)
{
    if (std::exchange(error_, why) != why) {
        log::error("the audit log cannot be written", {{"error", why}});
    }
}

}  // namespace gatehouse::audit_log
