#include "ctl/audit_tail.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <thread>

#include "ctl/context.h"
#include "src/base/unique_fd.h"

namespace gatehouse::ctl {

namespace {

constexpr std::chrono::milliseconds look_interval{200};
constexpr std::size_t block_size = 64 << 10;

std::string or_dash(const std::string& text)
{
    return text.empty() ? "-" : text;
}

std::string event_text(const Json& line)
{
    const auto event = line["event"].text();
    return event == "dropped" ? "dropped " + std::to_string(line["count"].number()) + " decisions"
                              : event + " (" + line["reason"].text() + ")";
}

std::string decision_text(const Json& line)
{
    const auto rule = line["rule"].text();
    return line["verdict"].text() + ' ' + line["stage"].text() + '/' + line["reason"].text() +
           (rule.empty() ? "" : " [" + rule + ']') + ' ' + or_dash(line["client"].text()) + ' ' +
           or_dash(line["user"].text()) + ' ' + or_dash(line["token_id"].text()) + ' ' +
           line["method"].text() + ' ' + line["route"].text() + ' ' +
           std::to_string(line["status"].number()) + ' ' + or_dash(line["request_id"].text());
}

/// What may be in a terminal: no C0 or C1 controls, in whatever bytes.
std::string printable(std::string text)
{
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const bool is_c1 =
            byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
        if (is_c1) {
            text.erase(i, 1);
        }
        if (is_c1 || byte < ' ' || byte == 0x7F) {
            text[i] = '?';
        }
    }
    return text;
}

class Tail {
public:
    Tail(const std::string& file, bool as_json) : file_(file), as_json_(as_json) {}

    bool open()
    {
        fd_.reset(::open(file_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
        offset_ = 0;
        rest_.clear();
        return static_cast<bool>(fd_);
    }

    /// Puts the place to read from before the last lines.
    void seek_last(std::uint64_t count)
    {
        const auto end = ::lseek(fd_.get(), 0, SEEK_END);
        std::string block(block_size, '\0');
        std::uint64_t ends = 0;
        for (auto at = end; at > 0;) {
            const auto size = std::min<off_t>(at, static_cast<off_t>(block.size()));
            at -= size;
            if (::pread(fd_.get(), block.data(), static_cast<std::size_t>(size), at) != size) {
                return;
            }
            for (auto i = size; i > 0; --i) {
                // The end of the last line begins none.
                if (block[static_cast<std::size_t>(i - 1)] == '\n' && at + i != end &&
                    ++ends == count) {
                    offset_ = at + i;
                    return;
                }
            }
        }
    }

    void skip_all() { offset_ = ::lseek(fd_.get(), 0, SEEK_END); }

    void print()
    {
        std::string block(block_size, '\0');
        while (true) {
            const auto got = ::pread(fd_.get(), block.data(), block.size(), offset_);
            if (got <= 0) {
                break;
            }
            offset_ += got;
            rest_.append(block, 0, static_cast<std::size_t>(got));
            print_lines();
        }
        std::cout.flush();
    }

    bool was_replaced() const
    {
        struct stat here {
        }, there{};
        return ::fstat(fd_.get(), &here) != 0 ||
               (::stat(file_.c_str(), &there) == 0 &&
                (here.st_ino != there.st_ino || here.st_dev != there.st_dev));
    }

private:
    void print_lines()
    {
        std::size_t begin = 0;
        for (auto end = rest_.find('\n'); end != rest_.npos; end = rest_.find('\n', begin)) {
            const auto line = rest_.substr(begin, end - begin);
            std::cout << (as_json_ ? line : audit_text(line)) << '\n';
            begin = end + 1;
        }
        rest_.erase(0, begin);
    }

    std::string file_;
    bool as_json_;
    UniqueFd fd_;
    off_t offset_ = 0;
    std::string rest_;
};

}  // namespace

std::string audit_text(const std::string& line)
{
    const auto json = Json::parse(line);
    if (!json) {
        return printable(line);
    }
    return printable(json["time"].text() + ' ' +
                     (json["event"] ? event_text(json) : decision_text(json)));
}

int tail_audit(const std::string& file, std::uint64_t count, bool follow, bool as_json)
{
    Tail tail{file, as_json};
    if (!tail.open()) {
        complain("\"" + file + "\" cannot be read");
        return exit_failed;
    }
    if (count == 0) {
        tail.skip_all();
    } else {
        tail.seek_last(count);
    }
    tail.print();
    while (follow && std::cout) {
        std::this_thread::sleep_for(look_interval);
        tail.print();
        if (tail.was_replaced()) {
            tail.print();  // what came before it was renamed
            while (!tail.open()) {
                std::this_thread::sleep_for(look_interval);
            }
        }
    }
    return exit_ok;
}

}  // namespace gatehouse::ctl
