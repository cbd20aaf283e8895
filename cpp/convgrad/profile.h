// Where the time of calls goes, by phase. Off unless a Workspace carries a Profile, and then one
// call per phase.
#pragma once

#include <array>
#include <chrono>

#include "convgrad/algorithm.h"

namespace convgrad {

enum class Phase {
  kPad,        // copies of the input with its padding
  kLower,      // img2col: windows into columns
  kPack,       // operands into the order in which the matrix kernel reads them
  kMultiply,   // the multiply-adds
  kReduce,     // columns of a pooling into its results, or gradients into such columns
  kScatter,    // col2img: columns back onto the input's gradient
  kTransform,  // into and out of the domain of a fast algorithm
  kOther,      // the rest of a call
};
inline constexpr int kPhaseCount = static_cast<int>(Phase::kOther) + 1;

// Wall time as the calling thread sees it, which is worker 0 of a pool: its own work, and its wait
// for the other workers at the end of a job. So the phases of a call add up to the call, whatever
// the number of threads.
class Profile {
 public:
  // Milliseconds spent in `phase` since the profile was made. Not during a call.
  [[nodiscard]] double milliseconds(Phase phase) const {
    return std::chrono::duration<double, std::milli>(spent_[static_cast<std::size_t>(phase)])
        .count();
  }

 private:
  friend class PhaseTimer;
  using Clock = std::chrono::steady_clock;
  static constexpr int kIdle = kPhaseCount;  // between calls

  static Clock::time_point now();
  // What has passed goes to the phase that was on; answers which it was. Nothing without a profile:
  // tested there, as it is asked for in many places.
  static int change(Profile* profile, int phase);

  std::array<Clock::duration, kPhaseCount + 1> spent_{};
  Clock::time_point since_;
  int current_ = kIdle;
};

// The phase from here to the end of the scope. Timers nest: the outer phase stands still while an
// inner one is on. On a worker other than 0 it does nothing.
class PhaseTimer {
 public:
  PhaseTimer(const Workspace& workspace, Phase phase, int worker = 0)
      : profile_(worker == 0 ? workspace.profile : nullptr),
        before_(Profile::change(profile_, static_cast<int>(phase))) {}
  ~PhaseTimer() { Profile::change(profile_, before_); }
  // Another phase from here on.
  void enter(Phase phase) { Profile::change(profile_, static_cast<int>(phase)); }
  PhaseTimer(const PhaseTimer&) = delete;
  PhaseTimer& operator=(const PhaseTimer&) = delete;

 private:
  Profile* const profile_;
  const int before_;
};

}  // namespace convgrad
