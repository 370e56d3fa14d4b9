#include "src/health/table.h"

#include <algorithm>

#include "src/base/checksum.h"

namespace gatehouse::health {

namespace {

/// Bytes of a table with these counts. They are 32 bits each, so the sum does not overflow.
std::uint64_t size_of(const HealthHeader& header) noexcept
{
    return sizeof header + std::uint64_t{header.answer_count} * sizeof(AnswerRow) +
           std::uint64_t{header.check_count} * sizeof(CheckRow) + header.text_size;
}

bool is_state(std::uint64_t number) noexcept
{
    return number < state_names.size();
}

bool every_mark_is_followed(std::string_view body) noexcept
{
    for (auto at = body.find(slot_mark); at != std::string_view::npos;
         at = body.find(slot_mark, at + 2)) {
        if (at + 1 == body.size()) {
            return false;
        }
    }
    return true;
}

bool has_control(std::string_view text) noexcept
{
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

}  // namespace

Result<HealthTable> HealthTable::open(std::span<const std::byte> bytes)
{
    if (bytes.size() < sizeof(HealthHeader)) {
        return Error{"health table: shorter than its header"};
    }
    HealthTable table;
    table.header_ = reinterpret_cast<const HealthHeader*>(bytes.data());
    const auto& header = *table.header_;
    if (header.magic != magic) {
        return Error{"health table: wrong magic"};
    }
    if (header.version != version) {
        return Error{"health table: version " + std::to_string(header.version) + ", expected " +
                     std::to_string(version)};
    }
    if (header.header_size != sizeof header || header.total_size > bytes.size() ||
        header.total_size != size_of(header)) {
        return Error{"health table: its size does not match its bytes"};
    }
    const auto* at = bytes.data() + sizeof header;
    table.answer_rows_ = {reinterpret_cast<const AnswerRow*>(at), header.answer_count};
    at += table.answer_rows_.size_bytes();
    table.check_rows_ = {reinterpret_cast<const CheckRow*>(at), header.check_count};
    at += table.check_rows_.size_bytes();
    table.text_ = {reinterpret_cast<const char*>(at), header.text_size};
    const auto is_sound = [&](const auto& row) { return table.is_sound(row); };
    if (!is_state(header.state) ||
        !std::all_of(table.answer_rows_.begin(), table.answer_rows_.end(), is_sound) ||
        !std::all_of(table.check_rows_.begin(), table.check_rows_.end(), is_sound)) {
        return Error{"health table: a row is none, or its text is out of bounds"};
    }
    return table;
}

bool HealthTable::checksum_matches() const noexcept
{
    const std::span bytes{reinterpret_cast<const std::byte*>(header_), header_->total_size};
    return checksum_without(bytes, offsetof(HealthHeader, checksum)) == header_->checksum;
}

bool HealthTable::is_inside(Text text) const noexcept
{
    return std::uint64_t{text.offset} + text.length <= text_.size();
}

bool HealthTable::is_sound(const AnswerRow& row) const noexcept
{
    return row.question < question_count && is_state(row.state) && row.status >= 200 &&
           row.status < 600 && is_inside(row.profile) && is_inside(row.content_type) &&
           is_inside(row.body) && !has_control(text(row.content_type)) &&
           every_mark_is_followed(text(row.body));
}

bool HealthTable::is_sound(const CheckRow& row) const noexcept
{
    return is_state(row.state) && row.severity < severity_names.size() && is_inside(row.name) &&
           !has_control(text(row.name));
}

Answer HealthTable::answer(std::uint32_t number) const noexcept
{
    const auto& row = answer_rows_[number];
    return {static_cast<State>(row.state), row.status, text(row.profile), text(row.content_type),
            text(row.body)};
}

Check HealthTable::check(std::uint32_t number) const noexcept
{
    const auto& row = check_rows_[number];
    return {text(row.name), static_cast<State>(row.state), static_cast<Severity>(row.severity),
            row.duration_us, row.checked_at_ms};
}

std::uint32_t HealthTable::find(Question question, std::string_view profile,
                                State state) const noexcept
{
    auto found = answers();
    for (std::uint32_t number = 0; number < answers(); ++number) {
        const auto& row = answer_rows_[number];
        if (row.question != static_cast<std::uint16_t>(question) || text(row.profile) != profile) {
            continue;
        }
        if (row.state == static_cast<std::uint16_t>(state)) {
            return number;
        }
        found = std::min(found, number);
    }
    return found;
}

}  // namespace gatehouse::health
