#include "ctl/usage.h"

#include <CLI/CLI.hpp>

#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

namespace gatehouse::ctl {

namespace {

const CLI::App& innermost(const CLI::App& app)
{
    const auto commands = app.get_subcommands();
    return commands.empty() ? app : innermost(*commands.front());
}

std::string known_commands(const CLI::App& app)
{
    std::string names;
    for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        names += (names.empty() ? "" : ", ") + command->get_name();
    }
    return names;
}

std::string command_error(const CLI::App& root, const CLI::App& app)
{
    const auto words = root.remaining(true);
    const auto wrong =
        words.empty() ? "a command is missing" : "there is no command \"" + words.front() + "\"";
    return (&root == &app ? "" : app.get_name() + ": ") + wrong + "; there are " +
           known_commands(app);
}

/// The library says "--most: …" whichever of its names an option was given by.
std::string with_all_names(const CLI::App& app, std::string message)
{
    const auto end = message.find(": ");
    if (end == message.npos || message[0] != '-') {
        return message;
    }
    const auto name = message.substr(0, end);
    for (const auto* at = &app; at != nullptr; at = at->get_parent()) {
        if (const auto* option = at->get_option_no_throw(name); option != nullptr) {
            return option->get_name(false, true) + message.substr(end);
        }
    }
    return message;
}

/// Nothing if a part of the text is left over.
template <class Number>
std::optional<Number> parse(std::string_view text)
{
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return whole ? std::optional{number} : std::nullopt;
}

/// "0.1", "3600"
std::string shortest(double number)
{
    char text[32];
    const auto [end, error] = std::to_chars(text, text + sizeof text, number);
    return {text, end};
}

}  // namespace

std::string usage_error(const CLI::App* app, const CLI::Error& error)
{
    const auto& inner = innermost(*app);
    const bool wants_command = inner.get_require_subcommand_min() > 0;
    const auto message = wants_command && error.get_name() == "RequiredError"
                             ? command_error(*app, inner)
                             : with_all_names(inner, error.what());
    return "gatehousectl: " + message + "\nRun with --help for more information.\n";
}

TextCheck whole_number(std::uint64_t least, std::uint64_t most)
{
    return [=](const std::string& text) -> std::string {
        const auto number = parse<std::uint64_t>(text);
        if (number && *number >= least && *number <= most) {
            return {};
        }
        return "a whole number from " + std::to_string(least) + " to " + std::to_string(most) +
               " is expected, not \"" + text + "\"";
    };
}

TextCheck seconds(double least, double most)
{
    return [=](const std::string& text) -> std::string {
        const auto number = parse<double>(text);
        if (number && *number >= least && *number <= most) {
            return {};
        }
        return "seconds from " + shortest(least) + " to " + shortest(most) +
               " are expected, not \"" + text + "\"";
    };
}

}  // namespace gatehouse::ctl
