// What the publisher does with the link itself.
#include <cstdlib>

#include "t/tools/publisher.h"

namespace gatehouse::publisher {

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

Result<std::string> Publisher::tell(const Words& words)
{
    tells_ = word(words, 0) == "on";
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

}  // namespace gatehouse::publisher
