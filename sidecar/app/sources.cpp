// What the control API and the metrics are told of sources. Members of Daemon.
#include <algorithm>

#include "sidecar/app/compute_card.h"
#include "sidecar/app/daemon.h"
#include "sidecar/app/lane_of.h"

namespace gatehouse::app {

namespace {

/// A query may hold a key.
std::string public_url(const config::Source& source)
{
    return source.http.url.substr(0, source.http.url.find('?'));
}

std::vector<std::string> readers_of(const std::string& source, const config::Config& config)
{
    std::vector<std::string> readers;
    for (const auto& [name, card] : config.cards) {
        if (std::find(card.sources.begin(), card.sources.end(), source) != card.sources.end()) {
            readers.push_back(name);
        }
    }
    return readers;
}

control::PoolView pool_view(const databases::PoolState& pool)
{
    return {pool.size, pool.in_use, pool.idle, pool.overflow, pool.waiting, pool.wait_seconds};
}

void add(const SourceRead& read, control::SourceView& to)
{
    to.up = read.up;
    to.last_error = read.last_error;
    to.error_ms = read.error_ms;
    to.read_ms = read.good_ms;
}

control::SourceTest test_of(const config::Source& source, const Result<Probe>& probed)
{
    control::SourceTest test;
    if (!probed) {
        test.error = probed.error().message;
        return test;
    }
    for (const auto& file : probed->files) {
        test.files.push_back({source.document ? public_url(source) : file.path, file.bytes});
    }
    test.columns = probed->columns;
    return test;
}

}  // namespace

/// Of one that is fetched, the last fetch is the last read.
std::map<std::string, SourceRead> Daemon::source_reads() const
{
    auto reads = reads_->last();
    for (const auto& report : documents_->report()) {
        if (report.fetched_at_ms != 0 || report.failures > 0) {
            reads[report.name] = {report.up, report.last_error, report.failed_at_ms,
                                  report.fetched_at_ms};
        }
    }
    return reads;
}

std::vector<control::SourceView> Daemon::sources() const
{
    const auto reads = source_reads();
    std::vector<control::SourceView> views;
    for (const auto& [name, source] : config().sources) {
        auto& view = views.emplace_back(control::SourceView{
            name, source.kind, source.paths, source.watch, readers_of(name, config())});
        if (const auto read = reads.find(name); read != reads.end()) {
            add(read->second, view);
        }
        const auto database = setup_->executors.databases.find(name);
        if (database != setup_->executors.databases.end()) {
            view.pool = pool_view(database->second->status().pool);
        }
        if (source.document) {
            control::SourceView::Document document;
            document.url = public_url(source);
            view.document = std::move(document);
        }
    }
    for (const auto& report : documents_->report()) {
        for (auto& view : views) {
            if (view.name == report.name && view.document) {
                view.document->rows = report.rows;
                view.document->bytes = report.bytes;
                view.document->next_ms = report.next_ms;
            }
        }
    }
    return views;
}

bool Daemon::test_source(const std::string& name,
                         std::function<void(const control::SourceTest&)> done)
{
    const auto source = config().sources.find(name);
    if (source == config().sources.end() || stopping_) {
        return false;
    }
    computations_.submit(
        lane_of(config(), {name}), "source " + name,
        [this, setup = setup_, source = source->second, done = std::move(done)] {
            loop_.post([done, test = test_of(source, probe(setup->executors, source, {}))] {
                done(test);
            });
        });
    return true;
}

}  // namespace gatehouse::app
