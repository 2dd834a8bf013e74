#undef _FORTIFY_SOURCE
#define _GNU_SOURCE

#include "killswitch.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { PATH_LIMIT = 8192 };

static kill_switch *state;
static char below[PATH_LIMIT];
static size_t below_length;

__attribute__((constructor)) static void begin(void) {
    const char *file = getenv("KILL_SWITCH_FILE"), *directory = getenv("KILL_SWITCH_BELOW");
    if (!file || !directory || strlen(directory) >= sizeof below) return;
    int descriptor = (int)syscall(SYS_openat, AT_FDCWD, file, O_RDWR | O_CLOEXEC, 0);
    if (descriptor < 0) return;
    void *memory = (void *)syscall(SYS_mmap, 0, sizeof *state, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    close(descriptor);
    if (memory == MAP_FAILED) return;
    below_length = strlen(directory);
    memcpy(below, directory, below_length);
    state = memory;
}

static int is_below(const char *path) {
    return strncmp(path, below, below_length) == 0 && (path[below_length] == '/' || path[below_length] == 0);
}

/// Counts a step if `path` is below the directory, and says whether it is the one to kill at.
static int counts(const char *call, const char *path) {
    if (!is_below(path)) return 0;
    if (atomic_fetch_add(&state->steps, 1) + 1 != state->target) return 0;
    snprintf(state->step, sizeof state->step, "%s %s", call, path + below_length);
    return 1;
}

/// The path behind /proc/self/fd or cwd, without an end of string; 0 if there is none.
static size_t resolve(int descriptor, char *path, size_t size) {
    char link[64];
    if (descriptor == AT_FDCWD) strcpy(link, "/proc/self/cwd");
    else snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, size - 1);
    return length > 0 ? (size_t)length : 0;
}

static int is_target(const char *call, int directory, const char *name) {
    if (!state || !name) return 0;
    if (name[0] == '/') return counts(call, name);
    int cause = errno;
    char path[PATH_LIMIT];
    size_t length = resolve(directory, path, sizeof path);
    int found = 0;
    if (length > 0 && length + strlen(name) + 2 < sizeof path) {
        path[length] = '/';
        strcpy(path + length + 1, name);
        found = counts(call, path);
    }
    errno = cause;
    return found;
}

static int is_target_file(const char *call, int descriptor) {
    if (!state || descriptor < 0) return 0;
    int cause = errno;
    char path[PATH_LIMIT];
    size_t length = resolve(descriptor, path, sizeof path);
    path[length] = 0;
    int found = length > 0 && counts(call, path);
    errno = cause;
    return found;
}

static void die(void) {
    state->killed = 1;
    for (;;) kill(getpid(), SIGKILL);
}

/// libc's own function of this name.
#define NEXT(name) ((__typeof__(&name))next(#name))

static void *next(const char *name) { return dlsym(RTLD_NEXT, name); }

#define OPEN(NAME, DIRECTORY, PARAMETERS, ARGUMENTS)                                 \
    int NAME PARAMETERS {                                                            \
        mode_t mode = 0;                                                             \
        if (flags & (O_CREAT | O_TMPFILE)) {                                         \
            va_list rest;                                                            \
            va_start(rest, flags);                                                   \
            mode = va_arg(rest, mode_t);                                             \
            va_end(rest);                                                            \
        }                                                                            \
        if (flags & (O_CREAT | O_TRUNC) && is_target("open", DIRECTORY, path)) die(); \
        return NEXT(NAME) ARGUMENTS;                                                 \
    }

OPEN(open, AT_FDCWD, (const char *path, int flags, ...), (path, flags, mode))
OPEN(open64, AT_FDCWD, (const char *path, int flags, ...), (path, flags, mode))
OPEN(openat, directory, (int directory, const char *path, int flags, ...), (directory, path, flags, mode))
OPEN(openat64, directory, (int directory, const char *path, int flags, ...), (directory, path, flags, mode))

/// A call that names what it changes.
#define NAMED(TYPE, NAME, DIRECTORY, PATH, PARAMETERS, ARGUMENTS) \
    TYPE NAME PARAMETERS {                                        \
        if (is_target(#NAME, DIRECTORY, PATH)) die();             \
        return NEXT(NAME) ARGUMENTS;                              \
    }

NAMED(int, creat, AT_FDCWD, path, (const char *path, mode_t mode), (path, mode))
NAMED(int, rename, AT_FDCWD, to, (const char *from, const char *to), (from, to))
NAMED(int, renameat, new, to, (int old, const char *from, int new, const char *to), (old, from, new, to))
NAMED(int, renameat2, new, to, (int old, const char *from, int new, const char *to, unsigned flags), (old, from, new, to, flags))
NAMED(int, link, AT_FDCWD, to, (const char *from, const char *to), (from, to))
NAMED(int, linkat, new, to, (int old, const char *from, int new, const char *to, int flags), (old, from, new, to, flags))
NAMED(int, symlink, AT_FDCWD, to, (const char *from, const char *to), (from, to))
NAMED(int, symlinkat, directory, to, (const char *from, int directory, const char *to), (from, directory, to))
NAMED(int, mkdir, AT_FDCWD, path, (const char *path, mode_t mode), (path, mode))
NAMED(int, mkdirat, directory, path, (int directory, const char *path, mode_t mode), (directory, path, mode))
NAMED(int, unlink, AT_FDCWD, path, (const char *path), (path))
NAMED(int, unlinkat, directory, path, (int directory, const char *path, int flags), (directory, path, flags))
NAMED(int, rmdir, AT_FDCWD, path, (const char *path), (path))
NAMED(int, remove, AT_FDCWD, path, (const char *path), (path))
NAMED(int, chmod, AT_FDCWD, path, (const char *path, mode_t mode), (path, mode))
NAMED(int, fchmodat, directory, path, (int directory, const char *path, mode_t mode, int flags), (directory, path, mode, flags))
NAMED(int, truncate, AT_FDCWD, path, (const char *path, off_t length), (path, length))
NAMED(int, mkstemp, AT_FDCWD, path, (char *path), (path))
NAMED(char *, mkdtemp, AT_FDCWD, path, (char *path), (path))

/// A call that changes an open file.
#define OPENED(NAME, PARAMETERS, ARGUMENTS)                   \
    int NAME PARAMETERS {                                     \
        if (is_target_file(#NAME, descriptor)) die();         \
        return NEXT(NAME) ARGUMENTS;                          \
    }

OPENED(fsync, (int descriptor), (descriptor))
OPENED(fdatasync, (int descriptor), (descriptor))
OPENED(ftruncate, (int descriptor, off_t length), (descriptor, length))
OPENED(ftruncate64, (int descriptor, off64_t length), (descriptor, length))
OPENED(fchmod, (int descriptor, mode_t mode), (descriptor, mode))

/// A write, which can be torn.
#define WRITING(NAME, PARAMETERS, ARGUMENTS, HALF)            \
    ssize_t NAME PARAMETERS {                                 \
        if (is_target_file(#NAME, descriptor)) {              \
            ssize_t half = state->torn ? NEXT(NAME) HALF : 0; \
            (void)half;                                       \
            die();                                            \
        }                                                     \
        return NEXT(NAME) ARGUMENTS;                          \
    }

WRITING(write, (int descriptor, const void *bytes, size_t count), (descriptor, bytes, count), (descriptor, bytes, count / 2))
WRITING(
    pwrite, (int descriptor, const void *bytes, size_t count, off_t offset), (descriptor, bytes, count, offset),
    (descriptor, bytes, count / 2, offset))
WRITING(
    pwrite64, (int descriptor, const void *bytes, size_t count, off64_t offset), (descriptor, bytes, count, offset),
    (descriptor, bytes, count / 2, offset))
WRITING(writev, (int descriptor, const struct iovec *parts, int count), (descriptor, parts, count), (descriptor, parts, count / 2))

/// Files may be written through memory, too: libgit2 writes packs so.
#define MAPPING(NAME, OFFSET)                                                                                      \
    void *NAME(void *address, size_t length, int protection, int flags, int descriptor, OFFSET offset) {           \
        if (protection & PROT_WRITE && flags & MAP_SHARED && !(flags & MAP_ANONYMOUS) && is_target_file(#NAME, descriptor)) \
            die();                                                                                                 \
        return NEXT(NAME)(address, length, protection, flags, descriptor, offset);                                 \
    }

MAPPING(mmap, off_t)
MAPPING(mmap64, off64_t)
