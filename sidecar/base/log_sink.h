// Where the log's lines go: a file, with standard error in its stead while it cannot be written.
//
// Whatever happens to the file, no line is lost and nothing ends: once standard error has said what
// is wrong, it takes the lines, and the file is tried again every second.
//
// Thread safety: all of it.
#pragma once

#include <spdlog/sinks/base_sink.h>

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "sidecar/base/line_file.h"
#include "sidecar/base/log.h"

namespace gatehouse::sidecar::log {

class Sink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    /// What the sink itself has to say, as a line of the log.
    using Compose = std::function<std::string(Level, std::string_view message, Fields)>;

    explicit Sink(Compose compose) : compose_(std::move(compose)) {}

    void set_file(File settings);

    /// Goes on in a new file if somebody has moved the one that is open.
    void reopen();

private:
    void sink_it_(const spdlog::details::log_msg& message) override;
    void flush_() override {}

    bool write(std::string_view line, std::int64_t steady_ms);
    bool is_open(std::int64_t steady_ms);
    void open(std::int64_t steady_ms);
    void rotate();
    void fail(const std::string& why, std::int64_t steady_ms);

    Compose compose_;
    File settings_;
    std::optional<LineFile> file_;
    std::uint64_t rotate_at_ = 0;    ///< bytes
    std::int64_t look_at_ms_ = 0;    ///< steady
    std::int64_t try_again_ms_ = 0;  ///< steady
    bool failed_ = false;            ///< said, and not yet over
};

}  // namespace gatehouse::sidecar::log
