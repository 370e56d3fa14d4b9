// Writes the audit log: takes decisions out of workers' rings, makes a line of each, ties it to the
// line before, and puts it into a file or a syslog.
//
// Thread safety: none; one thread at a time. It blocks as files do.
//
// What it holds to:
//   1. A record is passed over only once its line is in the log, whole. While the log cannot be
//      written, records stay in the rings; what is written over there is counted, and the log says
//      so.
//   2. Once a second the log is synced to the disk, and then the state is written: after a crash of
//      the process nothing is lost or told twice, after one of the machine the last second may be.
//   3. The chain goes on over files, runs and reloads. What does not fit is never smoothed over.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sidecar/audit/line.h"
#include "sidecar/audit/state.h"
#include "sidecar/audit/syslog.h"
#include "sidecar/base/clock.h"
#include "sidecar/base/line_file.h"
#include "sidecar/base/repeats.h"
#include "sidecar/config/types.h"
#include "src/audit/chain.h"
#include "src/audit/region.h"
#include "src/base/shared_memory.h"

namespace gatehouse::audit_log {

/// What one nginx shares.
struct Rings {
    std::shared_ptr<const SharedMemory> audit;
    std::shared_ptr<const SharedMemory> telemetry;  ///< names; may be null
};

struct Status {
    audit::ChainEnd end;  ///< of the log as it is
    std::uint64_t written = 0;
    std::uint64_t dropped = 0;
    std::uint64_t size = 0;  ///< bytes of the file
    std::string key_id;
    std::string error;  ///< why it cannot be written now; empty: it can
};

class Recorder {
public:
    explicit Recorder(config::Audit settings) : settings_(std::move(settings)) {}

    /// Takes what there is. A log that cannot be opened is tried again every second.
    void run(const std::vector<Rings>& rings, sidecar::Now now);

    /// Goes on in a new file if somebody has moved the one that is open.
    void reopen(sidecar::Now now);

    /// Before the end of the process, or of these settings.
    void finish(const std::vector<Rings>& rings, sidecar::Now now);

    Status status() const;

    static constexpr std::int64_t sync_interval_ms = 1000;

private:
    bool open(sidecar::Now now);
    Result<void> prepare();
    Result<void> open_log(std::int64_t now_ms);
    std::optional<Fragment> recover(sidecar::LineFile& file);
    Result<void> write_start(std::int64_t now_ms, const std::optional<Fragment>& fragment);
    bool drain(const Rings& rings, std::int64_t now_ms);
    bool drain_slot(const audit::Reader& reader, unsigned slot, const telemetry::Reader* names,
                    std::int64_t now_ms);
    bool add(std::string line, const Origin& origin, std::int64_t now_ms);
    bool flush(std::int64_t now_ms);
    void keep_written(std::string_view lines);
    void close_log(const char* next_start);
    void rotate(sidecar::Now now);
    void sync(std::int64_t steady_ms);
    void fail(const std::string& why);

    config::Audit settings_;
    std::optional<audit::Mac> mac_;
    std::optional<sidecar::LineFile> file_;
    std::optional<Syslog> syslog_;
    State state_;  ///< of the log as it is
    State next_;   ///< of the log as it will be once `batch_` is in it
    std::string batch_;
    audit::ChainEnd saved_;
    const char* next_start_ = "boot";  ///< the reason that the next start record gives
    std::string error_;
    std::string sync_error_;
    std::int64_t try_again_ms_ = 0;  ///< steady
    std::int64_t synced_at_ms_ = 0;  ///< steady
    std::uint64_t rotate_at_ = 0;    ///< bytes
};

}  // namespace gatehouse::audit_log
