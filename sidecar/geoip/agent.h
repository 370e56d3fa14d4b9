// The agent of GeoIP databases: looks every second at the files that workers have named, and when
// one has changed and been left alone for a while, reads it, verifies it, and hands it to the
// workers as the table `geoip:PATH`.
//
// - Files are asked about by stat, not by events: so a file counts that is rewritten in place, is
//   replaced by a rename, or lies on a network's file system.
// - A file that its workers' master has read already is handed to nobody.
// - One that is damaged or cannot be read changes nothing: what workers have stays in force.
//
// Thread safety: none; lives on the loop. Files are read on a thread of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sidecar/base/loop.h"
#include "sidecar/base/pool.h"
#include "sidecar/base/repeats.h"
#include "sidecar/geoip/settling.h"
#include "sidecar/geoip/told.h"
#include "src/base/result.h"
#include "src/base/sealed_memory.h"

namespace gatehouse::geoip {

using Table = std::shared_ptr<const SealedMemory>;

struct Ports {
    sidecar::Loop& loop;
    /// The member "geoip" of each connected worker's hello.
    std::function<std::vector<std::string>()> hellos;
    std::function<void(const std::string& name, Table table)> publish;
    /// Nobody needs it any more.
    std::function<void(const std::string& name)> drop;
};

/// A file's content, as it was read last.
struct Found {
    std::uint64_t checksum = 0;
    std::string type;
    std::int64_t built_at_s = 0;  ///< Unix time
    std::uint64_t size = 0;
};

/// For people.
struct Report {
    std::string path;
    std::size_t workers = 0;
    std::optional<Found> found;
    bool handed_out = false;    ///< workers have it from here
    std::string flaw;           ///< why what stands there now is not used; empty: it is
    std::uint64_t refused = 0;  ///< files so far
};

class Agent {
public:
    explicit Agent(Ports ports);

    void start() { tick(); }

    /// Whether a worker that has just come is to get this table of ours. Not while its file is
    /// another one: the worker's master may have read that.
    bool offers(const std::string& table) const;

    std::vector<Report> report() const;

    /// False when what is being read took longer than `limit`.
    bool finish(std::chrono::milliseconds limit) { return pool_.wait_idle(limit); }

private:
    struct Watched {
        Told told;
        Settling settling;
        bool reading = false;
        std::optional<Found> found;
        std::optional<std::uint64_t> published;  ///< its checksum
        std::string flaw;
        std::uint64_t refused = 0;
    };
    struct Reading {
        Found found;
        Table table;
    };

    static Result<Reading> read_file(const std::string& path);

    void tick();
    void hear();
    void forget(const std::string& path);
    void look();
    void on_stamps(const std::map<std::string, Stamp>& stamps);
    void read(const std::string& path, Watched& watched);
    void on_read(const std::string& path, const Result<Reading>& reading);
    void hand_out(const std::string& path, Watched& watched, const Reading& reading);
    void review(const std::string& path, Watched& watched);

    Ports ports_;
    std::map<std::string, Watched> watched_;
    sidecar::Repeats repeats_{600'000};
    sidecar::Timer timer_;
    sidecar::Pool pool_{"geoip", 1};  // last: its tasks end before what they work on goes
};

}  // namespace gatehouse::geoip
