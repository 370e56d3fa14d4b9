#include "ctl/context.h"

#include <iostream>

#include "ctl/process.h"

namespace gatehouse::ctl {

namespace {

constexpr const char* default_socket = "/run/gatehouse/control.sock";

/// A problem's detail, and below it what it lists.
std::string describe(const Answer& answer)
{
    const auto problem = Json::parse(answer.body);
    auto text = problem["detail"].text();
    if (text.empty()) {
        return "the sidecar answered with status " + std::to_string(answer.status);
    }
    for (const auto& found : problem["diagnostics"]["diagnostics"].items()) {
        text += "\n" + found["file"].text() + ":" + std::to_string(found["line"].number()) + ":" +
                std::to_string(found["column"].number()) + ": " + found["severity"].text() + ": " +
                found["message"].text();
        if (const auto hint = found["hint"].text(); !hint.empty()) {
            text += "; " + hint;
        }
    }
    return text;
}

int exit_for(int http_status)
{
    switch (http_status) {
    case 400: return exit_usage;
    case 401:
    case 403: return exit_refused;
    case 422: return exit_configuration;
    default: return exit_failed;
    }
}

}  // namespace

std::string check_name(const std::string& name)
{
    constexpr std::size_t longest = 64;
    const bool sound =
        !name.empty() && name.size() <= longest &&
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == name.npos;
    return sound ? "" : "a name has 1 to 64 of a-z, 0-9, _ and -";
}

void complain(const std::string& message)
{
    std::cerr << "gatehousectl: " << message << "\n";
}

std::string configured_socket(const std::string& config_file)
{
    const auto dump = run_program(gatehoused_program(), {"-T", "-c", config_file}, Output::capture);
    const auto socket =
        dump.status == 0 ? Json::parse(dump.output)["control"]["socket"].text() : std::string{};
    return socket.empty() ? default_socket : socket;
}

std::optional<std::string> Context::get(const std::string& target, int& status) const
{
    return request({"GET", target}, std::chrono::milliseconds{static_cast<long>(timeout_s * 1000)},
                   status);
}

std::optional<std::string> Context::post(const std::string& target, int& status,
                                         std::chrono::seconds at_least,
                                         const std::string& body) const
{
    auto timeout = std::chrono::milliseconds{static_cast<long>(timeout_s * 1000)};
    if (!timeout_given && timeout < at_least) {
        timeout = at_least;
    }
    return request({"POST", target, body}, timeout, status);
}

std::optional<std::string> Context::request(const Question& question,
                                            std::chrono::milliseconds timeout, int& status) const
{
    const auto where = socket.empty() ? configured_socket(config_file) : socket;
    auto asked = ask(where, question, timeout);
    if (const auto* none = std::get_if<NoAnswer>(&asked)) {
        complain(none->message);
        status = none->exit;
        return std::nullopt;
    }
    auto& answer = std::get<Answer>(asked);
    if (!answer.ok()) {
        if (as_json()) {
            std::cout << answer.body << "\n";
        }
        complain(describe(answer));
        status = exit_for(answer.status);
        return std::nullopt;
    }
    status = exit_ok;
    return std::move(answer.body);
}

}  // namespace gatehouse::ctl
