// Holds docs/formats.md against the structs of this folder.
#include <gtest/gtest.h>

#include "src/base/layout_doc.h"
#include "src/health/table.h"

namespace gatehouse::health {
namespace {

TEST(FormatsDocument, ShowsTheHealthTable)
{
    const std::vector<LayoutField> header{
        FIELD(HealthHeader, magic),       FIELD(HealthHeader, version),
        FIELD(HealthHeader, header_size), FIELD(HealthHeader, total_size),
        FIELD(HealthHeader, checksum),    FIELD(HealthHeader, answer_count),
        FIELD(HealthHeader, check_count), FIELD(HealthHeader, text_size),
        FIELD(HealthHeader, state),       FIELD(HealthHeader, down_after_ms),
        FIELD(HealthHeader, reserved),
    };
    EXPECT_EQ(documented_layout("HealthHeader", sizeof(HealthHeader)), header);

    const std::vector<LayoutField> answer{
        FIELD(AnswerRow, question), FIELD(AnswerRow, state),   FIELD(AnswerRow, status),
        FIELD(AnswerRow, reserved), FIELD(AnswerRow, profile), FIELD(AnswerRow, content_type),
        FIELD(AnswerRow, body),
    };
    EXPECT_EQ(documented_layout("AnswerRow", sizeof(AnswerRow)), answer);

    const std::vector<LayoutField> check{
        FIELD(CheckRow, name),     FIELD(CheckRow, state),       FIELD(CheckRow, severity),
        FIELD(CheckRow, reserved), FIELD(CheckRow, duration_us), FIELD(CheckRow, checked_at_ms),
    };
    EXPECT_EQ(documented_layout("CheckRow", sizeof(CheckRow)), check);
}

}  // namespace
}  // namespace gatehouse::health
