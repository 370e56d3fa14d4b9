// A CSV to which lines are added (`append` of its source), and its rows as they were read so far:
// it is read on from where its last whole line ended.
//
// Invariants
//   1. What has no line end yet is not there.
//   2. A file that is another one, is shorter, or has other bytes before the place where reading
//      stopped is read anew as a whole.
//   3. Types are those of the first piece that has rows.
//   4. A piece that cannot be read moves nothing: the next reading begins there again.
//
// Thread safety: any thread; one reads, the others wait for it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/base/document.h"
#include "sidecar/base/relation.h"
#include "sidecar/base/table.h"
#include "sidecar/config/types.h"
#include "sidecar/sources/csv_pieces.h"
#include "sidecar/sources/sources.h"
#include "src/base/result.h"

namespace gatehouse::app {

class GrowingFile {
public:
    /// Runs SQL over one relation.
    using Query =
        std::function<Result<sidecar::Table>(const std::string& sql, const sidecar::Relation&)>;

    struct Reading {
        sources::FileStamp file;             ///< as it was when its end was looked up
        std::vector<sidecar::Table> rows{};  ///< tables of the same columns, one after another
    };

    static Result<std::shared_ptr<GrowingFile>> create();

    /// What SQL over the source must be allowed to open: the pieces, and the file itself for who
    /// looks at its head alone.
    std::vector<std::string> may_open(const config::Source& source) const
    {
        return {piece_->path(), source.paths.front()};
    }

    /// All rows there are. Blocks.
    Result<Reading> read(const config::Source& source, const Query& query,
                         std::uint64_t most_bytes);

private:
    /// Up to where the file has been read, and how to tell that it is the same.
    struct Place {
        std::uint64_t device = 0, inode = 0;
        std::uint64_t end = 0;    ///< bytes
        std::uint64_t lines = 0;  ///< in them
        std::uint64_t tail = 0;   ///< hash of the last bytes before the end
    };

    explicit GrowingFile(std::shared_ptr<sidecar::Document> piece) : piece_(std::move(piece)) {}

    bool is_same(const sources::OpenFile& file) const;
    void forget();
    Result<bool> read_piece(const config::Source& source, const sources::OpenFile& file,
                            const Query& query);
    Result<sidecar::Table> first(const config::Source& source, std::string_view text,
                                 const Query& query);
    Result<sidecar::Table> later(const config::Source& source, std::string_view text,
                                 const Query& query);
    Result<void> learn_form(const config::Source& source, const sidecar::Relation& relation,
                            const Query& query);
    using ReadText = std::function<Result<sidecar::Table>(std::string_view text)>;
    Error blamed(const config::Source& source, std::string_view text, const Error& error,
                 const ReadText& read) const;
    void keep(sidecar::Table table);

    std::mutex mutex_;  // of all that follows
    std::shared_ptr<sidecar::Document> piece_;
    Place place_;
    sources::CsvForm form_;
    std::vector<sidecar::Table> parts_;
};

}  // namespace gatehouse::app
