#include "sidecar/base/suggest.h"

#include <algorithm>

namespace gatehouse::sidecar {

namespace {

constexpr std::size_t longest_word = 64;

using Row = std::vector<std::size_t>;

std::string lower(std::string_view text)
{
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') {
            c = static_cast<char>(c - 'A' + 'a');
        }
    }
    return out;
}

std::size_t tolerated(std::size_t length)
{
    return std::max<std::size_t>(1, length / 3);
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b)
{
    Row two_up(b.size() + 1), up(b.size() + 1), row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        up[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replace = up[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({up[j] + 1, row[j - 1] + 1, replace});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], two_up[j - 2] + 1);
            }
        }
        two_up.swap(up);
        up.swap(row);
    }
    return up[b.size()];
}

std::optional<std::string> did_you_mean(std::string_view word,
                                        const std::vector<std::string>& candidates)
{
    if (word.empty() || word.size() > longest_word) {
        return std::nullopt;
    }
    const std::string sought = lower(word);
    std::size_t nearest = tolerated(word.size()) + 1;
    std::optional<std::string> best;
    for (const std::string& candidate : candidates) {
        if (candidate.size() > longest_word) {
            continue;
        }
        const std::size_t distance = edit_distance(sought, lower(candidate));
        if (distance < nearest && distance < candidate.size()) {
            nearest = distance;
            best = candidate;
        }
    }
    return best;
}

}  // namespace gatehouse::sidecar
