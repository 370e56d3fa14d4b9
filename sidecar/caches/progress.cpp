#include "sidecar/caches/progress.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include "sidecar/base/clock.h"

namespace gatehouse::caches {

namespace {

using FileId = std::pair<std::uint64_t, std::uint64_t>;  // device, inode
using Positions = std::map<FileId, std::uint64_t>;

/// Where a descriptor of this process stands. By its number as text: to use it as a descriptor
/// would be to reach for what belongs to another thread, which may close it.
std::optional<std::uint64_t> position_of(const std::string& descriptor)
{
    std::ifstream info("/proc/self/fdinfo/" + descriptor);
    std::string name;
    std::uint64_t position = 0;
    return info >> name >> position && name == "pos:" ? std::optional{position} : std::nullopt;
}

/// How far each file is read that this process has open. A descriptor that is closed meanwhile is
/// none; of two on one file the one that is less far counts.
Positions positions()
{
    Positions found;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", error)) {
        struct stat info {};
        if (::stat(entry.path().c_str(), &info) != 0 || !S_ISREG(info.st_mode)) {
            continue;
        }
        if (const auto position = position_of(entry.path().filename())) {
            auto& least = found.try_emplace({info.st_dev, info.st_ino}, *position).first->second;
            least = std::min(least, *position);
        }
    }
    return found;
}

}  // namespace

/// What has been read is not done yet: there are steps to run, bodies to compress.
constexpr double most = 0.99;

struct Progress::Item {
    std::string kind, name;
    sidecar::Now begun;
    std::mutex mutex;
    std::vector<File> files;
    double share = 0;  // never less than it was: files that are read are closed

    void look(const Positions& open)
    {
        std::uint64_t all = 0, before = 0, done = 0;
        for (const File& file : files) {
            all += file.bytes;
        }
        for (const File& file : files) {
            if (const auto at = open.find({file.device, file.inode}); at != open.end()) {
                done = before + at->second;
            }
            before += file.bytes;
        }
        if (all > 0) {
            share = std::max(share, std::min(most, static_cast<double>(done) / all));
        }
    }
};

Progress::Running::Running(std::shared_ptr<Item> item) noexcept : item_(std::move(item)) {}
Progress::Running::Running(Running&&) noexcept = default;
Progress::Running::~Running() = default;

void Progress::Running::reads(std::vector<File> files)
{
    const std::lock_guard lock(item_->mutex);
    item_->files = std::move(files);
}

Progress::Running Progress::begin(std::string kind, std::string name)
{
    auto item = std::make_shared<Item>();
    item->kind = std::move(kind);
    item->name = std::move(name);
    item->begun = sidecar::read_clocks();
    const std::lock_guard lock(mutex_);
    std::erase_if(items_, [](const auto& one) { return one.expired(); });
    items_.push_back(item);
    return Running{std::move(item)};
}

std::vector<Progress::Work> Progress::list(std::int64_t shortest_ms)
{
    std::vector<std::shared_ptr<Item>> items;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& one : items_) {
            if (auto item = one.lock()) {
                items.push_back(std::move(item));
            }
        }
    }
    if (items.empty()) {
        return {};
    }
    const auto now = sidecar::read_clocks();
    const bool worth_a_look = std::any_of(items.begin(), items.end(), [&](const auto& item) {
        return now.steady_ms - item->begun.steady_ms >= shortest_ms;
    });
    const Positions open = worth_a_look ? positions() : Positions{};
    std::vector<Work> all;
    for (const auto& item : items) {
        const std::lock_guard lock(item->mutex);
        item->look(open);
        all.push_back({item->kind, item->name, item->begun.unix_ms,
                       now.steady_ms - item->begun.steady_ms, item->share});
    }
    return all;
}

}  // namespace gatehouse::caches
