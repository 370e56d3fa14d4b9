#include "sidecar/config/dump_reports.h"

#include "sidecar/config/dump_json.h"

namespace gatehouse::config {

using namespace as_json;

Json log_as_json(const Log& log)
{
    Object out;
    out.set("format", text(log.format)).set("level", text(log.level));
    if (log.file.empty()) {
        return out.done();
    }
    out.set("file", text(log.file)).set("mode", mode(log.mode));
    return out.set("rotate_size", size(log.rotate_size)).set("keep", integer(log.keep)).done();
}

}  // namespace gatehouse::config
