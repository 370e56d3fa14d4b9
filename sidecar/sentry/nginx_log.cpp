#include "sidecar/sentry/nginx_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "src/base/ascii.h"

namespace gatehouse::sentry {

namespace {

constexpr off_t most_at_once = 256 << 10;
constexpr std::size_t longest_line = 8 << 10;

std::string_view take_until(std::string_view& text, std::string_view end)
{
    const auto at = text.find(end);
    const auto part = text.substr(0, at);
    text.remove_prefix(at == text.npos ? text.size() : at + end.size());
    return part;
}

/// "GET /a?token=b HTTP/1.1" without the query.
std::string without_query(std::string_view text)
{
    const auto mark = text.find('?');
    if (mark == text.npos) {
        return std::string{text};
    }
    const auto rest = text.find(' ', mark);
    return std::string{text.substr(0, mark)} +
           std::string{rest == text.npos ? std::string_view{} : text.substr(rest)};
}

/// What nginx adds to a line about a request: `, server: a, request: "GET / HTTP/1.1"`.
void take_context(std::string_view context, Event& event)
{
    constexpr std::array<std::string_view, 4> kept{"server", "request", "upstream", "host"};
    while (!context.empty()) {
        const auto name = take_until(context, ": ");
        std::string_view value;
        if (context.starts_with('"')) {
            context.remove_prefix(1);
            value = take_until(context, "\"");
            (void)take_until(context, ", ");
        } else {
            value = take_until(context, ", ");
        }
        if (std::find(kept.begin(), kept.end(), name) != kept.end()) {
            event.extra.emplace_back(name, without_query(value));
        }
    }
}

/// What is the same for the same: without numbers, and without what stands in quotes.
std::string essence(std::string_view text)
{
    std::string out;
    bool quoted = false, number = false;
    for (const char c : text) {
        quoted = quoted != (c == '"');
        const bool digit = is_digit(c);
        if (c == '"' || (!quoted && !(digit && number))) {
            out += digit && !quoted ? '#' : c;
        }
        number = digit;
    }
    return out;
}

}  // namespace

std::optional<Event> event_of_line(std::string_view line, std::int64_t now_ms)
{
    (void)take_until(line, "[");
    const auto level = take_until(line, "] ");
    const bool fatal = level == "alert" || level == "emerg";
    if (!fatal && level != "error" && level != "crit") {
        return std::nullopt;
    }
    (void)take_until(line, ": ");  // process and thread
    if (line.starts_with('*')) {
        (void)take_until(line, " ");  // connection
    }
    const auto context = line.find(", client: ");
    Event event;
    event.at_ms = now_ms;
    event.level = fatal ? "fatal" : "error";
    event.logger = "nginx";
    event.message = without_query(line.substr(0, context));
    event.kind = essence(event.message);
    event.extra.emplace_back("nginx_level", level);
    if (context != line.npos) {
        take_context(line.substr(context + 2), event);
    }
    return event.message.empty() ? std::nullopt : std::optional{event};
}

NginxLog::News NginxLog::read(std::int64_t now_ms)
{
    News news;
    if (fd_) {
        read_rest(news.events, now_ms);
    }
    struct stat status {};
    const bool moved = fd_ && (::stat(path_.c_str(), &status) != 0 || status.st_ino != inode_);
    if (!fd_ || moved) {
        if (const auto opened = open_file(); !opened) {
            news.error = opened.error().message;
        } else {
            read_rest(news.events, now_ms);
        }
    }
    return news;
}

Result<void> NginxLog::open_file()
{
    UniqueFd fd{::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    struct stat status {};
    if (!fd || ::fstat(fd.get(), &status) != 0) {
        from_beginning_ = from_beginning_ || errno == ENOENT;
        return Error{std::strerror(errno)};
    }
    if (!S_ISREG(status.st_mode)) {
        return Error{"not a regular file"};
    }
    fd_ = std::move(fd);
    inode_ = status.st_ino;
    // What was written before anybody looked is not told of.
    offset_ = std::exchange(from_beginning_, true) ? 0 : status.st_size;
    begun_.clear();
    return {};
}

void NginxLog::read_rest(std::vector<Event>& events, std::int64_t now_ms)
{
    struct stat status {};
    if (::fstat(fd_.get(), &status) != 0) {
        return;
    }
    if (status.st_size < offset_) {
        offset_ = 0;  // cut short
        begun_.clear();
    } else if (status.st_size - offset_ > most_at_once) {
        offset_ = status.st_size - most_at_once;
        begun_.clear();
    }
    std::string block(static_cast<std::size_t>(status.st_size - offset_), '\0');
    const auto got = ::pread(fd_.get(), block.data(), block.size(), offset_);
    if (got <= 0) {
        return;
    }
    offset_ += got;
    block.resize(static_cast<std::size_t>(got));
    begun_ += block;
    std::string_view rest = begun_;
    for (auto end = rest.find('\n'); end != rest.npos; end = rest.find('\n')) {
        if (auto event = event_of_line(rest.substr(0, std::min(end, longest_line)), now_ms)) {
            events.push_back(std::move(*event));
        }
        rest.remove_prefix(end + 1);
    }
    begun_ = rest.size() > longest_line ? std::string{} : std::string{rest};
}

}  // namespace gatehouse::sentry
