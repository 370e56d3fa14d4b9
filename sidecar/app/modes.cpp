#include "sidecar/app/modes.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "sidecar/app/compute_card.h"
#include "sidecar/app/load.h"
#include "sidecar/base/log.h"
#include "sidecar/base/process_memory.h"
#include "sidecar/config/load.h"

namespace gatehouse::app {

namespace {

bool wants_colour()
{
    return ::isatty(STDERR_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
}

std::string listed(const std::vector<std::pair<std::string, std::string>>& columns)
{
    std::string text;
    for (const auto& [name, type] : columns) {
        text.append(text.empty() ? "" : ", ").append(name).append(" ").append(type);
    }
    return text;
}

}  // namespace

std::optional<config::Config> load_or_explain(const Options& options)
{
    config::Diagnostics diagnostics;
    auto config = load(options, diagnostics);
    std::cerr << config::print(diagnostics, wants_colour());
    if (!config) {
        std::cerr << "gatehoused: configuration file " << options.config_file << " test failed\n";
    }
    return config;
}

void limit_memory(const config::Config& config)
{
    const auto bytes = config.engine.process_memory_limit;
    if (!sidecar::limit_process_memory(bytes)) {
        sidecar::log::warning("memory not limited",
                              {{"process_memory_limit", bytes}, {"error", std::strerror(errno)}});
    }
}

int test(const config::Config& config)
{
    std::cerr << "gatehoused: the configuration file " << config.file << " syntax is ok\n"
              << "gatehoused: configuration file " << config.file << " test is successful\n";
    return exit_ok;
}

int dump(const config::Config& config)
{
    std::cout << config::dump(config) << std::flush;
    return exit_ok;
}

int check_sources(const config::Config& config)
{
    auto executors = open_executors(config);
    if (!executors) {
        std::cerr << "gatehoused: " << executors.error().message << "\n";
        return exit_failed;
    }
    int status = exit_ok;
    for (const auto& [name, source] : config.sources) {
        const auto found = probe(*executors, source, {});
        if (found) {
            std::cout << name << ": ok: " << found->files.size() << " files; "
                      << listed(found->columns) << "\n";
        } else {
            std::cout << name << ": failed: " << found.error().message << "\n";
            status = exit_failed;
        }
    }
    return status;
}

}  // namespace gatehouse::app
