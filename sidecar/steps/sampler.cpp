#include "sidecar/steps/sampler.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "sidecar/steps/values.h"

namespace gatehouse::steps {
namespace {

using sidecar::VectorView;

std::vector<sidecar::Column> chosen(Columns columns, const Indices& kept)
{
    std::vector<sidecar::Column> out;
    for (const std::size_t index : kept) {
        out.push_back(columns[index]);
    }
    return out;
}

/// FNV-1a: a class draws the same rows whichever other classes there are.
std::uint64_t seed_of(std::uint64_t seed, const std::string& key)
{
    std::uint64_t hash = 0xcbf29ce484222325U ^ seed;
    for (const char c : key) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    }
    return hash;
}

}  // namespace

Sampler::Sampler(Columns columns, Indices kept, std::optional<std::uint64_t> size,
                 std::uint64_t seed)
    : kept_(std::move(kept)),
      columns_(chosen(columns, kept_)),
      size_(size),
      seed_(seed),
      builder_(columns_)
{
}

void Sampler::take_all(std::span<const VectorView> views, std::uint64_t rows)
{
    std::vector<VectorView> own;
    for (const std::size_t index : kept_) {
        own.push_back(views[index]);
    }
    builder_.append(own, rows);
}

void Sampler::keep(std::span<const VectorView> views, std::uint64_t row, OneClass& of)
{
    std::vector<VectorView> own;
    std::vector<std::uint64_t> validity(kept_.size());
    for (std::size_t i = 0; i < kept_.size(); ++i) {
        own.push_back(row_of(views[kept_[i]], columns_[i].type, row, validity[i]));
        if (validity[i] != 0) {
            own.back().validity = nullptr;
        }
    }
    const std::uint64_t place = of.reservoir.choose();
    of.places.resize(std::max<std::size_t>(of.places.size(), place + 1));
    of.places[place] = builder_.rows();
    builder_.append(own, 1);
}

void Sampler::take(std::span<const VectorView> views, std::uint64_t rows,
                   std::span<const std::uint32_t> classes, const Classes& known)
{
    if (!size_) {
        take_all(views, rows);
        return;
    }
    while (classes_.size() < known.count()) {
        classes_.push_back({Reservoir(*size_, seed_of(seed_, known.key(classes_.size()))), {}});
    }
    for (std::uint64_t row = 0; row < rows; ++row) {
        if (classes[row] == Classes::none) {
            continue;
        }
        OneClass& of = classes_[classes[row]];
        if (of.reservoir.skip() == 0) {
            keep(views, row, of);
        } else {
            of.reservoir.pass(1);
        }
    }
}

sidecar::Table Sampler::table(std::vector<std::uint64_t>& counts)
{
    const std::uint64_t held = builder_.rows();
    std::vector<std::uint64_t> places;
    counts.clear();
    for (OneClass& one : classes_) {
        std::sort(one.places.begin(), one.places.end());
        places.insert(places.end(), one.places.begin(), one.places.end());
        counts.push_back(one.places.size());
    }
    sidecar::Table all = std::move(builder_).finish();
    if (!size_) {
        counts = {held};
        return all;
    }
    return all.select(places);
}

}  // namespace gatehouse::steps
