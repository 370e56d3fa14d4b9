#include "sidecar/config/check_reports.h"

#include "sidecar/config/schema.h"

namespace gatehouse::config {

namespace {

void check_log(const Node& root, const Config& config, Diagnostics& out)
{
    const Node* file = find(find(&root, "log"), "file");
    if (file != nullptr && !config.log.file.empty() && config.log.file == config.audit.file) {
        error(out, *file, At::value,
              "\"file\": " + in_quotes(config.log.file) +
                  " is the file of \"audit\" too: each log has a file of its own");
    }
}

}  // namespace

void check_reports(const Node& root, const Config& config, Diagnostics& out)
{
    check_log(root, config, out);
}

}  // namespace gatehouse::config
