// The log: one event per line on stderr, as JSON or as text.
//
// No value, whatever it holds, adds a line or a field: values are escaped and cut at 256 bytes.
// Thread safety: all of it.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace gatehouse::sidecar::log {

enum class Level { debug, info, warning, error };

struct Field {
    using Value = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

    Field(std::string_view name, std::string_view text) : key(name), value(text) {}
    Field(std::string_view name, const std::string& text) : key(name), value(std::string_view{text})
    {
    }
    Field(std::string_view name, const char* text) : key(name), value(std::string_view{text}) {}
    Field(std::string_view name, int number) : key(name), value(std::int64_t{number}) {}
    Field(std::string_view name, unsigned number) : key(name), value(std::uint64_t{number}) {}
    Field(std::string_view name, long number) : key(name), value(std::int64_t{number}) {}
    Field(std::string_view name, unsigned long number) : key(name), value(std::uint64_t{number}) {}
    Field(std::string_view name, double number) : key(name), value(number) {}
    Field(std::string_view name, bool flag) : key(name), value(flag) {}

    std::string_view key;
    Value value;
};

using Fields = std::initializer_list<Field>;

inline constexpr std::size_t longest_value = 256;

/// Formats: "json", "text". Levels: "debug", "info", "warning" or "warn", "error". Others:
/// unchanged.
void configure(std::string_view format, std::string_view level);

/// One line without its end, as configured formats have it. `time_ms` is Unix time.
std::string json_line(std::int64_t time_ms, Level level, std::string_view event, Fields fields);
std::string text_line(std::int64_t time_ms, Level level, std::string_view event, Fields fields);

/// `event` is a constant phrase; what varies goes into fields.
void write(Level level, std::string_view event, Fields fields = {});

inline void debug(std::string_view event, Fields fields = {})
{
    write(Level::debug, event, fields);
}
inline void info(std::string_view event, Fields fields = {})
{
    write(Level::info, event, fields);
}
inline void warning(std::string_view event, Fields fields = {})
{
    write(Level::warning, event, fields);
}
inline void error(std::string_view event, Fields fields = {})
{
    write(Level::error, event, fields);
}

}  // namespace gatehouse::sidecar::log
