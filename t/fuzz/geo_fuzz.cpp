// Fuzzes what checks GeoIP databases: whatever it accepts can be looked up in, in every network,
// and all texts lie within the file. The input is a whole file, and then a search tree with its
// data, to which sound metadata are given.
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "src/geo/database.h"
#include "src/geo/test_database.h"
#include "src/geo/verify.h"

namespace {

using namespace gatehouse;
using namespace gatehouse::geo;

void expect(bool holds, const char* what)
{
    if (!holds) {
        std::fprintf(stderr, "broken: %s\n", what);
        std::abort();
    }
}

std::shared_ptr<const SealedMemory> sealed(std::string_view file)
{
    auto memory = SealedMemory::create("fuzz", file.size(), [&](std::span<std::byte> out) {
        std::memcpy(out.data(), file.data(), file.size());
        return Result<void>{};
    });
    expect(static_cast<bool>(memory), "memory");
    return std::make_shared<const SealedMemory>(std::move(*memory));
}

void check_record(const Database& database, Database::Record record)
{
    const auto bytes = database.memory()->bytes();
    (void)database.asn(record);
    for (const auto field : {Field::country, Field::continent, Field::city, Field::as_org}) {
        const auto text = database.text(record, field);
        expect(text.size() < bytes.size(), "a text lies within the file");
        expect(field > Field::continent || text.empty() || text.size() == 2,
               "a code has two letters");
        expect(database.text(record, field) == text, "what is remembered is what was found");
        for (const unsigned char c : text) {
            expect(c >= 0x20 && c != 0x7f, "no control characters");
        }
    }
}

/// The addresses that go left or right at every bit, and from every depth on.
void look_up_everywhere(const Database& database)
{
    for (const std::size_t size : {4U, 16U}) {
        for (unsigned turn = 0; turn <= 8 * size; ++turn) {
            for (const std::uint8_t fill : {0x00, 0xff}) {
                std::array<std::uint8_t, 16> address{};
                for (unsigned bit = 0; bit < 8 * size; ++bit) {
                    const unsigned value = (fill & 1) ^ (bit >= turn ? 1 : 0);
                    address[bit / 8] |= static_cast<std::uint8_t>(value << (7 - bit % 8));
                }
                if (const auto record = database.find({address.data(), size})) {
                    check_record(database, *record);
                }
            }
        }
    }
}

void check(const std::string& file)
{
    if (file.empty() || !verify(std::as_bytes(std::span{file}))) {
        return;
    }
    const auto opened = Database::open(sealed(file));
    if (opened) {  // libmaxminddb wants languages and a description too
        look_up_everywhere(**opened);
    }
}

std::string with_metadata(std::string_view input)
{
    constexpr std::array<unsigned, 3> record_sizes{24, 28, 32};
    TestDatabase shape;
    shape.record_size = record_sizes[static_cast<unsigned char>(input[0]) % 3];
    shape.ip_version = (input[0] & 0x40) != 0 ? 4 : 6;
    const auto node_count = static_cast<std::uint32_t>(static_cast<unsigned char>(input[1]));
    shape.metadata["node_count"] = u32_value(node_count);
    const auto described = shape.bytes();
    // Of the database without networks only the end is taken: the marker and the metadata.
    return std::string{input.substr(2)} +
           described.substr(described.find("\xAB\xCD\xEFMaxMind.com"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string input{reinterpret_cast<const char*>(data), size};
    check(input);
    if (size > 2) {
        check(with_metadata(input));
    }
    return 0;
}
