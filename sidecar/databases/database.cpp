#include "sidecar/databases/database.h"

#include "sidecar/databases/kinds.h"

namespace gatehouse::databases {

bool is_database(const std::string& kind) noexcept
{
    return kind == "sqlite" || kind == "postgres";
}

std::shared_ptr<Database> open(const config::Source& source, std::function<void()> changed)
{
    return source.kind == "sqlite" ? open_sqlite(source)
                                   : open_postgres(source, std::move(changed));
}

}  // namespace gatehouse::databases
