// What cards read, while the sidecar runs and while it did not. Members of Daemon.
#include "sidecar/app/basis.h"
#include "sidecar/app/daemon.h"
#include "sidecar/app/lane_of.h"
#include "sidecar/app/watch_list.h"
#include "sidecar/base/log.h"
#include "sidecar/databases/database.h"

namespace gatehouse::app {

namespace log = sidecar::log;

/// What has not changed while nobody was here is not computed.
void Daemon::keep_cards()
{
    auto kept = kept_cards(setup_, store_);
    log::info("cards kept", {{"kept", kept.size()}, {"now", "they are not computed at the start"}});
    cards_->keep(std::move(kept));
}

void Daemon::watch_sources()
{
    for (const auto& [name, source] : config().sources) {
        if (source.watch) {
            watch_source(source);
        }
    }
}

void Daemon::watch_source(const config::Source& source)
{
    verifications_.submit(lane_of_looks(), "source " + source.name, [this, source, setup = setup_] {
        loop_.post([this, name = source.name, setup, names = names_to_watch(source)] {
            if (setup != setup_) {
                return;  // reloaded meanwhile
            }
            watch_->set(name, names,
                        databases::is_database(config().sources.at(name).kind)
                            ? sidecar::SourceWatch::Files::together
                            : sidecar::SourceWatch::Files::each_by_itself);
            // What happened before the watch was set tells nobody but whoever looks.
            if (config().sources.at(name).cache) {
                refresh_cache(config().sources.at(name));
            } else {
                cards_->source_changed(name);
            }
        });
    });
}

SourceChanged Daemon::source_changed()
{
    return [this](const std::string& source) {
        loop_.post([this, source] { tell_of_change(source); });
    };
}

void Daemon::on_source_event(const std::string& source)
{
    tell_of_change(source);
    const auto found = config().sources.find(source);
    if (found != config().sources.end()) {
        watch_source(found->second);
    }
}

/// A cache first: cards over it are computed when it is there, not from the files beside it.
void Daemon::tell_of_change(const std::string& source)
{
    const auto found = config().sources.find(source);
    if (found != config().sources.end() && found->second.cache) {
        refresh_cache(found->second);
        return;
    }
    cards_->source_changed(source);
    asked_->source_changed(source);
}

}  // namespace gatehouse::app
