#include "sidecar/base/log.h"

#include <spdlog/logger.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>

#include "sidecar/base/clock.h"
#include "sidecar/base/json_writer.h"
#include "sidecar/base/log_sink.h"
#include "sidecar/base/time_text.h"

namespace gatehouse::sidecar::log {

namespace {

constexpr std::string_view names[] = {"debug", "info", "warning", "error"};
constexpr spdlog::level::level_enum levels[] = {spdlog::level::debug, spdlog::level::info,
                                                spdlog::level::warn, spdlog::level::err};

std::atomic<bool> as_text{false};

std::string compose(const Line& line)
{
    return as_text ? text_line(line) : json_line(line);
}

struct Logger {
    std::shared_ptr<Sink> sink =
        std::make_shared<Sink>([](Level level, std::string_view message, Fields fields) {
            return compose({unix_ms(), level, "gatehouse.log", message, fields});
        });
    spdlog::logger log{"gatehouse", sink};

    std::mutex mutex;
    std::shared_ptr<const Observer> observer;

    Logger() { log.set_level(spdlog::level::info); }

    std::shared_ptr<const Observer> observed()
    {
        const std::lock_guard lock{mutex};
        return observer;
    }
};

/// Never destroyed: threads may log to the end.
Logger& logger()
{
    static auto* const made = new Logger;
    return *made;
}

std::string_view name_of(Level level)
{
    return names[static_cast<std::size_t>(level)];
}

/// At most longest_value bytes, not ending within a character.
std::string_view cut(std::string_view text)
{
    if (text.size() <= longest_value) {
        return text;
    }
    std::size_t end = longest_value;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) {
        --end;
    }
    return text.substr(0, end);
}

void put_value(JsonWriter& out, const Field::Value& value)
{
    std::visit(
        [&](const auto& held) {
            if constexpr (std::is_same_v<std::decay_t<decltype(held)>, std::string_view>) {
                out.value(cut(held));
            } else {
                out.value(held);
            }
        },
        value);
}

}  // namespace

std::string name_of_source(std::string_view path)
{
    constexpr std::string_view root = "sidecar/";
    const auto at = path.rfind(root);
    const auto area = at == path.npos ? path : path.substr(at + root.size());
    const auto end = area.find('/');
    return at == path.npos || end == area.npos ? "gatehouse"
                                               : "gatehouse." + std::string{area.substr(0, end)};
}

std::string json_line(const Line& line)
{
    JsonWriter out;
    out.open_object();
    out.member("timestamp", utc_text(line.time_ms));
    out.member("level", name_of(line.level));
    out.member("name", line.name);
    out.member("message", cut(line.message));
    for (const auto& field : line.fields) {
        out.key(field.key);
        put_value(out, field.value);
    }
    return out.close_object().take();
}

std::string text_line(const Line& line)
{
    std::string out = utc_text(line.time_ms);
    out.append(" ").append(name_of(line.level)).append(" ").append(line.name).append(" ");
    out.append(cut(line.message));
    for (const auto& field : line.fields) {
        JsonWriter value;
        put_value(value, field.value);
        out.append(" ").append(field.key).append("=").append(value.text());
    }
    return out;
}

void configure(std::string_view format, std::string_view level)
{
    if (format == "json" || format == "text") {
        as_text = format == "text";
    }
    if (level == "warn") {
        level = "warning";
    }
    const auto* found = std::find(std::begin(names), std::end(names), level);
    if (found != std::end(names)) {
        logger().log.set_level(levels[found - std::begin(names)]);
    }
}

void use_file(const File& file)
{
    logger().sink->set_file(file);
}

void reopen_file()
{
    logger().sink->reopen();
}

void observe_errors(Observer observer)
{
    const std::lock_guard lock{logger().mutex};
    logger().observer = observer ? std::make_shared<const Observer>(std::move(observer)) : nullptr;
}

void write(Level level, std::string_view event, Fields fields, const char* source)
{
    const auto spd_level = levels[static_cast<std::size_t>(level)];
    if (!logger().log.should_log(spd_level)) {
        return;
    }
    const auto now_ms = unix_ms();
    const auto name = name_of_source(source);
    const auto line = compose({now_ms, level, name, event, fields});
    logger().log.log(spd_level, spdlog::string_view_t{line.data(), line.size()});
    if (level == Level::error) {
        if (const auto observer = logger().observed()) {
            (*observer)(now_ms, name, event, fields);
        }
    }
}

}  // namespace gatehouse::sidecar::log
