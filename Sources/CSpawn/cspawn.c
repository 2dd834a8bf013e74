#define _GNU_SOURCE
#include "cspawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// The child runs in our memory (CLONE_VM) on a piece of the parent's stack, while the parent's thread stands still (CLONE_VFORK):
// nothing is copied, whatever the size of the service, and the child can leave the cause of a failure in a variable. In return it
// may do nothing but system calls: no malloc, no locks, and no sanitizer that keeps books per thread.
#define CHILD_CODE __attribute__((disable_sanitizer_instrumentation, noinline))

// `clone` by the name that sanitizers leave alone: they take every `clone` for a fork and would keep books for the child.
extern int __clone(int (*function)(void *), void *stack, int flags, void *argument, ...);

enum { CHILD_STACK_SIZE = 16 * 1024 };

// As the kernel sees a set of signals: one bit each. glibc's own calls refuse to touch the two signals that it keeps for itself.
typedef unsigned long kernel_signals;
_Static_assert(sizeof(kernel_signals) * CHAR_BIT >= 64, "64 signals fit");

// No kernel's `struct sigaction` is larger; all zero is the default disposition.
typedef struct {
    unsigned long words[8];
} kernel_default_action;

typedef struct {
    const cspawn_request *request;
    pid_t parent;
    cspawn_step step;
    int error;
} child_context;

CHILD_CODE static int fail(child_context *context, cspawn_step step) {
    context->step = step;
    context->error = errno;
    return 127;
}

// Puts the three descriptors in their places. They are moved out of the way first: one of them may sit where another one goes.
CHILD_CODE static int place_descriptors(const cspawn_request *request) {
    int sources[3] = {request->standard_input, request->standard_output, request->standard_error};
    for (int target = 0; target < 3; target++) {
        sources[target] = (int)syscall(SYS_fcntl, sources[target], F_DUPFD_CLOEXEC, 3);
        if (sources[target] < 0) return -1;
    }
    for (int target = 0; target < 3; target++) {
        if (syscall(SYS_dup3, sources[target], target, 0) < 0) return -1;
    }
    return (int)syscall(SYS_close_range, 3u, ~0u, 0u);
}

CHILD_CODE static int child_main(void *argument) {
    child_context *context = argument;
    const cspawn_request *request = context->request;

    // A group, not a session: a new session costs a scheduler group and halves the rate of starts.
    if (syscall(SYS_setpgid, 0, 0) < 0) return fail(context, CSPAWN_GROUP);
    if (syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0) return fail(context, CSPAWN_PARENT_DEATH);
    // The parent may have died before the kernel was asked to tell.
    if (syscall(SYS_getppid) != context->parent) {
        errno = ESRCH;
        return fail(context, CSPAWN_PARENT_DEATH);
    }
    syscall(SYS_umask, 077);
    if (syscall(SYS_chdir, request->directory) < 0) return fail(context, CSPAWN_DIRECTORY);
    if (place_descriptors(request) < 0) return fail(context, CSPAWN_DESCRIPTORS);
    if (syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return fail(context, CSPAWN_PRIVILEGES);

    // exec keeps what is ignored (SIGPIPE, in servers) and what is blocked. All is blocked until no handler of ours is left.
    const kernel_default_action by_default = {{0}};
    for (int signal = 1; signal <= 64; signal++) {
        if (signal != SIGKILL && signal != SIGSTOP) syscall(SYS_rt_sigaction, signal, &by_default, NULL, sizeof(kernel_signals));
    }
    const kernel_signals none = 0;
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof(none));

    syscall(SYS_execve, request->path, request->argv, request->envp);
    return fail(context, CSPAWN_EXEC);
}

cspawn_result cspawn_start(const cspawn_request *request) {
    _Alignas(16) char stack[CHILD_STACK_SIZE];
    child_context context = {.request = request, .parent = getpid(), .step = CSPAWN_NONE, .error = 0};
    cspawn_result result = {.pid = -1, .pidfd = -1, .step = CSPAWN_NONE, .error = 0};

    // A handler that ran in the child would change our memory.
    const kernel_signals all = ~0ul;
    kernel_signals before;
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof(all));
    const pid_t pid =
        __clone(child_main, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &context, &result.pidfd);
    const int clone_error = errno;
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, NULL, sizeof(before));

    if (pid < 0) {
        result.step = CSPAWN_CLONE;
        result.error = clone_error;
        result.pidfd = -1;
    } else if (context.step != CSPAWN_NONE) {
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
        close(result.pidfd);
        result.step = context.step;
        result.error = context.error;
        result.pidfd = -1;
    } else {
        result.pid = pid;
    }
    return result;
}

int cspawn_hide(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

int cspawn_pipe(int *ends) { return pipe2(ends, O_CLOEXEC); }
