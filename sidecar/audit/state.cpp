#include "sidecar/audit/state.h"

#include <jansson.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <span>

#include "sidecar/base/json_writer.h"
#include "src/base/plain_file.h"

namespace gatehouse::audit_log {

namespace {

constexpr std::size_t largest_state = 1 << 20;

using Json = std::unique_ptr<json_t, decltype(&json_decref)>;

std::uint64_t number_of(const json_t* object, const char* key)
{
    return static_cast<std::uint64_t>(json_integer_value(json_object_get(object, key)));
}

std::optional<State> state_of(const json_t* json)
{
    State state;
    const auto* hmac = json_object_get(json, "hmac");
    if (!json_is_string(hmac) || json_string_length(hmac) != audit::hmac_digits) {
        return std::nullopt;
    }
    state.end = {number_of(json, "seq"), json_string_value(hmac)};
    state.device = number_of(json, "device");
    state.inode = number_of(json, "inode");
    state.size = number_of(json, "size");
    state.written = number_of(json, "written");
    state.dropped = number_of(json, "dropped");
    std::size_t index = 0;
    const json_t* ring = nullptr;
    json_array_foreach(json_object_get(json, "rings"), index, ring)
    {
        const auto* text = json_string_value(ring);
        if (const auto origin = Origin::parse(text == nullptr ? "" : text)) {
            state.set_position(*origin);
        }
    }
    return state;
}

}  // namespace

std::uint64_t State::position(std::uint64_t region, unsigned slot) const
{
    for (const auto& [id, positions] : rings) {
        if (const auto found = positions.find(slot); id == region && found != positions.end()) {
            return found->second;
        }
    }
    return 0;
}

void State::set_position(const Origin& origin)
{
    if (rings.empty() || rings.back().first != origin.region) {
        const auto found = std::find_if(rings.begin(), rings.end(), [&](const auto& ring) {
            return ring.first == origin.region;
        });
        if (found != rings.end()) {
            std::rotate(found, found + 1, rings.end());
        } else {
            rings.emplace_back(origin.region, RingPositions{});
        }
    }
    if (rings.size() > most_regions) {
        rings.erase(rings.begin());
    }
    rings.back().second[origin.slot] = origin.number;
}

void State::take(const audit::SealedLine& line)
{
    end = {line.seq, std::string{line.hmac}};
    const auto [origin, count] = origin_of(line);
    if (!origin) {
        return;
    }
    set_position(*origin);
    dropped += count;
    written += count == 0 ? 1 : 0;
}

Result<std::optional<State>> load_state(const std::string& file)
{
    std::error_code failed;
    if (std::filesystem::symlink_status(file, failed).type() ==
        std::filesystem::file_type::not_found) {
        return std::optional<State>{};
    }
    auto opened = open_trusted_file(file);
    if (!opened) {
        return Error{"\"" + file + "\": " + opened.error().message};
    }
    std::string text(std::min(opened->size, largest_state), '\0');
    if (const auto read =
            read_plain_file(opened->fd.get(), 0, std::as_writable_bytes(std::span{text}));
        !read) {
        return Error{"\"" + file + "\": " + read.error().message};
    }
    const Json json{json_loadb(text.data(), text.size(), 0, nullptr), &json_decref};
    auto state = state_of(json.get());
    if (!state) {
        return Error{"\"" + file + "\": this is no state of an audit log"};
    }
    return state;
}

Result<void> save_state(const std::string& file, const State& state)
{
    sidecar::JsonWriter json;
    json.open_object()
        .member("seq", state.end.seq)
        .member("hmac", state.end.hmac)
        .member("device", state.device)
        .member("inode", state.inode)
        .member("size", state.size)
        .member("written", state.written)
        .member("dropped", state.dropped)
        .key("rings")
        .open_array();
    for (const auto& [region, positions] : state.rings) {
        for (const auto& [slot, number] : positions) {
            json.value(Origin{region, slot, number}.text());
        }
    }
    json.close_array().close_object();
    const std::string text = json.take() + '\n';
    const FilePiece piece{0, std::as_bytes(std::span{text})};
    const auto replaced = replace_file(file, static_cast<gid_t>(-1), text.size(), {&piece, 1});
    return replaced ? Result<void>{} : replaced.error();
}

}  // namespace gatehouse::audit_log
