#include "ngx_module/glue/ngx.h"

#include "ngx_module/link/last_good.h"

#include "ngx_module/glue/clock.h"
#include "ngx_module/glue/worker_board.h"
#include "src/board/archive.h"

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

/// Whether there is something to gain from reading the whole file.
bool may_be_newer(const std::string& file)
{
    const auto& held = glue::worker_board();
    return held.size() == 0 || board::archive_generation(file) > held.generation();
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
    if (!may_be_newer(file)) {
        return;
    }
    const auto archive = board::read_archive(file);
    if (!archive) {
        ngx_log_error(NGX_LOG_ERR, &log, 0, "gatehouse: %s; the whole file is refused",
                      archive.error().message.c_str());
        return;
    }
    glue::worker_board() = board_of(*archive);
    ngx_log_error(NGX_LOG_NOTICE, &log, 0,
                  "gatehouse: %uz cards from the board file \"%s\", written %L s ago",
                  archive->cards.size(), file.c_str(),
                  static_cast<std::int64_t>((glue::now_ms() - archive->written_at_ms) / 1000));
}

}  // namespace gatehouse::link_feature
