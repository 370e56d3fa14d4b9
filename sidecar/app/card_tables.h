// What cards gave, for the cards that read them: versions of all that are read, tables of as many
// as there is memory for. A table that is not here can be computed again.
//
// Thread safety: any thread.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "sidecar/base/table.h"

namespace gatehouse::app {

/// By name: what cards were when they were read. See CardTables::version.
using InnerVersions = std::map<std::string, std::string>;

class CardTables {
public:
    struct Held {
        std::string version;  ///< changes when the card's answer does; empty: it has none
        std::string error;    ///< why its last computation failed; empty: it did not
        std::optional<sidecar::Table> table;
    };

    explicit CardTables(std::uint64_t memory_limit) : memory_limit_(memory_limit) {}

    void set_memory_limit(std::uint64_t bytes);

    Held find(const std::string& card);

    /// The card gives this; those read longest ago make room.
    void put(const std::string& card, const std::string& version, sidecar::Table table);

    /// What the card gave before this process; its table has to be computed again.
    void put_version(const std::string& card, const std::string& version);

    /// What it gave stays, but is not to be read on before the next put.
    void fail(const std::string& card, const std::string& why);

    void forget(const std::string& card);

    /// The version, or nothing while the card fails or has none.
    std::string version(const std::string& card) const;

    bool are_current(const InnerVersions& versions) const;

    std::uint64_t bytes() const;

private:
    struct Entry {
        Held held;
        std::uint64_t last_used = 0;
    };

    void drop_table(Entry& entry);
    void make_room();

    mutable std::mutex mutex_;
    std::uint64_t memory_limit_;
    std::uint64_t bytes_ = 0;
    std::uint64_t uses_ = 0;
    std::map<std::string, Entry> entries_;
};

}  // namespace gatehouse::app
