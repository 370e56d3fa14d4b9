// Tables: what guards need beside the cards, such as tokens and keys. The sidecar makes them,
// workers look things up in them; what is in one only its reader knows.
//
// On disk each is a file of its own beside the board file, BOARD.table.NAME, so that nginx has its
// guards' data when it starts while the sidecar is away:
//
//        0 ┌──────────────────────────┐
//          │ TableFileHeader          │
//     4096 ├──────────────────────────┤
//          │ the table                │
//          └──────────────────────────┘  4096 + size
//
// Written to a temporary file, fsynced and renamed over the old one. A reader takes all of it or
// nothing.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/base/sealed_memory.h"

namespace gatehouse::board {

/// Larger is newer. Tables count with the cards: no two changes of a board have the same
/// generation.
struct Table {
    std::string name;
    std::uint64_t generation = 0;
    std::shared_ptr<const SealedMemory> memory;
};

inline constexpr std::size_t longest_table_name = 255;
inline constexpr std::uint64_t table_file_magic = 0x3142'4154'4854'47;  // "GTHTAB1"
inline constexpr std::uint32_t table_file_version = 1;
inline constexpr std::uint64_t table_offset = 4096;

struct TableFileHeader {
    std::uint64_t magic;
    std::uint32_t version;
    std::uint32_t reserved;
    std::uint64_t generation;
    std::uint64_t size;                 ///< of the table
    std::uint64_t checksum;             ///< XXH3-64 of the table
    std::uint64_t header_checksum;      ///< XXH3-64 of this header with this field as 0
    char name[longest_table_name + 1];  ///< padded with NUL
};
static_assert(sizeof(TableFileHeader) == 304);

/// `BOARD.table.NAME`. REQUIRES: a name without '/'.
std::string table_file(const std::string& board_file, std::string_view name);

/// The names of the tables that have files beside this board. None if the directory cannot be read.
std::vector<std::string> filed_tables(const std::string& board_file);

/// `group` gets to read it beside its owner; -1: the process's own. Errors name the file.
Result<void> write_table_file(const std::string& file, gid_t group, const Table& table);

/// Into memory of our own. Refuses what read_archive would refuse. Errors name the file and the
/// flaw.
Result<Table> read_table_file(const std::string& file);

/// What the file claims; 0 where it claims nothing.
std::uint64_t table_file_generation(const std::string& file) noexcept;

}  // namespace gatehouse::board
