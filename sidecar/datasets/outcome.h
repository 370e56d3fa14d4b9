// What became of something that was asked for: a value, or a status of HTTP and why.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "src/base/result.h"

namespace gatehouse::datasets {

struct Failure {
    int status = 500;
    std::string message;
};

template <class T>
class [[nodiscard]] Outcome {
public:
    Outcome(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Outcome(Failure failure) : state_(std::in_place_index<1>, std::move(failure)) {}

    explicit operator bool() const noexcept { return state_.index() == 0; }

    /// REQUIRES: *this holds a value.
    T& operator*() noexcept { return *std::get_if<0>(&state_); }
    const T& operator*() const noexcept { return *std::get_if<0>(&state_); }
    const T* operator->() const noexcept { return std::get_if<0>(&state_); }

    /// REQUIRES: *this holds a failure.
    const Failure& failure() const noexcept { return *std::get_if<1>(&state_); }

private:
    std::variant<T, Failure> state_;
};

/// Of our own files and databases: 507 where there is no room left for them, else 503.
Failure of_storage(const Error& error);

}  // namespace gatehouse::datasets
