#include "sidecar/caches/file_names.h"

#include <algorithm>
#include <string_view>

namespace gatehouse::caches {

namespace {

constexpr std::string_view table_ending = ".parquet";

bool is_number(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(),
                                        [](unsigned char c) { return c >= '0' && c <= '9'; });
}

/// Takes `-NUMBER` off the end.
bool drop_number(std::string_view& text)
{
    const auto dash = text.rfind('-');
    if (dash == text.npos || !is_number(text.substr(dash + 1))) {
        return false;
    }
    text = text.substr(0, dash);
    return true;
}

std::optional<std::string> source_of_table(std::string_view file)
{
    if (!file.ends_with(table_ending)) {
        return std::nullopt;
    }
    file.remove_suffix(table_ending.size());
    return drop_number(file) && drop_number(file) && !file.empty()
               ? std::optional<std::string>{file}
               : std::nullopt;
}

}  // namespace

std::string table_name(const std::string& source, std::int64_t made_ms, pid_t pid)
{
    return source + '-' + std::to_string(made_ms) + '-' + std::to_string(pid) +
           std::string{table_ending};
}

bool is_table_of(const std::string& file, const std::string& source)
{
    return source_of_table(file) == source;
}

std::optional<std::string> source_of_file(const std::string& file)
{
    for (const std::string_view ending : {".json", ".lock"}) {
        if (file.ends_with(ending) && file.size() > ending.size()) {
            return file.substr(0, file.size() - ending.size());
        }
    }
    return source_of_table(file);
}

std::string lock_path(const std::string& directory, const std::string& source)
{
    return directory + '/' + source + ".lock";
}

}  // namespace gatehouse::caches
