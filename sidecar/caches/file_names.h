// How the files in the directory of caches are called; see store.h.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace gatehouse::caches {

/// The time is for people who look into the directory.
std::string table_name(const std::string& source, std::int64_t made_ms, pid_t pid);

bool is_table_of(const std::string& file, const std::string& source);

/// The source whose record, lock or table a file is by its name; nothing: it is none of ours.
std::optional<std::string> source_of_file(const std::string& file);

std::string lock_path(const std::string& directory, const std::string& source);

}  // namespace gatehouse::caches
