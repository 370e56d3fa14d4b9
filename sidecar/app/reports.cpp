// What the daemon says of itself, and where. Members of Daemon.
#include "sidecar/app/daemon.h"
#include "sidecar/base/log.h"

namespace gatehouse::app {

namespace log = sidecar::log;

namespace {

constexpr std::chrono::milliseconds last_words_limit{2000};

}  // namespace

void Daemon::configure_log()
{
    const auto& settings = config().log;
    log::configure(settings.format,
                   options_.log_level.empty() ? settings.level : options_.log_level);
    log::use_file({settings.file, settings.mode, settings.rotate_size, settings.keep});
}

/// What was logged last, before a process that ends at once.
bool Daemon::flush_reports()
{
    return sentry_.finish(last_words_limit);
}

}  // namespace gatehouse::app
