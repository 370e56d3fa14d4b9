// Makes the table of health, for the publisher.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <utility>

#include "src/health/table.h"
#include "t/tools/tables.h"

namespace gatehouse::publisher {

namespace {

using Words = std::vector<std::string>;

Words words_of(const std::string& line)
{
    Words words;
    std::istringstream in{line};
    for (std::string word; std::getline(in, word, '\t');) {
        words.push_back(std::move(word));
    }
    words.resize(std::max<std::size_t>(words.size(), 7));
    return words;
}

/// The one of that name; the first where there is none.
template <class Word, class Names>
Word named(const Names& names, const std::string& name)
{
    const auto found = std::find(names.begin(), names.end(), name);
    return static_cast<Word>(found == names.end() ? 0 : found - names.begin());
}

health::Question question_of(const std::string& name)
{
    return name == "brief" ? health::Question::brief
                           : named<health::Question>(health::question_names, name);
}

void add_line(health::TableSpec& spec, const Words& words)
{
    using namespace health;
    if (words[0] == "state") {
        spec.state = named<State>(state_names, words[1]);
    } else if (words[0] == "down_after") {
        spec.down_after_ms = std::strtoull(words[1].c_str(), nullptr, 10);
    } else if (words[0] == "answer") {
        spec.answers.push_back({question_of(words[1]), named<State>(state_names, words[2]),
                                static_cast<std::uint16_t>(std::atoi(words[3].c_str())), words[4],
                                words[5], words[6]});
    } else if (words[0] == "check") {
        spec.checks.push_back({words[1], named<State>(state_names, words[2]),
                               named<Severity>(severity_names, words[3]),
                               std::strtoull(words[4].c_str(), nullptr, 10),
                               std::atoll(words[5].c_str())});
    }
}

}  // namespace

Result<board::Table> table_of_health(std::string name, const std::string& file,
                                     std::uint64_t generation)
{
    std::ifstream in{file};
    if (!in) {
        return Error{"cannot read " + file};
    }
    health::TableSpec spec;
    for (std::string line; std::getline(in, line);) {
        add_line(spec, words_of(line));
    }
    auto memory = health::build_table(spec);
    if (!memory) {
        return memory.error();
    }
    return board::Table{std::move(name), generation,
                        std::make_shared<const SealedMemory>(std::move(*memory))};
}

}  // namespace gatehouse::publisher
