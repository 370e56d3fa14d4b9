#include "sidecar/caches/progress.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "sidecar/base/clock.h"

namespace gatehouse::caches {

namespace {

using FileId = std::pair<std::uint64_t, std::uint64_t>;  // device, inode
using Positions = std::map<FileId, std::uint64_t>;

/// How far each file is read that this process has open. A descriptor that is closed meanwhile is
/// none; of two on one file the one that is less far counts.
Positions positions()
{
    Positions found;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", error)) {
        const int fd = std::atoi(entry.path().filename().c_str());
        struct stat info {};
        if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
            continue;
        }
        const auto at = ::lseek(fd, 0, SEEK_CUR);
        if (at >= 0) {
            const auto position = static_cast<std::uint64_t>(at);
            auto& least = found.try_emplace({info.st_dev, info.st_ino}, position).first->second;
            least = std::min(least, position);
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
