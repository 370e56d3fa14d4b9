#include "sidecar/cards/source_watch.h"

#include <fnmatch.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

#include "sidecar/base/clock.h"
#include "sidecar/base/log.h"

namespace gatehouse::sidecar {

namespace {

constexpr std::uint32_t interest = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO |
                                   IN_CLOSE_WRITE | IN_MODIFY | IN_ATTRIB | IN_DELETE_SELF |
                                   IN_MOVE_SELF | IN_ONLYDIR | IN_EXCL_UNLINK;

Quiet::Event event_of(unsigned mask) noexcept
{
    return (mask & IN_MODIFY) != 0   ? Quiet::Event::written
           : (mask & IN_CREATE) != 0 ? Quiet::Event::begun
                                     : Quiet::Event::finished;
}

/// Whether it is one of these names, or what a pattern among them matches.
bool has(const std::set<std::string>& names, const std::string& name)
{
    return names.contains(name) ||
           std::any_of(names.begin(), names.end(), [&](const std::string& pattern) {
               return ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
           });
}

}  // namespace

SourceWatch::SourceWatch(Loop& loop, Changed changed)
    : changed_(std::move(changed)),
      inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)),
      timer_(loop)
{
    if (!inotify_) {
        log::warning("no file events", {{"error", std::strerror(errno)},
                                        {"now", "sources are looked at every half of max_age"}});
        return;
    }
    events_ = std::make_unique<FdWatch>(loop, inotify_.get());
    events_->on_readable([this] { drain(); });
}

void SourceWatch::set(const std::string& source, const std::vector<WatchedName>& names, Files files)
{
    std::map<int, Interest> wanted;
    for (const auto& [directory, name] : names) {
        if (const int watch = add(directory); watch >= 0) {
            wanted[watch].names.insert(name);
            wanted[watch].files = files;
        }
    }
    auto& watches = watches_of_[source];
    for (const int watch : std::exchange(watches, {})) {
        if (!wanted.contains(watch)) {
            release(source, watch);
        }
    }
    for (auto& [watch, interest] : wanted) {
        watches.insert(watch);
        interests_[watch][source] = std::move(interest);
    }
    if (wanted.empty()) {
        watches_of_.erase(source);
        quiet_.erase(source);
    }
}

int SourceWatch::add(const std::string& directory)
{
    if (!inotify_) {
        return -1;
    }
    const int watch = ::inotify_add_watch(inotify_.get(), directory.c_str(), interest);
    const std::string cause = watch < 0 ? std::strerror(errno) : "";
    if (watch < 0 && repeats_.worth_saying(directory, cause, read_clocks().steady_ms)) {
        log::warning("directory not watched",
                     {{"directory", directory},
                      {"error", cause},
                      {"now", "sources there are looked at every half of max_age"}});
    }
    return watch;
}

void SourceWatch::release(const std::string& source, int watch)
{
    const auto found = interests_.find(watch);
    if (found == interests_.end()) {
        return;
    }
    found->second.erase(source);
    if (found->second.empty()) {
        (void)::inotify_rm_watch(inotify_.get(), watch);
        interests_.erase(found);
    }
}

void SourceWatch::drain()
{
    alignas(inotify_event) char buffer[16 << 10];
    for (;;) {
        const auto size = ::read(inotify_.get(), buffer, sizeof buffer);
        if (size <= 0) {
            break;
        }
        for (const char* at = buffer; at < buffer + size;) {
            const auto* event = reinterpret_cast<const inotify_event*>(at);
            on_event(event->wd, event->mask, event->len > 0 ? event->name : "");
            at += sizeof(inotify_event) + event->len;
        }
    }
    arm();
}

/// `name` is empty when the event is the directory's own.
void SourceWatch::on_event(int watch, unsigned mask, const std::string& name)
{
    const auto now = read_clocks().steady_ms;
    if ((mask & IN_Q_OVERFLOW) != 0) {
        for (const auto& [source, watches] : watches_of_) {
            quiet_[source].note("", Quiet::Event::finished, now);
        }
        return;
    }
    const auto found = interests_.find(watch);
    if (found == interests_.end()) {
        return;
    }
    for (const auto& [source, interest] : found->second) {
        // A directory may have what a glob searches for.
        if (name.empty() || (mask & IN_ISDIR) != 0 || has(interest.names, name)) {
            const bool by_itself = interest.files == Files::each_by_itself;
            quiet_[source].note(by_itself ? name : "", event_of(mask), now);
        }
    }
    if ((mask & IN_IGNORED) != 0) {  // the directory is gone, and its watch with it
        forget(watch);
    }
}

void SourceWatch::forget(int watch)
{
    for (const auto& [source, interest] : interests_.at(watch)) {
        watches_of_[source].erase(watch);
    }
    interests_.erase(watch);
}

void SourceWatch::arm()
{
    auto first = std::numeric_limits<std::int64_t>::max();
    for (const auto& [source, quiet] : quiet_) {
        first = std::min(first, quiet.due_ms().value_or(first));
    }
    if (first == std::numeric_limits<std::int64_t>::max()) {
        return;
    }
    const auto wait = std::max<std::int64_t>(first - read_clocks().steady_ms, 0);
    timer_.start(std::chrono::milliseconds{wait}, [this] { tell(); });
}

void SourceWatch::tell()
{
    const auto now = read_clocks().steady_ms;
    std::vector<std::string> due;
    for (auto& [source, quiet] : quiet_) {
        if (quiet.take(now)) {
            due.push_back(source);
        }
    }
    for (const auto& source : due) {
        changed_(source);
    }
    arm();
}

}  // namespace gatehouse::sidecar
