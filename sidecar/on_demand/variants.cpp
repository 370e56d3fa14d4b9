#include "sidecar/on_demand/variants.h"

#include <algorithm>
#include <utility>

namespace gatehouse::on_demand {

void Variants::set_bounds(std::uint64_t bytes, std::size_t count)
{
    most_bytes_ = bytes;
    most_ = count;
    trim();
}

Variant& Variants::ask(const std::string& card, Question question)
{
    const auto found = by_key_.find(question.key);
    if (found != by_key_.end()) {
        order_.splice(order_.begin(), order_, found->second);
        return order_.front();
    }
    Variant& variant = order_.emplace_front();
    variant.card = card;
    variant.question = std::move(question);
    by_key_.emplace(variant.question.key, order_.begin());
    return variant;
}

Variant* Variants::find(const std::string& key)
{
    const auto found = by_key_.find(key);
    return found == by_key_.end() ? nullptr : &*found->second;
}

void Variants::set_snapshot(Variant& variant, Snapshot snapshot)
{
    if (variant.snapshot) {
        bytes_ -= variant.snapshot->view().total_size();
        by_generation_.erase(variant.snapshot->view().generation());
    }
    variant.snapshot = std::move(snapshot);
    bytes_ += variant.snapshot->view().total_size();
    by_generation_[variant.snapshot->view().generation()] = by_key_.at(variant.question.key);
}

Variant* Variants::touch(std::uint64_t generation)
{
    const auto found = by_generation_.find(generation);
    if (found == by_generation_.end()) {
        return nullptr;
    }
    order_.splice(order_.begin(), order_, found->second);
    return &*found->second;
}

void Variants::trim()
{
    for (auto at = order_.end();
         at != order_.begin() && (bytes_ > most_bytes_ || order_.size() > most_);) {
        --at;
        if (!at->computing) {
            at = drop(at);
        }
    }
}

void Variants::drop_if(const std::function<bool(const Variant&)>& predicate)
{
    for (auto at = order_.begin(); at != order_.end();) {
        if (!predicate(*at)) {
            ++at;
        } else if (at->computing) {
            release_snapshot(*at);
            at->sources_unchanged = nullptr;
            at->overtaken = true;
            ++at;
        } else {
            at = drop(at);
        }
    }
}

void Variants::expire_if(const std::function<bool(const Variant&)>& predicate, std::int64_t now_ms)
{
    for (Variant& variant : order_) {
        if (predicate(variant)) {
            withdraw(variant);
            variant.fresh_until_ms = std::min(variant.fresh_until_ms, now_ms);
            variant.failure.reset();
            variant.overtaken = true;
        }
    }
}

void Variants::withdraw(Variant& variant)
{
    if (std::exchange(variant.published, false)) {
        withdraw_(variant);
    }
}

void Variants::release_snapshot(Variant& variant)
{
    if (variant.snapshot) {
        withdraw(variant);
        bytes_ -= variant.snapshot->view().total_size();
        by_generation_.erase(variant.snapshot->view().generation());
        variant.snapshot = nullptr;
    }
}

Variants::Order::iterator Variants::drop(Order::iterator position)
{
    release_snapshot(*position);
    by_key_.erase(position->question.key);
    return order_.erase(position);
}

}  // namespace gatehouse::on_demand
