// The kinds of databases. Private to this folder.
#pragma once

#include <functional>
#include <memory>

#include "sidecar/databases/database.h"

namespace gatehouse::databases {

std::shared_ptr<Database> open_sqlite(const config::Source& source);
std::shared_ptr<Database> open_postgres(const config::Source& source,
                                        std::function<void()> changed);

}  // namespace gatehouse::databases
