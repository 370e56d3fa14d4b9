// Checks of kind file, directory and disk.
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "sidecar/base/time_text.h"
#include "sidecar/base/units.h"
#include "sidecar/health/kinds.h"
#include "src/base/iso_time.h"

namespace gatehouse::checks {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::string why(const char* what)
{
    return std::string{what} + ": " + std::strerror(errno);
}

/// Of those that are written with four digits.
constexpr std::int64_t end_of_years_s = 253'402'300'799;

struct FileState {
    bool exists = false;
    bool regular = false;
    std::uint64_t bytes = 0;
    std::int64_t modified_us = 0;  ///< Unix time
};

FileState look_at(const std::string& path)
{
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        return {};
    }
    return {true, S_ISREG(status.st_mode), static_cast<std::uint64_t>(status.st_size),
            std::clamp<std::int64_t>(status.st_mtim.tv_sec, 0, end_of_years_s) * 1'000'000 +
                (status.st_mtim.tv_nsec + 500) / 1000};
}

Measurement judge(const config::Check& check, const FileState& file)
{
    if (!file.exists) {
        return down(why("the file cannot be looked at"));
    }
    if (!file.regular) {
        return down("it is not a regular file");
    }
    if (file.bytes < check.min_size) {
        return down("it has " + sidecar::format_size(file.bytes) + ", less than " +
                    sidecar::format_size(check.min_size));
    }
    const milliseconds age{static_cast<std::int64_t>(std::time(nullptr)) * 1000 -
                           file.modified_us / 1000};
    if (check.max_age && age > *check.max_age) {
        return down("it was last changed " +
                    sidecar::format_duration(std::chrono::duration_cast<seconds>(age)) +
                    " ago, more than " + sidecar::format_duration(*check.max_age));
    }
    return {};
}

/// As Python's isoformat() has a time in UTC: without a zone, and a fraction only where there is
/// one.
std::string naive_text(std::int64_t unix_us)
{
    std::string text;
    append_iso_time(text, unix_us);
    return unix_us % 1'000'000 == 0 ? text.substr(0, text.find('.')) : text;
}

}  // namespace

Measurement run_file(const config::Check& check)
{
    const auto file = look_at(check.path);
    auto found = judge(check, file);
    const auto time = [&](const std::string& text) {
        return file.exists ? '"' + text + '"' : std::string{"null"};
    };
    found.facts = {{"exists", file.exists ? "true" : "false"},
                   {"size_bytes", std::to_string(file.bytes)},
                   {"last_updated", time(sidecar::utc_text(file.modified_us / 1000))},
                   {"modified", time(naive_text(file.modified_us))}};
    if (file.exists) {
        found.value = static_cast<double>(file.bytes);
        found.unit = "bytes";
    }
    return found;
}

Measurement run_directory(const config::Check& check)
{
    struct stat status {};
    const bool there = ::stat(check.path.c_str(), &status) == 0;
    if (!there || !S_ISDIR(status.st_mode)) {
        auto missing =
            down(there ? "it is not a directory" : why("the directory cannot be looked at"));
        missing.facts = {{"exists", "false"}};
        return missing;
    }
    std::string lacking;
    for (const auto& name : check.files) {
        if (!look_at(check.path + '/' + name).exists) {
            lacking += (lacking.empty() ? "" : ", ") + name;
        }
    }
    auto found = lacking.empty() ? Measurement{} : down("these files are missing: " + lacking);
    found.facts = {{"exists", "true"}};
    return found;
}

Measurement run_disk(const config::Check& check)
{
    struct statvfs status {};
    if (::statvfs(check.path.c_str(), &status) != 0) {
        return down(why("the file system cannot be looked at"));
    }
    const auto used = static_cast<double>(status.f_blocks - status.f_bfree);
    const auto all =
        used + static_cast<double>(status.f_bavail);  // as df has it: root's is not ours
    return by_percent(check, all > 0 ? 100 * used / all : 0, "of the file system is in use");
}

}  // namespace gatehouse::checks
