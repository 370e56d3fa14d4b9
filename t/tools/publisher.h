// The publisher: what it holds, and its commands, which publisher.cpp describes.
//
// Thread safety: none; one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "src/board/variant_key.h"
#include "src/link/protocol.h"
#include "t/tools/cards.h"
#include "t/tools/tables.h"
#include "t/tools/workers.h"

namespace gatehouse::publisher {

using Words = std::vector<std::string>;

/// Empty where there are not so many.
inline std::string word(const Words& words, std::size_t index)
{
    return index < words.size() ? words[index] : std::string{};
}

class Publisher {
public:
    explicit Publisher(std::string socket) : workers_(std::move(socket)) {}

    int run();

private:
    using Command = Result<std::string> (Publisher::*)(const Words&);
    static const std::map<std::string, Command, std::less<>> commands;

    Result<std::string> publish(const Words& words);
    Result<std::string> variants(const Words& words);
    Result<std::string> renew(const Words& words);
    Result<std::string> keep(const Words& words);
    Result<std::string> retract(const Words& words);
    Result<std::string> synced(const Words& words);
    Result<std::string> beat(const Words& words);
    Result<std::string> sync(const Words& words);
    Result<std::string> tell(const Words& words);
    Result<std::string> listen(const Words& words);
    Result<std::string> close(const Words& words);
    Result<std::string> wait(const Words& words);
    Result<std::string> archive(const Words& words);
    Result<std::string> table(const Words& words);
    Result<std::string> tokens(const Words& words);
    Result<std::string> changes(const Words& words);
    Result<std::string> paths(const Words& words);
    Result<std::string> health(const Words& words);
    Result<std::string> untable(const Words& words);
    Result<std::string> refuse(const Words& words);
    Result<std::string> type(const Words& words);
    Result<std::string> garbage(const Words& words);
    Result<std::string> version(const Words& words);
    Result<std::string> unsealed(const Words& words);
    Result<std::string> nonsense(const Words& words);
    Result<std::string> bare(const Words& words);

    bool read_commands();
    void obey(const std::string& line);
    void turn(int timeout_ms);
    void heard(link::Channel& worker, const link::Incoming& message);
    void send_everything(link::Channel& worker);
    static link::Outgoing publication(const std::string& name, const Card& card);
    static link::Outgoing publication(const board::Table& table);
    Result<std::string> hold(Result<board::Table> table);

    Workers workers_;
    Cards cards_;
    Tables tables_;
    std::uint64_t generation_ = 0;
    bool beats_ = true;
    bool syncs_ = true;
    bool tells_ = true;
    std::int64_t next_beat_ms_ = 0;
    std::string input_;
};

}  // namespace gatehouse::publisher
