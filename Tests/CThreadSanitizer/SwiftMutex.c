// Shows the thread sanitizer the locks of Swift's Synchronization. `Mutex` is inlined into our code, and so seen, as long as nobody
// waits; waiting is done by the library, which is not instrumented: each contended lock would be reported as a race. Its two
// functions are found here first, are called, and their effect is told. Empty in all other builds.

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

void __tsan_acquire(void *address);
void __tsan_release(void *address);

// _MutexHandle._lockSlow(_: UInt32) and _MutexHandle._unlockSlow(), whose mutex comes as the context.
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

typedef __attribute__((swiftcall)) void lock_function(uint32_t thread, __attribute__((swift_context)) void *mutex);
typedef __attribute__((swiftcall)) void unlock_function(__attribute__((swift_context)) void *mutex);

static lock_function *library_lock;
static unlock_function *library_unlock;

__attribute__((constructor)) static void find_library(void) {
    library_lock = (lock_function *)dlsym(RTLD_NEXT, LOCK);
    library_unlock = (unlock_function *)dlsym(RTLD_NEXT, UNLOCK);
    if (!library_lock || !library_unlock) abort();
}

__attribute__((swiftcall)) void tell_lock(uint32_t thread, __attribute__((swift_context)) void *mutex) __asm__(LOCK);
__attribute__((swiftcall)) void tell_unlock(__attribute__((swift_context)) void *mutex) __asm__(UNLOCK);

__attribute__((swiftcall)) void tell_lock(uint32_t thread, __attribute__((swift_context)) void *mutex) {
    library_lock(thread, mutex);
    __tsan_acquire(mutex);
}

__attribute__((swiftcall)) void tell_unlock(__attribute__((swift_context)) void *mutex) {
    __tsan_release(mutex);
    library_unlock(mutex);
}

#endif
#endif
