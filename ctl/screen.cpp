#include "ctl/screen.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

namespace gatehouse::ctl {

namespace {

constexpr int ending_signals[] = {SIGINT, SIGTERM, SIGHUP};
volatile std::sig_atomic_t ended = 0;

constexpr const char* enter = "\x1b[?1049h\x1b[?25l";
constexpr const char* leave = "\x1b[?25h\x1b[?1049l";
constexpr const char* home = "\x1b[H";
constexpr const char* clear_rest_of_line = "\x1b[K";
constexpr const char* clear_below = "\x1b[J";

void print(const std::string& text)
{
    std::size_t done = 0;
    while (done < text.size()) {
        const auto written = ::write(STDOUT_FILENO, text.data() + done, text.size() - done);
        if (written < 0 && errno != EINTR) {
            ended = 1;  // the terminal has gone
            return;
        }
        done += static_cast<std::size_t>(std::max<ssize_t>(written, 0));
    }
}

winsize size_of_terminal()
{
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) {
        size.ws_row = 24;
        size.ws_col = 80;
    }
    return size;
}

/// The line without what does not fit, never cut within a character of UTF-8.
std::string cut(const std::string& line, std::size_t columns)
{
    std::size_t shown = 0;
    std::size_t end = 0;
    while (end < line.size()) {
        const bool begins = (static_cast<unsigned char>(line[end]) & 0xC0) != 0x80;
        if (begins && shown == columns) {
            break;
        }
        shown += begins ? 1 : 0;
        ++end;
    }
    return line.substr(0, end);
}

}  // namespace

struct Screen::State {
    termios before{};
    struct sigaction actions[std::size(ending_signals)]{};
};

bool Screen::available()
{
    return ::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0;
}

Screen::Screen() : state_(new State)
{
    struct sigaction action {};
    action.sa_handler = [](int) { ended = 1; };
    for (std::size_t i = 0; i < std::size(ending_signals); ++i) {
        ::sigaction(ending_signals[i], &action, &state_->actions[i]);
    }
    ::tcgetattr(STDIN_FILENO, &state_->before);
    auto raw = state_->before;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    print(enter);
}

Screen::~Screen()
{
    print(leave);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &state_->before);
    for (std::size_t i = 0; i < std::size(ending_signals); ++i) {
        ::sigaction(ending_signals[i], &state_->actions[i], nullptr);
    }
    delete state_;
}

std::size_t Screen::lines() const
{
    return size_of_terminal().ws_row;
}

void Screen::draw(const std::string& text)
{
    const auto size = size_of_terminal();
    std::string frame = home;
    std::size_t line = 0;
    for (std::size_t begin = 0; begin < text.size() && line < size.ws_row; ++line) {
        const auto end = std::min(text.find('\n', begin), text.size());
        frame += (line == 0 ? "" : "\r\n") + cut(text.substr(begin, end - begin), size.ws_col) +
                 clear_rest_of_line;
        begin = end + 1;
    }
    print(frame + clear_below);
}

bool Screen::wait(std::chrono::milliseconds duration)
{
    using clock = std::chrono::steady_clock;
    const auto until = clock::now() + duration;
    while (ended == 0) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(until - clock::now()).count();
        if (left <= 0) {
            return true;
        }
        pollfd input{STDIN_FILENO, POLLIN, 0};
        if (::poll(&input, 1, static_cast<int>(left)) <= 0) {
            continue;
        }
        char key = 0;
        if (::read(STDIN_FILENO, &key, 1) != 1 || key == 'q' || key == 'Q') {
            return false;
        }
    }
    return false;
}

}  // namespace gatehouse::ctl
