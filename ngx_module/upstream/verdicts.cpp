#include "ngx_module/glue/ngx.h"

#include "ngx_module/upstream/verdicts.h"

#include <map>
#include <utility>

#include "ngx_module/glue/sidecar_state.h"
#include "ngx_module/glue/worker_tables.h"
#include "src/upstream/rotation.h"

namespace gatehouse::upstream_feature {

namespace {

using Verdicts = std::map<std::string, Verdict, std::less<>>;

std::map<std::string, Verdicts, std::less<>> by_upstream;
void (*on_change)() = nullptr;

Result<void> take(board::Table table)
{
    const auto opened = upstream::UpstreamsTable::open(table.memory->bytes());
    if (!opened) {
        return opened.error();
    }
    for (std::uint32_t number = 0; number < opened->peers(); ++number) {
        const auto peer = opened->peer(number);
        if (peer.state != upstream::PeerState::unknown) {
            by_upstream[std::string{peer.upstream}].insert_or_assign(
                std::string{peer.peer},
                Verdict{peer.state, peer.recovered, peer.since_ms, peer.checked_at_ms,
                        peer.duration_us, std::string{peer.reason}});
        }
    }
    on_change();
    return {};
}

}  // namespace

void take_verdicts(void (*changed)())
{
    on_change = changed;
    glue::on_table(upstream::table_name, take);
}

bool verdicts_have_lapsed() noexcept
{
    const auto& sidecar = glue::sidecar_state();
    return upstream::verdicts_have_lapsed(sidecar.up || glue::sidecar_is_there(),
                                          ngx_current_msec - sidecar.since);
}

const Verdict* verdict_on(std::string_view upstream, std::string_view peer)
{
    const auto verdicts = by_upstream.find(upstream);
    if (verdicts == by_upstream.end() || verdicts_have_lapsed()) {
        return nullptr;
    }
    const auto verdict = verdicts->second.find(peer);
    return verdict == verdicts->second.end() ? nullptr : &verdict->second;
}

}  // namespace gatehouse::upstream_feature
