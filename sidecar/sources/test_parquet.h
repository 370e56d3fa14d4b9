// Parquet files built by hand: footers of schemas without rows.
//
// Thrift's compact protocol, as its specification has it: a field's header is the step from the
// last field's number, and a type: 5 an i32, 6 an i64, 8 a string, 9 a list, 12 a structure.
#pragma once

#include <cstdint>
#include <string>

namespace gatehouse::sources::test {

inline std::string varint(std::uint64_t value)
{
    std::string bytes;
    for (; value >= 0x80; value >>= 7) {
        bytes += static_cast<char>(value | 0x80);
    }
    return bytes + static_cast<char>(value);
}

inline std::string list_of(char type, std::uint64_t count)
{
    return static_cast<char>(0xf0 | type) + varint(count);
}

/// A SchemaElement with fields 4, name, and 5, num_children, in zigzag.
inline std::string group(unsigned children)
{
    return "\x48\x01g\x15" + varint(2 * children) + '\0';
}

/// One with fields 1, type (1: INT32), 3, repetition_type (0: required), and 4, name.
inline std::string leaf()
{
    return {"\x15\x02\x25\x00\x18\x01v\x00", 8};
}

/// A schema of a column within `levels` groups.
inline std::string nested(unsigned levels)
{
    std::string schema = list_of(12, levels + 2);
    for (unsigned level = 0; level <= levels; ++level) {
        schema += group(1);
    }
    return schema + leaf();
}

/// FileMetaData: version, schema, num_rows (0), row_groups (none).
inline std::string metadata(const std::string& schema)
{
    return "\x15\x02\x19" + schema + std::string("\x16\x00\x19\x0c\x00", 5);
}

inline std::string parquet_file(const std::string& footer, std::uint32_t said_length)
{
    std::string bytes = "PAR1" + footer;
    for (unsigned i = 0; i < 4; ++i) {
        bytes += static_cast<char>(said_length >> (8 * i));
    }
    return bytes + "PAR1";
}

inline std::string parquet_file(const std::string& footer)
{
    return parquet_file(footer, static_cast<std::uint32_t>(footer.size()));
}

}  // namespace gatehouse::sources::test
