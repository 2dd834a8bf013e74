#ifndef CLOAD_H
#define CLOAD_H

#include <stdint.h>

// What measures must cost next to nothing, for it shares the cores with what is measured: the floor and the load generator are C.

/// Starts `argv` `runs` times, `at_once` at a time, each time from the thread that then reads its output to the end and waits for it.
///
/// `latencies` takes the nanoseconds of each. Returns 0, or the error number of what failed; EPROTO if a program did not exit with 0.
int cload_floor(char *const argv[], char *const envp[], int runs, int at_once, uint64_t *latencies);

/// Appends `size` bytes to a new file and flushes them to the disk, `count` times: the least that keeping something costs.
///
/// `latencies` takes the nanoseconds of each. Returns 0, or the error number of what failed.
int cload_appends(const char *path, int size, int count, uint64_t *latencies);

/// A load generator: it sends requests, and it is the server that answers are posted to. Only one thread at a time may use it.
typedef struct cload cload;

/// When a request is done.
typedef enum {
    /// Its response came, with status 200.
    CLOAD_RESPONSE,
    /// Its response came, with status 202.
    CLOAD_ACCEPTED,
    /// It was accepted with 202, and the finished event that has its number as `triggeredid` was posted to us.
    CLOAD_FINISHED,
} cload_end;

typedef struct {
    /// On 127.0.0.1.
    int port;
    const char *method;
    const char *path;
    const char *content_type;
    /// Eight '#' in it stand for the number of the request, wherever they are; eight '~' for eight hexadecimal digits that no other
    /// request has, in no order.
    const char *body;
    cload_end end;
    /// What the response or the finished event must contain.
    const char *expected;
    /// Requests in all, and how many are under way at the same time; each of these has a connection of its own, which is kept.
    int requests;
    int at_once;
} cload_plan;

typedef struct {
    /// What the generator itself took, user and system.
    uint64_t cpu_nanoseconds;
    /// What went wrong; empty if nothing did.
    char problem[256];
} cload_result;

/// NULL, with `errno`, if no socket listens.
cload *cload_open(void);
void cload_close(cload *load);

/// Where answers are taken, on 127.0.0.1.
int cload_port(const cload *load);

/// Does what the plan says. `latencies` takes the nanoseconds of each request. Blocks; gives up when nothing comes for 30 s.
cload_result cload_run(cload *load, const cload_plan *plan, uint64_t *latencies);

#endif
