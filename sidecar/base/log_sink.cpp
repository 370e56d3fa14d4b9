#include "sidecar/base/log_sink.h"

#include <cstdio>
#include <limits>

#include "sidecar/base/clock.h"

namespace gatehouse::sidecar::log {

namespace {

constexpr std::int64_t second_ms = 1000;

void to_standard_error(std::string_view line)
{
    (void)std::fwrite(line.data(), 1, line.size(), stderr);
    (void)std::fflush(stderr);
}

}  // namespace

void Sink::set_file(File settings)
{
    const std::lock_guard lock{mutex_};
    if (settings == settings_) {
        return;
    }
    settings_ = std::move(settings);
    file_.reset();
    try_again_ms_ = 0;
    failed_ = false;
    if (!settings_.path.empty()) {
        open(read_clocks().steady_ms);
    }
}

void Sink::reopen()
{
    const std::lock_guard lock{mutex_};
    if (file_ && !file_->is_in_place()) {
        file_.reset();
    }
    try_again_ms_ = 0;
}

void Sink::sink_it_(const spdlog::details::log_msg& message)
{
    std::string line{message.payload.data(), message.payload.size()};
    line += '\n';
    if (settings_.path.empty() || !write(line, read_clocks().steady_ms)) {
        to_standard_error(line);
    }
}

/// False: it is not in the file.
bool Sink::write(std::string_view line, std::int64_t steady_ms)
{
    if (!is_open(steady_ms)) {
        return false;
    }
    if (file_->size() > 0 && file_->size() + line.size() > rotate_at_) {
        rotate();
        if (!is_open(steady_ms)) {
            return false;
        }
    }
    std::string text;
    if (failed_) {
        text = compose_(Level::info, "log file written again", {{"file", settings_.path}}) + '\n';
    }
    text += line;
    std::string why;
    if (file_->append(text, why) != text.size()) {
        file_.reset();
        fail(why, steady_ms);
        return false;
    }
    failed_ = false;
    return true;
}

bool Sink::is_open(std::int64_t steady_ms)
{
    if (file_ && steady_ms >= look_at_ms_) {
        look_at_ms_ = steady_ms + second_ms;
        if (!file_->look()) {
            file_.reset();  // removed, rather than moved
        }
    }
    if (!file_ && steady_ms >= try_again_ms_) {
        open(steady_ms);
    }
    return file_.has_value();
}

void Sink::open(std::int64_t steady_ms)
{
    auto opened = LineFile::open(settings_.path, settings_.mode);
    if (!opened) {
        return fail(opened.error().message, steady_ms);
    }
    file_ = std::move(*opened);
    look_at_ms_ = steady_ms + second_ms;
    rotate_at_ = settings_.rotate_size != 0 ? settings_.rotate_size
                                            : std::numeric_limits<std::uint64_t>::max();
    if (!file_->ends_whole()) {
        (void)file_->end_torn_line();
    }
}

/// What cannot be renamed grows as much again before it is tried once more.
void Sink::rotate()
{
    if (file_->is_in_place()) {
        if (const auto shifted = shift_files(settings_.path, settings_.keep); !shifted) {
            rotate_at_ = file_->size() + settings_.rotate_size;
            to_standard_error(compose_(Level::error, "log file not rotated",
                                       {{"error", shifted.error().message}}) +
                              '\n');
            return;
        }
    }
    file_.reset();
    try_again_ms_ = 0;
}

void Sink::fail(const std::string& why, std::int64_t steady_ms)
{
    try_again_ms_ = steady_ms + second_ms;
    if (!std::exchange(failed_, true)) {
        to_standard_error(compose_(Level::error, "log file not written",
                                   {{"file", settings_.path},
                                    {"error", why},
                                    {"now",
                                     "standard error takes the log; tried again every "
                                     "second"}}) +
                          '\n');
    }
}

}  // namespace gatehouse::sidecar::log
