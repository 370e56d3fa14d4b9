// FileMetaData of parquet.thrift in Thrift's compact protocol (thrift-compact-protocol.md).
//
// What DuckDB reads must be what is read here. Its readers take the items of a list that they know
// for what they should be, whatever the list's header says; so a header that says otherwise is
// refused. Everything else is skipped by its type, there as here.
#include "sidecar/sources/parquet_footer.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <vector>

namespace gatehouse::sources {
namespace {

/// The types of the protocol.
enum class Wire : std::uint8_t {
    stop,
    yes,
    no,
    byte,
    i16,
    i32,
    i64,
    real,
    binary,
    list,
    set,
    map,
    structure,
};

/// The structures that have lists within them.
enum class Kind : std::uint8_t {
    other,
    file,
    element,
    row_group,
    chunk,
    column,
    sizes,
    places,
    crypto,
    column_key,
};

struct Member {
    Kind of;
    std::int16_t id;
    Wire wire;
    Wire items;  ///< of a list
    Kind kind;   ///< of the structure, or of the list's items
};

constexpr Member members[] = {
    {Kind::file, 2, Wire::list, Wire::structure, Kind::element},
    {Kind::file, 4, Wire::list, Wire::structure, Kind::row_group},
    {Kind::file, 5, Wire::list, Wire::structure, Kind::other},
    {Kind::file, 7, Wire::list, Wire::structure, Kind::other},
    {Kind::row_group, 1, Wire::list, Wire::structure, Kind::chunk},
    {Kind::row_group, 4, Wire::list, Wire::structure, Kind::other},
    {Kind::chunk, 3, Wire::structure, Wire::stop, Kind::column},
    {Kind::chunk, 8, Wire::structure, Wire::stop, Kind::crypto},
    {Kind::column, 2, Wire::list, Wire::i32, Kind::other},
    {Kind::column, 3, Wire::list, Wire::binary, Kind::other},
    {Kind::column, 8, Wire::list, Wire::structure, Kind::other},
    {Kind::column, 13, Wire::list, Wire::structure, Kind::other},
    {Kind::column, 16, Wire::structure, Wire::stop, Kind::sizes},
    {Kind::column, 17, Wire::structure, Wire::stop, Kind::places},
    {Kind::sizes, 2, Wire::list, Wire::i64, Kind::other},
    {Kind::sizes, 3, Wire::list, Wire::i64, Kind::other},
    {Kind::places, 2, Wire::list, Wire::i32, Kind::other},
    {Kind::crypto, 2, Wire::structure, Wire::stop, Kind::column_key},
    {Kind::column_key, 1, Wire::list, Wire::binary, Kind::other},
};

constexpr std::int16_t children_of_element = 5;  ///< SchemaElement.num_children

/// Values within each other, whatever they are; DuckDB gives up at as many.
constexpr unsigned deepest_value = 64;

const Member* find(Kind of, std::int16_t id, Wire wire)
{
    const auto* found =
        std::find_if(std::begin(members), std::end(members), [&](const Member& member) {
            return member.of == of && member.id == id && member.wire == wire;
        });
    return found != std::end(members) ? found : nullptr;
}

std::int32_t from_zigzag(std::uint64_t value) noexcept
{
    const auto low = static_cast<std::uint32_t>(value);
    return static_cast<std::int32_t>((low >> 1) ^ (0 - (low & 1)));
}

/// The tree that a flat list of elements stands for, each with the number of its children.
class Groups {
public:
    void clear() { open_.clear(); }

    /// False: it is nested too deep.
    bool add(std::int32_t children)
    {
        while (!open_.empty() && open_.back() == 0) {
            open_.pop_back();
        }
        if (!open_.empty()) {
            --open_.back();
        }
        if (children > 0) {
            open_.push_back(children);
        }
        constexpr std::size_t root = 1;
        return open_.size() <= root + deepest_parquet;
    }

private:
    std::vector<std::int32_t> open_;  ///< for each group, how many are still to come
};

/// Reads return false once, for good.
class Footer {
public:
    explicit Footer(std::streambuf& bytes) : bytes_(bytes) {}

    std::optional<std::string> objection()
    {
        if (structure(Kind::file, 0)) {
            return std::nullopt;
        }
        return too_deep_ ? "its columns are nested in more than " +
                               std::to_string(deepest_parquet) + " groups"
                         : "its footer is damaged";
    }

private:
    bool structure(Kind kind, unsigned depth)
    {
        std::int16_t id = 0;
        std::uint8_t head = 0;
        while (byte(head)) {
            const auto wire = static_cast<Wire>(head & 0x0f);
            std::uint64_t whole = 0;
            if (wire == Wire::stop) {
                return true;
            }
            if ((head >> 4) == 0 && !varint(whole)) {
                return false;
            }
            id =
                static_cast<std::int16_t>((head >> 4) == 0 ? from_zigzag(whole) : id + (head >> 4));
            if (!member(kind, id, wire, depth)) {
                return false;
            }
        }
        return false;
    }

    bool member(Kind of, std::int16_t id, Wire wire, unsigned depth)
    {
        if (wire == Wire::yes || wire == Wire::no) {
            return true;  // its type is its value
        }
        if (of == Kind::element && id == children_of_element && wire == Wire::i32) {
            std::uint64_t children = 0;
            const bool read = varint(children);
            children_ = from_zigzag(children);
            return read;
        }
        const Member* known = find(of, id, wire);
        if (wire == Wire::list) {
            return list(known, depth + 1);
        }
        return value(wire, known != nullptr ? known->kind : Kind::other, depth + 1);
    }

    bool value(Wire wire, Kind kind, unsigned depth)
    {
        std::uint64_t ignored = 0;
        std::uint32_t length = 0;
        switch (wire) {
        case Wire::yes:
        case Wire::no:
        case Wire::byte: return skip(1);
        case Wire::i16:
        case Wire::i32:
        case Wire::i64: return varint(ignored);
        case Wire::real: return skip(8);
        case Wire::binary: return size(length) && skip(length);
        case Wire::list:
        case Wire::set: return list(nullptr, depth);
        case Wire::map: return map(depth);
        case Wire::structure: return depth < deepest_value && structure(kind, depth);
        default: return false;
        }
    }

    bool list(const Member* known, unsigned depth)
    {
        std::uint8_t head = 0;
        if (depth >= deepest_value || !byte(head)) {
            return false;
        }
        std::uint32_t count = head >> 4;
        if (count == 15 && !size(count)) {
            return false;
        }
        const auto items = static_cast<Wire>(head & 0x0f);
        const auto kind = known != nullptr ? known->kind : Kind::other;
        if (known != nullptr && count > 0 && items != known->items) {
            return false;
        }
        if (kind == Kind::element) {
            groups_.clear();  // of several schemas the last one counts
        }
        for (; count > 0; --count) {
            children_ = 0;
            if (!value(items, kind, depth + 1) || (kind == Kind::element && !grouped())) {
                return false;
            }
        }
        return true;
    }

    bool grouped()
    {
        too_deep_ = !groups_.add(children_);
        return !too_deep_;
    }

    bool map(unsigned depth)
    {
        std::uint32_t count = 0;
        std::uint8_t types = 0;
        if (depth >= deepest_value || !size(count) || (count > 0 && !byte(types))) {
            return false;
        }
        for (; count > 0; --count) {
            if (!value(static_cast<Wire>(types >> 4), Kind::other, depth + 1) ||
                !value(static_cast<Wire>(types & 0x0f), Kind::other, depth + 1)) {
                return false;
            }
        }
        return true;
    }

    bool byte(std::uint8_t& to)
    {
        const auto next = bytes_.sbumpc();
        to = static_cast<std::uint8_t>(next);
        return next != std::char_traits<char>::eof();
    }

    bool varint(std::uint64_t& to)
    {
        to = 0;
        std::uint8_t next = 0x80;
        for (unsigned shift = 0; shift < 70 && (next & 0x80) != 0; shift += 7) {
            if (!byte(next)) {
                return false;
            }
            to |= static_cast<std::uint64_t>(next & 0x7f) << shift;
        }
        return (next & 0x80) == 0;
    }

    bool size(std::uint32_t& to)
    {
        std::uint64_t whole = 0;
        const bool read = varint(whole);
        to = static_cast<std::uint32_t>(whole);
        return read && to <= INT32_MAX;
    }

    bool skip(std::uint32_t count)
    {
        std::uint8_t ignored = 0;
        for (; count > 0; --count) {
            if (!byte(ignored)) {
                return false;
            }
        }
        return true;
    }

    std::streambuf& bytes_;
    Groups groups_;
    std::int32_t children_ = 0;  ///< of the element that is being read
    bool too_deep_ = false;
};

}  // namespace

std::optional<std::string> parquet_objection(std::istream& file)
{
    constexpr std::streamoff tail = 8, least = 12;  // length and magic; and the magic in front
    const std::streamoff size = file.seekg(0, std::ios::end).tellg();
    std::array<char, tail> end{};
    if (size < least || !file.seekg(size - tail).read(end.data(), tail) ||
        std::string_view(end.data() + 4, 4) != "PAR1") {
        return std::nullopt;
    }
    std::uint32_t length = 0;
    for (std::size_t i = 4; i-- > 0;) {
        length = length << 8 | static_cast<std::uint8_t>(end[i]);
    }
    if (length > size - least || !file.seekg(size - tail - length)) {
        return "its footer is damaged";
    }
    return Footer{*file.rdbuf()}.objection();
}

}  // namespace gatehouse::sources
