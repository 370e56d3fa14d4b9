// gatehousectl top: what goes through nginx now, once a second.
#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <thread>

#include "ctl/context.h"
#include "ctl/screen.h"
#include "ctl/top_frame.h"
#include "ctl/traffic.h"
#include "ctl/usage.h"

namespace gatehouse::ctl {

namespace {

constexpr std::size_t lines_without_terminal = 1000;

struct Arguments {
    unsigned frames = 0;  ///< 0: until told to stop
    bool once = false;
    double interval_s = 1;

    std::chrono::milliseconds interval() const
    {
        return std::chrono::milliseconds{static_cast<long>(interval_s * 1000)};
    }
};

struct Look {
    Sample sample;
    Json status;
};

std::optional<Look> look(const Context& context, int& status)
{
    const auto telemetry = context.get("/v1/telemetry", status);
    if (!telemetry) {
        return std::nullopt;
    }
    const auto state = context.get("/v1/status", status);
    if (!state) {
        return std::nullopt;
    }
    return Look{read_sample(Json::parse(*telemetry)), Json::parse(*state)};
}

/// Frame after frame below each other: for scripts.
int print_frames(const Context& context, const Arguments& arguments, unsigned frames)
{
    int status = exit_ok;
    auto before = look(context, status);
    for (unsigned i = 0; before && i < frames; ++i) {
        std::this_thread::sleep_for(arguments.interval());
        auto now = look(context, status);
        if (!now) {
            return status;
        }
        const auto traffic = traffic_between(before->sample, now->sample);
        std::cout << (context.as_json() ? top_json(traffic, now->status)
                                        : (i == 0 ? "" : "\n") + top_text(traffic, now->status,
                                                                          lines_without_terminal))
                  << std::flush;
        before = std::move(now);
    }
    return status;
}

/// Holds back what is said to standard error while there is a screen over it.
class HeldErrors {
public:
    HeldErrors() : usual_(std::cerr.rdbuf(held_.rdbuf())) {}
    HeldErrors(const HeldErrors&) = delete;
    HeldErrors& operator=(const HeldErrors&) = delete;
    ~HeldErrors()
    {
        std::cerr.rdbuf(usual_);
        std::cerr << held_.str();
    }

private:
    std::ostringstream held_;
    std::streambuf* usual_;
};

int show_frames(const Context& context, const Arguments& arguments)
{
    int status = exit_ok;
    auto before = look(context, status);
    if (!before) {
        return status;
    }
    const HeldErrors errors;
    Screen screen;
    const auto draw = [&](const Look& earlier, const Look& later) {
        screen.draw(
            top_text(traffic_between(earlier.sample, later.sample), later.status, screen.lines()));
    };
    draw(*before, *before);  // what there is, before there are rates
    for (unsigned i = 0; arguments.frames == 0 || i < arguments.frames; ++i) {
        if (!screen.wait(arguments.interval())) {
            break;
        }
        auto now = look(context, status);
        if (!now) {
            return status;
        }
        draw(*before, *now);
        before = std::move(now);
    }
    return exit_ok;
}

int top(const Context& context, const Arguments& arguments)
{
    if (Screen::available() && !arguments.once && !context.as_json()) {
        return show_frames(context, arguments);
    }
    return print_frames(context, arguments,
                        arguments.once || arguments.frames == 0 ? 1 : arguments.frames);
}

}  // namespace

void add_top(CLI::App& app, Run& run)
{
    const auto arguments = std::make_shared<Arguments>();
    auto* command = app.add_subcommand("top", "what goes through nginx now; q leaves");
    auto* frames =
        command->add_option("-n,--frames", arguments->frames,
                            "leave after so many (default: never; 1 without a terminal)");
    frames->check(whole_number(1, 1'000'000));
    command->add_flag("--once", arguments->once, "one frame on standard output, for scripts")
        ->excludes(frames);
    command->add_option("--interval", arguments->interval_s, "seconds from frame to frame")
        ->check(seconds(0.1, 3600))
        ->capture_default_str();
    command->callback([&run, arguments] {
        run = [arguments](const Context& context) { return top(context, *arguments); };
    });
}

}  // namespace gatehouse::ctl
