// What became of something that was asked for: a value, or why not and whose fault that is.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

#include "src/base/result.h"

namespace gatehouse::identity {

struct Failure {
    enum class Kind : std::uint8_t {
        request,      ///< what was asked for is not allowed
        unknown,      ///< there is no such token
        conflict,     ///< the token is not in a state for it
        unavailable,  ///< the state cannot be used
    };

    Kind kind = Kind::unavailable;
    std::string message;
};

template <class T>
class [[nodiscard]] Outcome {
public:
    Outcome(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Outcome(Failure failure) : state_(std::in_place_index<1>, std::move(failure)) {}
    /// Of the database.
    Outcome(Error error) : Outcome(Failure{Failure::Kind::unavailable, std::move(error.message)}) {}

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

}  // namespace gatehouse::identity
