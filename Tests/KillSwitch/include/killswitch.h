#pragma once

#include <stdint.h>

/// A library for LD_PRELOAD that numbers the steps at which a program changes files below one directory, and kills the program
/// with SIGKILL at one of them. A step is a call of libc that makes, writes, syncs, renames, links, restricts or removes something.
///
/// Two variables of the environment turn it on:
/// - KILL_SWITCH_BELOW: the directory, absolute.
/// - KILL_SWITCH_FILE: a file of the size of `kill_switch`, shared with whoever sets the target.
typedef struct {
    /// How many steps there were so far.
    _Atomic uint64_t steps;
    /// The step at which to kill, counted from 1: before its call is made. 0 for none.
    uint64_t target;
    /// Not 0: if the step is a write, its first half is written before.
    uint64_t torn;
    /// Not 0 once the program was killed.
    uint64_t killed;
    /// What the step was, for people: the call and its path.
    char step[480];
} kill_switch;
