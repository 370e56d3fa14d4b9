#include "ngx_module/link/receiver.h"

#include <memory>
#include <string_view>

#include "src/base/json_escape.h"
#include "src/base/sealed_memory.h"
#include "src/board/published.h"

namespace gatehouse::link_feature {

namespace {

/// A peer's text as it may stand in a log: on one line, escaped, and not for ever.
std::string quoted(std::string_view text)
{
    constexpr std::size_t longest = 256;
    std::string result;
    append_json_string(result, text.substr(0, longest));
    return result;
}

Error bad_table(const std::string& name, const std::string& why)
{
    return Error{"the table " + quoted(name) + " is refused: " + why};
}

Error bad_snapshot(const std::string& name, const std::string& why)
{
    return Error{"the snapshot of card " + quoted(name) + " is refused: " + why};
}

Result<SealedMemory> adopt(UniqueFd fd)
{
    return fd ? SealedMemory::adopt(std::move(fd)) : Error{"it came without a descriptor"};
}

Result<std::shared_ptr<const board::Published>> open_snapshot(UniqueFd fd)
{
    auto memory = adopt(std::move(fd));
    if (!memory) {
        return memory.error();
    }
    return board::Published::adopt(std::move(*memory));
}

}  // namespace

void Receiver::begin()
{
    synced_ = false;
    received_cards_ = false;
    board_.begin_sync();
}

Result<Receiver::Effect> Receiver::apply(link::Incoming message)
{
    switch (message.type) {
    case link::Type::publish: received_cards_ = true; return publish(std::move(message));
    case link::Type::renew:
        received_cards_ = true;
        board_.renew(message.payload, message.generation, message.at_ms);
        return Effect{};
    case link::Type::keep: board_.keep(message.payload); return Effect{};
    case link::Type::retract: board_.retract(message.payload); return Effect{};
    case link::Type::synced:
        board_.end_sync();
        synced_ = true;
        return Effect{.synced = true};
    case link::Type::table: return take_table(std::move(message));
    case link::Type::beat: return Effect{};
    case link::Type::refused: return Error{"the sidecar refused it: " + quoted(message.payload)};
    case link::Type::hello:
    case link::Type::share:
    case link::Type::used:
    case link::Type::wanted:
    case link::Type::touched:
    case link::Type::applied: break;
    }
    return Error{"the sidecar sent a message of the unknown type " +
                 std::to_string(static_cast<unsigned>(message.type))};
}

Result<Receiver::Effect> Receiver::publish(link::Incoming message)
{
    auto published = open_snapshot(std::move(message.fd));
    if (!published) {
        return bad_snapshot(message.payload, published.error().message);
    }
    const auto& view = (*published)->view();
    if (view.name() != message.payload || view.generation() != message.generation) {
        return bad_snapshot(message.payload, "its name or generation differs from the message's");
    }
    board_.publish(std::move(*published), message.at_ms);
    return Effect{.published = message.generation};
}

Result<Receiver::Effect> Receiver::take_table(link::Incoming message)
{
    if (message.payload.empty() || message.payload.size() > board::longest_table_name) {
        return bad_table(message.payload, "that is no name");
    }
    auto memory = adopt(std::move(message.fd));
    if (!memory) {
        return bad_table(message.payload, memory.error().message);
    }
    take_table_({std::move(message.payload), message.generation,
                 std::make_shared<const SealedMemory>(std::move(*memory))});
    return Effect{.published = message.generation};
}

}  // namespace gatehouse::link_feature
