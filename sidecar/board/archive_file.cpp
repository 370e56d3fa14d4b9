#include "sidecar/board/archive_file.h"

#include <algorithm>
#include <memory>

#include "sidecar/base/clock.h"
#include "sidecar/base/log.h"

namespace gatehouse::sidecar {

ArchiveFile::ArchiveFile(Loop& loop, std::string file, gid_t group, Contents contents)
    : timer_(loop),
      path_(std::move(file)),
      contents_(std::move(contents)),
      writer_(path_, group),
      loop_(loop)
{
}

void ArchiveFile::changed(Pacer::Urgency urgency)
{
    pacer_.changed(urgency, read_clocks().steady_ms);
    arm();
}

void ArchiveFile::disown()
{
    disowned_ = true;
    disowned_since_start_ = true;
    changed(Pacer::Urgency::soon);
}

void ArchiveFile::beat(std::int64_t unix_ms)
{
    if (!disowned_ && !pacer_.writing()) {
        pool_.submit([this, unix_ms] { writer_.beat(unix_ms); });
    }
}

void ArchiveFile::arm()
{
    if (const auto due = pacer_.due_ms()) {
        const auto wait = std::max<std::int64_t>(*due - read_clocks().steady_ms, 0);
        timer_.start(std::chrono::milliseconds{wait}, [this] { write(); });
    }
}

void ArchiveFile::write()
{
    pacer_.started(read_clocks().steady_ms);
    disowned_since_start_ = false;
    pool_.submit([this, contents = std::make_shared<const board::Archive>(contents_())] {
        auto written = write_and_vouch(*contents);
        loop_.post([this, written = std::move(written)] { finish(written); });
    });
}

/// What counts as current did so when the contents were taken.
Result<void> ArchiveFile::write_and_vouch(const board::Archive& contents)
{
    auto written = writer_.write(contents);
    if (written) {
        writer_.beat(contents.written_at_ms);
    }
    return written;
}

void ArchiveFile::finish(const Result<void>& written)
{
    const auto now = read_clocks();
    pacer_.finished(static_cast<bool>(written), now.steady_ms);
    if (written) {
        disowned_ = disowned_since_start_;
        repeats_.forget(path_);
    } else if (repeats_.worth_saying(path_, written.error().message, now.steady_ms)) {
        log::error("board file not written",
                   {{"error", written.error().message},
                    {"now", "nginx goes on with what it has; trying again every 10 s"}});
    }
    arm();
}

bool ArchiveFile::final_write(std::chrono::milliseconds limit)
{
    timer_.cancel();
    if (!pacer_.pending() && !pacer_.writing()) {
        return true;
    }
    pool_.submit([this] {
        if (const auto written = write_and_vouch(contents_()); !written) {
            log::error("board file not written", {{"error", written.error().message}});
        }
    });
    return pool_.wait_idle(limit);
}

}  // namespace gatehouse::sidecar
