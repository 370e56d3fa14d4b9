// Stands in for the sidecar in tests of the module: listens on a link socket, publishes cards made
// of files, and misbehaves when told to.
//
//     gatehouse_publisher SOCKET
//
// Commands come on stdin, one a line, words separated by tabs. Each is answered on stdout by `ok …`
// or `error …`; what workers say is told by lines beginning with `hello`, `applied`, `used`,
// `wanted`, `touched`.
//
//     publish NAME PATH key=value…   see cards.h
//     renew NAME [AGE_MS]            still current, or as it was AGE_MS ago
//     keep NAME, retract NAME, synced
//     beat on|off                    the heartbeat, once a second
//     sync on|off                    whether a worker that connects is sent every card and synced
//     listen on|off, close           the socket; the connections
//     tell on|off                    whether `applied` is told: of thousands nobody reads it
//     wait N                         answers when N workers are connected
//     archive FILE                   writes all cards as a board file, and the tables beside it
//     table NAME FILE                a table of any bytes
//     tokens FILE, changes FILE      the tables of API tokens, see tables.h; changes to the tokens
//                                    published last, or to none with `changes FILE astray`; with
//                                    `tokens FILE early` as made before every change
//     paths FILE                     the table of the paths of cards with variants, see tables.h
//     health NAME FILE               a table of health, see tables.h
//     variants CARD PREFIX FROM TO key=value…
//                                    of the keys PREFIX followed by each number, FROM to TO
//     untable NAME                   a worker that connects from now on is not sent it
//     refuse TEXT, type N            a refusal; a message of any type
//     garbage, version               packets that are no message of this version
//     unsealed NAME, nonsense NAME, bare NAME
//                                    publish what must be refused
#include "t/tools/publisher.h"

#include <unistd.h>

#include <cstring>
#include <iostream>

namespace gatehouse::publisher {

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
    {"paths", &Publisher::paths},       {"variants", &Publisher::variants},
    {"tell", &Publisher::tell},         {"health", &Publisher::health},
};

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

/// Variants last: without them a worker has its cards and knows where to send who asks for more.
void Publisher::send_everything(link::Channel& worker)
{
    const auto send_cards = [&](bool variants) {
        for (const auto& [name, card] : cards_) {
            if (board::is_variant(name) == variants) {
                Workers::send_to(worker, publication(name, card));
            }
        }
    };
    send_cards(false);
    for (const auto& [name, table] : tables_) {
        Workers::send_to(worker, publication(table));
    }
    send_cards(true);
    Workers::send_to(worker, {.type = link::Type::synced, .generation = generation_});
}

void Publisher::heard(link::Channel& worker, const link::Incoming& message)
{
    if (message.type == link::Type::hello) {
        std::cout << "hello " << message.payload << std::endl;
        if (syncs_) {
            send_everything(worker);
        }
    } else if (message.type == link::Type::applied && tells_) {
        std::cout << "applied " << message.generation << ' ' << message.at_ms << std::endl;
    } else if (message.type == link::Type::used) {
        std::cout << "used " << message.payload << std::endl;
    } else if (message.type == link::Type::wanted) {
        std::cout << "wanted " << message.payload << std::endl;
    } else if (message.type == link::Type::touched) {
        std::vector<std::uint64_t> generations(message.payload.size() / sizeof(std::uint64_t));
        std::memcpy(generations.data(), message.payload.data(),
                    generations.size() * sizeof(std::uint64_t));
        std::cout << "touched";
        for (const auto generation : generations) {
            std::cout << ' ' << generation;
        }
        std::cout << std::endl;
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

}  // namespace gatehouse::publisher

int main(int argc, char** argv)
{
    if (argc != 2) {
        std::cerr << "usage: gatehouse_publisher SOCKET\n";
        return 2;
    }
    return gatehouse::publisher::Publisher{argv[1]}.run();
}
