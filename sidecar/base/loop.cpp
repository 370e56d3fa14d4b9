#include "sidecar/base/loop.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <exception>

namespace gatehouse::sidecar {

namespace asio = boost::asio;
using boost::system::error_code;

struct Loop::State {
    asio::io_context context{1};
    asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
    asio::signal_set signals{context};
    std::function<void(int)> on_signal;

    void wait_for_signal()
    {
        signals.async_wait([this](const error_code& error, int number) {
            if (!error) {
                wait_for_signal();
                on_signal(number);
            }
        });
    }
};

Loop::Loop() : state_(std::make_unique<State>()) {}
Loop::~Loop() = default;

Result<void> Loop::run()
try {
    state_->context.run();
    state_->context.restart();
    return {};
} catch (const std::exception& error) {
    return Error{error.what()};
} catch (...) {
    return Error{"an exception of unknown type"};
}

void Loop::stop()
{
    state_->context.stop();
}

void Loop::post(Task task)
{
    asio::post(state_->context, std::move(task));
}

void Loop::on_signals(const std::vector<int>& signals, std::function<void(int)> handler)
{
    for (const int number : signals) {
        state_->signals.add(number);
    }
    state_->on_signal = std::move(handler);
    state_->wait_for_signal();
}

asio::io_context& Loop::context() noexcept
{
    return state_->context;
}

struct Timer::State {
    explicit State(asio::io_context& context) : timer(context) {}

    asio::steady_timer timer;
    std::uint64_t turn = 0;  // tells a wait that was replaced from the one under way
    bool waiting = false;
};

Timer::Timer(Loop& loop) : state_(std::make_shared<State>(loop.context())) {}

Timer::~Timer()
{
    cancel();
}

void Timer::start(std::chrono::milliseconds wait, Loop::Task task)
{
    auto& state = *state_;
    state.timer.expires_after(wait);
    state.waiting = true;
    state.timer.async_wait([weak = std::weak_ptr{state_}, turn = ++state.turn,
                            task = std::move(task)](const error_code& error) {
        const auto alive = weak.lock();
        if (!error && alive && alive->turn == turn) {
            alive->waiting = false;
            task();
        }
    });
}

void Timer::cancel() noexcept
{
    ++state_->turn;
    state_->waiting = false;
    state_->timer.cancel();
}

bool Timer::waiting() const noexcept
{
    return state_->waiting;
}

struct FdWatch::State : std::enable_shared_from_this<FdWatch::State> {
    State(asio::io_context& context, int fd) : descriptor(context, fd) {}

    void wait_readable()
    {
        descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                              [self = shared_from_this()](const error_code& error) {
                                  if (error || !self->alive) {
                                      return;
                                  }
                                  self->on_readable();
                                  if (self->alive) {
                                      self->wait_readable();
                                  }
                              });
    }

    asio::posix::stream_descriptor descriptor;
    Loop::Task on_readable;
    bool alive = true;
};

FdWatch::FdWatch(Loop& loop, int fd) : state_(std::make_shared<State>(loop.context(), fd)) {}

FdWatch::~FdWatch()
{
    state_->alive = false;
    state_->descriptor.release();
}

void FdWatch::on_readable(Loop::Task task)
{
    state_->on_readable = std::move(task);
    state_->wait_readable();
}

void FdWatch::once_writable(Loop::Task task)
{
    state_->descriptor.async_wait(asio::posix::stream_descriptor::wait_write,
                                  [self = state_, task = std::move(task)](const error_code& error) {
                                      if (!error && self->alive) {
                                          task();
                                      }
                                  });
}

}  // namespace gatehouse::sidecar
