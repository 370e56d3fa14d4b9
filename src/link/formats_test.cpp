// Holds docs/formats.md against the messages of the link.
#include <gtest/gtest.h>

#include "src/base/layout_doc.h"
#include "src/link/protocol.h"

namespace gatehouse::link {
namespace {

TEST(FormatsDocument, ShowsTheMessageHeader)
{
    const std::vector<LayoutField> fields{
        FIELD(Header, magic),        FIELD(Header, version),  FIELD(Header, type),
        FIELD(Header, payload_size), FIELD(Header, reserved), FIELD(Header, generation),
        FIELD(Header, at_ms),
    };
    EXPECT_EQ(documented_layout("Header", sizeof(Header)), fields);
}

TEST(FormatsDocument, ShowsTheTypes)
{
    const std::vector<std::pair<std::string, Type>> types{
        {"hello", Type::hello},     {"applied", Type::applied}, {"share", Type::share},
        {"used", Type::used},       {"wanted", Type::wanted},   {"touched", Type::touched},
        {"publish", Type::publish}, {"renew", Type::renew},     {"keep", Type::keep},
        {"retract", Type::retract}, {"synced", Type::synced},   {"beat", Type::beat},
        {"refused", Type::refused}, {"table", Type::table},
    };
    const auto rows = documented_table("<!-- types -->");
    ASSERT_EQ(rows.size(), types.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        EXPECT_EQ(rows[i].at(0), std::to_string(static_cast<int>(types[i].second)));
        EXPECT_EQ(rows[i].at(1), types[i].first);
    }
}

}  // namespace
}  // namespace gatehouse::link
