#include "src/board/table.h"

#include <dirent.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <span>

#include "src/base/plain_file.h"

namespace gatehouse::board {

namespace {

constexpr std::uint64_t largest_table = std::uint64_t{16} << 30;
constexpr std::string_view infix = ".table.";

Error flaw(const std::string& file, const std::string& what)
{
    return Error{"table file \"" + file + "\": " + what};
}

std::uint64_t checksum_of(TableFileHeader header) noexcept
{
    header.header_checksum = 0;
    return XXH3_64bits(&header, sizeof header);
}

std::uint64_t checksum_of(std::span<const std::byte> bytes) noexcept
{
    return XXH3_64bits(bytes.data(), bytes.size());
}

Result<TableFileHeader> read_header(const PlainFile& opened)
{
    TableFileHeader header{};
    if (opened.size < table_offset) {
        return Error{"is too short to be one"};
    }
    auto read = read_plain_file(opened.fd.get(), 0,
                                std::as_writable_bytes(std::span{&header, std::size_t{1}}));
    if (!read) {
        return read.error();
    }
    if (header.magic != table_file_magic) {
        return Error{"is no table (wrong magic)"};
    }
    if (header.version != table_file_version) {
        return Error{"has version " + std::to_string(header.version) + ", expected " +
                     std::to_string(table_file_version)};
    }
    if (header.header_checksum != checksum_of(header)) {
        return Error{"header checksum does not match"};
    }
    const auto size = opened.size - table_offset;
    if (header.size != size || size == 0 || size > largest_table) {
        return Error{"its size of " + std::to_string(opened.size) + " bytes is not as it says"};
    }
    if (header.name[longest_table_name] != '\0') {
        return Error{"its name does not end"};
    }
    return header;
}

}  // namespace

std::string table_file(const std::string& board_file, std::string_view name)
{
    return board_file + std::string{infix} + std::string{name};
}

std::vector<std::string> filed_tables(const std::string& board_file)
{
    const auto slash = board_file.rfind('/');
    const auto directory = slash == std::string::npos ? "./" : board_file.substr(0, slash + 1);
    const auto start =
        board_file.substr(slash == std::string::npos ? 0 : slash + 1) + std::string{infix};
    std::vector<std::string> names;
    const std::unique_ptr<DIR, int (*)(DIR*)> opened{::opendir(directory.c_str()), ::closedir};
    while (const auto* entry = opened ? ::readdir(opened.get()) : nullptr) {
        const std::string_view name{entry->d_name};
        if (name.starts_with(start) && !name.ends_with(".new")) {
            names.emplace_back(name.substr(start.size()));
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

Result<void> write_table_file(const std::string& file, gid_t group, const Table& table)
{
    const auto bytes = table.memory->bytes();
    TableFileHeader header{};
    header.magic = table_file_magic;
    header.version = table_file_version;
    header.generation = table.generation;
    header.size = bytes.size();
    header.checksum = checksum_of(bytes);
    table.name.copy(header.name, longest_table_name);
    header.header_checksum = checksum_of(header);
    const FilePiece pieces[] = {{0, std::as_bytes(std::span{&header, std::size_t{1}})},
                                {table_offset, bytes}};
    auto written = replace_file(file, group, table_offset + bytes.size(), pieces);
    return written ? Result<void>{} : Error{"table file " + written.error().message};
}

Result<Table> read_table_file(const std::string& file)
{
    const auto opened = open_trusted_file(file);
    if (!opened) {
        return flaw(file, opened.error().message);
    }
    const auto header = read_header(*opened);
    if (!header) {
        return flaw(file, header.error().message);
    }
    auto memory = SealedMemory::create("gatehouse-table", header->size, [&](auto out) {
        auto read = read_plain_file(opened->fd.get(), table_offset, out);
        return read && checksum_of(out) != header->checksum
                   ? Result<void>{Error{"checksum does not match"}}
                   : read;
    });
    if (!memory) {
        return flaw(file, memory.error().message);
    }
    return Table{header->name, header->generation,
                 std::make_shared<const SealedMemory>(std::move(*memory))};
}

std::uint64_t table_file_generation(const std::string& file) noexcept
try {
    const auto opened = open_trusted_file(file);
    const auto header = opened ? read_header(*opened) : Result<TableFileHeader>{opened.error()};
    return header ? header->generation : 0;
} catch (...) {
    return 0;
}

}  // namespace gatehouse::board
