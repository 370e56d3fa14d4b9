#include "sidecar/base/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <atomic>
#include <memory>

#include "sidecar/base/clock.h"
#include "sidecar/base/json_writer.h"
#include "sidecar/base/time_text.h"

namespace gatehouse::sidecar::log {

namespace {

constexpr std::string_view names[] = {"debug", "info", "warning", "error"};
constexpr spdlog::level::level_enum levels[] = {spdlog::level::debug, spdlog::level::info,
                                                spdlog::level::warn, spdlog::level::err};

std::atomic<bool> as_text{false};

spdlog::logger& logger()
{
    static const auto made = [] {
        auto fresh = std::make_shared<spdlog::logger>(
            "gatehouse", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        fresh->set_pattern("%v");
        fresh->set_level(spdlog::level::info);
        fresh->flush_on(spdlog::level::debug);
        return fresh;
    }();
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

std::string json_line(std::int64_t time_ms, Level level, std::string_view event, Fields fields)
{
    JsonWriter line;
    line.open_object();
    line.member("ts", utc_text(time_ms));
    line.member("level", name_of(level));
    line.member("event", cut(event));
    for (const auto& field : fields) {
        line.key(field.key);
        put_value(line, field.value);
    }
    return line.close_object().take();
}

std::string text_line(std::int64_t time_ms, Level level, std::string_view event, Fields fields)
{
    std::string line = utc_text(time_ms);
    line.append(" ").append(name_of(level)).append(" ").append(cut(event));
    for (const auto& field : fields) {
        JsonWriter value;
        put_value(value, field.value);
        line.append(" ").append(field.key).append("=").append(value.text());
    }
    return line;
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
        logger().set_level(levels[found - std::begin(names)]);
    }
}

void write(Level level, std::string_view event, Fields fields)
{
    const auto spd_level = levels[static_cast<std::size_t>(level)];
    if (!logger().should_log(spd_level)) {
        return;
    }
    const auto line = (as_text ? text_line : json_line)(unix_ms(), level, event, fields);
    logger().log(spd_level, spdlog::string_view_t{line.data(), line.size()});
}

}  // namespace gatehouse::sidecar::log
