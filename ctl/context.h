// What every command works with: the global options, and the sidecar they lead to.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ctl/client.h"
#include "ctl/json.h"

namespace CLI {
class App;
}

namespace gatehouse::ctl {

struct Context {
    std::string config_file = "/etc/gatehouse/gatehouse.json";
    std::string socket;  ///< empty: what the configuration says
    std::string output = "table";
    double timeout_s = 5;
    bool timeout_given = false;

    bool as_json() const noexcept { return output == "json"; }

    /// Asks the sidecar. A failure is printed on stderr; then there is no value, and `status` is
    /// what to exit with. Waits for `at_least` where no --timeout was given: computations take
    /// their time.
    std::optional<std::string> get(const std::string& target, int& status) const;
    std::optional<std::string> post(const std::string& target, int& status,
                                    std::chrono::seconds at_least,
                                    const std::string& body = {}) const;

private:
    std::optional<std::string> request(const Question& question, std::chrono::milliseconds timeout,
                                       int& status) const;
};

/// The control socket a configuration names; the default where it names none or cannot be read.
std::string configured_socket(const std::string& config_file);

/// Why a text is no name of a card or source; empty if it is one. For CLI::Option::check.
std::string check_name(const std::string& name);

/// Prints an error for people.
void complain(const std::string& message);

/// A command adds itself to the command line. What it runs is set into `run`; that returns the exit
/// status.
using Run = std::function<int(const Context&)>;
using Command = void (*)(CLI::App& app, Run& run);

void add_check(CLI::App& app, Run& run);
void add_reload(CLI::App& app, Run& run);
void add_status(CLI::App& app, Run& run);
void add_top(CLI::App& app, Run& run);
void add_card(CLI::App& app, Run& run);
void add_source(CLI::App& app, Run& run);
void add_limit(CLI::App& app, Run& run);
void add_token(CLI::App& app, Run& run);
void add_geoip(CLI::App& app, Run& run);
void add_dataset(CLI::App& app, Run& run);
void add_audit(CLI::App& app, Run& run);
void add_health(CLI::App& app, Run& run);
void add_alert(CLI::App& app, Run& run);
void add_identity(CLI::App& app, Run& run);
void add_explain(CLI::App& app, Run& run);
void add_jwt(CLI::App& app, Run& run);
void add_version(CLI::App& app, Run& run);

}  // namespace gatehouse::ctl
