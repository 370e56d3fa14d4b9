#include "sidecar/datasets/agent.h"

#include <filesystem>

#include "sidecar/base/lanes.h"
#include "sidecar/base/log.h"
#include "sidecar/base/pool.h"

namespace gatehouse::datasets {

namespace {

/// Within the datasets' directory, so that it is on the same disk. No dataset is called so.
constexpr const char* incoming = "/.incoming";

constexpr const char* no_state = "Runs need a place to be kept: \"path\" or \"url\" of \"state\".";

void describe_files(Summary& summary, const Settings& settings)
{
    const auto manifest = FileStore::describe(settings);
    if (!manifest) {
        summary.error = manifest.failure().message;
        return;
    }
    summary.rows = manifest->rows();
    summary.bytes = manifest->bytes();
    summary.updated_ms = manifest->updated_ms;
    summary.columns = manifest->columns;
}

void describe_runs(Summary& summary, RunStore* store)
{
    if (store == nullptr) {
        summary.error = no_state;
        return;
    }
    const auto known = store->known(summary.name);
    auto runs = known ? store->runs(summary.name, std::nullopt) : known.failure();
    if (!runs) {
        summary.error = runs.failure().message;
        return;
    }
    summary.updated_ms = known->updated_ms;
    summary.columns = known->columns;
    summary.list = std::move(*runs);
    for (const auto& run : summary.list) {
        summary.rows += run.rows;
        summary.bytes += run.bytes;
    }
}

Summary summary_of(const std::string& name, const Settings& settings, RunStore* runs)
{
    Summary summary;
    summary.name = name;
    summary.runs = settings.runs;
    if (settings.runs) {
        describe_runs(summary, runs);
    } else {
        describe_files(summary, settings);
    }
    return summary;
}

void clear(const std::string& directory, const Declared& declared)
{
    std::error_code ignored;
    std::filesystem::remove_all(directory + incoming, ignored);
    for (const auto& [name, settings] : declared) {
        FileStore::sweep(settings);
    }
}

void log_upload(const Order& order, std::uint64_t bytes, const Outcome<Done>& done)
{
    const auto mode = order.mode == Order::Mode::replace ? "replace" : "append";
    if (done) {
        sidecar::log::info("dataset uploaded", {{"dataset", order.name},
                                                {"mode", mode},
                                                {"bytes", bytes},
                                                {"changed", done->changed}});
    } else {
        sidecar::log::warning("dataset upload refused", {{"dataset", order.name},
                                                         {"mode", mode},
                                                         {"bytes", bytes},
                                                         {"status", done.failure().status},
                                                         {"error", done.failure().message}});
    }
}

/// At most three uploads are read at once: each takes memory of its own.
sidecar::Lane lane_of_changes()
{
    return {"", 1, 2, true};
}

}  // namespace

struct Agent::Shared {
    explicit Shared(Ports to) : ports(std::move(to)), store(ports.to_parquet) {}

    Ports ports;
    FileStore store;
    std::string directory;
    Declared declared;
    bool configured = false;

    // Last: their threads end first.
    sidecar::Pool writes{"uploads", 2};
    sidecar::Pool looks{"described", 1};  // which the database of `state` may hold up
    sidecar::Lanes changes{"datasets"};
};

/// What the threads have of an upload.
struct Upload::Work {
    Settings settings;
    Order order;
    std::string directory;
    std::unique_ptr<IncomingFile> file;  ///< made with the first piece

    Outcome<std::monostate> append(std::string_view piece)
    {
        if (!file) {
            auto made = IncomingFile::create(directory);
            if (!made) {
                return made.failure();
            }
            file = std::move(*made);
        }
        return file->append(piece);
    }

    Outcome<Done> keep(const FileStore& store, const Ports& ports)
    {
        if (!file) {
            return Failure{422, "The upload is empty."};
        }
        const auto now_ms = ports.now_ms();
        return settings.runs ? keep_run(ports, now_ms) : store.put(settings, order, *file, now_ms);
    }

    std::string run_digest() const
    {
        const auto& head = order.run;
        return digest_of({order.mode == Order::Mode::replace ? "replace" : "append",
                          std::to_string(static_cast<int>(order.format)), head.name,
                          head.time_us ? std::to_string(*head.time_us) : "", head.parameters,
                          file->digest()});
    }

    Outcome<Done> keep_run(const Ports& ports, std::int64_t now_ms)
    {
        if (!ports.runs) {
            return Failure{503, no_state};
        }
        const auto digest = run_digest();
        const auto before = ports.runs->recall(order, digest, now_ms);
        if (!before || *before) {
            return before ? Outcome<Done>{Done{**before, false}} : before.failure();
        }
        const auto known = ports.runs->known(order.name);
        if (!known) {
            return known.failure();
        }
        const bool append = order.mode == Order::Mode::append;
        auto run =
            ports.to_run({{file->path()},
                          order.format,
                          settings.columns.empty() && append ? known->columns : settings.columns});
        if (!run) {
            return run.failure();
        }
        auto& head = (*run).head;
        head = order.run;
        if (head.name.empty()) {
            head.name = order.name;
        }
        return ports.runs->add(order, *run, digest, now_ms);
    }
};

Agent::Agent(Ports ports) : shared_(std::make_unique<Shared>(std::move(ports))) {}
Agent::~Agent() = default;

void Agent::configure(const std::string& directory, Declared declared)
{
    shared_->directory = directory;
    shared_->declared = std::move(declared);
    if (!std::exchange(shared_->configured, true)) {
        // Nothing goes before it, however long it takes.
        shared_->changes.submit({"", 1, 0}, "", [directory, declared = shared_->declared] {
            clear(directory, declared);
        });
    }
}

const Settings* Agent::find(const std::string& name) const
{
    const auto found = shared_->declared.find(name);
    return found == shared_->declared.end() ? nullptr : &found->second;
}

std::shared_ptr<Upload> Agent::begin(Order order, Finished finished)
{
    auto settings = *find(order.name);
    return std::make_shared<Upload>(*shared_, std::move(settings), std::move(order),
                                    std::move(finished));
}

void Agent::list(std::function<void(std::vector<Summary>)> done) const
{
    shared_->looks.submit([&loop = shared_->ports.loop, runs = shared_->ports.runs,
                           declared = shared_->declared, done = std::move(done)] {
        std::vector<Summary> all;
        for (const auto& [name, settings] : declared) {
            all.push_back(summary_of(name, settings, runs.get()));
        }
        loop.post([done, all = std::move(all)]() mutable { done(std::move(all)); });
    });
}

void Agent::describe(const std::string& name, std::function<void(Summary)> done) const
{
    shared_->looks.submit([&loop = shared_->ports.loop, runs = shared_->ports.runs, name,
                           settings = *find(name), done = std::move(done)] {
        loop.post([done, summary = summary_of(name, settings, runs.get())] { done(summary); });
    });
}

void Agent::drop(const std::string& name, std::optional<std::int64_t> run,
                 std::function<void(Outcome<bool>)> done)
{
    auto* shared = shared_.get();  // its threads end before it
    shared->changes.submit(lane_of_changes(), name,
                           [shared, name, run, settings = *find(name), done = std::move(done)] {
                               const auto& ports = shared->ports;
                               auto dropped =
                                   !settings.runs ? shared->store.drop(settings, ports.now_ms())
                                   : ports.runs   ? ports.runs->drop(name, run, ports.now_ms())
                                                  : Outcome<bool>{Failure{503, no_state}};
                               ports.loop.post([shared, name, done, dropped = std::move(dropped)] {
                                   if (dropped && *dropped) {
                                       shared->ports.changed(name);
                                   }
                                   done(dropped);
                               });
                           });
}

bool Agent::finish(std::chrono::milliseconds limit)
{
    return shared_->writes.wait_idle(limit) && shared_->looks.wait_idle(limit) &&
           shared_->changes.wait_idle(limit);
}

Upload::Upload(Agent::Shared& shared, Settings settings, Order order, Agent::Finished finished)
    : shared_(shared), work_(std::make_shared<Work>()), finished_(std::move(finished))
{
    work_->settings = std::move(settings);
    work_->order = std::move(order);
    work_->directory = shared_.directory + incoming;
}

Upload::~Upload() = default;

void Upload::fail(Failure failure)
{
    if (work_ == nullptr) {
        return;
    }
    const Outcome<Done> outcome{std::move(failure)};
    log_upload(work_->order, bytes_, outcome);
    work_ = nullptr;
    std::exchange(finished_, nullptr)(outcome);
}

void Upload::take(std::string piece, std::function<void()> more)
{
    if (work_ == nullptr) {
        return;
    }
    bytes_ += piece.size();
    if (bytes_ > work_->settings.max_size) {
        return fail({413, "An upload of this dataset has at most " +
                              std::to_string(work_->settings.max_size) + " bytes."});
    }
    auto& loop = shared_.ports.loop;
    shared_.writes.submit([self = shared_from_this(), work = work_, &loop, piece = std::move(piece),
                           more = std::move(more)]() mutable {
        auto appended = work->append(piece);
        loop.post([self = std::move(self), appended, more = std::move(more)] {
            if (!appended) {
                self->fail(appended.failure());
            } else if (self->work_ != nullptr) {
                more();
            }
        });
    });
}

void Upload::end()
{
    if (work_ == nullptr) {
        return;
    }
    auto* shared = &shared_;
    shared->changes.submit(
        lane_of_changes(), work_->order.name,
        [self = shared_from_this(), work = work_, shared]() mutable {
            auto done = work->keep(shared->store, shared->ports);
            work->file.reset();
            shared->ports.loop.post([self = std::move(self), work, shared, done] {
                log_upload(work->order, self->bytes_, done);
                self->work_ = nullptr;
                if (done && done->changed) {
                    shared->ports.changed(work->order.name);
                }
                std::exchange(self->finished_, nullptr)(done);
            });
        });
}

/// Before its end: nothing of it is kept.
void Upload::abort()
{
    work_ = nullptr;
    finished_ = nullptr;
}

}  // namespace gatehouse::datasets
