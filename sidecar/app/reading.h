// How a card's rows are read: what compute_card.h promises, in parts. Private to sidecar/app.
//
// Thread safety: as compute_card.h.
#pragma once

#include <stop_token>
#include <string>

#include "sidecar/app/card_tables.h"
#include "sidecar/app/compute_card.h"
#include "sidecar/app/executors.h"
#include "sidecar/base/relation.h"

namespace gatehouse::app {

/// What a computation works with, and what it has seen of it.
struct Work {
    const Executors& executors;
    const config::Config& config;
    const sidecar::Arguments& arguments;
    const std::stop_token& stop;
    CardTables* tables;
    Inputs inputs = {};
    InnerVersions inner = {};
    bool marks = true;  ///< whether anybody wants to know what databases were like
    caches::Progress::Running* running = nullptr;            ///< who wants to know how far it is
    std::vector<caches::Progress::File> read_directly = {};  ///< what tells how far it is
};

inline const sidecar::Arguments no_arguments;

/// The card's table after its steps. An error says which source is to blame, if one is.
Result<sidecar::Table> table_of(Work& work, const config::Card& card);

/// The tag of the first of the card's formats, as its snapshot has it: a restart knows it, too.
std::string version_of(const config::Card& card, const sidecar::Table& table);

Error of_source(const std::string& name, const Error& error);

/// What an attempt to read the source, or every source of the card, tells about it. Empty: it was
/// read. An error of the SQL, or of another source, tells nothing; a database says itself what it
/// is like.
void note_read(const Executors& executors, const std::string& source, const std::string& error);
void note_reads(const Executors& executors, const config::Card& card, const std::string& error);

/// The bounds of one query to a database.
databases::Job job_for(const config::Config& config, const config::Card& card,
                       const std::stop_token& stop);

/// Of files and documents. Adds to `inputs` in any case. `held`: where rows of small files are
/// looked up and put; null: nowhere.
Result<sidecar::Relation> open_source(const config::Source& source, Inputs& inputs,
                                      HeldFiles* held = nullptr);

/// Whether everything that was read is still what it was.
bool stood_still(const Work& work);

/// Whether it is a cache that could not be read; it is looked at before it is read again.
bool blames_a_cache(const Work& work, const Error& error);

/// The engine's error with the source it is about, and with what a look at the files says, if it is
/// about a source at all.
Error explained(Error error, const config::Source& source, const sources::Fingerprint& files);

}  // namespace gatehouse::app
