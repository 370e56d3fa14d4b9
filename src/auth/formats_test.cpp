// Holds docs/formats.md against the structs of this folder.
#include <gtest/gtest.h>

#include "src/auth/token_table.h"
#include "src/base/layout_doc.h"

namespace gatehouse::auth {
namespace {

TEST(FormatsDocument, ShowsTheTokenTable)
{
    const std::vector<LayoutField> header{
        FIELD(TokenTableHeader, magic),         FIELD(TokenTableHeader, version),
        FIELD(TokenTableHeader, header_size),   FIELD(TokenTableHeader, total_size),
        FIELD(TokenTableHeader, checksum),      FIELD(TokenTableHeader, revision),
        FIELD(TokenTableHeader, base_checksum), FIELD(TokenTableHeader, record_count),
        FIELD(TokenTableHeader, foreign_count), FIELD(TokenTableHeader, index_capacity),
        FIELD(TokenTableHeader, longest_probe), FIELD(TokenTableHeader, text_size),
        FIELD(TokenTableHeader, reserved),
    };
    EXPECT_EQ(documented_layout("TokenTableHeader", sizeof(TokenTableHeader)), header);

    const std::vector<LayoutField> record{
        FIELD(TokenRecord, key),          FIELD(TokenRecord, digest),
        FIELD(TokenRecord, not_before_s), FIELD(TokenRecord, expires_s),
        FIELD(TokenRecord, id),           FIELD(TokenRecord, flags),
        FIELD(TokenRecord, user),         FIELD(TokenRecord, name),
        FIELD(TokenRecord, scopes),       FIELD(TokenRecord, plan),
        FIELD(TokenRecord, networks),     FIELD(TokenRecord, reserved),
    };
    EXPECT_EQ(documented_layout("TokenRecord", sizeof(TokenRecord)), record);
}

}  // namespace
}  // namespace gatehouse::auth
