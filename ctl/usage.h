// What a command line that cannot be understood is answered with.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace CLI {
class App;
class Error;
}  // namespace CLI

namespace gatehouse::ctl {

/// For CLI::App::failure_message: names what is wrong, and the commands there are.
std::string usage_error(const CLI::App* app, const CLI::Error& error);

/// Checks for CLI::Option::check: why a text is none; empty if it is one.
using TextCheck = std::function<std::string(const std::string&)>;
TextCheck whole_number(std::uint64_t least, std::uint64_t most);
TextCheck seconds(double least, double most);

}  // namespace gatehouse::ctl
