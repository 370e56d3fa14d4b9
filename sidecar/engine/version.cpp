#include "sidecar/engine/version.h"

#include <duckdb.h>

namespace gatehouse::engine {

std::string duckdb_version()
{
    return duckdb_library_version();
}

}  // namespace gatehouse::engine
