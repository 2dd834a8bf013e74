#pragma once

#include <sys/epoll.h>   // Swift's Glibc module leaves out epoll and eventfd.
#include <sys/eventfd.h>
#include <sys/types.h>

/// What to start. All pointers are borrowed for the call.
typedef struct {
    /// Absolute path of the program; no search in PATH.
    const char *_Nonnull path;
    /// NULL-terminated, the program's name first.
    char *_Nullable const *_Nonnull argv;
    /// NULL-terminated `NAME=value`; the caller's own environment is not passed on.
    char *_Nullable const *_Nonnull envp;
    /// Working directory of the child.
    const char *_Nonnull directory;
    /// Descriptors that become 0, 1 and 2 of the child; all others are closed there.
    int standard_input;
    int standard_output;
    int standard_error;
} cspawn_request;

/// The step at which a start failed.
typedef enum {
    CSPAWN_NONE = 0,
    CSPAWN_CLONE,
    CSPAWN_GROUP,
    CSPAWN_PARENT_DEATH,
    CSPAWN_DIRECTORY,
    CSPAWN_DESCRIPTORS,
    CSPAWN_PRIVILEGES,
    CSPAWN_EXEC,
} cspawn_step;

typedef struct {
    /// The child, which is also its process group. The caller reaps it.
    pid_t pid;
    /// Readable once the child has ended; close-on-exec; the caller closes it.
    int pidfd;
    /// CSPAWN_NONE: the program runs. Else nothing was left behind, and `error` is the errno of that step.
    cspawn_step step;
    int error;
} cspawn_result;

/// Starts a program as the leader of its own process group: with no_new_privs, umask 077, default signal dispositions, an empty
/// signal mask, no descriptors but the three, and SIGKILL when the *thread* that called this ends: call it from threads that live
/// as long as the process.
///
/// Returns when the program runs or could not be started. Needs Linux 5.9 (close_range). Thread-safe.
cspawn_result cspawn_start(const cspawn_request *_Nonnull request);

/// PR_SET_DUMPABLE 0: other processes of the same user can no longer read our environment and memory in /proc, or trace us.
/// Programs that we start are not affected. prctl is variadic, which Swift cannot call. Returns 0, or -1 with errno.
int cspawn_hide(void);

/// pipe2 with O_CLOEXEC, which Swift's Glibc module leaves out. Returns 0, or -1 with errno.
int cspawn_pipe(int *_Nonnull ends);
