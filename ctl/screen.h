// A terminal that is drawn on from the top, again and again, and left as it was found.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace gatehouse::ctl {

class Screen {
public:
    /// Whether standard input and output are a terminal.
    static bool available();

    /// Takes the terminal: another screen, no cursor, keys as they are pressed. SIGINT, SIGTERM and
    /// SIGHUP no longer end the process but wait(). One at a time.
    Screen();
    ~Screen();
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;

    std::size_t lines() const;

    /// Replaces what is shown. Lines that are too long are cut.
    void draw(const std::string& text);

    /// False when q or ^C was pressed meanwhile, or the terminal has gone.
    bool wait(std::chrono::milliseconds duration);

private:
    struct State;
    State* state_;
};

}  // namespace gatehouse::ctl
