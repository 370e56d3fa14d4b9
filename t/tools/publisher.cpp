// Stands in for the sidecar in tests of the module: listens on a link socket, publishes cards made
// of files, and misbehaves when told to.
//
//     gatehouse_publisher SOCKET
//
// Commands come on stdin, one a line, words separated by tabs. Each is answered on stdout by `ok …`
// or `error …`; what workers say is told by lines beginning with `hello`, `applied`, `used`,
// `wanted`.
//
//     publish NAME PATH key=value…   see cards.h
//     renew NAME [AGE_MS]            still current, or as it was AGE_MS ago
//     keep NAME, retract NAME, synced
//     beat on|off                    the heartbeat, once a second
//     sync on|off                    whether a worker that connects is sent every card and synced
//     listen on|off, close           the socket; the connections
//     wait N                         answers when N workers are connected
//     archive FILE                   writes all cards as a board file, and the tables beside it
//     table NAME FILE                a table of any bytes
//     tokens FILE, changes FILE      the tables of API tokens, see tables.h; changes to the tokens
//                                    published last, or to none with `changes FILE astray`
//     untable NAME                   a worker that connects from now on is not sent it
//     refuse TEXT, type N            a refusal; a message of any type
//     garbage, version               packets that are no message of this version
//     unsealed NAME, nonsense NAME, bare NAME   publish what must be refused
#include <sys/mman.h>

#include <cstdio>
#include <cstring>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "src/link/protocol.h"
#include "t/tools/cards.h"
#include "t/tools/tables.h"
#include "t/tools/workers.h"

namespace gatehouse::publisher {

namespace {

using Words = std::vector<std::string>;

class Publisher {
public:
    explicit Publisher(std::string socket) : workers_(std::move(socket)) {}

    int run();

private:
    using Command = Result<std::string> (Publisher::*)(const Words&);
    static const std::map<std::string, Command, std::less<>> commands;

    Result<std::string> publish(const Words& words);
    Result<std::string> renew(const Words& words);
    Result<std::string> keep(const Words& words);
    Result<std::string> retract(const Words& words);
    Result<std::string> synced(const Words& words);
    Result<std::string> beat(const Words& words);
    Result<std::string> sync(const Words& words);
    Result<std::string> listen(const Words& words);
    Result<std::string> close(const Words& words);
    Result<std::string> wait(const Words& words);
    Result<std::string> archive(const Words& words);
    Result<std::string> table(const Words& words);
    Result<std::string> tokens(const Words& words);
    Result<std::string> changes(const Words& words);
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
    std::int64_t next_beat_ms_ = 0;
    std::string input_;
};

const std::map<std::string, Publisher::Command, std::less<>> Publisher::commands{
    {"publish", &Publisher::publish},   {"renew", &Publisher::renew},
    {"keep", &Publisher::keep},         {"retract", &Publisher::retract},
    {"synced", &Publisher::synced},     {"beat", &Publisher::beat},
    {"sync", &Publisher::sync},         {"listen", &Publisher::listen},
    {"close", &Publisher::close},       {"wait", &Publisher::wait},
    {"archive", &Publisher::archive},   {"refuse", &Publisher::refuse},
    {"type", &Publisher::type},         {"garbage", &Publisher::garbage},
    {"version", &Publisher::version},   {"unsealed", &Publisher::unsealed},
    {"nonsense", &Publisher::nonsense}, {"bare", &Publisher::bare},
    {"table", &Publisher::table},       {"tokens", &Publisher::tokens},
    {"changes", &Publisher::changes},   {"untable", &Publisher::untable},
};

std::string word(const Words& words, std::size_t index)
{
    return index < words.size() ? words[index] : std::string{};
}

link::Outgoing Publisher::publication(const std::string& name, const Card& card)
{
    return {.type = link::Type::publish,
            .generation = card.generation(),
            .at_ms = card.verified_at_ms,
            .payload = name,
            .fd = card.published->fd()};
}

link::Outgoing Publisher::publication(const board::Table& table)
{
    return {.type = link::Type::table,
            .generation = table.generation,
            .payload = table.name,
            .fd = table.memory->fd()};
}

Result<std::string> Publisher::hold(Result<board::Table> table)
{
    if (!table) {
        return table.error();
    }
    generation_ = table->generation;
    workers_.send(publication(*table));
    tables_.insert_or_assign(table->name, *table);
    return std::to_string(generation_);
}

Result<std::string> Publisher::table(const Words& words)
{
    return hold(table_of_file(word(words, 0), word(words, 1), generation_ + 1));
}

Result<std::string> Publisher::tokens(const Words& words)
{
    const auto next = generation_ + 1;
    return hold(table_of_tokens("tokens", word(words, 0), next, 0, next));
}

Result<std::string> Publisher::changes(const Words& words)
{
    const auto base = tables_.find("tokens");
    const auto checksum = base == tables_.end() ? 0 : checksum_of(base->second);
    const auto next = generation_ + 1;
    const bool astray = word(words, 1) == "astray";
    return hold(
        table_of_tokens("tokens.changes", word(words, 0), next, checksum + (astray ? 1 : 0), next));
}

Result<std::string> Publisher::untable(const Words& words)
{
    tables_.erase(word(words, 0));
    return std::string{};
}

Result<std::string> Publisher::publish(const Words& words)
{
    auto card = make_card(words, generation_ + 1);
    if (!card) {
        return card.error();
    }
    generation_ = std::max(generation_, card->generation());
    auto& slot = cards_[words[0]];
    slot = std::move(*card);
    workers_.send(publication(words[0], slot));
    return std::to_string(slot.generation());
}

Result<std::string> Publisher::renew(const Words& words)
{
    const auto found = cards_.find(word(words, 0));
    if (found == cards_.end()) {
        return Error{"no such card"};
    }
    found->second.verified_at_ms = now_ms() - std::atoll(word(words, 1).c_str());
    workers_.send({.type = link::Type::renew,
                   .generation = found->second.generation(),
                   .at_ms = found->second.verified_at_ms,
                   .payload = found->first});
    return std::string{};
}

Result<std::string> Publisher::keep(const Words& words)
{
    workers_.send({.type = link::Type::keep, .payload = word(words, 0)});
    return std::string{};
}

Result<std::string> Publisher::retract(const Words& words)
{
    cards_.erase(word(words, 0));
    workers_.send({.type = link::Type::retract, .payload = word(words, 0)});
    return std::string{};
}

Result<std::string> Publisher::synced(const Words&)
{
    workers_.send({.type = link::Type::synced, .generation = generation_});
    return std::string{};
}

Result<std::string> Publisher::beat(const Words& words)
{
    beats_ = word(words, 0) == "on";
    return std::string{};
}

Result<std::string> Publisher::sync(const Words& words)
{
    syncs_ = word(words, 0) == "on";
    return std::string{};
}

Result<std::string> Publisher::listen(const Words& words)
{
    if (word(words, 0) != "on") {
        workers_.stop_listening();
        return std::string{};
    }
    if (auto listening = workers_.listen(); !listening) {
        return listening.error();
    }
    return std::string{};
}

Result<std::string> Publisher::close(const Words&)
{
    workers_.close_all();
    return std::string{};
}

Result<std::string> Publisher::wait(const Words& words)
{
    const auto wanted = static_cast<std::size_t>(std::atoll(word(words, 0).c_str()));
    const auto deadline = now_ms() + 20'000;
    while (workers_.size() != wanted && now_ms() < deadline) {
        turn(50);
    }
    if (workers_.size() != wanted) {
        return Error{"still " + std::to_string(workers_.size()) + " workers"};
    }
    return std::to_string(wanted);
}

Result<std::string> Publisher::archive(const Words& words)
{
    board::ArchiveWriter writer{word(words, 0)};
    if (auto written = writer.write(archive_of(cards_)); !written) {
        return written.error();
    }
    if (auto filed = file_tables(tables_, word(words, 0)); !filed) {
        return filed.error();
    }
    return std::string{};
}

Result<std::string> Publisher::refuse(const Words& words)
{
    const auto text = word(words, 0);
    workers_.send({.type = link::Type::refused, .payload = text});
    workers_.close_all();
    return std::string{};
}

Result<std::string> Publisher::type(const Words& words)
{
    workers_.send({.type = static_cast<link::Type>(std::atoi(word(words, 0).c_str()))});
    return std::string{};
}

Result<std::string> Publisher::garbage(const Words&)
{
    workers_.send_raw("this is no message of the link, however long it may be");
    return std::string{};
}

Result<std::string> Publisher::version(const Words&)
{
    link::Header header{link::magic, 99, 21, 0, 0, 0, 0};
    std::string packet(sizeof header, '\0');
    std::memcpy(packet.data(), &header, sizeof header);
    workers_.send_raw(packet);
    return std::string{};
}

/// The bytes of a held card, but in a memfd that can still be written to.
Result<std::string> Publisher::unsealed(const Words& words)
{
    const auto found = cards_.find(word(words, 0));
    if (found == cards_.end()) {
        return Error{"no such card"};
    }
    const auto bytes = found->second.published->bytes();
    const UniqueFd fd{::memfd_create("unsealed", MFD_CLOEXEC)};
    if (::write(fd.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
        return Error{"write failed"};
    }
    workers_.send({.type = link::Type::publish,
                   .generation = found->second.generation(),
                   .at_ms = now_ms(),
                   .payload = found->first,
                   .fd = fd.get()});
    return std::string{};
}

/// Sealed, and no snapshot.
Result<std::string> Publisher::nonsense(const Words& words)
{
    auto memory = SealedMemory::create("nonsense", 8192, [](std::span<std::byte> out) {
        std::memset(out.data(), 0x5a, out.size());
        return Result<void>{};
    });
    if (!memory) {
        return memory.error();
    }
    workers_.send({.type = link::Type::publish,
                   .generation = generation_,
                   .at_ms = now_ms(),
                   .payload = word(words, 0),
                   .fd = memory->fd()});
    return std::string{};
}

/// A publish without a descriptor.
Result<std::string> Publisher::bare(const Words& words)
{
    workers_.send(
        {.type = link::Type::publish, .generation = generation_, .payload = word(words, 0)});
    return std::string{};
}

void Publisher::send_everything(link::Channel& worker)
{
    for (const auto& [name, card] : cards_) {
        worker.send(publication(name, card));
    }
    for (const auto& [name, table] : tables_) {
        worker.send(publication(table));
    }
    worker.send({.type = link::Type::synced, .generation = generation_});
}

void Publisher::heard(link::Channel& worker, const link::Incoming& message)
{
    if (message.type == link::Type::hello) {
        std::cout << "hello " << message.payload << std::endl;
        if (syncs_) {
            send_everything(worker);
        }
    } else if (message.type == link::Type::applied) {
        std::cout << "applied " << message.generation << ' ' << message.at_ms << std::endl;
    } else if (message.type == link::Type::used) {
        std::cout << "used " << message.payload << std::endl;
    } else if (message.type == link::Type::wanted) {
        std::cout << "wanted " << message.payload << std::endl;
    }
}

void Publisher::obey(const std::string& line)
{
    Words words;
    for (std::size_t begin = 0; begin <= line.size();) {
        const auto end = std::min(line.find('\t', begin), line.size());
        words.push_back(line.substr(begin, end - begin));
        begin = end + 1;
    }
    const auto command = commands.find(words[0]);
    if (command == commands.end()) {
        std::cout << "error no such command: " << words[0] << std::endl;
        return;
    }
    words.erase(words.begin());
    const auto done = (this->*command->second)(words);
    std::cout << (done ? "ok " + *done : "error " + done.error().message) << std::endl;
}

/// False at the end of the input.
bool Publisher::read_commands()
{
    char chunk[65536];
    const auto got = ::read(STDIN_FILENO, chunk, sizeof chunk);
    if (got <= 0) {
        return false;
    }
    input_.append(chunk, static_cast<std::size_t>(got));
    for (auto end = input_.find('\n'); end != std::string::npos; end = input_.find('\n')) {
        const auto line = input_.substr(0, end);
        input_.erase(0, end + 1);
        obey(line);
    }
    return true;
}

void Publisher::turn(int timeout_ms)
{
    std::vector<pollfd> polled;
    workers_.add_to(polled);
    polled.push_back({STDIN_FILENO, POLLIN, 0});
    ::poll(polled.data(), polled.size(), timeout_ms);
    workers_.react(
        [this](link::Channel& worker, const link::Incoming& message) { heard(worker, message); });
    if (beats_ && now_ms() >= next_beat_ms_) {
        next_beat_ms_ = now_ms() + link::beat_interval_ms;
        workers_.send({.type = link::Type::beat, .at_ms = now_ms()});
    }
}

int Publisher::run()
{
    if (auto listening = workers_.listen(); !listening) {
        std::cerr << listening.error().message << '\n';
        return 1;
    }
    std::cout << "ok listening" << std::endl;
    for (;;) {
        turn(100);
        pollfd input{STDIN_FILENO, POLLIN, 0};
        if (::poll(&input, 1, 0) > 0 && !read_commands()) {
            return 0;
        }
    }
}

}  // namespace

}  // namespace gatehouse::publisher

int main(int argc, char** argv)
{
    if (argc != 2) {
        std::cerr << "usage: gatehouse_publisher SOCKET\n";
        return 2;
    }
    return gatehouse::publisher::Publisher{argv[1]}.run();
}
