// Builds the table of table.h.
#include <algorithm>
#include <cstring>
#include <limits>
#include <map>

#include "src/base/checksum.h"
#include "src/health/table.h"

namespace gatehouse::health {

namespace {

/// All texts one behind the other; what is the same stands there once.
class Texts {
public:
    Text add(const std::string& text)
    {
        const auto [known, added] = known_.try_emplace(text);
        if (added) {
            known->second = {static_cast<std::uint32_t>(all_.size()),
                             static_cast<std::uint32_t>(text.size())};
            all_ += text;
        }
        return known->second;
    }
    const std::string& all() const noexcept { return all_; }

private:
    std::string all_;
    std::map<std::string, Text> known_;
};

}  // namespace

Result<SealedMemory> build_table(const TableSpec& spec)
{
    Texts texts;
    std::vector<AnswerRow> answers;
    for (const auto& answer : spec.answers) {
        answers.push_back({static_cast<std::uint16_t>(answer.question),
                           static_cast<std::uint16_t>(answer.state), answer.status, 0,
                           texts.add(answer.profile), texts.add(answer.content_type),
                           texts.add(answer.body)});
    }
    std::vector<CheckRow> checks;
    for (const auto& check : spec.checks) {
        checks.push_back({texts.add(check.name), static_cast<std::uint16_t>(check.state),
                          static_cast<std::uint16_t>(check.severity), 0, check.duration_us,
                          check.checked_at_ms});
    }
    if (texts.all().size() > std::numeric_limits<std::uint32_t>::max()) {
        return Error{"health table: more than 4 GiB of text"};
    }
    HealthHeader header{};
    header.magic = magic;
    header.version = version;
    header.header_size = sizeof header;
    header.answer_count = static_cast<std::uint32_t>(answers.size());
    header.check_count = static_cast<std::uint32_t>(checks.size());
    header.text_size = static_cast<std::uint32_t>(texts.all().size());
    header.state = static_cast<std::uint32_t>(spec.state);
    header.down_after_ms = spec.down_after_ms;
    const std::span<const std::byte> parts[] = {
        std::as_bytes(std::span{&header, 1}), std::as_bytes(std::span{answers}),
        std::as_bytes(std::span{checks}), std::as_bytes(std::span{texts.all()})};
    for (const auto part : parts) {
        header.total_size += part.size();
    }
    return SealedMemory::create(
        "gatehouse-health", header.total_size, [&](std::span<std::byte> out) -> Result<void> {
            auto* at = out.data();
            for (const auto part : parts) {
                at = std::copy(part.begin(), part.end(), at);
            }
            header.checksum = checksum_without(out, offsetof(HealthHeader, checksum));
            std::memcpy(out.data(), &header, sizeof header);
            return {};
        });
}

}  // namespace gatehouse::health
