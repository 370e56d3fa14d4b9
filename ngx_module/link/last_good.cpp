#include "ngx_module/glue/ngx.h"

#include "ngx_module/link/last_good.h"

#include "ngx_module/glue/clock.h"
#include "ngx_module/glue/worker_board.h"
#include "ngx_module/glue/worker_tables.h"
#include "src/board/archive.h"
#include "src/board/table.h"

namespace gatehouse::link_feature {

namespace {

board::Board board_of(const board::Archive& archive)
{
    board::Board result;
    for (const auto& card : archive.cards) {
        result.publish(card.published, card.verified_at_ms);
    }
    return result;
}

/// Of the file this process, or the master it came from, read last.
board::ArchiveStamp last_read;

/// Whether there is something to gain from reading the whole file: newer cards, or the same ones by
/// which the sidecar has stood longer.
bool may_be_newer(const board::ArchiveStamp& stamp)
{
    const auto& held = glue::worker_board();
    return held.size() == 0 || stamp.generation > held.generation() ||
           (stamp.generation == held.generation() && stamp.alive_at_ms > last_read.alive_at_ms);
}

}  // namespace

void load_last_good_board(const std::string& file, ngx_log_t& log)
{
    if (file.empty()) {
        return;
    }
    if (!board::archive_exists(file)) {
        ngx_log_error(NGX_LOG_INFO, &log, 0, "gatehouse: there is no board file \"%s\"",
                      file.c_str());
        return;
    }
    const auto stamp = board::archive_stamp(file);
    if (!may_be_newer(stamp)) {
        return;
    }
    const auto archive = board::read_archive(file);
    if (!archive) {
        ngx_log_error(NGX_LOG_ERR, &log, 0, "gatehouse: %s; the whole file is refused",
                      archive.error().message.c_str());
        return;
    }
    glue::worker_board() = board_of(*archive);
    last_read = stamp;
    ngx_log_error(NGX_LOG_NOTICE, &log, 0,
                  "gatehouse: %uz cards from the board file \"%s\", written %L s ago",
                  archive->cards.size(), file.c_str(),
                  static_cast<std::int64_t>((glue::now_ms() - archive->written_at_ms) / 1000));
}

void load_last_good_tables(const std::string& board_file, ngx_log_t& log)
{
    if (board_file.empty()) {
        return;
    }
    for (const auto& name : board::filed_tables(board_file)) {
        const auto file = board::table_file(board_file, name);
        const auto generation = board::table_file_generation(file);
        if (generation != 0 && generation <= glue::table_generation(name)) {
            continue;
        }
        auto table = board::read_table_file(file);
        if (!table) {
            ngx_log_error(NGX_LOG_ERR, &log, 0, "gatehouse: %s; it is refused",
                          table.error().message.c_str());
            glue::lose_table(name);
            continue;
        }
        glue::take_table(std::move(*table));
    }
}

}  // namespace gatehouse::link_feature
