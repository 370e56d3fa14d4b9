// The log: one event per line, as JSON or as text, on standard error or in a file.
//
//     {"timestamp":"…","level":"…","name":"gatehouse.<area>","message":"…",<fields>}
//
// No value, whatever it holds, adds a line or a field: values are escaped and cut at 256 bytes.
// `name` is the folder of the source that logs: "gatehouse.cards" for sidecar/cards/agent.cpp.
// Thread safety: all of it.
#pragma once

#include <cstdint>
#include <functional>
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

/// None is called timestamp, level, name or message.
using Fields = std::initializer_list<Field>;

inline constexpr std::size_t longest_value = 256;

struct File {
    std::string path;  ///< empty: standard error
    unsigned mode = 0640;
    std::uint64_t rotate_size = 0;  ///< bytes; 0: never
    unsigned keep = 1;              ///< renamed files

    bool operator==(const File&) const = default;
};

/// Formats: "json", "text". Levels: "debug", "info", "warning" or "warn", "error". Others:
/// unchanged.
void configure(std::string_view format, std::string_view level);

/// Where lines go from now on. What cannot be written there goes to standard error.
void use_file(const File& file);

/// Goes on in a new file if somebody has moved the one that is open.
void reopen_file();

/// Called with every error that is logged, on the thread that logs it. It must not log an error.
using Observer = std::function<void(std::int64_t time_ms, const std::string& name,
                                    std::string_view message, Fields fields)>;

/// One at a time; null: none.
void observe_errors(Observer observer);

/// "gatehouse.<area>", or "gatehouse" outside of the areas.
std::string name_of_source(std::string_view path);

/// One line without its end, as configured formats have it.
struct Line {
    std::int64_t time_ms;  ///< Unix time
    Level level;
    std::string_view name;
    std::string_view message;
    Fields fields;
};
std::string json_line(const Line& line);
std::string text_line(const Line& line);

/// `event` is a constant phrase; what varies goes into fields. `source` is the path of who logs.
void write(Level level, std::string_view event, Fields fields = {},
           const char* source = __builtin_FILE());

inline void debug(std::string_view event, Fields fields = {}, const char* source = __builtin_FILE())
{
    write(Level::debug, event, fields, source);
}
inline void info(std::string_view event, Fields fields = {}, const char* source = __builtin_FILE())
{
    write(Level::info, event, fields, source);
}
inline void warning(std::string_view event, Fields fields = {},
                    const char* source = __builtin_FILE())
{
    write(Level::warning, event, fields, source);
}
inline void error(std::string_view event, Fields fields = {}, const char* source = __builtin_FILE())
{
    write(Level::error, event, fields, source);
}

}  // namespace gatehouse::sidecar::log
