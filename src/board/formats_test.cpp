// Holds docs/formats.md against the structs of this folder.
#include <gtest/gtest.h>

#include "src/base/layout_doc.h"
#include "src/board/archive.h"
#include "src/board/card_paths.h"
#include "src/board/snapshot.h"
#include "src/board/table.h"

namespace gatehouse::board {
namespace {

TEST(FormatsDocument, ShowsTheSnapshotHeader)
{
    const std::vector<LayoutField> fields{
        FIELD(SnapshotHeader, magic),          FIELD(SnapshotHeader, version),
        FIELD(SnapshotHeader, header_size),    FIELD(SnapshotHeader, total_size),
        FIELD(SnapshotHeader, checksum),       FIELD(SnapshotHeader, generation),
        FIELD(SnapshotHeader, computed_at_ms), FIELD(SnapshotHeader, last_modified_s),
        FIELD(SnapshotHeader, max_age_ms),     FIELD(SnapshotHeader, stale_ms),
        FIELD(SnapshotHeader, name),           FIELD(SnapshotHeader, path),
        FIELD(SnapshotHeader, cache_control),  FIELD(SnapshotHeader, last_modified),
        FIELD(SnapshotHeader, require),        FIELD(SnapshotHeader, link),
        FIELD(SnapshotHeader, reserved),
    };
    EXPECT_EQ(documented_layout("SnapshotHeader", sizeof(SnapshotHeader)), fields);
}

TEST(FormatsDocument, ShowsTheRepresentationEntry)
{
    const std::vector<LayoutField> fields{
        FIELD(RepresentationEntry, body_offset),  FIELD(RepresentationEntry, body_size),
        FIELD(RepresentationEntry, content_type), FIELD(RepresentationEntry, etag),
        FIELD(RepresentationEntry, reserved),
    };
    EXPECT_EQ(documented_layout("RepresentationEntry", sizeof(RepresentationEntry)), fields);
}

TEST(FormatsDocument, ShowsTheArchive)
{
    const std::vector<LayoutField> header{
        FIELD(ArchiveHeader, magic),          FIELD(ArchiveHeader, version),
        FIELD(ArchiveHeader, entry_count),    FIELD(ArchiveHeader, total_size),
        FIELD(ArchiveHeader, generation),     FIELD(ArchiveHeader, written_at_ms),
        FIELD(ArchiveHeader, index_checksum), FIELD(ArchiveHeader, header_checksum),
        FIELD(ArchiveHeader, reserved),
    };
    EXPECT_EQ(documented_layout("ArchiveHeader", sizeof(ArchiveHeader)), header);

    const std::vector<LayoutField> beat{FIELD(Heartbeat, at_ms), FIELD(Heartbeat, checksum)};
    EXPECT_EQ(documented_layout("Heartbeat", sizeof(Heartbeat)), beat);

    const std::vector<LayoutField> entry{
        FIELD(ArchiveEntry, offset),         FIELD(ArchiveEntry, size),
        FIELD(ArchiveEntry, verified_at_ms), FIELD(ArchiveEntry, current),
        FIELD(ArchiveEntry, checksum),       FIELD(ArchiveEntry, rows),
        FIELD(ArchiveEntry, basis),
    };
    EXPECT_EQ(documented_layout("ArchiveEntry", sizeof(ArchiveEntry)), entry);
}

TEST(FormatsDocument, ShowsTheTableFile)
{
    const std::vector<LayoutField> header{
        FIELD(TableFileHeader, magic),
        FIELD(TableFileHeader, version),
        FIELD(TableFileHeader, reserved),
        FIELD(TableFileHeader, generation),
        FIELD(TableFileHeader, size),
        FIELD(TableFileHeader, checksum),
        FIELD(TableFileHeader, header_checksum),
        FIELD(TableFileHeader, name),
    };
    EXPECT_EQ(documented_layout("TableFileHeader", sizeof(TableFileHeader)), header);
}

TEST(FormatsDocument, ShowsTheCardPaths)
{
    const std::vector<LayoutField> header{
        FIELD(CardPathsHeader, magic),       FIELD(CardPathsHeader, version),
        FIELD(CardPathsHeader, header_size), FIELD(CardPathsHeader, total_size),
        FIELD(CardPathsHeader, checksum),    FIELD(CardPathsHeader, row_count),
        FIELD(CardPathsHeader, node_count),  FIELD(CardPathsHeader, slot_count),
        FIELD(CardPathsHeader, text_size),   FIELD(CardPathsHeader, reserved),
    };
    EXPECT_EQ(documented_layout("CardPathsHeader", sizeof(CardPathsHeader)), header);

    const std::vector<LayoutField> row{
        FIELD(CardPathRow, card),    FIELD(CardPathRow, pattern), FIELD(CardPathRow, query),
        FIELD(CardPathRow, require), FIELD(CardPathRow, flags),   FIELD(CardPathRow, reserved),
    };
    EXPECT_EQ(documented_layout("CardPathRow", sizeof(CardPathRow)), row);

    const std::vector<LayoutField> node{
        FIELD(PathNode, segment),   FIELD(PathNode, parent),    FIELD(PathNode, first_slot),
        FIELD(PathNode, slot_mask), FIELD(PathNode, any_child), FIELD(PathNode, row),
        FIELD(PathNode, best),
    };
    EXPECT_EQ(documented_layout("PathNode", sizeof(PathNode)), node);
}

}  // namespace
}  // namespace gatehouse::board
