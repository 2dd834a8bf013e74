#ifndef CLOAD_MOMENT_H
#define CLOAD_MOMENT_H

#include <stdint.h>
#include <time.h>

static inline uint64_t cload_clock(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static inline uint64_t cload_now(void) { return cload_clock(CLOCK_MONOTONIC); }

#endif
