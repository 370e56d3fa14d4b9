#include "sidecar/board/table_store.h"

#include <algorithm>
#include <utility>

#include "sidecar/base/clock.h"
#include "sidecar/base/log.h"

namespace gatehouse::sidecar {

namespace {

/// In place of the one of its name, and behind all others.
template <class Tables>
void put_last(Tables& tables, board::Table table)
{
    std::erase_if(tables, [&](const board::Table& one) { return one.name == table.name; });
    tables.push_back(std::move(table));
}

}  // namespace

TableStore::TableStore(std::string board_file, gid_t group, Listener published)
    : board_file_(std::move(board_file)), group_(group), published_(std::move(published))
{
}

void TableStore::publish(board::Table table, Keep keep)
{
    put_last(tables_, table);
    published_(table);
    if (keep == Keep::on_disk && !board_file_.empty()) {
        {
            const std::lock_guard lock{mutex_};
            put_last(waiting_, std::move(table));
        }
        writer_.submit([this] { write_next(); });
    }
}

void TableStore::drop(const std::string& name)
{
    std::erase_if(tables_, [&](const board::Table& one) { return one.name == name; });
}

/// On the writer's thread. Finds nothing where a newer table of the same name has been waiting
/// since.
void TableStore::write_next()
{
    board::Table table;
    {
        const std::lock_guard lock{mutex_};
        if (waiting_.empty()) {
            return;
        }
        table = std::move(waiting_.front());
        waiting_.pop_front();
    }
    const auto written =
        board::write_table_file(board::table_file(board_file_, table.name), group_, table);
    const std::lock_guard lock{mutex_};
    if (written) {
        repeats_.forget(table.name);
    } else if (repeats_.worth_saying(table.name, written.error().message,
                                     read_clocks().steady_ms)) {
        log::error("table file not written",
                   {{"error", written.error().message},
                    {"now",
                     "workers have the table; an nginx that starts without the sidecar "
                     "will have an older one"}});
    }
}

std::vector<board::Table> TableStore::tables() const
{
    return tables_;
}

std::optional<board::Table> TableStore::last_good(const std::string& name) const
{
    if (board_file_.empty()) {
        return std::nullopt;
    }
    const auto file = board::table_file(board_file_, name);
    if (board::table_file_generation(file) == 0) {
        return std::nullopt;
    }
    auto table = board::read_table_file(file);
    if (!table) {
        log::error("table file refused", {{"error", table.error().message}});
        return std::nullopt;
    }
    return std::move(*table);
}

bool TableStore::finish(std::chrono::milliseconds limit)
{
    return writer_.wait_idle(limit);
}

}  // namespace gatehouse::sidecar
