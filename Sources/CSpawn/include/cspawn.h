#pragma once

#include <sys/epoll.h>   // Swift's Glibc module leaves out epoll and eventfd.
#include <sys/eventfd.h>
#include <sys/types.h>
#include <stddef.h>
#include <stdint.h>

/// See setrlimit(2).
typedef struct {
    int resource;
    uint64_t soft;
    uint64_t hard;
} cspawn_limit;

/// Who the child is. The caller needs CAP_SETUID and CAP_SETGID.
typedef struct {
    uid_t uid;
    gid_t gid;
    /// Supplementary groups; may be NULL if there are none.
    const gid_t *_Nullable groups;
    size_t group_count;
} cspawn_user;

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
    /// Limits of the child and of what it starts; each is set before the user changes.
    const cspawn_limit *_Nullable limits;
    size_t limit_count;
    /// NULL: the child is the caller's user, with its groups.
    const cspawn_user *_Nullable user;
    /// A Landlock ruleset that the child puts on itself, or -1. With one, root has no capabilities.
    int ruleset;
    /// The directory of a cgroup (v2) that the child begins in, or -1.
    int cgroup;
} cspawn_request;

/// The step at which a start failed.
typedef enum {
    CSPAWN_NONE = 0,
    CSPAWN_CLONE,
    CSPAWN_GROUP,
    CSPAWN_CGROUP,
    CSPAWN_LIMITS,
    CSPAWN_USER,
    CSPAWN_PARENT_DEATH,
    CSPAWN_DIRECTORY,
    CSPAWN_DESCRIPTORS,
    CSPAWN_PRIVILEGES,
    CSPAWN_SANDBOX,
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
/// signal mask, no ambient capabilities, no core dumps, no descriptors but the three, and SIGKILL when the *thread* that called this ends: call it from threads that live
/// as long as the process.
///
/// Returns when the program runs or could not be started. Needs Linux 5.3 (pidfds); from 5.9 on it is quicker (close_range). Thread-safe.
cspawn_result cspawn_start(const cspawn_request *_Nonnull request);

/// PR_SET_DUMPABLE 0: other processes of the same user can no longer read our environment and memory in /proc, or trace us.
/// Programs that we start are not affected. prctl is variadic, which Swift cannot call. Returns 0, or -1 with errno.
int cspawn_hide(void);

/// pipe2 with O_CLOEXEC, which Swift's Glibc module leaves out. Returns 0, or -1 with errno.
int cspawn_pipe(int *_Nonnull ends);

/// PR_SET_CHILD_SUBREAPER: descendants whose parent ends become children of ours, not of process 1. Returns 0, or -1 with errno.
int cspawn_adopt_orphans(void);

/// Which version of Landlock the kernel has, 0 if none.
int cspawn_landlock_abi(void);

/// open with O_PATH and O_CLOEXEC, which says where something is and needs no right to read it. Returns a descriptor, or -1 with errno.
int cspawn_open_path(const char *_Nonnull path);

/// Makes an empty ruleset that handles (forbids, where no rule allows) these kinds of access.
///
/// - scoped: LANDLOCK_SCOPE_* of version 6; 0 before.
/// Returns a close-on-exec descriptor, or -1 with errno.
int cspawn_landlock_ruleset(uint64_t accesses, uint64_t scoped);

/// Allows these kinds of access to the file, or to all beneath the directory, that `descriptor` (O_PATH is enough) is open on.
/// Returns 0, or -1 with errno.
int cspawn_landlock_allow(int ruleset, int descriptor, uint64_t accesses);
