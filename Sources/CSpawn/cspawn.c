#define _GNU_SOURCE
#include "cspawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// The child runs in our memory (CLONE_VM) on a piece of the parent's stack, while the parent's thread stands still (CLONE_VFORK):
// nothing is copied, whatever the size of the service, and the child can leave the cause of a failure in a variable. In return it
// may do nothing but system calls: no malloc, no locks, and no sanitizer that keeps books per thread.
#define CHILD_CODE __attribute__((disable_sanitizer_instrumentation, noinline))

// `clone` by the name that sanitizers leave alone: they take every `clone` for a fork and would keep books for the child.
extern int __clone(int (*function)(void *), void *stack, int flags, void *argument, ...);

enum {
    CHILD_STACK_SIZE = 16 * 1024,
    // Tenths of a second that a child may take to run its program.
    START_TURNS = 300,
    // As many as a process has by the kernel's own default (fs.nr_open), where there is no limit.
    MOST_DESCRIPTORS = 1024 * 1024,
};

// As the kernel sees a set of signals: one bit each. glibc's own calls refuse to touch the two signals that it keeps for itself.
typedef unsigned long kernel_signals;
_Static_assert(sizeof(kernel_signals) * CHAR_BIT >= 64, "64 signals fit");

// No kernel's `struct sigaction` is larger. The handler comes first; all zero is the default disposition.
typedef struct {
    unsigned long words[8];
} kernel_action;

// Of <linux/capability.h>.
typedef struct {
    uint32_t version;
    int pid;
} kernel_capability_header;

typedef struct {
    uint32_t effective, permitted, inheritable;
} kernel_capabilities;

typedef struct {
    const cspawn_request *request;
    pid_t parent;
    int is_in_cgroup;
    // Not 0 while the child is in our memory.
    unsigned is_here;
    int was_ended;
    cspawn_step step;
    int error;
} child_context;

CHILD_CODE static int fail(child_context *context, cspawn_step step) {
    context->step = step;
    context->error = errno;
    return 127;
}

// Limits that only the kernel's own call can set for all architectures alike: 64 bits, whatever rlim_t is.
CHILD_CODE static int set_limits(const cspawn_request *request) {
    const uint64_t none[2] = {0, 0};
    if (syscall(SYS_prlimit64, 0, RLIMIT_CORE, none, NULL) < 0) return -1;
    for (size_t index = 0; index < request->limit_count; index++) {
        const cspawn_limit *limit = &request->limits[index];
        const uint64_t values[2] = {limit->soft, limit->hard};
        if (syscall(SYS_prlimit64, 0, limit->resource, values, NULL) < 0) return -1;
    }
    return 0;
}

// Groups first: whoever is not root any more cannot change them.
CHILD_CODE static int become(const cspawn_user *user) {
    if (syscall(SYS_setgroups, user->group_count, user->groups) < 0) return -1;
    if (syscall(SYS_setresgid, user->gid, user->gid, user->gid) < 0) return -1;
    return (int)syscall(SYS_setresuid, user->uid, user->uid, user->uid);
}

// For root in a sandbox: its capabilities would reach around it, to the memory of other processes for one. Who is not root has none to
// get, and may not do this.
CHILD_CODE static void give_up_capabilities(void) {
    for (int capability = 0; capability < 64; capability++) {
        if (syscall(SYS_prctl, PR_CAPBSET_DROP, capability, 0, 0, 0) < 0) break;
    }
    // Root's programs get back what can be inherited, whatever the bounds say (capabilities(7)); some container engines leave it full.
    kernel_capability_header header = {.version = 0x20080522, .pid = 0};
    kernel_capabilities capabilities[2];
    if (syscall(SYS_capget, &header, capabilities) < 0) return;
    capabilities[0].inheritable = capabilities[1].inheritable = 0;
    syscall(SYS_capset, &header, capabilities);
}

// A terminal that the service was started from would take input from its programs as if its user had typed it (TIOCSTI).
CHILD_CODE static void leave_terminal(void) {
    const int terminal = (int)syscall(SYS_openat, AT_FDCWD, "/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal < 0) return;
    syscall(SYS_ioctl, terminal, TIOCNOTTY);
    syscall(SYS_close, terminal);
}

CHILD_CODE static int enter_cgroup(int directory) {
    const int procs = (int)syscall(SYS_openat, directory, "cgroup.procs", O_WRONLY | O_CLOEXEC);
    if (procs < 0) return -1;
    return syscall(SYS_write, procs, "0", 1) == 1 ? 0 : -1;
}

// All but the first three. Kernels before 5.9 do not know close_range, and some container engines refuse what they do not know.
CHILD_CODE static int close_others(void) {
    if (syscall(SYS_close_range, 3u, ~0u, 0u) == 0) return 0;
    if (errno != ENOSYS && errno != EPERM) return -1;
    uint64_t limits[2];
    if (syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, limits) < 0) return -1;
    const uint64_t end = limits[0] < MOST_DESCRIPTORS ? limits[0] : MOST_DESCRIPTORS;
    for (uint64_t descriptor = 3; descriptor < end; descriptor++) syscall(SYS_close, (int)descriptor);
    return 0;
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
    return close_others();
}

CHILD_CODE static int child_main(void *argument) {
    child_context *context = argument;
    const cspawn_request *request = context->request;

    // A group, not a session: a new session costs a scheduler group and halves the rate of starts.
    if (syscall(SYS_setpgid, 0, 0) < 0) return fail(context, CSPAWN_GROUP);
    if (request->cgroup >= 0 && !context->is_in_cgroup && enter_cgroup(request->cgroup) < 0) return fail(context, CSPAWN_CGROUP);
    syscall(SYS_umask, 077);
    leave_terminal();
    // What the service may do beyond its user is not for what it starts. A kernel without ambient capabilities has none.
    syscall(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    if (syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return fail(context, CSPAWN_PRIVILEGES);
    if (request->ruleset >= 0) {
        give_up_capabilities();
        if (syscall(SYS_landlock_restrict_self, request->ruleset, 0) < 0) return fail(context, CSPAWN_SANDBOX);
    }
    // Before the limits: our own descriptors may be more than the child is allowed.
    if (place_descriptors(request) < 0) return fail(context, CSPAWN_DESCRIPTORS);
    // Before the user: whoever is not root cannot raise a limit.
    if (set_limits(request) < 0) return fail(context, CSPAWN_LIMITS);
    if (request->user && become(request->user) < 0) return fail(context, CSPAWN_USER);
    // After the user, which takes it back.
    if (syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0) return fail(context, CSPAWN_PARENT_DEATH);
    // The parent may have died before the kernel was asked to tell.
    if (syscall(SYS_getppid) != context->parent) {
        errno = ESRCH;
        return fail(context, CSPAWN_PARENT_DEATH);
    }
    if (syscall(SYS_chdir, request->directory) < 0) return fail(context, CSPAWN_DIRECTORY);

    // exec keeps what is ignored (SIGPIPE, in servers) and what is blocked. All is blocked until no handler of ours is left.
    const kernel_action by_default = {{0}};
    for (int signal = 1; signal <= 64; signal++) {
        if (signal != SIGKILL && signal != SIGSTOP) syscall(SYS_rt_sigaction, signal, &by_default, NULL, sizeof(kernel_signals));
    }
    // One that came for the service's group while the child was still in it is dropped: the child is not meant.
    for (int index = 0; index < 4; index++) {
        static const int ends[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
        const kernel_action ignore = {{(unsigned long)SIG_IGN}};
        syscall(SYS_rt_sigaction, ends[index], &ignore, NULL, sizeof(kernel_signals));
        syscall(SYS_rt_sigaction, ends[index], &by_default, NULL, sizeof(kernel_signals));
    }
    const kernel_signals none = 0;
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof(none));

    syscall(SYS_execve, request->path, request->argv, request->envp);
    return fail(context, CSPAWN_EXEC);
}

// A child that becomes somebody else can be stopped by programs of that user before it runs its own, and with CLONE_VFORK its parent
// would wait for it in the kernel for ever. Such a child is waited for by `wait_until_gone`, which wakes it up.
static unsigned long child_flags(const cspawn_request *request) {
    return CLONE_VM | CLONE_PIDFD | (request->user ? CLONE_CHILD_CLEARTID : CLONE_VFORK);
}

// Waits until the child has left our memory: it runs its program, or has ended. One that does not get there is ended.
//
// Returns 0 if it was ended. Child and parent share `errno` meanwhile; the parent changes it only when a wait was in vain.
static int wait_until_gone(child_context *context, pid_t pid) {
    const struct timespec turn = {.tv_sec = 0, .tv_nsec = 100 * 1000 * 1000};
    for (int turns = 0; __atomic_load_n(&context->is_here, __ATOMIC_ACQUIRE) != 0; turns++) {
        if (syscall(SYS_futex, &context->is_here, FUTEX_WAIT, 1, &turn, NULL, 0) == 0 || errno != ETIMEDOUT) continue;
        siginfo_t info = {0};
        // Some kernels do not tell of a child that was killed.
        if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid) break;
        kill(pid, turns < START_TURNS ? SIGCONT : SIGKILL);
        if (turns == START_TURNS) context->was_ended = 1;
    }
    return !context->was_ended;
}

// clone3 can start the child in its cgroup; to move it there later costs the kernel a wait for all processors. Only its raw call
// exists, and the child needs a stack of its own before it runs a line of C.
static pid_t clone_into_cgroup(void *stack, size_t size, child_context *context, int *pidfd) {
#if defined(__x86_64__)
    struct clone_args_v2 {
        uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
    } arguments = {
        .flags = child_flags(context->request) | 0x200000000ull,  // CLONE_INTO_CGROUP
        .pidfd = (uint64_t)(uintptr_t)pidfd,
        .child_tid = (uint64_t)(uintptr_t)&context->is_here,
        .exit_signal = SIGCHLD,
        .stack = (uint64_t)(uintptr_t)stack,
        .stack_size = size,
        .cgroup = (uint64_t)context->request->cgroup,
    };
    context->is_in_cgroup = 1;
    long result;
    register int (*function)(void *) __asm__("r12") = child_main;
    register void *argument __asm__("r13") = context;
    __asm__ volatile(
        "syscall\n\t"
        "testq %%rax, %%rax\n\t"
        "jnz 1f\n\t"
        "xorl %%ebp, %%ebp\n\t"
        "movq %%r13, %%rdi\n\t"
        "callq *%%r12\n\t"
        "movl %%eax, %%edi\n\t"
        "movl %[exit], %%eax\n\t"
        "syscall\n\t"
        "hlt\n"
        "1:"
        : "=a"(result)
        : "0"((long)SYS_clone3), "D"(&arguments), "S"(sizeof(arguments)), "r"(function), "r"(argument), [exit] "i"(SYS_exit)
        : "rcx", "r11", "memory");
    if (result >= 0) return (pid_t)result;
    errno = (int)-result;
#else
    (void)stack, (void)size, (void)pidfd;
    errno = ENOSYS;
#endif
    context->is_in_cgroup = 0;
    return -1;
}

cspawn_result cspawn_start(const cspawn_request *request) {
    _Alignas(16) char stack[CHILD_STACK_SIZE];
    child_context context = {.request = request, .parent = getpid(), .is_here = 1, .step = CSPAWN_NONE};
    cspawn_result result = {.pid = -1, .pidfd = -1, .step = CSPAWN_NONE, .error = 0};

    // A handler that ran in the child would change our memory.
    const kernel_signals all = ~0ul;
    kernel_signals before;
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof(all));
    pid_t pid = -1;
    if (request->cgroup >= 0) pid = clone_into_cgroup(stack, sizeof(stack), &context, &result.pidfd);
    // Where clone3 is not known or not allowed, the child moves itself; what keeps it from that is told better there.
    if (pid < 0 && context.step == CSPAWN_NONE) {
        const int flags = (int)child_flags(request) | SIGCHLD;
        pid = __clone(child_main, stack + sizeof(stack), flags, &context, &result.pidfd, NULL, &context.is_here);
    }
    const int clone_error = errno;
    if (pid >= 0 && request->user && !wait_until_gone(&context, pid)) {
        context.step = CSPAWN_EXEC;
        context.error = EINTR;
    }
    // The exit of a child is told by its pidfd. A SIGCHLD that this thread, its parent, does not block is dropped by the kernel at
    // once; a blocked one would wake the first thread, and each that waits for a signalfd, for nothing.
    before &= ~(1ul << (SIGCHLD - 1));
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

int cspawn_adopt_orphans(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

// Of <linux/landlock.h>, whose older versions lack the newest members. The kernel takes a longer struct if the rest of it is zero.
typedef struct {
    uint64_t handled_access_fs;
    uint64_t handled_access_net;
    uint64_t scoped;
} landlock_ruleset;

typedef struct __attribute__((packed)) {
    uint64_t allowed_access;
    int32_t parent_fd;
} landlock_path_beneath;

enum { LANDLOCK_GET_VERSION = 1, LANDLOCK_PATH_BENEATH = 1 };

int cspawn_landlock_abi(void) {
    const long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_GET_VERSION);
    return version < 0 ? 0 : (int)version;
}

int cspawn_open_path(const char *path) { return open(path, O_PATH | O_CLOEXEC); }

int cspawn_landlock_ruleset(uint64_t accesses, uint64_t scoped) {
    const landlock_ruleset ruleset = {.handled_access_fs = accesses, .handled_access_net = 0, .scoped = scoped};
    return (int)syscall(SYS_landlock_create_ruleset, &ruleset, sizeof(ruleset), 0);
}

int cspawn_landlock_allow(int ruleset, int descriptor, uint64_t accesses) {
    const landlock_path_beneath rule = {.allowed_access = accesses, .parent_fd = descriptor};
    return (int)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_PATH_BENEATH, &rule, 0);
}
